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

    def steady(self) -> Steady:
        return Steady(lambda: self.wall, lambda: self.ticks)


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
    found = [(steady.look(), steady.was_set, steady.seconds)]
    clocks.wall += step
    found.append((steady.look(), steady.was_set, steady.seconds))
    assert found == [(False, False, 3600), (True, True, 0)]
    clocks.pass_by(901)
    assert not steady.look()
    assert steady.seconds == 901


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
