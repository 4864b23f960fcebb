"""The worker: what callers did is in the call log soon after; jobs fail alone; several hosts do a job once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from ivr.app import build_services
from ivr.call_log.database import open_database, reading, writing
from ivr.call_log.hosts import overview
from ivr.call_log.leases import GoOn, finish
from ivr.call_log.tables import CallRow, EventRow, SetAside
from ivr.journal.drainer import DrainerBusy
from ivr.telemetry.worker_file import JobState, WorkerState, read_worker_file
from ivr.worker.loop import Job, Worker
from tests.conftest import Clinic, settings_for

from .conftest import Work, running, wait_until


def events_in(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.scalars(select(EventRow.key)))


def dispositions_in(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(CallRow.disposition)))


def a_call(clinic: Clinic) -> str:
    telephone = clinic.telephone()
    telephone.dial()
    telephone.press("2")
    telephone.hang_up()
    return telephone.sid


def state_of(clinic: Clinic) -> WorkerState:
    """The worker's word; as long as there is none, that of a worker that has done nothing."""
    return read_worker_file(clinic.settings.data) or WorkerState(seen_at="", started_at="", pid=0)


def test_what_callers_do_is_in_the_call_log_while_they_call(clinic: Clinic, working: Work, log: Engine) -> None:
    with working():
        for _ in range(3):
            a_call(clinic)
            wait_until(lambda: events_in(log) == {entry.key for entry in clinic.entries()}, "the call in the log")
    assert len(dispositions_in(log)) == 3
    assert "" not in dispositions_in(log)


def test_what_happened_without_a_worker_is_drained_when_one_comes(clinic: Clinic, working: Work, log: Engine) -> None:
    a_call(clinic)
    with working():
        wait_until(lambda: len(dispositions_in(log)) == 1, "the call in the log")
    expected = {entry.key for entry in clinic.entries()}
    a_call(clinic)
    assert events_in(log) == expected


def test_it_brings_the_tables_up_by_itself(clinic: Clinic, working: Work, tmp_path: Path) -> None:
    a_call(clinic)
    engine = open_database(f"sqlite:///{tmp_path}/new.db")
    with working(engine=engine):
        wait_until(lambda: state_of(clinic).drained, "the first line drained")
    assert len(dispositions_in(engine)) == 1
    engine.dispose()


def test_its_file_tells_how_it_stands(clinic: Clinic, working: Work) -> None:
    a_call(clinic)
    with working():
        wait_until(lambda: state_of(clinic).drained == len(clinic.entries()), "all drained")
        jobs = {"drain", "heartbeat", "figures", "close calls"}
        wait_until(lambda: jobs <= set(state_of(clinic).jobs), "every job's first turn")
    with working():  # its figures are taken at the start, and only every ten seconds after
        wait_until(lambda: sum(state_of(clinic).today.values()) == 1, "the figures")
    state = state_of(clinic)
    assert (state.behind_bytes, state.live_calls, state.faults) == (0, 0, 0)
    assert not state.is_silent(clinic.clock())


