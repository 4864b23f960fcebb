"""An SQLite file that is damaged: known for what it is, and set aside under another name, never deleted.

Only what SQLite itself calls damaged counts, in two looks one after the other. A file that is locked, away, full or not
ours to read says nothing of what is in it. Whoever meets damage leaves a mark beside the file; one process, the worker
of the host, looks and acts.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

DAMAGE = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
BESIDE = ("-wal", "-shm")  # https://www.sqlite.org/wal.html
MARK, DOOR = "-suspect", "-door"
STEPS = 10_000  # of SQLite's machine, between two looks at the clock
FOUND_FAULTS, TOLD_FAULTS = 100, 3
# What SQLite finds amiss in what was written, not in how: a rule of a table that its rows do not keep damages nothing.
OF_THE_CONTENT = re.compile(r"(?:\S+ value in|CHECK constraint failed in) ")


def is_damage(fault: BaseException | None) -> bool:
    """Whether SQLite says of the file itself that it is damaged, or no database at all."""
    code: int | None = getattr(fault, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in DAMAGE


def file_of(engine: Engine) -> Path | None:
    """The file of an SQLite database; None for any other."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name).absolute()


def mark(path: Path) -> None:
    """Say that the file may be damaged. A disk that refuses costs the mark: the next who meets it says it again."""
    with suppress(OSError):
        _beside(path, MARK).touch(mode=0o600)


def is_marked(path: Path) -> bool:
    return _beside(path, MARK).exists()


def unmark(path: Path) -> None:
    """Raises OSError."""
    _beside(path, MARK).unlink(missing_ok=True)


def damage_in(path: Path, seconds: float) -> str:
    """What is damaged in the file, seen twice; "" when nothing is, when that cannot be told, or when time is up."""
    return _look(path, seconds) and _look(path, seconds)


def set_aside(path: Path, now: datetime) -> Path:
    """Put the file and what belongs to it under a name with the moment, and return that. Raises OSError.

    Nobody opens the database meanwhile: a log left beside a new file would be played into it.
    """
    kept = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    with door(path, alone=True):
        for suffix in (*BESIDE, ""):
            with suppress(FileNotFoundError):
                _beside(path, suffix).rename(_beside(kept, suffix))
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return kept


@contextmanager
def door(path: Path, *, alone: bool = False) -> Iterator[None]:
    """Held by all of our processes while they open the file, and `alone` by the one that puts it away."""
    try:
        handle = os.open(_beside(path, DOOR), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        if alone:
            raise
        yield  # a folder that is away or not ours to write in: SQLite says so better
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _look(path: Path, seconds: float) -> str:
    """With a connection of its own, which never makes the file."""
    give_up = time.monotonic() + seconds
    try:
        with door(path), closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=1.0)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > give_up, STEPS)
            found = [str(row[0]) for row in connection.execute(f"PRAGMA quick_check({FOUND_FAULTS})")]
    except sqlite3.Error as fault:
        return str(fault) if is_damage(fault) else ""
    damage = [each for each in found if each != "ok" and not OF_THE_CONTENT.match(each)]
    return "; ".join(damage[:TOLD_FAULTS])


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
