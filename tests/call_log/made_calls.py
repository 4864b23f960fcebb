"""A few hundred made-up calls with callers' numbers sealed for real, as a test sees them: every row by its column."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Engine

from ivr.call_log import tables
from ivr.call_log.tables import EPOCH
from ivr.journal.sealing import Seal
from tests.bench_log.history import Made, Plan, Sums, history
from tests.bench_log.load import put

ZONE = ZoneInfo("America/New_York")  # the clocks go back there on November 1, 2026, within the history
UNTIL = date(2026, 11, 10)
PLAN = Plan(calls=300, until=UNTIL, days=14, zone=ZONE, callers=25, seed=7, events_of=3)
SEAL = Seal(["the first secret of these tests"])
NOW = datetime(2026, 11, 10, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MadeCalls:
    """Every made-up call as a mapping from column to value, moments aware; oldest first."""

    calls: Sequence[dict[str, Any]]
    legs: Sequence[dict[str, Any]]
    messages: Sequence[dict[str, Any]]
    callbacks: Sequence[dict[str, Any]]
    events: Sequence[dict[str, Any]]


def number_of(caller: int) -> str:
    return f"+1480555{caller:04d}"


@cache
def sealed(caller: int) -> tuple[str, str]:
    number = number_of(caller)
    return SEAL.seal(number), SEAL.index(number)


@cache
def made() -> tuple[Made, ...]:
    """The calls, made once; their tokens differ from run to run, everything else is always the same."""
    return tuple(history(PLAN, Sums(), sealed))


def fill(engine: Engine) -> None:
    """Write the history into an empty call log."""
    put(engine, PLAN, sealed)


@cache
def made_calls() -> MadeCalls:
    """What `fill` writes."""
    return MadeCalls(
        calls=[_named(tables.CallRow, each.call) for each in made()],
        legs=[_named(tables.LegRow, leg) for each in made() for leg in each.legs],
        messages=[_named(tables.MessageRow, each.message) for each in made() if each.message],
        callbacks=[_named(tables.CallbackRequestRow, each.callback) for each in made() if each.callback],
        events=[_named(tables.EventRow, event) for each in made() for event in each.events],
    )


def _named(table: Any, row: Sequence[Any]) -> dict[str, Any]:
    columns = table.__table__.columns
    return {column.name: _value(column.type, value) for column, value in zip(columns, row, strict=True)}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, tables.Moment):
        return EPOCH + timedelta(milliseconds=value)
    if kind.python_type is bool:
        return bool(value)
    return json.loads(value) if isinstance(kind, JSON) else value
