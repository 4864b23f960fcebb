"""The worker: a loop over named jobs, each in a thread of its own, each harmless to repeat.

A job that fails waits longer each time and never keeps another from running. No job can hang for good: every
transaction is cut after DEADLINE_SECONDS, and whatever asks somebody else has a time limit of its own. Jobs that one
host does for all are claimed by a lease; a killed worker's lease expires. A worker whose database file proves to be
damaged ends, and the next one begins by setting that file aside.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import SystemRandom
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.call_flow.text_rules import TextKind
from ivr.call_log.database import migrate, reading
from ivr.call_log.days import begin_of
from ivr.call_log.deadline import Deadlines
from ivr.call_log.hosts import HostReport, figures, report
from ivr.call_log.intake import Intake
from ivr.call_log.leases import GoOn, claim, finish, release
from ivr.call_log.recorder import close_silent
from ivr.call_log.sqlite_file import make_room
from ivr.journal.drainer import Drainer, Poison, lag_of, only_drainer
from ivr.journal.entry import Entry
from ivr.notices.patient_texts import full_until
from ivr.publishing.by_phone import take_over
from ivr.routing.zone import clinic_zone
from ivr.services import Services
from ivr.telemetry.logs import name_of
from ivr.telemetry.worker_file import JobState, WorkerState, read_worker_file, write_worker_file

from .following import what_follows
from .held_lease import HeldLease
from .mending import Mending
from .steady import Steady

DEADLINE_SECONDS = 75.0  # a little more than a server grants a statement
SILENT_CALL = timedelta(minutes=15)
LOOK_SECONDS = 30.0  # how often a job that one host does for all is looked at
SWEEP_SECONDS = 60.0
GRACE_SECONDS = 20.0

log = logging.getLogger("ivr.worker")


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again. `run` asks between its steps whether it may go on, and returns if not.

    With `lease_seconds` one host does it for all, `every_seconds` after it was last done anywhere; without, every host
    does it for itself. After a failure it waits, twice as long each time, up to `most_wait_seconds`.
    """

    name: str
    every_seconds: float
    run: Callable[[GoOn], None]
    lease_seconds: float | None = None
    most_wait_seconds: float = 60.0


