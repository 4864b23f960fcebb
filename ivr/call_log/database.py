"""Opens the database, SQLite or PostgreSQL, with the waits and promises the call log needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from .sqlite_file import WRITES, make_folder, sqlite_engine

LOCK_SECONDS = 5
STATEMENT_SECONDS = 60


class DatabaseFault(Exception):
    """The address cannot be used; the text says why and never repeats a password."""


def open_database(
    address: str,
    *,
    lock_seconds: float = LOCK_SECONDS,
    read_seconds: float | None = None,
    wait_for_folder: bool = False,
) -> Engine:
    """An engine for an SQLAlchemy address such as sqlite:///var/ivr.db or postgresql://user@host/name.

    Nothing is connected yet. `lock_seconds` is how long a statement waits for a lock of somebody else, `read_seconds`
    how long what only reads may take (PostgreSQL: any statement; a minute if left out). Raises DatabaseFault for an
    address of another kind, and for an SQLite file whose folder cannot be made. With `wait_for_folder` the folder's
    absence fails the connections instead, until it can be made.
    """
    try:
        url = make_url(address)
        match url.get_backend_name():
            case "sqlite":
                if not wait_for_folder:
                    _make_folder(url)
                return sqlite_engine(url, lock_seconds, read_seconds)
            case "postgresql":
                return _postgresql(url, lock_seconds, read_seconds or STATEMENT_SECONDS)
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
    """Raises DatabaseFault."""
    try:
        make_folder(url)
    except OSError as fault:
        folder = Path(url.database or "").parent
        raise DatabaseFault(f"DATABASE_URL: the folder {folder} cannot be made ({fault.strerror}).") from None


def _postgresql(url: URL, lock_seconds: float, statement_seconds: float) -> Engine:
    waits: dict[str, Any] = {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "ivr",
        "options": f"-c lock_timeout={int(lock_seconds * 1000)} -c statement_timeout={int(statement_seconds * 1000)}"
        " -c timezone=UTC",
    }
    return create_engine(url.set(drivername="postgresql+psycopg"), connect_args=waits, pool_pre_ping=True)
