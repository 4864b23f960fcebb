"""The wall clock is set while the worker runs: calls are not closed by it, and leases are not stuck."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from ivr.call_flow.events import CallArrived
from ivr.call_log.leases import claim, finish
from ivr.call_log.recorder import close_silent, record
from ivr.journal.entry import entries_for
from ivr.telemetry.worker_file import WorkerState
from ivr.worker.steady import Steady

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Phoenix")
QUARTER = timedelta(minutes=15)
TWO_HOURS = timedelta(hours=2)


class Clocks:
    """A wall clock that can be set, and one that only runs forward."""

    def __init__(self) -> None:
        self.wall, self.ticks = 1_000_000.0, 5.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.ticks += seconds

    def steady(self, before: Steady | None = None) -> Steady:
        state = WorkerState("", "", 1, clock_offset=before.offset, clock_set_at=before.set_at) if before else None
        return Steady(state, lambda: self.wall, lambda: self.ticks)


def live(log: Engine, number: int, heard_at: datetime) -> str:
    sid = f"CA{number:032x}"
    entries = entries_for(sid, 0, heard_at, "v1", [CallArrived("main", "en-US")])
    record(log, entries, zone=ZONE, heard_at=heard_at)
    return sid


@pytest.mark.parametrize("step", [7200.0, -7200.0])
def test_a_step_is_told_from_time_that_passes(step: float) -> None:
    clocks = Clocks()
    steady = clocks.steady()
    clocks.pass_by(3600)
    found = [(steady.look(), steady.for_seconds(900))]
    clocks.wall += step
    found.append((steady.look(), steady.for_seconds(900)))
    clocks.pass_by(901)
    found.append((steady.look(), steady.for_seconds(900)))
    assert found == [(False, True), (True, False), (False, True)]


def test_a_worker_knows_of_a_step_that_came_before_it(caplog: pytest.LogCaptureFixture) -> None:
    clocks = Clocks()
    first = clocks.steady()
    clocks.wall += 7200  # while no worker runs
    second = clocks.steady(first)
    assert not second.for_seconds(900)
    clocks.pass_by(600)
    third = clocks.steady(second)
    assert not third.for_seconds(900)
    clocks.pass_by(301)
    assert third.for_seconds(900)
    assert caplog.text.count("was set") == 1


def test_after_a_start_of_the_machine_the_clock_is_trusted_a_while_later() -> None:
    clocks = Clocks()
    clocks.ticks = 500_000.0
    before = clocks.steady()
    before.set_at = 499_900.0
    clocks.ticks = 20.0
    after = clocks.steady(before)
    assert not after.for_seconds(900)
    clocks.pass_by(901)
    assert after.for_seconds(900)


def test_what_was_heard_later_than_now_is_silent_only_once_the_clock_has_been_steady(log: Engine) -> None:
    ahead, fresh = live(log, 1, NOW + TWO_HOURS), live(log, 2, NOW - timedelta(minutes=1))
    assert close_silent(log, NOW, QUARTER, zone=ZONE) == ()
    assert close_silent(log, NOW, QUARTER, zone=ZONE, ahead=True) == (ahead,)
    assert close_silent(log, NOW + QUARTER, QUARTER, zone=ZONE) == (fresh,)


def test_a_clock_set_back_leaves_no_lease_stuck(log: Engine) -> None:
    ahead = NOW + TWO_HOURS
    assert claim(log, "held", "one", seconds=120, now=ahead)
    assert claim(log, "done", "one", seconds=120, every=300, now=ahead)
    assert finish(log, "done", "one", now=ahead)

    assert claim(log, "held", "two", seconds=120, now=NOW)
    assert claim(log, "done", "two", seconds=120, every=300, now=NOW)

    assert not claim(log, "held", "three", seconds=120, now=NOW)
    assert finish(log, "done", "two", now=NOW)
    assert not claim(log, "done", "three", seconds=120, every=300, now=NOW + timedelta(seconds=60))