class Worker:
    """The worker of one host. `more` are jobs that other rooms bring along; `run` may be called once.

    A job's transaction is cut after `deadline` seconds, that of the migration never.
    """

    def __init__(
        self, services: Services, engine: Engine, more: Sequence[Job] = (), *, deadline: float = DEADLINE_SECONDS
    ) -> None:
        self._services = services
        self._engine = engine
        self._host = services.settings.host_name
        self._holder = f"{self._host}:{os.getpid()}"
        self._follow = what_follows(services)
        self._deadlines = Deadlines(engine, deadline)
        self._journal = services.settings.data / "journal"
        self._mending = Mending(services, engine)
        self._ending = threading.Event()
        self._steady = Steady(read_worker_file(services.settings.data))
        self._begins_anew = False
        self._jobs = (*self._own_jobs(), *more)
        self._lock = threading.Lock()
        now = services.clock().isoformat()
        self._state = WorkerState(seen_at=now, started_at=now, pid=os.getpid())
        self._drained_at: datetime | None = None
        self._written = True

    def run(self, stop: threading.Event) -> bool:
        """Work until `stop` is set, then finish what is at hand. Raises DrainerBusy when this host has a worker.

        True when it ended for another worker to begin.
        """
        with only_drainer(self._journal):
            log.info("the worker of %s begins", self._host)
            ready, ending = threading.Event(), self._ending
            threads = [threading.Thread(target=self._prepare, args=(ready, ending), name="migrate", daemon=True)]
            threads += [
                threading.Thread(target=self._repeat, args=(job, ready, ending), name=job.name, daemon=True)
                for job in self._jobs
            ]
            for thread in threads:
                thread.start()
            while not stop.is_set() and not self._begins_anew:
                self._steady.look()
                self._tell()
                if ready.is_set():  # an index over millions of calls may take the migration minutes
                    self._deadlines.cut_overdue()
                stop.wait(1.0)
            ending.set()
            ready.set()
            _wait_for(threads)
            self._tell()
            self._engine.dispose()
            log.info("the worker of %s ends", self._host)
            return self._begins_anew and not stop.is_set()

    def _own_jobs(self) -> tuple[Job, ...]:
        """What every worker does. A further job is one line here, or handed in as `more`."""
        intake = Intake(self._engine, self._host, self._zone, self._services.clock, self._follow)
        keep = timedelta(days=self._services.settings.journal_days)
        drainer = Drainer(
            self._journal,
            lambda entries: self._deliver(intake, entries),
            lambda poison: self._set_aside(intake, poison),
            keep=keep,
        )
        draining = _Draining(drainer, self._services.clock, self._count_drained)
        return (
            Job("drain", 0.25, draining.run, most_wait_seconds=5.0),
            Job("heartbeat", 5.0, self._report, most_wait_seconds=10.0),
            Job("damage", 5.0, self._look_for_damage, most_wait_seconds=10.0),
            Job("figures", 10.0, self._count_calls),
            Job("close calls", 60.0, self._close_calls, lease_seconds=120.0),
        )

    # The jobs. ------------------------------------------------------------------------------------------------------

    def _report(self, _go_on: GoOn) -> None:
        now = self._services.clock()
        lag = lag_of(self._journal, now)
        version = self._services.live.version
        report(self._engine, HostReport(self._host, now, self._drained_at, lag.bytes, lag.seconds, version))

    def _count_calls(self, _go_on: GoOn) -> None:
        zone = self._zone()
        today = begin_of(self._services.clock().astimezone(zone).date(), zone)
        found = figures(self._engine, today)
        full = self._texts_full_until()
        self._change(
            lambda state: replace(state, live_calls=found.live_calls, today=found.dispositions, texts_full_until=full)
        )

    def _texts_full_until(self) -> str:
        """Until when callers hear where the guide is, and no text is offered; "" when there is room for one."""
        texts = self._services.live.routing().texts
        if texts is None:
            return ""
        with reading(self._engine) as connection:
            until = full_until(connection, TextKind.GUIDE, texts.an_hour, self._services.clock())
        return until.isoformat() if until else ""

    def _close_calls(self, _go_on: GoOn) -> None:
        """Just after the clock was set nobody can say how long a call has been silent."""
        if self._steady.for_seconds(SILENT_CALL.total_seconds()):
            now, zone, ahead = self._services.clock(), self._zone(), self._steady.set_at is not None
            close_silent(self._engine, now, SILENT_CALL, zone=zone, follow=self._follow, ahead=ahead)

    def _deliver(self, intake: Intake, entries: Sequence[Entry]) -> Mapping[str, str]:
        """Into the call log; then what staff did by phone takes effect everywhere, before the entries count as done."""
        make_room(self._engine)
        refused = intake.deliver(entries)
        kept = [entry for entry in entries if entry.key not in refused]
        take_over(self._engine, self._mending.without_old_wishes(kept), self._services.clock())
        return refused

    def _set_aside(self, intake: Intake, poison: Sequence[Poison]) -> None:
        intake.note(poison)
        self._change(lambda state: replace(state, set_aside=state.set_aside + len(poison)))

    def _count_drained(self, lines: int) -> None:
        self._drained_at = self._services.clock()
        self._change(lambda state: replace(state, drained=state.drained + lines))

    def _zone(self) -> ZoneInfo:
        return clinic_zone(self._services.live.routing())

    # The loop. ------------------------------------------------------------------------------------------------------

    def _bring_up(self, _go_on: GoOn) -> None:
        self._mending.set_aside_if_damaged()
        migrate(self._engine)
        self._mending.restore_what_the_disk_has()

    def _look_for_damage(self, _go_on: GoOn) -> None:
        if self._mending.is_needed():
            self._begins_anew = True

    def _prepare(self, ready: threading.Event, stop: threading.Event) -> None:
        """Bring the tables up; nothing else begins before."""
        job = Job("migrate", 0.0, self._bring_up, most_wait_seconds=10.0)
        failures = 0
        while not stop.is_set() and not self._succeeds(job, stop):
            failures += 1
            stop.wait(_patience(job, failures))
        ready.set()

    def _repeat(self, job: Job, ready: threading.Event, stop: threading.Event) -> None:
        ready.wait()
        failures = 0
        while not stop.is_set():
            if self._succeeds(job, stop):
                failures = 0
                pause = job.every_seconds if job.lease_seconds is None else min(job.every_seconds, LOOK_SECONDS)
            else:
                failures += 1
                pause = _patience(job, failures)
            stop.wait(pause)

    def _succeeds(self, job: Job, stop: threading.Event) -> bool:
        """Do a job once if it is ours to do. Its fault is logged once, and again only when it becomes another."""
        try:
            if job.lease_seconds is None:
                job.run(lambda: not stop.is_set())
                self._went_well(job)
            else:
                self._run_leased(job, job.lease_seconds, stop)
        except Exception as error:
            self._went_wrong(job, error)
            return False
        return True

    def _run_leased(self, job: Job, seconds: float, stop: threading.Event) -> None:
        if not claim(self._engine, job.name, self._holder, seconds=seconds, every=job.every_seconds):
            return
        lease = HeldLease(self._engine, job.name, self._holder, seconds, stop)
        try:
            job.run(lease.go_on)
        except Exception as error:
            finish(self._engine, job.name, self._holder, fault=name_of(error))
            raise
        if stop.is_set():
            release(self._engine, job.name, self._holder)
        else:
            finish(self._engine, job.name, self._holder)
        self._went_well(job)

    # What is told of it. --------------------------------------------------------------------------------------------

    def _went_well(self, job: Job) -> None:
        before = self._state.jobs.get(job.name, JobState())
        if before.fault:
            log.info("%s works again", job.name)
        self._note(job, replace(before, done_at=self._services.clock().isoformat(), fault=""))

    def _went_wrong(self, job: Job, error: Exception) -> None:
        fault = name_of(error)
        before = self._state.jobs.get(job.name, JobState())
        if fault != before.fault:
            log.error("%s failed: %s", job.name, fault, exc_info=error)
        self._note(job, replace(before, failed_at=self._services.clock().isoformat(), fault=fault))
        if isinstance(error, SQLAlchemyError):
            self._change(lambda state: replace(state, faults=state.faults + 1))

    def _note(self, job: Job, how: JobState) -> None:
        self._change(lambda state: replace(state, jobs={**state.jobs, job.name: how}))

    def _change(self, changed: Callable[[WorkerState], WorkerState]) -> None:
        with self._lock:
            self._state = changed(self._state)

    def _tell(self) -> None:
        """Write the worker's file. A disk that refuses is logged once; the web processes see a silent worker."""
        now = self._services.clock()
        try:
            lag = lag_of(self._journal, now)
            self._change(self._steady.noted_in)
            self._change(
                lambda state: replace(
                    state, seen_at=now.isoformat(), behind_bytes=lag.bytes, behind_seconds=lag.seconds
                )
            )
            write_worker_file(self._services.settings.data, self._state)
            self._written = True
        except OSError as error:
            if self._written:
                log.error("the worker's file cannot be written: %s", name_of(error))
            self._written = False


class _Draining:
    """Drains until nothing new is there; from time to time it clears away what is finished."""

    def __init__(self, drainer: Drainer, clock: Callable[[], datetime], count: Callable[[int], None]) -> None:
        self._drainer = drainer
        self._clock = clock
        self._count = count
        self._swept = -math.inf

    def run(self, go_on: GoOn) -> None:
        while go_on() and (lines := self._drainer.drain()):
            self._count(lines)
        if time.monotonic() - self._swept > SWEEP_SECONDS:
            self._swept = time.monotonic()
            self._drainer.sweep(self._clock())


def _patience(job: Job, failures: int) -> float:
    """Seconds until the next try: doubling, at most the job's own limit, and never the same for all hosts."""
    longest: float = min(job.most_wait_seconds, max(job.every_seconds, 0.25) * 2 ** min(failures, 20))
    return longest * SystemRandom().uniform(0.5, 1.0)


def _wait_for(threads: Sequence[threading.Thread]) -> None:
    """Let every thread finish what is at hand; one that waits for a frozen database is left behind."""
    give_up = time.monotonic() + GRACE_SECONDS
    for thread in threads:
        thread.join(max(give_up - time.monotonic(), 0.0))
