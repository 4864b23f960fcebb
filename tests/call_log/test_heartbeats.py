"""Test calls on both engines: begun once, settled by the carrier's word, and heard only by our own greeting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ivr.call_flow.events import Apologised, CallArrived, CameThroughFallback, Event
from ivr.call_log.heartbeats import (
    GRACE,
    KEPT,
    LONGEST_FAULT,
    RETRIES_FOR,
    Beat,
    begin,
    forget_test_calls,
    judge,
    newest_settled,
    newest_test_calls,
    settle,
)
from ivr.call_log.placing import Later, NotPlaced, Placed, Result, Unsure
from ivr.call_log.recorder import record
from ivr.journal.entry import Entry, entries_for
from tests.conftest import ZONE

DUE = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
CALLER, OTHER = "1" * 32, "2" * 32  # hashes of numbers
GREETED = CallArrived("main", "en-US", test=True)
PLACED = Placed("CA" + "e" * 32)


def placed(engine: Engine, result: Result | None = PLACED, now: datetime = DUE) -> None:
    """Begin the test call of the line main, and settle it unless its worker died."""
    assert begin(engine, "main", DUE, now)
    if result is not None:
        settle(engine, "main", DUE, result, now)


def came_in(engine: Engine, *events: Event, caller: str = CALLER, after: timedelta = timedelta(seconds=9)) -> None:
    """A call reached this service, and this happened in it."""
    turns = [entries_for("CA" + "1" * 32, hop, DUE + after, "v1", (event,)) for hop, event in enumerate(events)]
    first, *others = [entry for turn in turns for entry in turn]
    sealed = {"caller": "sealed", "caller_index": caller}
    known = Entry(**{name: getattr(first, name) for name in first.__match_args__[:-1]}, sealed=sealed)
    record(engine, [known, *others], zone=ZONE, heard_at=DUE + after)


def judged(engine: Engine, now: datetime = DUE + GRACE) -> list[Beat]:
    return [call.state for call in judge(engine, "main", [CALLER], now)]


def states(engine: Engine) -> list[Beat]:
    return [call.state for call in newest_test_calls(engine)]


def test_a_test_of_a_line_and_moment_is_begun_once(database: Engine) -> None:
    later = DUE + timedelta(hours=6)
    begun = [begin(database, line, due, DUE) for line in ("main", "gilbert") for due in (DUE, DUE, later)]
    assert begun == [True, False, True] * 2
    assert [(call.line, call.due_at) for call in newest_test_calls(database, limit=3)] == [
        ("gilbert", later),
        ("main", later),
        ("gilbert", DUE),
    ]


def test_it_is_heard_as_soon_as_the_greeting_was_and_decided_once(database: Engine) -> None:
    placed(database)
    assert judged(database, DUE + timedelta(seconds=8)) == []
    came_in(database, GREETED)
    assert judged(database, DUE + timedelta(seconds=10)) == [Beat.HEARD]
    assert judged(database, DUE + timedelta(days=1)) == []
    assert states(database) == [Beat.HEARD]


def test_it_is_not_heard_when_nothing_came_in_for_three_minutes(database: Engine) -> None:
    placed(database)
    assert judged(database, DUE + GRACE - timedelta(seconds=1)) == []
    assert judged(database) == [Beat.UNHEARD]


@pytest.mark.parametrize("instead", [Apologised("ValueError"), CameThroughFallback("11205")])
def test_an_apology_or_the_fallback_is_no_greeting(database: Engine, instead: Event) -> None:
    placed(database)
    came_in(database, GREETED, instead)
    assert judged(database) == [Beat.UNHEARD]


@pytest.mark.parametrize(
    ("event", "caller", "after"),
    [
        (GREETED, OTHER, timedelta(seconds=9)),
        (CallArrived("gilbert", "en-US", test=True), CALLER, timedelta(seconds=9)),
        (CallArrived("main", "en-US"), CALLER, timedelta(seconds=9)),
        (GREETED, CALLER, timedelta(minutes=-2)),
        (GREETED, CALLER, GRACE + timedelta(seconds=1)),
    ],
    ids=["another caller", "another line", "no test", "before", "too late"],
)
def test_other_calls_prove_nothing(database: Engine, event: CallArrived, caller: str, after: timedelta) -> None:
    placed(database)
    came_in(database, event, caller=caller, after=after)
    assert judged(database, DUE + timedelta(minutes=4)) == [Beat.UNHEARD]


def test_one_whose_worker_was_killed_proves_nothing(database: Engine) -> None:
    placed(database, None)
    assert judged(database, DUE + GRACE - timedelta(seconds=1)) == []
    assert judged(database) == [Beat.LOST]


def test_one_whose_worker_was_killed_after_it_was_placed_may_be_heard(database: Engine) -> None:
    placed(database, None)
    came_in(database, GREETED)
    assert judged(database) == [Beat.HEARD]


def test_what_twilio_was_too_busy_for_is_begun_again_while_it_is_young(database: Engine) -> None:
    placed(database, Later(5))
    assert states(database) == []
    almost = DUE + RETRIES_FOR - timedelta(seconds=1)
    placed(database, Later(5), almost)
    assert states(database) == []
    placed(database, Later(5), DUE + RETRIES_FOR)
    (call,) = newest_test_calls(database)
    assert (call.state, call.fault) == (Beat.FAILED, "Twilio was busy or away")
    assert not begin(database, "main", DUE, DUE + RETRIES_FOR)
    assert judged(database, DUE + RETRIES_FOR + GRACE) == [Beat.UNHEARD]


@pytest.mark.parametrize("result", [NotPlaced("x" * 500), Unsure("x" * 500)])
def test_what_failed_says_why_and_counts_as_not_heard_unless_it_was_heard_after_all(
    database: Engine, result: Result
) -> None:
    placed(database, result)
    (call,) = newest_test_calls(database)
    assert (call.state, call.fault) == (Beat.FAILED, "x" * LONGEST_FAULT)
    assert call.unsure is isinstance(result, Unsure)
    came_in(database, GREETED)
    assert judged(database) == [Beat.HEARD]


def test_that_one_may_have_been_placed_is_known_after_it_was_not_heard(database: Engine) -> None:
    placed(database, Unsure("Twilio answered 503"))
    (call,) = judge(database, "main", [CALLER], DUE + GRACE)
    assert (call.state, call.fault, call.unsure) == (Beat.UNHEARD, "Twilio answered 503", True)
    assert newest_settled(database) == {"main": call}


def test_the_newest_settled_one_of_each_line_is_found_behind_those_under_way_and_of_other_lines(
    database: Engine,
) -> None:
    placed(database, NotPlaced("first"))
    for minutes in range(1, 13):
        due = DUE + timedelta(minutes=minutes)
        begin(database, "gilbert", due, due)
        settle(database, "gilbert", due, NotPlaced(f"after {minutes} minutes"), due)
    for minutes, result in ((20, PLACED), (21, None)):
        due = DUE + timedelta(minutes=minutes)
        begin(database, "main", due, due)
        if result:
            settle(database, "main", due, result, due)
    found = {line: call.fault for line, call in newest_settled(database).items()}
    assert found == {"main": "first", "gilbert": "after 12 minutes"}
    judge(database, "main", [CALLER], due + GRACE)
    assert (newest_settled(database)["main"].fault, states(database)[0]) == ("", Beat.LOST)


def test_old_ones_are_forgotten(database: Engine) -> None:
    placed(database)
    begin(database, "main", DUE + timedelta(seconds=1), DUE)
    forget_test_calls(database, DUE + KEPT)
    assert len(states(database)) == 2
    forget_test_calls(database, DUE + KEPT + timedelta(seconds=1))
    (call,) = newest_test_calls(database)
    assert call.due_at == DUE + timedelta(seconds=1)
