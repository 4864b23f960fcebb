"""A tester's call that heard a draft is in the log, marked, and in no statistic, in whatever order its facts arrive."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from ivr.call_log.counts import counts, topics
from ivr.call_log.database import reading, writing
from ivr.call_log.days import Days
from ivr.call_log.funnel import funnels
from ivr.call_log.hosts import figures
from ivr.call_log.missed import MISSED, missed_callers
from ivr.call_log.queries import Filters, newest
from ivr.call_log.recorder import record
from ivr.call_log.rollups import rebuild
from ivr.call_log.tables import EPOCH, CallCount, CallRow, MenuCount, Table, TopicCount, WaitCount
from ivr.journal.entry import Entry
from tests.call_log.recorded import ZONE, RecordedCall, recorded_calls, rows_of

CALLS = [call for call in recorded_calls() if any(entry.kind == "CallArrived" for entry in call.entries)]
SUMS = (CallCount, WaitCount, MenuCount, TopicCount)
HEARD_AT = datetime(2026, 12, 12, tzinfo=UTC)
YEAR = Days(datetime(2026, 1, 1).date(), datetime(2026, 12, 31).date())  # noqa: DTZ001  days of the clinic's calendar
A_DAY = timedelta(days=1)


def as_draft(call: RecordedCall) -> list[Entry]:
    """The facts of a call, had a tester placed it and heard the draft."""
    arrived = {"draft": True}
    return [
        replace(entry, data={**entry.data, **arrived}) if entry.kind == "CallArrived" else entry
        for entry in call.entries
    ]


def record_shuffled(engine: Engine, entries: Sequence[Entry], seed: int, size: int) -> None:
    shuffled = random.Random(seed).sample(entries, len(entries))
    for start in range(0, len(shuffled), size):
        record(engine, shuffled[start : start + size], zone=ZONE, heard_at=HEARD_AT)


def rows(engine: Engine, table: type[Table]) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        ordered = select(table.__table__).order_by(*table.__table__.primary_key)
        return [tuple(row) for row in connection.execute(ordered)]


def test_testers_calls_are_all_in_the_log_and_counted_nowhere(database: Engine) -> None:
    entries = [entry for call in CALLS for entry in as_draft(call)]
    record_shuffled(database, entries, seed=5, size=70)
    found = rows_of(database)
    assert {sid: row["disposition"] for sid, row in found.items()} == {c.sid: c.row["disposition"] for c in CALLS}
    assert all(row["draft"] for row in found.values())
    assert len(newest(database, Filters(draft=True), limit=200).calls) == len(CALLS)
    assert newest(database, Filters(draft=False)).calls == ()
    assert counts(database, YEAR, ZONE).calls == 0
    assert counts(database, YEAR, ZONE).median_wait_seconds is None
    assert topics(database, YEAR) == ()
    assert funnels(database, YEAR) == ()
    assert figures(database, EPOCH).dispositions == {}
    assert figures(database, EPOCH).live_calls == 0
    assert missed_callers(database, EPOCH, HEARD_AT) == ()
    assert [rows(database, table) for table in SUMS] == [[], [], [], []]
    assert rebuild(database, ZONE) == 0


@settings(max_examples=3)
@given(
    testers=st.sets(st.sampled_from(range(len(CALLS))), max_size=12), seed=st.integers(0, 9), size=st.integers(5, 90)
)
def test_the_sums_are_those_of_the_other_calls(
    new_database: Callable[[str], Engine], testers: set[int], seed: int, size: int
) -> None:
    mixed, others = new_database("sqlite"), new_database("sqlite")
    told = [as_draft(call) if place in testers else list(call.entries) for place, call in enumerate(CALLS)]
    record_shuffled(mixed, [entry for entries in told for entry in entries], seed, size)
    rest = [entry for place, call in enumerate(CALLS) if place not in testers for entry in call.entries]
    record_shuffled(others, rest, seed + 1, 500)
    for table in SUMS:
        assert rows(mixed, table) == rows(others, table)
    since = min(call.entries[0].at for call in CALLS) - A_DAY
    assert figures(mixed, since) == figures(others, since)


def test_a_call_is_marked_when_its_beginning_is_told_last(database: Engine) -> None:
    call = next(each for each in CALLS if each.path.stem == "answered_at_once")
    entries = as_draft(call)
    arrived = [entry for entry in entries if entry.kind == "CallArrived"]
    record(database, [entry for entry in entries if entry not in arrived], zone=ZONE, heard_at=HEARD_AT)
    assert counts(database, YEAR, ZONE).calls == 1
    record(database, arrived, zone=ZONE, heard_at=HEARD_AT)
    assert counts(database, YEAR, ZONE).calls == 0
    assert [rows(database, table) for table in SUMS] == [[], [], [], []]
    assert rows_of(database)[call.sid] == {**call.row, "draft": True}


def test_a_draft_that_was_answered_does_not_settle_a_missed_call(database: Engine) -> None:
    missed = next(each for each in CALLS if each.row["disposition"] in MISSED)
    answered = next(each for each in CALLS if each.row["disposition"] == "answered")
    later = [replace(entry, at=entry.at + A_DAY) for entry in as_draft(answered)]
    sealed = {"caller": "x", "caller_index": "5" * 32}
    entries = [replace(entry, sealed=sealed) for entry in (*missed.entries, *later)]
    record(database, entries, zone=ZONE, heard_at=HEARD_AT)
    (caller,) = missed_callers(database, EPOCH, HEARD_AT)
    assert caller.last.sid == missed.sid
    assert caller.settled_at is None
    with writing(database) as connection:
        connection.execute(CallRow.__table__.update().values(draft=False))  # type: ignore[attr-defined]
    (caller,) = missed_callers(database, EPOCH, HEARD_AT)
    assert caller.settled_at is not None
