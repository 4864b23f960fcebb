"""A worker beside the clinic of a test, in the same process, on a call log of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.app import build_services
from ivr.worker.loop import Job, Worker
from tests.call_log.conftest import new_database, postgres, sqlite_template
from tests.carrier.calls_double import Calls
from tests.carrier.conftest import calls
from tests.conftest import Clinic, settings_for

from .house import House

__all__ = ["calls", "new_database", "postgres", "sqlite_template"]

PATIENCE_SECONDS = 120.0  # a test gives up only when something hangs


def wait_until(true: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up, f"never: {what}"
        time.sleep(0.02)


@pytest.fixture
def log(new_database: Callable[[str], Engine]) -> Engine:
    """A migrated, empty call log on SQLite."""
    return new_database("sqlite")


@pytest.fixture
def house(clinic: Clinic, log: Engine, calls: Calls) -> House:
    return House(clinic, log, calls)


Work = Callable[..., contextlib.AbstractContextManager[Worker]]


@pytest.fixture
def working(tmp_path: Path, config: Path, clinic: Clinic, log: Engine) -> Work:
    """Runs the worker of the clinic's host while a block runs."""

    @contextlib.contextmanager
    def begun(*more: Job, engine: Engine = log, host: str = "one") -> Iterator[Worker]:
        services = build_services(replace(settings_for(tmp_path, config), host_name=host), clinic.clock)
        services.live.boot()
        with running(Worker(services, engine, more)) as worker:
            yield worker

    return begun


@contextlib.contextmanager
def running(*workers: Worker) -> Iterator[Worker]:
    """Workers in threads; a fault of theirs is the test's."""
    stop = threading.Event()
    faults: list[BaseException] = []

    def work(worker: Worker) -> None:
        try:
            worker.run(stop)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    _each(threads, lambda thread: thread.start())
    try:
        yield workers[0]
    finally:
        stop.set()
        _each(threads, lambda thread: thread.join())
    assert not faults


def _each(threads: Sequence[threading.Thread], act: Callable[[threading.Thread], None]) -> None:
    for thread in threads:
        act(thread)
