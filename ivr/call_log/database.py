"""Opens the database, SQLite or PostgreSQL, with the waits and promises the call log needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

LOCK_SECONDS = 5
STATEMENT_SECONDS = 60
WRITES = "ivr_writes"


class DatabaseFault(Exception):
    """The address cannot be used; the text says why and never repeats a password."""


def open_database(address: str, *, lock_seconds: float = LOCK_SECONDS, wait_for_folder: bool = False) -> Engine:
    """An engine for an SQLAlchemy address such as sqlite:///var/ivr.db or postgresql://user@host/name.

    Nothing is connected yet. `lock_seconds` is how long a statement waits for a lock of somebody else. Raises
    DatabaseFault for an address of another kind, and for an SQLite file whose folder cannot be made. With
    `wait_for_folder` the folder's absence fails the connections instead, until it can be made.
    """
    try:
        url = make_url(address)
        match url.get_backend_name():
            case "sqlite":
                if not wait_for_folder:
                    _make_folder(url)
                return _sqlite(url, lock_seconds)
            case "postgresql":
                return _postgresql(url, lock_seconds)
            case other:
                raise DatabaseFault(f"DATABASE_URL names {other}: the call log knows sqlite and postgresql")
    except (ArgumentError, ValueError):  # the parser, its port, the driver: their words repeat the address
        raise DatabaseFault("DATABASE_URL cannot be read: write sqlite:///path or postgresql://...") from None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: committed at the end, undone on any exception."""
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that reads, and sees one state of things."""
    with engine.connect() as connection, connection.begin():
        yield connection


def wait_for_others(connection: Connection, lock: int) -> None:
    """Do what this lock guards one transaction after the other: what comes first is seen by what comes next.

    `lock` is any number of our own among PostgreSQL's advisory locks. SQLite lets one transaction write at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(lock)))


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables up (or, to an earlier revision, down). Safe to repeat, and for several processes at once.

    Not for several threads of one process: alembic keeps what it works on in a module.
    """
    with writing(engine) as connection:
        _migrate(connection, revision)


def _migrate(connection: Connection, revision: str) -> None:
    # Eleven megabytes that only the process that brings the tables up has a use for.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    down = revision == "base" or revision.startswith("-")
    (command.downgrade if down else command.upgrade)(config, revision)


def _make_folder(url: URL) -> None:
    """The folder of an SQLite file. Raises DatabaseFault."""
    if not url.database or url.database == ":memory:":
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise DatabaseFault(f"DATABASE_URL: the folder {folder} cannot be made ({fault.strerror}).") from None


def _sqlite(url: URL, lock_seconds: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": lock_seconds})

    @event.listens_for(engine, "do_connect")
    def make_folder(*_what: object) -> None:
        """Again before each connection: a disk that comes late is used at once. While it is away SQLite says so."""
        with suppress(DatabaseFault):
            _make_folder(url)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        """Write-ahead log, every commit on the disk; transactions are begun by us, not by the driver's guess."""
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "journal_size_limit=16777216"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """A writer takes its lock at once: one that starts by reading could be refused when it comes to write."""
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL, lock_seconds: float) -> Engine:
    waits: dict[str, Any] = {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "ivr",
        "options": f"-c lock_timeout={int(lock_seconds * 1000)} -c statement_timeout={STATEMENT_SECONDS * 1000}"
        " -c timezone=UTC",
    }
    return create_engine(url.set(drivername="postgresql+psycopg"), connect_args=waits, pool_pre_ping=True)
