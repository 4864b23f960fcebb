"""Drains a host's journal: every whole line is handed on once it is there, and again after any doubt.

A position moves only after its lines were delivered, so a drainer killed at any moment loses nothing; what it hands
over a second time has the same keys. A line that cannot be used is set aside with a reason and never holds up others.
"""

from __future__ import annotations

import fcntl
import functools
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ivr.journal.entry import Entry
from ivr.journal.following import Line, bytes_from, is_held, journal_files, read_line, whole_lines
from ivr.journal.positions import Positions, read_positions

BATCH = 2000
TOO_MANY_TO_BE_GUILTY = 8
DRAINED = "drained"
SET_ASIDE = "set-aside"
LOCK = "drainer.lock"

log = logging.getLogger("ivr.journal")


class DrainerBusy(Exception):
    """Another process drains this journal."""


class Unacceptable(Exception):
    """Raised by whoever takes entries: something in what was handed over cannot be stored, now or later."""


class NothingAccepted(Exception):
    """Not one entry of a batch was accepted: the fault is the taker's, so none of them is set aside."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A line that cannot be used: its file's name, where it begins there, and why, in words that hold none of it."""

    file: str
    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Lag:
    """What is not drained yet: bytes, the age in seconds of the oldest whole line, and in how many files."""

    bytes: int
    seconds: int
    files: int


Deliver = Callable[[Sequence[Entry]], Mapping[str, str]]
Note = Callable[[Sequence[Poison]], None]


@contextmanager
def only_drainer(directory: Path) -> Iterator[None]:
    """Hold this host's right to drain the journal. Raises DrainerBusy when another process holds it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DrainerBusy(f"another worker drains {directory}: one is enough on a host") from None
        yield


def lag_of(directory: Path, now: datetime) -> Lag:
    """How far the drainer of this journal is behind, as any process can see it. Raises OSError."""
    positions = read_positions(directory)
    behind = [(path, positions.get(path.name, 0)) for path in journal_files(directory)]
    sizes = [bytes_from(path, offset) for path, offset in behind]
    waiting = [where for where, size in zip(behind, sizes, strict=True) if size]
    moments = [at for path, offset in waiting if (at := _first_moment(path, offset))]
    seconds = int((now - min(moments)).total_seconds()) if moments else 0
    return Lag(sum(sizes), max(seconds, 0), len(waiting))


class Drainer:
    """Drains `directory` while `only_drainer` is held. Not for several threads.

    `deliver` stores entries and returns key -> reason for those it refuses; it raises Unacceptable when something in
    them cannot be stored, and anything else when it cannot store now, which `drain` then raises. `note` makes known
    which lines are set aside and may raise likewise. Drained files are deleted `keep` after they were moved away.
    """

    def __init__(
        self, directory: Path, deliver: Deliver, note: Note, *, keep: timedelta = timedelta(days=7), batch: int = BATCH
    ) -> None:
        self._directory = directory
        self._deliver = deliver
        self._note = note
        self._keep = keep
        self._batch = batch
        self._accepted = False

    @functools.cached_property
    def _positions(self) -> Positions:
        """Read when they are first needed: until then the journal may be set to its beginning."""
        return Positions(self._directory)

    def drain(self) -> int:
        """Hand on one batch; how many lines it had, 0 when there is nothing new."""
        found = self._gather()
        if not found:
            return 0
        poison = [each for each in found if each.entry is None]
        poison += self._handed([each for each in found if each.entry is not None])
        if poison:
            self._set_aside(poison)
        try:
            self._positions.move({each.path.name: each.line.end for each in found})
        except OSError as fault:  # they hold in memory, and a restart drains again
            log.error("the drainer's positions could not be stored: %s", fault.strerror)
        return len(found)

    def sweep(self, now: datetime) -> None:
        """Move files that are finished and drained to drained/, and delete those that have been there long enough.

        Raises OSError.
        """
        for path in journal_files(self._directory):
            # First whether anybody writes, then whether anything is left: in this order nothing can come in between.
            if not is_held(path) and next(whole_lines(path, self._positions.of(path.name)), None) is None:
                self._put_away(path, now)
        self._positions.keep_only([path.name for path in journal_files(self._directory)])
        for path in journal_files(self._directory / DRAINED):
            if now.timestamp() - path.stat().st_mtime > self._keep.total_seconds():
                path.unlink()

    def _gather(self) -> list[_Found]:
        found: list[_Found] = []
        for path in journal_files(self._directory):
            held = is_held(path)  # asked before reading: afterwards its last lines may have come in meanwhile
            for line in whole_lines(path, self._positions.of(path.name)):
                if line.holes and held:
                    break  # a write that spans pages can be seen from behind, and JSON escapes NUL: not all is there
                entry, fault = read_line(line)
                found.append(_Found(path, line, entry, fault))
                if len(found) == self._batch:
                    return found
        return found

    def _handed(self, found: Sequence[_Found]) -> list[_Found]:
        """Hand entries over; those that were refused, with the reason."""
        if not found:
            return []
        self._accepted = False
        guilty = self._refused(found)
        if not self._accepted and len(found) >= TOO_MANY_TO_BE_GUILTY:
            raise NothingAccepted(f"none of {len(found)} entries was accepted: {guilty[0].fault}")
        return guilty

    def _refused(self, found: Sequence[_Found]) -> list[_Found]:
        """One unacceptable entry fails a whole batch: halve it until the guilty one is alone."""
        entries = [each.entry for each in found if each.entry is not None]
        try:
            refused = self._deliver(entries)
        except Unacceptable as fault:
            if len(found) == 1:
                return [found[0].because(str(fault))]
            middle = len(found) // 2
            return self._refused(found[:middle]) + self._refused(found[middle:])
        self._accepted = True
        return [each.because(refused[each.key]) for each in found if each.key in refused] if refused else []

    def _set_aside(self, poison: Sequence[_Found]) -> None:
        self._note([Poison(each.path.name, each.line.offset, each.fault) for each in poison])
        folder = self._directory / SET_ASIDE
        folder.mkdir(mode=0o700, exist_ok=True)
        for each in poison:
            handle = os.open(folder / each.path.name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(each.line.text.rstrip(b"\n") + b"\n")
                file.flush()
                os.fsync(file.fileno())
            log.error("a journal line was set aside: %s at byte %d: %s", each.path.name, each.line.offset, each.fault)

    def _put_away(self, path: Path, now: datetime) -> None:
        """Nothing whole is left in this file and nobody writes to it.

        An empty file is removed: should it get a writer in this very moment, that one notices and takes another.
        """
        position = self._positions.of(path.name)
        torn = bytes_from(path, position)
        if not position and not torn:
            path.unlink()
            return
        if torn:
            log.warning("%s ends in %d bytes of a line that was never acknowledged", path.name, torn)
        folder = self._directory / DRAINED
        folder.mkdir(mode=0o700, exist_ok=True)
        os.utime(path, (now.timestamp(), now.timestamp()))  # from now on its age counts
        path.rename(folder / path.name)


@dataclass(frozen=True, slots=True)
class _Found:
    """A whole line, and the entry in it or what is wrong with it."""

    path: Path
    line: Line
    entry: Entry | None
    fault: str

    @property
    def key(self) -> str:
        return self.entry.key if self.entry else ""

    def because(self, reason: str) -> _Found:
        return _Found(self.path, self.line, self.entry, reason)


def _first_moment(path: Path, offset: int) -> datetime | None:
    for line in whole_lines(path, offset):
        entry, _ = read_line(line)
        if entry:
            return entry.at
    return None
