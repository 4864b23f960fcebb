"""What needs a look now, a sentence each with what to do: shown on Today and on Health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.call_log.hosts import overview
from ivr.call_log.story import span
from ivr.journal.drainer import lag_of
from ivr.telemetry.worker_file import read_worker_file

from .door import Door

LATE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, what it means for callers, and the cure."""

    what: str
    cure: str


def alarms(door: Door) -> list[Alarm]:
    """All that is wrong at this moment, as far as this host and the database know."""
    now = door.services.clock()
    return [*_of_routing(door), *_of_journal(door, now), *_of_worker(door, now), *_of_jobs(door, now)]


def _of_routing(door: Door) -> list[Alarm]:
    live = door.services.live
    if not live.problems and not live.trouble:
        return []
    what = "The configuration on disk is not in use: callers hear the last good one."
    first = live.problems[0] if live.problems else str(live.trouble)
    return [Alarm(what, f"{first} All of it: python -m ivr check")]


def _of_journal(door: Door, now: datetime) -> list[Alarm]:
    lag = lag_of(door.services.settings.data / "journal", now)
    found = []
    if lag.seconds > LATE_SECONDS:
        what = f"The call log is {span(lag.seconds)} behind. Calls are answered, but do not show here yet."
        found.append(Alarm(what, "Start the worker, or look at its log: python -m ivr worker"))
    if door.services.journal.trouble:
        found.append(Alarm("What happens in calls cannot be written down on this host.", "Look at its disk."))
    return found


def _of_worker(door: Door, now: datetime) -> list[Alarm]:
    worker = read_worker_file(door.services.settings.data)
    if worker is not None and not worker.is_silent(now):
        return []
    return [Alarm("No worker runs on this host: the call log stands still.", "Start it: python -m ivr worker")]


def _of_jobs(door: Door, now: datetime) -> list[Alarm]:
    found = overview(door.engine)
    failing = [
        Alarm(f"The job “{lease.job}” fails: {lease.fault}", "It is tried again by itself; see Health.")
        for lease in found.leases
        if lease.fault
    ]
    aside = sum(found.set_aside.values())
    if aside:
        what = f"{aside} journal lines could not be read and were set aside."
        failing.append(Alarm(what, "They are kept; docs/operations.md tells what to do with them."))
    return failing
