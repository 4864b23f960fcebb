"""Has a folder changed, and has it come to rest? Told by stat alone, so that nothing in it can make us wait."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

SETTLE_SECONDS = 0.05
DEEPEST, MOST_ENTRIES = 3, 5000

Snapshot = tuple[tuple[str | int, ...], ...]


def snapshot(folder: Path) -> Snapshot:
    """Names, kinds, sizes, times and inodes below a folder, the targets of links included.

    The time of a file's last change of any kind (ctime) is in it, because a copy can keep the time of its text.
    """
    entries = []
    for entry in _entries(str(folder), "", DEEPEST):
        entries.append(entry)
        if len(entries) == MOST_ENTRIES:
            break
    return tuple(sorted(entries, key=lambda entry: str(entry[0])))


class RestingFolder:
    """Reports each change of a folder once, when two looks at least 50 ms apart have seen the same."""

    def __init__(self, folder: Path, monotonic: Callable[[], float]) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._done: Snapshot | None = None
        self._seen: Snapshot | None = None
        self._seen_at = 0.0

    def change(self) -> Snapshot | None:
        """The folder as it rests after a change that is not done yet; None when nothing changed or it still moves."""
        now, seen = self._monotonic(), snapshot(self._folder)
        if seen == self._done:
            self._seen = seen
            return None
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
            return None
        return seen if now - self._seen_at >= SETTLE_SECONDS else None

    def still(self, seen: Snapshot) -> bool:
        """True while the folder is exactly as it was seen."""
        return snapshot(self._folder) == seen

    def done(self, seen: Snapshot) -> None:
        """This state needs no second look."""
        self._done = seen


def _entries(folder: str, prefix: str, depth: int) -> Iterator[tuple[str | int, ...]]:
    try:
        with os.scandir(folder) as listing:
            found = list(listing)
    except OSError as fault:
        yield prefix, fault.errno or 0
        return
    for entry in found:
        name = prefix + entry.name
        try:
            status = entry.stat()
        except OSError as fault:
            yield name, fault.errno or 0
            continue
        if not stat.S_ISDIR(status.st_mode):
            yield name, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
            continue
        yield name, status.st_mode, status.st_ino
        if depth:
            yield from _entries(entry.path, f"{name}/", depth - 1)
