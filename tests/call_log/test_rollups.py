"""Sums move with the calls: after any order of recording they are what counting anew gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from ivr.call_log.database import reading, writing
from ivr.call_log.recorder import record
from ivr.call_log.rollups import quarter_of, rebuild
from ivr.call_log.tables import (
    CallbackRequestRow,
    CallCount,
    CallRow,
    EventRow,
    LegRow,
    MenuCount,
    MessageRow,
    TopicCount,
    WaitCount,
)
from tests.call_log.recorded import ZONE, RecordedCall, recorded_calls

SUMS = (CallCount, WaitCount, MenuCount, TopicCount)
CALLS = recorded_calls()
NOW = datetime(2026, 12, 12, tzinfo=UTC)


def sums(engine: Engine) -> list[list[tuple[Any, ...]]]:
    with reading(engine) as connection:
        return [
            [tuple(row) for row in connection.execute(select(table.__table__).order_by(*table.__table__.primary_key))]
            for table in SUMS
        ]


def record_in_pieces(engine: Engine, calls: Sequence[RecordedCall], seed: int, size: int) -> None:
    entries = [entry for call in calls for entry in call.entries]
    random.Random(seed).shuffle(entries)
    for start in range(0, len(entries), size):
        record(engine, entries[start : start + size], zone=ZONE, heard_at=NOW)


def test_moved_sums_are_the_same_as_counted_anew(database: Engine) -> None:
    record_in_pieces(database, CALLS, seed=3, size=60)
    moved = sums(database)
    closed = sum(1 for call in CALLS if call.row["disposition"] and not call.row["draft"])
    assert sum(row[-2] for row in moved[0]) == closed
    assert all(moved)
    assert rebuild(database, ZONE) == closed
    assert sums(database) == moved


@pytest.fixture
def lite(new_database: Callable[[str], Engine]) -> Engine:
    return new_database("sqlite")


@given(seed=st.integers(0, 2**32), size=st.integers(5, 60), number=st.integers(1, 12))
@settings(max_examples=8)
def test_any_order_of_any_calls_moves_the_sums_to_what_counting_anew_gives(
    lite: Engine, seed: int, size: int, number: int
) -> None:
    with writing(lite) as connection:
        for table in (*SUMS, LegRow, MessageRow, CallbackRequestRow, EventRow, CallRow):
            connection.execute(delete(table))
    record_in_pieces(lite, random.Random(seed).sample(CALLS, number), seed, size)
    moved = sums(lite)
    rebuild(lite, ZONE)
    assert sums(lite) == moved


def test_a_sum_that_came_to_nothing_is_not_kept(database: Engine) -> None:
    """A call first known by its end alone, then whole, leaves one line and none of nothing."""
    call = next(each for each in CALLS if each.path.stem == "answered_at_once")
    for entry in reversed(call.entries):
        record(database, [entry], zone=ZONE, heard_at=NOW)
    assert [row[-3:] for row in sums(database)[0]] == [("answered", 1, 185)]


def test_a_quarter_begins_at_whole_quarters_of_an_hour_in_utc() -> None:
    assert quarter_of(datetime(2026, 11, 24, 16, 14, 59, tzinfo=UTC)) == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert quarter_of(datetime(2026, 11, 24, 9, 15, tzinfo=ZONE)) == datetime(2026, 11, 24, 16, 15, tzinfo=UTC)


def test_a_day_is_the_clinics_and_not_the_one_in_utc(database: Engine) -> None:
    night = next(each for each in CALLS if each.path.stem == "message_at_night")
    record(database, night.entries, zone=ZONE, heard_at=NOW)
    assert {row[0] for row in sums(database)[2]} == {"2026-11-24"}
    assert rebuild(database, ZoneInfo("UTC")) == 1
    assert {row[0] for row in sums(database)[2]} == {"2026-11-25"}
