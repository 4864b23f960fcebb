"""Rows on their way to somebody outside: claimed before an attempt, settled after it, given up when it is too late.

A row is marked as being sent, with a lease, before anything is handed over. If its worker dies, another takes it over
when the lease ends and knows that it may have arrived (`unsure`); what that means is each way's own affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from random import SystemRandom
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Engine, case, or_, select, update

from ivr.call_log.database import reading, writing
from ivr.call_log.tables import Outgoing

from .parcel import Failed, Refused, Result, Sent

LEASE = timedelta(minutes=5)  # no attempt lasts nearly as long
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 15.0, 1800.0
LONGEST_FAULT = 200


class State(StrEnum):
    """Where a row is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


# How a row begins that is to be sent.
FRESH: Mapping[str, object] = {
    "state": State.WAITING.value,
    "attempts": 0,
    "unsure": False,
    "holder": "",
    "carrier_id": "",
    "fault": "",
}
_FREE: Mapping[str, object] = {"holder": "", "held_until": None}


class Attempt(Protocol):
    """A row that is ours to send. `attempts` counts the one at hand."""

    @property
    def id(self) -> int: ...
    @property
    def attempts(self) -> int: ...
    @property
    def unsure(self) -> bool: ...
    @property
    def give_up_at(self) -> datetime: ...


def is_due(engine: Engine, row: type[Outgoing], now: datetime, *only: ColumnElement[bool]) -> bool:
    """Whether there is anything to take; asked first, since nearly always there is not, and taking locks out others."""
    with reading(engine) as connection:
        return connection.execute(select(row.id).where(_due(row, now), *only).limit(1)).first() is not None


def take(
    connection: Connection, row: type[Outgoing], holder: str, now: datetime, *only: ColumnElement[bool], limit: int = 1
) -> list[int]:
    """Take rows that are due, the longest due first; their ids. Raises SQLAlchemyError."""
    wanted = select(row.id).where(_due(row, now), *only).order_by(row.due_at, row.id)
    numbers = list(connection.scalars(wanted.limit(limit).with_for_update(skip_locked=True)))
    if numbers:
        taken = update(row).where(row.id.in_(numbers))
        connection.execute(
            taken.values(
                state=State.SENDING.value,
                holder=holder,
                held_until=now + LEASE,
                attempts=row.attempts + 1,
                unsure=case((row.state == State.SENDING.value, True), else_=row.unsure),
            )
        )
    return numbers


def put_down(
    connection: Connection, row: type[Outgoing], attempt: Attempt, holder: str, result: Result, now: datetime
) -> bool:
    """Write down what came of an attempt; False when the row passed to another meanwhile. Raises SQLAlchemyError."""
    ours = row.id == attempt.id, row.holder == holder, row.state == State.SENDING.value
    return connection.execute(update(row).where(*ours).values(_after(attempt, result, now))).rowcount == 1


def put_off(connection: Connection, row: type[Outgoing], attempt: Attempt, holder: str, due_at: datetime) -> bool:
    """Let a row that was taken wait until then: nothing was tried. False when it passed to another meanwhile."""
    ours = row.id == attempt.id, row.holder == holder, row.state == State.SENDING.value
    waits = {"state": State.WAITING.value, "due_at": due_at, "attempts": row.attempts - 1, **_FREE}
    return connection.execute(update(row).where(*ours).values(waits)).rowcount == 1


def give_up_late(engine: Engine, row: type[Outgoing], now: datetime, why: str) -> int:
    """Give up rows that have waited too long; how many. `why` is told where no attempt left a better reason.

    Raises SQLAlchemyError.
    """
    told = case((row.fault == "", why), else_=row.fault)
    idle = or_(row.state == State.WAITING.value, (row.state == State.SENDING.value) & (row.held_until <= now))
    late = idle & (row.give_up_at <= now)
    with reading(engine) as connection:
        if connection.execute(select(row.id).where(late).limit(1)).first() is None:
            return 0
    over = {"state": State.DEAD.value, "ended_at": now, "fault": told, "holder": ""}
    with writing(engine) as connection:
        return connection.execute(update(row).where(late).values(over)).rowcount


def _due(row: type[Outgoing], now: datetime) -> ColumnElement[bool]:
    return or_(
        (row.state == State.WAITING.value) & (row.due_at <= now),
        (row.state == State.SENDING.value) & (row.held_until <= now),
    )


def wait_seconds(attempts: int) -> float:
    """How long to wait after so many attempts: doubling, half an hour at most, and never the same for all rows."""
    longest = min(FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_WAIT_SECONDS)
    return float(longest * SystemRandom().uniform(0.5, 1.0))


def _after(attempt: Attempt, result: Result, now: datetime) -> dict[str, object]:
    match result:
        case Sent(carrier_id):
            state = {"state": State.SENT.value, "ended_at": now, "carrier_id": carrier_id, "fault": ""}
            return {**_FREE, **state}
        case Refused(why):
            return {**_FREE, "state": State.DEAD.value, "ended_at": now, "fault": why[:LONGEST_FAULT]}
        case Failed(why, unsure, _, asked):
            again_at = now + timedelta(seconds=max(wait_seconds(attempt.attempts), asked))
            tried = {**_FREE, "fault": why[:LONGEST_FAULT], "unsure": attempt.unsure or unsure}
            if again_at >= attempt.give_up_at:
                return {**tried, "state": State.DEAD.value, "ended_at": now}
            return {**tried, "state": State.WAITING.value, "due_at": again_at}
