"""Calling a caller back from the list: whether it can be done now, what came of it, and asking for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.accounts.desk import phone_of
from ivr.accounts.roles import Right
from ivr.call_flow.desk_phones import desk_phones
from ivr.call_log.calling_back import (
    NO_NUMBER,
    UNDER_WAY,
    CallBack,
    NotNow,
    Wish,
    ask,
    calls_back,
    newest_calls_back,
)
from ivr.call_log.queries import Call, one_call
from ivr.call_log.work_list import HORIZON, Entry, entry_of
from ivr.call_log.work_marks import NothingOpen
from ivr.journal.sealing import SealBroken
from ivr.routing.numbers import fault

from .door import Door, the_person

PRACTICE = "Practice mode rings nobody."
NO_PHONE = "Choose your phone on your account page first (your name, below the menu)."
NOT_MINE = "Take it first."
PHONE_GONE = "Your phone is not among the clinic’s phones any more: choose another on your account page."


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands beside an entry: why nobody can call now ("" if they can), my phone, the calls, the newest first."""

    obstacle: str
    phone: str
    calls: tuple[CallBack, ...]

    @property
    def last(self) -> CallBack | None:
        return self.calls[0] if self.calls else None

    @property
    def under_way(self) -> bool:
        return any(call.under_way for call in self.calls)


def panel(door: Door, sid: str) -> Panel:
    """The panel of the caller of a call."""
    whole, calls = one_call(door.engine, sid), calls_back(door.engine, sid)
    phone = _own_phone(door)
    return Panel(_obstacle(door, phone, whole.call if whole else None, calls), phone, calls)


def panels(door: Door, entries: Sequence[Entry]) -> dict[str, Panel]:
    """The panels of the list's entries by their key, each with its newest call alone."""
    newest, phone = newest_calls_back(door.engine, [entry.key for entry in entries]), _own_phone(door)
    me = the_person().name
    found: dict[str, Panel] = {}
    for entry in entries:
        calls = (newest[entry.key],) if entry.key in newest else ()
        # Nobody else's number is opened: only who holds an entry can call.
        mine = entry.claim is not None and entry.claim.by == me
        found[entry.key] = Panel(_obstacle(door, phone, entry.call, calls) if mine else NOT_MINE, phone, calls)
    return found


def ask_for(door: Door, sid: str) -> str:
    """Ask for the call to the caller of `sid`. What to tell. Raises Held, NothingOpen, NotNow."""
    now, person = door.services.clock(), the_person()
    entry = entry_of(door.engine, sid, now - HORIZON)
    if entry is None:
        raise NothingOpen("nothing of it is open")
    here = panel(door, sid)
    if here.obstacle:
        raise NotNow(here.obstacle)
    routing = door.routing
    line = entry.call.line if entry.call.line in routing.lines else routing.main_line.name
    ask(door.engine, sid, Wish(here.phone, line, entry.location), actor=person.name, now=now)
    return f"{here.phone} rings in a moment. Press 1 on it to be connected."


def _own_phone(door: Door) -> str:
    person = the_person()
    return phone_of(door.engine, person.name) if person.may(Right.CALL) else ""


def _obstacle(door: Door, phone: str, call: Call | None, calls: Sequence[CallBack]) -> str:
    if door.services.settings.practice:
        return PRACTICE
    if not phone:
        return NO_PHONE
    if phone not in desk_phones(door.routing):
        return PHONE_GONE
    if any(each.keeps_waiting(door.services.clock()) for each in calls):
        return UNDER_WAY
    if call is None or call.caller is None:
        return NO_NUMBER
    try:
        number = door.services.seal.unseal(call.caller)
    except SealBroken:
        return NO_NUMBER
    refused = fault(number, door.routing.countries)
    return f"This caller’s number may not be called: {refused[0]}" if refused else ""
