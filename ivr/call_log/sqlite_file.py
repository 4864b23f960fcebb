"""The call log in an SQLite file: its waits and promises, and what keeps one file from being taken for another.

A connection is given up when another file stands where its own stood: what it wrote would be seen by nobody. A read may
be given so many seconds and is then broken off: while anybody reads, the write-ahead log cannot begin anew. Whoever is
told that the file is damaged leaves a mark.
"""

from __future__ import annotations

import math
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DisconnectionError

from .damage import door, file_of, is_damage, mark

WRITES = "ivr_writes"
LEFT_OF_LOG_BYTES = 16 * 1024 * 1024
MOST_LOG_BYTES = 48 * 1024 * 1024
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"journal_size_limit={LEFT_OF_LOG_BYTES}")
STEPS = 10_000  # of SQLite's machine, between two looks at the clock


class LogHeld(Exception):
    """The write-ahead log is large and cannot begin anew, because somebody has been reading for long."""


def make_folder(url: URL) -> None:
    """The folder of an SQLite file. Raises OSError."""
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def sqlite_engine(url: URL, lock_seconds: float, read_seconds: float | None) -> Engine:
    """Nothing is connected yet; `read_seconds` is for each transaction that reads."""
    engine = create_engine(url, connect_args={"timeout": lock_seconds})
    file = file_of(engine)

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, words: Any, options: Any) -> sqlite3.Connection:
        """The folder first, again each time: a disk that comes late is used at once."""
        with suppress(OSError):
            make_folder(url)
        if file is None:
            return _prepared(dialect.connect(*words, **options))
        with door(file):
            made = _prepared(dialect.connect(*words, **options))
            record.info["file"] = _identity(file)
        return made

    @event.listens_for(engine, "checkout")
    def same_file(_connection: Any, record: Any, _proxy: Any) -> None:
        if file is not None and record.info.get("file") != _identity(file):
            raise DisconnectionError("another file stands in the database's place")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """A writer takes its lock at once: one that starts by reading could be refused when it comes to write."""
        writes = connection.get_execution_options().get(WRITES)
        if read_seconds is not None:
            _limit(connection, math.inf if writes else read_seconds)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "handle_error")
    def note_damage(context: ExceptionContext) -> None:
        if file is not None and is_damage(context.original_exception):
            mark(file)

    return engine


def make_room(engine: Engine, most_bytes: int = MOST_LOG_BYTES) -> None:
    """Let the write-ahead log begin anew once it is large, before more is written. Raises LogHeld, SQLAlchemyError.

    As a rule SQLite does so by itself; it cannot while somebody reads.
    """
    file = file_of(engine)
    if file is None or log_bytes(file) <= most_bytes:
        return
    with engine.connect() as connection:
        _busy, pages, taken_over = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
    if taken_over < pages:
        raise LogHeld(f"{file.name} is being read since {log_bytes(file) / 1e6:.0f} MB were written")


def log_bytes(file: Path) -> int:
    """The size of the write-ahead log beside an SQLite file."""
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size
    except OSError:
        return 0


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Write-ahead log, every commit on the disk; transactions are begun by us, not by the driver's guess."""
    connection.isolation_level = None
    try:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _limit(connection: Connection, seconds: float) -> None:
    """Break off what runs after so many seconds."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if seconds == math.inf:
        driver.set_progress_handler(None, 0)
        return
    give_up = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > give_up, STEPS)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
