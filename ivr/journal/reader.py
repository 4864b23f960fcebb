"""The journal's reading side: every whole entry once, whatever a crash or a full disk left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ivr.journal.entry import Entry, from_line
from ivr.journal.segment import SUFFIX

LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole journal. `torn`: last lines that were cut; `broken`: bad lines before the last; `duplicates`: repeats."""

    entries: tuple[Entry, ...]
    torn: int
    broken: int
    duplicates: int


def read(directory: Path, *more: Path) -> Iterator[Entry]:
    """Each entry once, files in name order, the first of equal keys. Keeps only the keys in memory.

    Torn and broken lines are left out, a missing directory is empty; other failures of the disk raise OSError.
    A file may grow or vanish meanwhile. `more` are further directories, such as the fallback.
    """
    return _entries((directory, *more), _Tally())


def scan(directory: Path, *more: Path) -> Reading:
    """All that `read` yields, and how many lines it left out."""
    tally = _Tally()
    entries = tuple(_entries((directory, *more), tally))
    return Reading(entries, tally.torn, tally.broken, tally.duplicates)


@dataclass(slots=True)
class _Tally:
    torn: int = 0
    broken: int = 0
    duplicates: int = 0


def _entries(directories: tuple[Path, ...], tally: _Tally) -> Iterator[Entry]:
    seen: set[str] = set()
    for path in chain.from_iterable(_files(directory) for directory in directories):
        for entry in _entries_of(path, tally):
            if entry.key in seen:
                tally.duplicates += 1
            else:
                seen.add(entry.key)
                yield entry


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if path.is_file())


def _entries_of(path: Path, tally: _Tally) -> Iterator[Entry]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        bad = False
        for line in _lines(file):
            tally.broken += bad
            entry = _whole(line)
            bad = entry is None
            if entry is not None:
                yield entry
        tally.torn += bad


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines with their newline; the last may lack it. Of a line over LONGEST_LINE bytes only the start is given.

    A file that grows is read up to the first line that is not whole yet: its rest would look like a line of its own.
    NUL bytes are room that was reserved and not written, at the end or, after a power cut, before a line.
    """
    while line := file.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
        if written := line.lstrip(b"\0"):
            yield written
        if not rest.endswith(b"\n"):
            return


def _whole(line: bytes) -> Entry | None:
    if not line.endswith(b"\n"):
        return None
    try:
        return from_line(line)
    except ValueError:
        return None
