"""Overrides that staff made by phone on this host, until the worker has brought them into the database and back.

A second file beside the overrides of the database. Its overrides count as the newest: their numbers lie above those of
the database. Each is kept under its source, the key of the event that asked for it, so that a key press told twice
makes one.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ivr.call_flow.model import Override

from .override_file import UnreadableOverrides, as_data, read_overrides, read_records
from .whole_file import write_whole

NAME = "overrides-by-phone.json"
LOCK = "overrides-by-phone.lock"
ABOVE_ALL = 10**9


def lay(folder: Path, source: str, override: Override) -> bool:
    """Put an override into force on this host; False when its source is there already. Raises OSError.

    Its `id` is given here. A file that cannot be understood is begun anew: its overrides come back with the database's.
    """
    with _alone(folder):
        known = _records(folder)
        if any(record.get("source") == source for record in known):
            return False
        number = max((int(record["id"]) for record in known), default=ABOVE_ALL) + 1
        _write(folder, [*known, {**as_data(replace(override, id=number)), "source": source}])
    return True


def settle(folder: Path, known: Collection[str], now: datetime) -> None:
    """Take away those whose source is `known` to the database, and those that are over. Raises OSError."""
    if not (folder / NAME).exists():
        return
    with _alone(folder):
        records = _records(folder)
        left = [
            record
            for record in records
            if record["source"] not in known and datetime.fromisoformat(record["ends"]) > now
        ]
        if left != records:
            _write(folder, left)


def sources(folder: Path) -> list[str]:
    """Where the overrides in force by phone come from. Raises OSError."""
    return [str(record["source"]) for record in _records(folder)]


def read_all_overrides(folder: Path) -> tuple[Override, ...]:
    """Those of the database and those made by phone. Raises OSError, UnreadableOverrides."""
    return (*read_overrides(folder), *read_overrides(folder, NAME))


def _records(folder: Path) -> list[dict[str, Any]]:
    try:
        read_overrides(folder, NAME)
        return [record for record in read_records(folder, NAME) if isinstance(record.get("source"), str)]
    except UnreadableOverrides:
        return []


def _write(folder: Path, records: list[dict[str, Any]]) -> None:
    write_whole(folder / NAME, json.dumps(records, ensure_ascii=False).encode(), durable=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The web processes and the worker of a host change the file one at a time."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
