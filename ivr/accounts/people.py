"""Accounts: who there is, in which role, and the invitations that set a password. Every change is audited."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from ivr.call_log import audit
from ivr.call_log.database import reading, writing

from .passwords import hashed
from .roles import RIGHTS, Right, Role
from .tables import AccountRow, InvitationRow, RecoveryCodeRow, SessionRow

NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
NAME_RULE = "A name is 2 to 40 small letters, digits, dots or dashes, and begins with a letter."
PRACTICE = "practice"
INVITED_FOR = timedelta(hours=24)


class LastAdmin(Exception):
    """Without this account nobody could let anybody in."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: int
    name: str
    role: Role
    has_password: bool
    has_second_factor: bool
    disabled_at: datetime | None

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link's token that was accepted: for whom, and as what. `name` is empty when the newcomer chooses it."""

    name: str
    role: Role


def people(engine: Engine) -> list[Person]:
    """Everybody, by name."""
    with reading(engine) as connection:
        return [person_of(row) for row in connection.execute(select(AccountRow.__table__).order_by(AccountRow.name))]


def anybody(engine: Engine) -> bool:
    """Whether somebody can sign in already."""
    with reading(engine) as connection:
        return connection.scalar(select(AccountRow.id).where(AccountRow.password != "").limit(1)) is not None


def invite(engine: Engine, name: str, role: Role, *, actor: str, now: datetime) -> str:
    """A token with which `name` sets a password within a day; an older one of the same name is void.

    An account that exists keeps its role and password until the token is used; then its sessions end and its second
    factor is gone: this is also how somebody who lost both gets in again.
    """
    token = secrets.token_urlsafe(24)
    with writing(engine) as connection:
        connection.execute(delete(InvitationRow).where(InvitationRow.name == name))
        row = {"token": fingerprint(token), "name": name, "role": role, "expires_at": now + INVITED_FOR}
        connection.execute(insert(InvitationRow).values(row))
        audit.note(connection, now, actor, "person invited", name, role=role)
    return token


def invitation(engine: Engine, token: str, now: datetime) -> Invitation | None:
    """What this token is good for now; None when it is not."""
    query = select(InvitationRow.name, InvitationRow.role).where(
        InvitationRow.token == fingerprint(token), InvitationRow.expires_at > now
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return None if row is None else Invitation(row.name, Role(row.role))


def accept(engine: Engine, token: str, name: str, password: str, now: datetime) -> Person | None:
    """Use the token: `name` has this password from now on. None when the token is void or the name taken."""
    with writing(engine) as connection:
        used = connection.execute(
            delete(InvitationRow)
            .where(InvitationRow.token == fingerprint(token), InvitationRow.expires_at > now)
            .returning(InvitationRow.name, InvitationRow.role)
        ).first()
        if used is None or (used.name and used.name != name):
            return None
        return _seated(connection, name, Role(used.role), password, is_known=bool(used.name), now=now)


def enter_practice(engine: Engine, token: str, now: datetime) -> Person | None:
    """Use the first administrator's token without a password: for practice mode, on this machine only."""
    with writing(engine) as connection:
        its = InvitationRow.token == fingerprint(token), InvitationRow.expires_at > now, InvitationRow.name == ""
        if not connection.execute(delete(InvitationRow).where(*its)).rowcount:
            return None
        return _seated(connection, PRACTICE, Role.ADMIN, "", is_known=True, now=now)


def set_role(engine: Engine, name: str, role: Role, *, actor: str, now: datetime) -> bool:
    """Give somebody another role; their sessions end. False when there is no such account. Raises LastAdmin."""
    return _changed(engine, name, {"role": role}, actor, now, f"role of a person set to {role}")


def disable(engine: Engine, name: str, *, actor: str, now: datetime) -> bool:
    """Nobody signs in with this account any more, and its sessions end. False as above. Raises LastAdmin."""
    return _changed(engine, name, {"disabled_at": now}, actor, now, "person disabled")


def enable(engine: Engine, name: str, *, actor: str, now: datetime) -> bool:
    """Take back a disabling. False when there is no such account."""
    return _changed(engine, name, {"disabled_at": None}, actor, now, "person enabled")


def set_password(engine: Engine, person: Person, password: str, now: datetime) -> None:
    """Change one's own password; every session of the account ends."""
    with writing(engine) as connection:
        values = {"password": hashed(password)}
        connection.execute(update(AccountRow).where(AccountRow.id == person.id).values(values))
        connection.execute(delete(SessionRow).where(SessionRow.account_id == person.id))
        audit.note(connection, now, person.name, "password changed", person.name)


def person_of(row: object) -> Person:
    """A row of the account table as a person."""
    values = {name: getattr(row, name) for name in ("id", "name", "role", "password", "second_factor", "disabled_at")}
    password, second = bool(values.pop("password")), bool(values.pop("second_factor"))
    return Person(**{**values, "role": Role(values["role"]), "has_password": password, "has_second_factor": second})


def fingerprint(token: str) -> str:
    """What is kept of a random token: whoever reads the table cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _seated(
    connection: Connection, name: str, role: Role, password: str, *, is_known: bool, now: datetime
) -> Person | None:
    found = connection.execute(select(AccountRow.__table__).where(AccountRow.name == name)).first()
    if found is None:
        row = {"name": name, "role": role, "second_factor": "", "last_step": 0, "made_at": now, "disabled_at": None}
        connection.execute(insert(AccountRow).values(password=_kept(password), **row))
        audit.note(connection, now, name, "account made", name, role=role)
    elif is_known and found.disabled_at is None:
        values = {"password": _kept(password), "second_factor": "", "last_step": 0}
        connection.execute(update(AccountRow).where(AccountRow.id == found.id).values(values))
        for table in (SessionRow, RecoveryCodeRow):
            connection.execute(delete(table).where(table.account_id == found.id))
        audit.note(connection, now, name, "password set by invitation", name)
    else:
        return None
    return person_of(connection.execute(select(AccountRow.__table__).where(AccountRow.name == name)).one())


def _kept(password: str) -> str:
    return hashed(password) if password else ""


def _changed(engine: Engine, name: str, values: dict[str, object], actor: str, now: datetime, action: str) -> bool:
    with writing(engine) as connection:
        found = connection.execute(select(AccountRow.__table__).where(AccountRow.name == name)).first()
        if found is None:
            return False
        connection.execute(update(AccountRow).where(AccountRow.id == found.id).values(values))
        connection.execute(delete(SessionRow).where(SessionRow.account_id == found.id))
        admins = select(func.count()).where(AccountRow.role == Role.ADMIN, AccountRow.disabled_at.is_(None))
        if person_of(found).role is Role.ADMIN and not connection.scalar(admins):
            raise LastAdmin(f"{name} is the only admin: make somebody else one first")
        audit.note(connection, now, actor, action, name)
    return True
