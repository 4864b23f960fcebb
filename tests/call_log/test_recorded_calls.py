"""Calls kept as data give the rows and stories written beside them, on both engines. `IVR_UPDATE=1` rewrites them."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from ivr.call_flow.disposition import Disposition
from ivr.call_log.recorder import record
from ivr.call_log.story import span, tell
from tests.call_log.recorded import ZONE, RecordedCall, recorded_calls, rewrite, rows_of

CALLS = recorded_calls()
HEARD_AT = datetime(2026, 12, 12, tzinfo=UTC)
TITLES = {"chronic_pain": "Chronic pain", "scottsdale": "Scottsdale", "gilbert": "Gilbert"}


def record_all(engine: Engine, seed: int) -> None:
    """All calls in one shuffled heap, in batches that cut calls in pieces."""
    entries = [entry for call in CALLS for entry in call.entries]
    random.Random(seed).shuffle(entries)
    for start in range(0, len(entries), 100):
        record(engine, entries[start : start + 100], zone=ZONE, heard_at=HEARD_AT)


def test_the_calls_kept_as_data_give_their_rows(database: Engine) -> None:
    record_all(database, seed=7)
    found = rows_of(database)
    if os.environ.get("IVR_UPDATE"):
        for call in CALLS:
            rewrite(call, found[call.sid], [str(step) for step in tell(call.noted, ZONE, TITLES)])
        pytest.skip("rewritten")
    for call in CALLS:
        assert found[call.sid] == call.row, call.path.name


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.path.stem)
def test_the_calls_kept_as_data_give_their_stories(call: RecordedCall) -> None:
    assert [str(step) for step in tell(call.noted, ZONE, TITLES)] == call.story


def test_every_disposition_is_among_the_calls_kept_as_data() -> None:
    assert {call.row["disposition"] for call in CALLS} == {"", *(each.value for each in Disposition)}
    assert len(CALLS) >= 40


def test_sqlite_and_postgresql_hold_the_same_log(new_database: Callable[[str], Engine]) -> None:
    lite, large = new_database("sqlite"), new_database("postgresql")
    record_all(lite, seed=1)
    record_all(large, seed=2)
    assert rows_of(lite) == rows_of(large)


def test_no_story_holds_a_number() -> None:
    stories = " ".join(line for call in CALLS for line in call.story)
    assert not re.search(r"\d{4}", stories)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(20, "20 s"), (239, "4 min"), (3900, "1 h 5 min"), (47 * 3600, "47 h 0 min"), (314 * 3600 + 1260, "13 days 2 h")],
)
def test_a_span_of_time_is_told_as_people_tell_it(seconds: int, told: str) -> None:
    assert span(seconds) == told
