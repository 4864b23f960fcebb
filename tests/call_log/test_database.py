"""The database: migrated as the tables say, up and down, on both engines, and opened with what the log needs."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError

from ivr.call_log.database import DatabaseFault, migrate, open_database, reading, writing
from ivr.call_log.tables import Table
from tests.conftest import ROOT


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    address = server.empty() if server else f"sqlite:///{tmp_path / 'empty.db'}"
    engine = open_database(address)
    yield engine
    engine.dispose()
    if server:
        server.run(f"DROP DATABASE {engine.url.database} WITH (FORCE)")


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Engine) -> None:
    with reading(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_sqlite_keeps_in_order_of_their_keys_the_tables_that_the_code_says(
    new_database: Callable[[str], Engine],
) -> None:
    made = text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")
    with reading(new_database("sqlite")) as connection:
        found = set(connection.scalars(made))
    tables = Table.metadata.sorted_tables
    assert found == {table.name for table in tables if table.dialect_options["sqlite"]["with_rowid"] is False}
    assert {"event", "call_count", "menu_count"} <= found


def test_a_step_down_and_up_again_keeps_calls_and_sums(database: Engine) -> None:
    with writing(database) as connection:
        connection.execute(text("INSERT INTO call_count VALUES (0, 'main', 'gilbert', 'en-US', 'answered', 7, 70)"))
    migrate(database, "-1")
    migrate(database)
    with reading(database) as connection:
        assert connection.execute(text("SELECT calls, talk_seconds FROM call_count")).all() == [(7, 70)]


def test_going_down_leaves_no_table_and_up_again_all_of_them(database: Engine) -> None:
    migrate(database, "base")
    assert set(inspect(database).get_table_names()) == {"alembic_version"}
    migrate(database)
    assert set(inspect(database).get_table_names()) == {*Table.metadata.tables, "alembic_version"}


def test_migrating_twice_changes_nothing(database: Engine) -> None:
    with writing(database) as connection:
        connection.execute(text("INSERT INTO lease VALUES ('drain', 'one', 0, NULL, NULL, '')"))
    migrate(database)
    with reading(database) as connection:
        assert connection.scalar(text("SELECT count(*) FROM lease")) == 1


def test_two_processes_may_migrate_at_once(empty: Engine) -> None:
    program = "import sys; from ivr.call_log.database import *; migrate(open_database(sys.argv[1], lock_seconds=60))"
    command = [sys.executable, "-c", program, empty.url.render_as_string(hide_password=False)]
    both = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert "call" in inspect(empty).get_table_names()


def test_a_migration_may_take_longer_than_a_statement_of_a_page(new_database: Callable[[str], Engine]) -> None:
    engine = new_database("postgresql")
    hasty = open_database(engine.url.render_as_string(hide_password=False))

    @event.listens_for(hasty, "connect")
    def hurry(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.execute("SET statement_timeout = 100")
        connection.commit()

    with ThreadPoolExecutor(1) as pool, engine.connect() as other:
        other.execute(text("LOCK TABLE alembic_version"))
        migrating = pool.submit(migrate, hasty)
        with pytest.raises(TimeoutError):
            migrating.result(timeout=1)
        other.rollback()
        migrating.result(timeout=30)
    hasty.dispose()


def test_a_failed_write_leaves_nothing_behind(database: Engine) -> None:
    with pytest.raises(IntegrityError):
        _write_one_lease_twice(database)
    with reading(database) as connection:
        assert connection.scalar(text("SELECT count(*) FROM lease")) == 0


def _write_one_lease_twice(engine: Engine) -> None:
    with writing(engine) as connection:
        for holder in ("one", "two"):
            lease = text("INSERT INTO lease VALUES ('drain', :holder, 0, NULL, NULL, '')")
            connection.execute(lease, {"holder": holder})


def test_sqlite_keeps_a_write_ahead_log_and_syncs_every_commit(new_database: Callable[[str], Engine]) -> None:
    with reading(new_database("sqlite")) as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        foreign_keys = connection.scalar(text("PRAGMA foreign_keys"))
    assert found == {"journal_mode": "wal", "synchronous": 2}
    assert foreign_keys == 1


def test_a_writer_waits_no_longer_than_told_for_somebody_elses_lock(new_database: Callable[[str], Engine]) -> None:
    engine = new_database("sqlite")
    impatient = open_database(str(engine.url), lock_seconds=0.01)
    with writing(engine), pytest.raises(OperationalError, match="locked"), writing(impatient):
        pass
    impatient.dispose()


def test_postgresql_gives_up_on_locks_and_endless_statements(new_database: Callable[[str], Engine]) -> None:
    with reading(new_database("postgresql")) as connection:
        found = [connection.scalar(text(f"SHOW {name}")) for name in ("lock_timeout", "statement_timeout", "TimeZone")]
    assert found == ["5s", "1min", "UTC"]


@pytest.mark.parametrize(
    ("address", "finding"),
    [
        ("nonsense with a secret", "cannot be read"),
        ("mysql://user:secret@host/name", "mysql"),
        ("postgresql://user:secret@host:port/name", "cannot be read"),
        ("sqlite://user:secret@host/name", "cannot be read"),
        ("sqlite+secret:///name", "cannot be read"),
    ],
)
def test_an_address_of_another_kind_is_refused_without_repeating_it(address: str, finding: str) -> None:
    with pytest.raises(DatabaseFault, match=finding) as caught:
        open_database(address)
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(DatabaseFault, match=r"the folder .*/blocked cannot be made \(File exists\)\."):
        open_database(f"sqlite:///{tmp_path}/blocked/log.db")


def test_an_sqlite_file_is_made_in_a_folder_that_was_missing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'deep' / 'er' / 'log.db'}")
    migrate(engine)
    engine.dispose()
    with sqlite3.connect(tmp_path / "deep" / "er" / "log.db") as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchall() == [(1,)]
    connection.close()
