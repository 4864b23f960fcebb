"""What counts as a damaged database file, and what does not; and how such a file is set aside."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError, OperationalError

from ivr.call_log.damage import damage_in, file_of, is_marked, set_aside
from ivr.call_log.database import migrate, open_database, reading, writing
from ivr.call_log.sqlite_file import LogHeld, log_bytes, make_room
from tests.call_log.made_calls import fill

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
LONG = 60.0
NOISE_BYTES = 4096


def noise(path: Path, offset: int) -> None:
    """As dd writes it over a file that nobody has open."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(random.Random(23).randbytes(NOISE_BYTES))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A call log with some calls, closed."""
    path = tmp_path_factory.mktemp("sound") / "log.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    fill(engine)
    engine.dispose()
    return path


@pytest.fixture
def file(tmp_path: Path, sound: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path))


def test_a_sound_file_has_no_damage(file: Path) -> None:
    assert damage_in(file, LONG) == ""


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.9])
def test_noise_anywhere_is_damage(file: Path, where: float) -> None:
    noise(file, int(file.stat().st_size * where) // NOISE_BYTES * NOISE_BYTES)
    assert damage_in(file, LONG) != ""


def test_rows_that_break_a_rule_of_their_table_are_no_damage(file: Path) -> None:
    """A release whose migration forgot some rows must not cost a clinic its file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE ruled (a, b CHECK (b > 0))")
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("INSERT INTO ruled VALUES (NULL, -1)")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, '(a,', '(a NOT NULL,') WHERE name = 'ruled'")
    with closing(sqlite3.connect(file)) as connection:
        assert {row[0] for row in connection.execute("PRAGMA quick_check")} == {
            "NULL value in ruled.a",
            "CHECK constraint failed in ruled",
        }
    assert damage_in(file, LONG) == ""


def test_what_is_no_database_is_damage(file: Path) -> None:
    file.write_text("Dear sir or madam, " * 1000)
    assert "not a database" in damage_in(file, LONG)


def test_a_locked_file_is_not_damaged(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert damage_in(file, LONG) == ""


def test_what_is_away_empty_or_not_a_file_is_not_damaged(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "folder.db").mkdir()
    for name in ("empty.db", "folder.db", "nothing.db"):
        assert damage_in(tmp_path / name, LONG) == ""
    assert not (tmp_path / "nothing.db").exists()


def test_a_file_that_may_not_be_read_is_not_damaged(file: Path) -> None:
    file.chmod(0)
    pid = os.fork()
    if pid == 0:  # root may read everything
        if os.geteuid() == 0:
            os.seteuid(65534)
        os._exit(int(damage_in(file, LONG) != ""))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_look_that_runs_out_of_time_has_seen_no_damage(file: Path) -> None:
    noise(file, file.stat().st_size // 2 // NOISE_BYTES * NOISE_BYTES)
    assert damage_in(file, -1.0) == ""


@pytest.mark.parametrize("pages", [0, 40])
def test_whoever_meets_damage_leaves_a_mark(file: Path, pages: int) -> None:
    for offset in range(pages * NOISE_BYTES, file.stat().st_size, NOISE_BYTES):
        noise(file, offset)
    engine = open_database(f"sqlite:///{file}")
    with pytest.raises(DatabaseError):
        read_everything(engine)
    assert is_marked(file)
    engine.dispose()


def read_everything(engine: Engine) -> None:
    with reading(engine) as connection:
        for table in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all():
            connection.execute(text(f'SELECT * FROM "{table}"')).all()


def test_a_lock_leaves_no_mark(file: Path) -> None:
    engine = open_database(f"sqlite:///{file}", lock_seconds=0.01)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError), writing(engine):
            pass
    assert not is_marked(file)
    engine.dispose()


def test_a_file_set_aside_keeps_every_byte_and_open_connections_move_to_the_new_one(file: Path) -> None:
    engine = open_database(f"sqlite:///{file}")
    assert file_of(engine) == file
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE old (x)"))
    content = {suffix: Path(f"{file}{suffix}").read_bytes() for suffix in ("", "-wal")}

    kept = set_aside(file, NOW)

    assert kept.name == "log.db.damaged-20261124T170000Z"
    assert {suffix: Path(f"{kept}{suffix}").read_bytes() for suffix in content} == content
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE fresh (x)"))
    with reading(engine) as connection:
        tables = connection.scalars(text("SELECT name FROM sqlite_master")).all()
    assert tables == ["fresh"]
    engine.dispose()


def test_a_console_read_without_end_is_broken_off_and_a_write_is_not(file: Path) -> None:
    endless = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT :most) SELECT max(x) FROM n")
    engine = open_database(f"sqlite:///{file}", read_seconds=0.1)
    with pytest.raises(OperationalError, match="interrupted"), reading(engine) as connection:
        connection.execute(endless, {"most": 10**12})
    with writing(engine) as connection:
        assert connection.scalar(endless, {"most": 2_000_000}) == 2_000_000
    with reading(engine) as connection:
        assert connection.scalar(endless, {"most": 10}) == 10
    engine.dispose()


def test_while_somebody_reads_without_end_the_log_grows_to_its_bound_and_begins_anew_afterwards(file: Path) -> None:
    most = 2_000_000
    engine = open_database(f"sqlite:///{file}")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE bulk (x)"))

    def write(times: int = 1) -> None:
        for _ in range(times):
            make_room(engine, most)
            with writing(engine) as connection:
                connection.execute(text("INSERT INTO bulk VALUES (randomblob(100000))"))

    with closing(sqlite3.connect(file, isolation_level=None)) as endless:
        endless.execute("BEGIN")
        endless.execute("SELECT count(*) FROM call").fetchone()
        with pytest.raises(LogHeld):
            write(100)
        assert most < log_bytes(file) < most * 1.2
        with pytest.raises(LogHeld):
            write()
    write(30)
    assert log_bytes(file) < most * 3  # begun anew: 100 kB a time would have made it longer than before
    engine.dispose()
