"""A backup is whole, private and made while others write; one that fails leaves what was there."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from ivr.call_log.backup import BackupFault, backup
from ivr.call_log.database import writing
from ivr.call_log.tables import EventRow
from tests.call_log.made_calls import NOW, PLAN, fill


@pytest.fixture
def sqlite(new_database: Callable[[str], Engine]) -> Engine:
    engine = new_database("sqlite")
    fill(engine)
    return engine


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as copy:
        found: int = copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def test_a_backup_holds_every_call_in_one_file_for_its_owner_only(sqlite: Engine, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "log.db"
    target.parent.mkdir()
    size = backup(sqlite, target)
    assert size == target.stat().st_size
    assert count(target, "call") == PLAN.calls
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["log.db"]


def test_a_backup_is_of_one_moment_while_others_write(sqlite: Engine, tmp_path: Path) -> None:
    """Rows are written two at a time: an odd number in the copy would be half of a transaction."""
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            two = [
                {"call_sid": "CA" + "f" * 32, "key": f"k{each}", "hop": 0, "nth": 0, "at": NOW, "version": "v"}
                | {"kind": "MenuHeard", "data": {}}
                for each in (number, number + 1)
            ]
            with writing(sqlite) as connection:
                connection.execute(insert(EventRow), two)
            number += 2
            wrote.set()

    before = count(Path(sqlite.url.database or ""), "event")
    writer = threading.Thread(target=write)
    writer.start()
    wrote.wait(30)
    for number in range(5):
        backup(sqlite, tmp_path / f"copy{number}.db")
    stop.set()
    writer.join()
    written = [count(tmp_path / f"copy{number}.db", "event") - before for number in range(5)]
    assert all(each % 2 == 0 for each in written)
    assert 0 < written[0] <= written[-1]


def test_a_backup_replaces_the_last_one(sqlite: Engine, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("an older copy")
    backup(sqlite, target)
    assert count(target, "call") == PLAN.calls


def test_a_damaged_database_makes_no_copy_and_keeps_the_last_one(sqlite: Engine, tmp_path: Path) -> None:
    path = Path(sqlite.url.database or "")
    sqlite.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    target = tmp_path / "copy.db"
    target.write_text("the last good copy")
    with pytest.raises(BackupFault, match=r"malformed|damaged"):
        backup(sqlite, target)
    assert target.read_text() == "the last good copy"
    assert not list(tmp_path.glob(".copy.db.*"))


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(sqlite: Engine, tmp_path: Path) -> None:
    with pytest.raises(BackupFault, match="could not be written: No such file or directory"):
        backup(sqlite, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(BackupFault, match="is a folder"):
        backup(sqlite, tmp_path)


def test_postgresql_is_sent_to_its_own_tool(new_database: Callable[[str], Engine], tmp_path: Path) -> None:
    with pytest.raises(BackupFault, match="pg_dump --format=custom"):
        backup(new_database("postgresql"), tmp_path / "copy.db")
