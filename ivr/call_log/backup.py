"""A copy of the call log while the service runs. SQLite only: PostgreSQL brings a better tool of its own."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine


class BackupFault(Exception):
    """No copy was made; the text says why and what to do. A file that was there before is as it was."""


def backup(engine: Engine, target: Path) -> int:
    """Copy the database to `target` as it is at one moment, and return the copy's size in bytes.

    The copy is checked and on the disk before it takes its name; writers wait for nothing (SQLite's online backup in
    one step, on a write-ahead log: https://www.sqlite.org/backup.html). Only its owner may read it. Raises BackupFault.
    """
    if engine.dialect.name != "sqlite":
        raise BackupFault(
            "The call log is in PostgreSQL, which makes its own copies: pg_dump --format=custom --file=FILE DATABASE"
            " (and pg_restore brings one back). pg_dump may run at any time."
        )
    if target.is_dir():
        raise BackupFault(f"{target} is a folder. Name the file to write.")
    try:
        return _copied(engine, target)
    except OSError as fault:
        raise BackupFault(f"{target} could not be written: {fault.strerror or fault}.") from None
    except sqlite3.Error as fault:
        raise BackupFault(f"The database could not be copied: {fault}.") from None


def _copied(engine: Engine, target: Path) -> int:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        _copy(engine, draft)
        _put_on_disk(draft)
        size = draft.stat().st_size
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    _put_on_disk(target.parent)
    return size


def _copy(engine: Engine, draft: Path) -> None:
    pooled = engine.raw_connection()
    try:
        source = pooled.driver_connection
        assert isinstance(source, sqlite3.Connection)
        with closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without the log that belongs to a running service
            found = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
    finally:
        pooled.close()
    if found != ["ok"]:
        raise BackupFault(f"The copy is damaged, and so is the database most likely: {'; '.join(found)}.")


def _put_on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
