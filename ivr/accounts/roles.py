"""Roles and what each may do. What is not listed is denied."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """One thing that somebody may do."""

    SEE = "see today, calls, reports and the routing; place practice calls"
    OVERRIDE = "close early, reopen, send calls across, play a message, swap who is on call"
    WORK = "claim and finish what is on the list of callers to call back"
    CALL = "call them back as the clinic, from one's own desk"
    RELEASE = "give back what somebody else claimed on that list"
    REVEAL = "see a caller's whole number"
    LISTEN = "listen to messages"
    EXPORT = "export calls"
    EDIT = "edit the draft, publish and roll back"
    HEALTH = "see how the machines stand"
    AUDIT = "read the audit"
    PEOPLE = "invite, disable and change people"


class Role(StrEnum):
    """What an account is for."""

    FRONT_DESK = "front desk"
    MANAGER = "manager"
    OPERATOR = "operator"
    ADMIN = "admin"


_DESK = frozenset({Right.SEE, Right.OVERRIDE, Right.WORK, Right.CALL, Right.REVEAL, Right.LISTEN})

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.FRONT_DESK: _DESK,
    Role.MANAGER: _DESK | {Right.RELEASE, Right.EXPORT, Right.EDIT, Right.HEALTH},
    # Who looks after machines needs no patient's number and no patient's voice.
    Role.OPERATOR: frozenset({Right.SEE, Right.OVERRIDE, Right.EXPORT, Right.EDIT, Right.HEALTH, Right.AUDIT}),
    Role.ADMIN: frozenset(Right),
}
