"""The worker's side of calling back: a row is taken once, placed at most once, and corrected by what the carrier tells.

A row is marked before the carrier is asked. Whoever dies in between leaves it unsure: it is never placed again, and
should its phone have rung, the carrier's own words say so later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, case, delete, func, literal, or_, select, update

from ivr.journal.called_out import CalledOut, What

from .calling_back import State
from .database import reading, writing
from .outbound_tables import OutboundCallRow
from .tables import CallRow

LEASE = timedelta(minutes=1)  # an attempt has a time limit of seconds
STALE = timedelta(minutes=2)  # nobody waits longer beside a phone
UNHEARD = timedelta(minutes=5)
LONGEST_CALL = timedelta(hours=5)  # Twilio ends calls after four hours
OPEN = tuple(each.value for each in State if each is not State.OVER)
LONGEST_FAULT = 200
NOT_PLACED = "it was not placed within two minutes: look whether the worker runs"


@dataclass(frozen=True, slots=True)
class Errand:
    """A row that is ours to place. `caller` is sealed, None when it is erased."""

    id: int
    phone: str
    line: str
    location: str
    caller: str | None


@dataclass(frozen=True, slots=True)
class Placed:
    """The carrier took it over; `leg` is its CallSid."""

    leg: str


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """It is refused for good. `why` goes on the page: never a number in it."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was placed for certain; it may be tried again after some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have been placed."""

    why: str


Result = Placed | NotPlaced | Later | Unsure


def due(engine: Engine, now: datetime) -> list[int]:
    """The ids of rows that wait to be placed, the oldest first. Raises SQLAlchemyError."""
    waiting = select(OutboundCallRow.id).where(*_is_due(now)).order_by(OutboundCallRow.id)
    with reading(engine) as connection:
        return list(connection.scalars(waiting))


def take(engine: Engine, number: int, holder: str, now: datetime) -> Errand | None:
    """Take a row; None when another was faster, or it is not due (any more). Raises SQLAlchemyError."""
    row = OutboundCallRow
    values = {"state": State.PLACING.value, "holder": holder, "held_until": now + LEASE}
    taken = update(row).where(row.id == number, *_is_due(now)).values(values)
    wanted = select(row.id, row.phone, row.line, row.location, CallRow.caller)
    with writing(engine) as connection:
        if connection.execute(taken).rowcount != 1:
            return None
        found = connection.execute(wanted.join(CallRow, CallRow.sid == row.call_sid).where(row.id == number)).one()
        return Errand(*found)


def settle(engine: Engine, number: int, holder: str, result: Result, now: datetime) -> None:
    """Write down what the carrier said. What it told of the call meanwhile stays. Raises SQLAlchemyError."""
    row = OutboundCallRow
    ours = row.id == number, row.holder == holder
    with writing(engine) as connection:
        match result:
            case Placed(leg):
                state = case((row.state == State.OVER.value, row.state), else_=State.PLACED.value)
                connection.execute(update(row).where(*ours).values(state=state, carrier_sid=leg))
            case NotPlaced(why):
                _change(connection, ours, {"state": State.OVER.value, "ended_at": now, "fault": why[:LONGEST_FAULT]})
            case Later(seconds):
                again = {"state": State.ASKED.value, "holder": "", "not_before": now + timedelta(seconds=seconds)}
                _change(connection, ours, again)
            case Unsure():
                _change(connection, ours, {"state": State.UNSURE.value})


def give_up(engine: Engine, now: datetime) -> None:
    """End what nobody placed in time, and what nothing was heard of any more. Raises SQLAlchemyError."""
    row = OutboundCallRow
    over = {"state": State.OVER.value, "ended_at": now}
    placed = row.state.in_([State.PLACED.value, State.UNSURE.value])
    unheard = or_(
        row.answered_at.is_(None) & (row.asked_at < now - UNHEARD),
        row.asked_at < now - LONGEST_CALL,
    )
    with reading(engine) as connection:
        if connection.scalar(select(row.id).where(row.state.in_(OPEN)).limit(1)) is None:
            return
    with writing(engine) as connection:
        waited = row.state == State.ASKED.value, row.asked_at <= now - STALE
        connection.execute(update(row).where(*waited).values(**over, fault=NOT_PLACED))
        lost = row.state == State.PLACING.value, row.held_until < now
        connection.execute(update(row).where(*lost).values(state=State.UNSURE.value))
        connection.execute(update(row).where(placed, unheard).values(over))


def take_facts(engine: Engine, facts: Iterable[CalledOut]) -> None:
    """Bring rows up to date by what the carrier told, in any order and however often. Raises SQLAlchemyError."""
    row = OutboundCallRow
    with writing(engine) as connection:
        for fact in facts:
            same_leg = or_(row.carrier_sid == "", row.carrier_sid == fact.leg)
            known = {"carrier_sid": fact.leg, **_columns(fact)}
            connection.execute(update(row).where(row.id == fact.errand, same_leg).values(known))


def forget_calls_out(connection: Connection, up_to: datetime, limit: int) -> int:
    """Delete the oldest rows asked for before `up_to`, so many at most; how many."""
    row = OutboundCallRow
    old = select(row.id).where(row.asked_at < up_to).order_by(row.asked_at).limit(limit)
    return connection.execute(delete(row).where(row.id.in_(old))).rowcount


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    row = OutboundCallRow
    return row.state == State.ASKED.value, row.not_before <= now, row.asked_at > now - STALE


def _columns(fact: CalledOut) -> dict[str, Any]:
    row = OutboundCallRow
    match fact.what:
        case What.ANSWERED:
            return {"answered_at": _first(row.answered_at, fact.at)}
        case What.ACCEPTED:
            return {"accepted_at": _first(row.accepted_at, fact.at)}
        case What.DIALLED:
            words = {"dialled": fact.outcome[:20], "talk_seconds": fact.seconds}
            return {**words, "state": State.OVER.value, "ended_at": fact.at}
        case What.ENDED:
            ended = {"ended": fact.outcome[:20], "ended_at": _first(row.ended_at, fact.at)}
            return {**ended, "state": State.OVER.value}


def _first(column: Any, at: datetime) -> Any:
    """The moment that is there already, else this one."""
    return func.coalesce(column, literal(at, column.type))


def _change(connection: Connection, ours: tuple[Any, ...], values: dict[str, Any]) -> None:
    """Only while it is being placed: the carrier's own words are stronger."""
    here = *ours, OutboundCallRow.state == State.PLACING.value
    connection.execute(update(OutboundCallRow).where(*here).values(values))
