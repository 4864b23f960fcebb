"""Whether a caller gets a text: decided once, in the transaction that writes down the call from which it follows.

A number gets one of a kind in a day of the clinic's, all numbers together so many of a kind in an hour, and one that
answered STOP gets none ever. All hosts decide one after another, so the counts are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from ivr.call_flow.model import Routing
from ivr.call_flow.summary import CallSummary
from ivr.call_flow.text_rules import TextKind, TextRules
from ivr.call_log.database import wait_for_others
from ivr.call_log.statements import insert_into
from ivr.call_log.tables import CallRow
from ivr.call_log.text_tables import PatientTextRow, TextOptOutRow
from ivr.journal.sealing import Seal, SealBroken
from ivr.routing.numbers import can_be_texted
from ivr.routing.zone import clinic_zone

from .births import MISSED
from .outgoing import FRESH, State

HOUR = timedelta(hours=1)
# A link that comes later helps nobody; nor does word of a call that was missed long ago.
LIFE = {TextKind.GUIDE: HOUR, TextKind.MISSED_CALL: timedelta(minutes=30)}
# Many call again at once, and then need no text.
WAIT = {TextKind.GUIDE: timedelta(0), TextKind.MISSED_CALL: timedelta(minutes=2)}
OFF, NO_NUMBER, STOPPED = "texts are off", "its number cannot get texts", "this phone has answered STOP"
TWICE, FULL = "this number had one that day", "the hour had no room for another"
_ONE_AT_A_TIME = 7_201_012  # decisions, so that each counts those before it


@dataclass(frozen=True, slots=True)
class _Wish:
    """A text that may follow from a call, and the moment it follows from."""

    sid: str
    kind: TextKind
    call: CallSummary
    at: datetime


class TextBirths:
    """Makes the rows of texts to callers. `routing` gives the live one, `seal` opens and finds numbers."""

    def __init__(self, routing: Callable[[], Routing], seal: Seal) -> None:
        self._routing = routing
        self._seal = seal

    def __call__(self, connection: Connection, calls: Mapping[str, CallSummary], now: datetime) -> None:
        """Decide on what follows from calls, by id; what was decided stays. `now` is aware. Raises SQLAlchemyError."""
        wishes = [wish for sid, call in calls.items() if not call.draft for wish in _wishes(sid, call, now)]
        if not wishes:
            return
        routing = self._routing()
        wait_for_others(connection, _ONE_AT_A_TIME)
        for wish in wishes:
            known = select(PatientTextRow.id).where(
                PatientTextRow.call_sid == wish.sid, PatientTextRow.kind == wish.kind.value
            )
            if connection.execute(known).first() is None:
                self._decide(connection, wish, routing, now)

    def _decide(self, connection: Connection, wish: _Wish, routing: Routing, now: datetime) -> None:
        sealed = connection.scalar(select(CallRow.caller).where(CallRow.sid == wish.sid))
        number = _unsealed(self._seal, sealed)
        why = self._why_not(connection, wish, number, routing, now)
        if not why:
            made = _row(wish, routing, now, number=sealed, number_index=self._seal.index(number))
        elif wish.kind is TextKind.GUIDE:  # asked for, so people may ask what became of it
            made = _row(wish, routing, now, state=State.DEAD.value, ended_at=now, fault=why)
        else:
            return
        # Decided one after another, this meets no other row; should it ever, the call must still be written down.
        connection.execute(insert_into(connection, PatientTextRow).values(made).on_conflict_do_nothing())

    def _why_not(self, connection: Connection, wish: _Wish, number: str, routing: Routing, now: datetime) -> str:
        """Why there is to be no text; "" when there is."""
        texts, row = routing.texts, PatientTextRow
        zone = clinic_zone(routing)
        if texts is None or not _is_sent(texts, wish, zone, now):
            return OFF
        if not can_be_texted(number, routing.countries):
            return NO_NUMBER
        hashes = self._seal.indexes(number)
        if has_stopped(connection, hashes):
            return STOPPED
        day = _day(wish.at, zone)
        same = select(row.id).where(row.kind == wish.kind.value, row.day == day, row.number_index.in_(hashes))
        if connection.execute(same).first() is not None:
            return TWICE
        return FULL if full_until(connection, wish.kind, texts.an_hour, now) else ""


def has_stopped(connection: Connection, hashes: tuple[str, ...]) -> bool:
    """Whether the number with these hashes has answered STOP. Raises SQLAlchemyError."""
    query = select(TextOptOutRow.number_index).where(TextOptOutRow.number_index.in_(hashes))
    return connection.execute(query).first() is not None


def full_until(connection: Connection, kind: TextKind, an_hour: int, now: datetime) -> datetime | None:
    """When the next text of a kind may be made, None for now. Raises SQLAlchemyError."""
    row = PatientTextRow
    counted = select(row.made_at).where(row.kind == kind.value, row.number_index.is_not(None), row.made_at > now - HOUR)
    oldest = connection.scalar(counted.order_by(row.made_at.desc()).offset(an_hour - 1).limit(1))
    return None if oldest is None else oldest + HOUR


def in_hours(texts: TextRules, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a text after a missed call may leave at a moment, by the clinic's clock."""
    local = moment.astimezone(zone)
    opens, closes = texts.missed_hours
    return opens <= local.hour * 60 + local.minute < closes


def _wishes(sid: str, call: CallSummary, now: datetime) -> Iterator[_Wish]:
    if not call.line:  # told by another host, later: who calls is not known yet, nor whether it is a test
        return
    if call.guide_asked_at and now - call.guide_asked_at < LIFE[TextKind.GUIDE]:
        yield _Wish(sid, TextKind.GUIDE, call, call.guide_asked_at)
    missed = call.disposition in MISSED and call.text_announced
    if missed and call.ended_at and now - call.ended_at < LIFE[TextKind.MISSED_CALL]:
        yield _Wish(sid, TextKind.MISSED_CALL, call, call.ended_at)


def _is_sent(texts: TextRules, wish: _Wish, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the clinic sends this kind, at this hour."""
    match wish.kind:
        case TextKind.GUIDE:
            return bool(texts.guide_link)
        case TextKind.MISSED_CALL:
            return texts.missed_calls and in_hours(texts, max(wish.at + WAIT[wish.kind], now), zone)


def _unsealed(seal: Seal, sealed: str | None) -> str:
    try:
        return seal.unseal(sealed) if sealed else ""
    except SealBroken:
        return ""


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _row(wish: _Wish, routing: Routing, now: datetime, **how: object) -> dict[str, Any]:
    return {
        "call_sid": wish.sid,
        "kind": wish.kind.value,
        "language": wish.call.language,
        "line": wish.call.line,
        "day": _day(wish.at, clinic_zone(routing)),
        **FRESH,
        "made_at": now,
        "due_at": wish.at + WAIT[wish.kind],
        "give_up_at": wish.at + LIFE[wish.kind],
        **how,
    }
