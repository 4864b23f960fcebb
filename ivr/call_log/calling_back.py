"""Calling a caller back as the clinic: who asked for it, how it stands, what came of it. See outbound_tables.

Pressing "call" writes a row here; the worker places the call. Nobody types a number: who is called follows from the
entry of the work list, which phone rings first from what is configured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from ivr.call_flow.turn import Outcome

from . import audit
from .database import reading, wait_for_others, writing
from .outbound_tables import OutboundCallRow
from .tables import CallRow
from .work_marks import hold
from .work_open import KEY, by_index, of_key

AN_HOUR = timedelta(hours=1)
# A member of staff who works the list through calls some twelve people an hour.
MOST_OF_ONE, MOST_OF_ALL, MOST_OF_ENTRY = 20, 60, 4
BLOCKS_FOR = timedelta(minutes=10)  # a call whose end was never told keeps nobody from the next for longer
SHOWN = 10
NO_NUMBER = "There is no number to call: it was withheld, or is erased by now."
UNDER_WAY = "A call back is under way already. Wait until it is over."
_ONE_AT_A_TIME = 7_201_011  # presses, on whatever entries, so that each counts those before it


class State(StrEnum):
    """Where a row is on its way to the carrier."""

    ASKED = "asked"
    PLACING = "placing"
    PLACED = "placed"
    UNSURE = "unsure"
    OVER = "over"


class Became(StrEnum):
    """How a call back stands, or what came of it."""

    WAITING = "waiting"
    RINGING = "ringing the desk"
    PICKED_UP = "desk picked up"
    CALLING = "calling"
    TALKED = "talked"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    FAILED = "failed"
    GIVEN_UP = "given up"
    NOT_ACCEPTED = "not accepted"
    DESK_SILENT = "desk did not answer"
    NOT_PLACED = "not placed"
    UNKNOWN = "unknown"


# The same as people read it.
BECAME: Mapping[Became, str] = {
    Became.WAITING: "your phone is about to ring",
    Became.RINGING: "the phone at the desk rings",
    Became.PICKED_UP: "the desk picked up",
    Became.CALLING: "the caller is rung or being talked to",
    Became.TALKED: "talked",
    Became.NO_ANSWER: "no answer",
    Became.BUSY: "busy",
    Became.FAILED: "could not be connected",
    Became.GIVEN_UP: "the desk hung up first",
    Became.NOT_ACCEPTED: "1 was not pressed at the desk",
    Became.DESK_SILENT: "the desk did not answer",
    Became.NOT_PLACED: "not called",
    Became.UNKNOWN: "nobody knows what came of it",
}


class NotNow(Exception):
    """It is not done now; the text is a sentence that says why and what helps."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which phone (its configured name) rings first, whose line's number is shown, which location it is for."""

    phone: str
    line: str
    location: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """One call back. `fault` says why it could not be placed; `at` is when it was asked for."""

    id: int
    call: str
    by: str
    phone: str
    at: datetime
    became: Became
    talk_seconds: int
    fault: str

    @property
    def under_way(self) -> bool:
        return self.became in _UNDER_WAY

    def keeps_waiting(self, now: datetime) -> bool:
        """Whether the next call back to this caller has to wait for it."""
        return self.under_way and self.at > now - BLOCKS_FOR


_UNDER_WAY = frozenset({Became.WAITING, Became.RINGING, Became.PICKED_UP, Became.CALLING})
_DIALLED = {
    Outcome.ANSWERED.value: Became.TALKED,
    Outcome.BUSY.value: Became.BUSY,
    Outcome.NO_ANSWER.value: Became.NO_ANSWER,
    Outcome.CALLER_LEFT.value: Became.GIVEN_UP,
}
_DESK_SILENT = frozenset({"busy", "no-answer", "canceled"})