def test_a_failing_job_keeps_nothing_else_from_running(
    clinic: Clinic, working: Work, log: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def fail(_go_on: GoOn) -> None:
        tries.append(1)
        raise RuntimeError("+14805550147 said something")

    with working(Job("hopeless", 0.0, fail)):
        wait_until(lambda: len(tries) >= 3, "three tries")
        a_call(clinic)
        wait_until(lambda: len(dispositions_in(log)) == 1, "the call in the log")
    assert state_of(clinic).jobs["hopeless"].fault == "RuntimeError"
    assert [record.getMessage() for record in caplog.records if "hopeless" in record.getMessage()] == [
        "hopeless failed: RuntimeError"
    ]


def test_a_job_that_waits_keeps_nothing_else_from_running(clinic: Clinic, working: Work, log: Engine) -> None:
    free = threading.Event()

    def wait(_go_on: GoOn) -> None:
        free.wait()

    with working(Job("slow", 0.0, wait)):
        a_call(clinic)
        wait_until(lambda: len(dispositions_in(log)) == 1, "the call in the log")
        assert not free.is_set()
        free.set()


def test_a_job_that_recovers_says_so(clinic: Clinic, working: Work, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    faults = [OSError(28, "No space left on device"), None]

    def fail_once(_go_on: GoOn) -> None:
        fault = faults.pop(0) if faults else None
        if fault:
            raise fault

    with working(Job("shaky", 0.0, fail_once)):
        wait_until(lambda: "shaky works again" in caplog.text, "the recovery")
    assert "shaky failed: OSError (No space left on device)" in caplog.text


def test_a_locked_database_is_waited_for(clinic: Clinic, working: Work, log: Engine) -> None:
    impatient = open_database(str(log.url), lock_seconds=0.05)
    with working(engine=impatient):
        wait_until(lambda: read_worker_file(clinic.settings.data), "the worker")
        with writing(log) as other:
            other.execute(text("select 1"))
            sid = a_call(clinic)
            wait_until(lambda: state_of(clinic).jobs.get("drain", JobState()).fault, "a fault of the drain")
        wait_until(lambda: not state_of(clinic).jobs["drain"].fault, "its recovery")
    assert state_of(clinic).faults
    assert {entry.key for entry in clinic.entries(sid)} == events_in(log)
    impatient.dispose()


def test_broken_lines_are_noted_and_the_rest_goes_on(clinic: Clinic, working: Work, log: Engine) -> None:
    a_call(clinic)
    broken = clinic.settings.data / "journal" / "20000101T000000.000000Z-4194304-0123abcd.jsonl"
    broken.write_bytes(b"no line of ours\n" + b'{"key":"x"}\n')
    with working():
        wait_until(lambda: len(dispositions_in(log)) == 1, "the call in the log")
        wait_until(lambda: state_of(clinic).set_aside == 2, "two lines set aside")
    with reading(log) as connection:
        found = connection.execute(select(SetAside.host, SetAside.file, SetAside.offset)).all()
    assert [tuple(row) for row in found] == [("one", broken.name, 0), ("one", broken.name, 16)]


def test_a_host_has_one_worker(clinic: Clinic, working: Work, tmp_path: Path, config: Path, log: Engine) -> None:
    with working():
        wait_until(lambda: read_worker_file(clinic.settings.data), "the worker")
        services = build_services(settings_for(tmp_path, config), clinic.clock)
        with pytest.raises(DrainerBusy, match="one is enough"):
            Worker(services, log).run(threading.Event())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_hosts_share_one_log_and_do_a_job_once(
    tmp_path: Path, config: Path, clinic: Clinic, new_database: Callable[[str], Engine], kind: str
) -> None:
    engine = new_database(kind)
    done: list[str] = []
    workers = []
    for host in ("one", "two"):
        settings = replace(settings_for(tmp_path / host, config), host_name=host)
        services = build_services(settings, clinic.clock)
        services.live.boot()
        job = Job("nightly", 3600.0, lambda _go_on: done.append("done"), lease_seconds=60.0)
        workers.append(Worker(services, engine, [job]))
    with running(*workers):
        wait_until(lambda: len(overview(engine).hosts) == 2, "both hosts")
        wait_until(lambda: done, "the job")
        wait_until(lambda: {lease.job for lease in overview(engine).leases} >= {"nightly", "close calls"}, "leases")
    assert len(done) == 1
    assert [host.name for host in overview(engine).hosts] == ["one", "two"]


def test_a_long_job_keeps_its_lease_and_ends_when_the_worker_does(clinic: Clinic, working: Work, log: Engine) -> None:
    asked = []

    def long(go_on: GoOn) -> None:
        while go_on():
            asked.append(1)

    with working(Job("long", 0.0, long, lease_seconds=0.05)):
        wait_until(lambda: len(asked) > 20, "some steps")
    (lease,) = [lease for lease in overview(log).leases if lease.job == "long"]
    assert lease.done_at is None
    assert not lease.fault


def test_a_job_whose_lease_another_host_got_is_told_so_for_good(clinic: Clinic, working: Work, log: Engine) -> None:
    answers: list[bool] = []

    def long(go_on: GoOn) -> None:
        if answers:
            return  # a run after the one we look at
        while go_on():
            with writing(log) as connection:  # as if this host had slept until its lease had expired
                connection.execute(text("update lease set holder = 'two:1' where job = 'long'"))
        assert finish(log, "long", "two:1")
        time.sleep(0.05)
        answers.extend(go_on() for _ in range(3))

    with working(Job("long", 3600.0, long, lease_seconds=0.05)):
        wait_until(lambda: answers, "the answers")
    assert answers == [False] * 3


def test_calls_that_never_end_are_closed_once_for_all_hosts(clinic: Clinic, working: Work, log: Engine) -> None:
    telephone = clinic.telephone()
    telephone.dial()
    with working():
        wait_until(lambda: dispositions_in(log) == [""], "the call in the log")
    with writing(log) as connection:
        connection.execute(text("delete from lease"))
    clinic.clock.set("2026-11-24 10:16")
    with working():
        wait_until(lambda: "" not in dispositions_in(log), "the call closed")
    with reading(log) as connection:
        assert connection.scalar(select(func.count()).where(CallRow.closed_by == "worker")) == 1


def test_a_migration_that_takes_long_is_not_cut(
    clinic: Clinic, new_database: Callable[[str], Engine], caplog: pytest.LogCaptureFixture
) -> None:
    migrated = new_database("postgresql")
    engine = open_database(migrated.url.render_as_string(hide_password=False))
    a_call(clinic)
    services = build_services(clinic.settings, clinic.clock)
    services.live.boot()
    with migrated.connect() as other:
        other.execute(text("LOCK TABLE alembic_version"))
        with running(Worker(services, engine, deadline=0.5)):
            time.sleep(3)
            other.rollback()
            wait_until(lambda: dispositions_in(migrated), "the call in the log")
    assert "migrate" not in caplog.text
    engine.dispose()