def ask(engine: Engine, sid: str, wish: Wish, *, actor: str, now: datetime) -> int:
    """Ask to be joined with the caller of `sid`; the row's id. Takes the entry if nobody holds it.

    `now` is aware. Raises Held, NothingOpen, NotNow, SQLAlchemyError.
    """
    with writing(engine) as connection:
        wait_for_others(connection, _ONE_AT_A_TIME)
        key = hold(connection, sid, actor, now)
        if connection.scalar(select(CallRow.caller).where(CallRow.sid == sid)) is None:
            raise NotNow(NO_NUMBER)
        _check_rates(connection, key, actor, now)
        row = {
            "call_sid": sid,
            "asked_by": actor,
            "phone": wish.phone,
            "line": wish.line,
            "location": wish.location,
            "state": State.ASKED.value,
            "asked_at": now,
            "not_before": now,
            **dict.fromkeys(("holder", "carrier_sid", "dialled", "ended", "fault"), ""),
            "talk_seconds": 0,
        }
        number = connection.execute(insert(OutboundCallRow).values(row).returning(OutboundCallRow.id)).scalar_one()
        audit.note(connection, now, actor, "call back asked for", sid, phone=wish.phone)
    return int(number)


def calls_back(engine: Engine, sid: str, *, limit: int = SHOWN) -> tuple[CallBack, ...]:
    """The calls back to the caller of `sid`, the newest first, whether their entry is open or not."""
    with reading(engine) as connection:
        key = connection.scalar(select(KEY).where(CallRow.sid == sid))
        return tuple(call for _, call in _found(connection, [key or ""], limit))


def newest_calls_back(engine: Engine, keys: Sequence[str]) -> dict[str, CallBack]:
    """The newest call back of each of these entries that has one, by the entry's key."""
    with reading(engine) as connection:
        newest: dict[str, CallBack] = {}
        for key, call in _found(connection, keys, None) if keys else ():
            newest.setdefault(key, call)
        return newest


def became(row: Any) -> Became:
    """What the columns of a row say, in whatever order they were filled."""
    if row.dialled:
        return _DIALLED.get(row.dialled, Became.FAILED)
    if row.ended:
        if row.accepted_at is not None:
            return Became.GIVEN_UP
        if row.ended in _DESK_SILENT:
            return Became.DESK_SILENT
        return Became.NOT_ACCEPTED if row.ended == "completed" else Became.FAILED
    if row.state == State.OVER:
        return Became.NOT_PLACED if row.fault else Became.UNKNOWN
    if row.accepted_at is not None:
        return Became.CALLING
    if row.answered_at is not None:
        return Became.PICKED_UP
    return Became.WAITING if row.state in (State.ASKED, State.PLACING) else Became.RINGING


def _check_rates(connection: Connection, key: str, actor: str, now: datetime) -> None:
    row, theirs = OutboundCallRow, select(CallRow.sid).where(of_key(key))
    recent = select(func.count()).where(row.asked_at > now - AN_HOUR)
    open_now = (row.state != State.OVER.value) & (row.asked_at > now - BLOCKS_FOR)
    mine_or_theirs = (row.asked_by == actor) | row.call_sid.in_(theirs)
    if connection.scalar(select(row.id).where(open_now, mine_or_theirs).limit(1)) is not None:
        raise NotNow(UNDER_WAY)
    if (connection.scalar(recent.where(row.call_sid.in_(theirs))) or 0) >= MOST_OF_ENTRY:
        raise NotNow(f"This caller was called {MOST_OF_ENTRY} times within the hour. Try again later.")
    if (connection.scalar(recent.where(row.asked_by == actor)) or 0) >= MOST_OF_ONE:
        raise NotNow(f"You asked for {MOST_OF_ONE} calls within the hour, which is the most. Try again later.")
    if (connection.scalar(recent) or 0) >= MOST_OF_ALL:
        raise NotNow(f"The clinic asked for {MOST_OF_ALL} calls within the hour, which is the most. Try again later.")


def _found(connection: Connection, keys: Sequence[str], limit: int | None) -> list[tuple[str, CallBack]]:
    found: list[tuple[str, CallBack]] = []
    row = OutboundCallRow
    for of_keys in by_index(keys):
        query = select(KEY.label("entry"), row.__table__).join(CallRow, CallRow.sid == row.call_sid).where(of_keys)
        for each in connection.execute(query.order_by(row.id.desc()).limit(limit)):
            call = CallBack(
                each.id,
                each.call_sid,
                each.asked_by,
                each.phone,
                each.asked_at,
                became(each),
                each.talk_seconds,
                each.fault,
            )
            found.append((each.entry, call))
    return sorted(found, key=lambda pair: -pair[1].id)[:limit]
