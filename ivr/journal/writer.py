"""The journal's writing side: an append returns when its entries are on the disk, or says that they are not.

A fault of the disk never fails a call. The file at fault is given up, the entries go to a new one, then to one in the
fallback directory. A directory that refuses a new file is left alone for half a second, so that a full disk costs each
caller next to nothing and a mended one is found at once.

A disk that hangs holds the one thread that is at it: a call into the kernel cannot be taken back. All others wait for
it no longer than PATIENCE_SECONDS, and from then on nobody does until it answers.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, RLock

from ivr.journal.entry import Entry, to_line
from ivr.journal.segment import DiskHangs, Segment

RETRY_SECONDS = 0.5
LONGEST_SECONDS = 3600.0
PATIENCE_SECONDS = 2.0  # a caller hears nothing meanwhile


class Journal:
    """One journal of one process; threads share it, a forked child starts files of its own. Opens nothing by itself.

    A file takes lines until it passes `rotate_bytes` or is an hour old by `clock` (seconds, monotonic). `on_trouble`
    is called when trouble begins and again if entries begin to be lost, `on_recovery` when it is over; each gets a
    sentence for operators. `sync` makes a descriptor's data durable and raises OSError when it cannot. `patience` is
    how many seconds an append waits for a disk that hangs.
    """

    def __init__(
        self,
        directory: Path,
        *,
        rotate_bytes: int = 16 * 1024 * 1024,
        fallback: Path | None = None,
        on_trouble: Callable[[str], None] | None = None,
        on_recovery: Callable[[str], None] | None = None,
        sync: Callable[[int], None] = os.fdatasync,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._directories = (directory,) if fallback is None else (directory, fallback)
        self._patience = patience
        self._rotate_bytes = rotate_bytes
        self._on_trouble = on_trouble
        self._on_recovery = on_recovery
        self._sync = sync
        self._clock = clock
        self._desks: dict[int, _Desk] = {}

    def append(self, entries: Sequence[Entry]) -> bool:
        """True once all entries are durable; False when they are not, and then they count as lost. No OSError."""
        return self.append_lines(b"".join([to_line(entry) for entry in entries]), len(entries))

    def append_lines(self, lines: bytes, count: int) -> bool:
        """The same for so many entries that are written as lines already."""
        if not lines:
            return True
        desk = self._desk()
        durable = desk.store(lines)
        if not durable:
            desk.count_lost(count)
        if desk.told != desk.severity:
            self._tell(desk)
        return durable

    @property
    def trouble(self) -> str | None:
        """What operators must know, as of the last append: where writing fails and why. None when all is well.

        Set too while the fallback takes the entries: they are durable, but not where they belong.
        """
        return self._desk().trouble()

    @property
    def lost(self) -> int:
        """How many entries this process could not make durable."""
        return self._desk().lost

    def close(self) -> None:
        """Close the files once the appends under way are settled. A later append starts a new file."""
        self._desk().close()

    def _desk(self) -> _Desk:
        """This process's own: after a fork the files, counts and locks of the parent must not be touched.

        The parent's descriptors stay open in the child: closed by number they might be something else by now.
        """
        pid = os.getpid()
        desk = self._desks.get(pid)
        if desk is None:
            fresh = _Desk(self._directories, self._rotate_bytes, self._sync, self._clock, self._patience)
            desk = self._desks.setdefault(pid, fresh)
        return desk

    def _tell(self, desk: _Desk) -> None:
        with desk.telling:
            before, now = desk.told, desk.severity
            if now == 0 and before > 0:
                desk.told = now
                _call(self._on_recovery, f"The journal is written in {self._directories[0]} again.")
            elif now > before:
                desk.told = now
                _call(self._on_trouble, desk.trouble() or "")


@dataclass(slots=True)
class _Place:
    """A directory, its current file, and since its last failure the reason and the moment of the next try.

    `hung` is the file on which somebody waits for the disk: until that ends the directory is not touched.
    """

    directory: Path
    segment: Segment | None = None
    until: float = 0.0
    room: int = 0
    failing: str | None = None
    retry_at: float = -math.inf
    hung: Segment | None = None

    @property
    def hangs(self) -> bool:
        return self.hung is not None and self.hung.is_busy


class _Desk:
    """What one process writes with. `severity`: 0 all is well, 1 the fallback is in use, 2 entries are being lost."""

    def __init__(
        self,
        directories: Sequence[Path],
        rotate_bytes: int,
        sync: Callable[[int], None],
        clock: Callable[[], float],
        patience: float,
    ) -> None:
        self.lost = 0
        self.told = 0
        self.severity = 0
        self.telling = RLock()
        self._places = tuple(_Place(directory) for directory in directories)
        self._rotate_bytes = rotate_bytes
        self._sync = sync
        self._clock = clock
        self._patience = patience
        self._lock = Lock()  # held while a file is made, which may hang
        self._stuck = False
        self._counting = Lock()

    def store(self, lines: bytes) -> bool:
        """Write and sync, after a failure in another file. It ends: a new file that fails rules out its directory."""
        while (written := self._write(lines)) is not None:
            place, segment, number = written
            try:
                segment.settle(number, self._patience)
            except OSError as error:
                self._sync_failed(place, segment, error)
            else:
                if self.severity:
                    self._succeeded(place, segment)
                return True
        return False

    def count_lost(self, count: int) -> None:
        with self._counting:
            self.lost += count

    def trouble(self) -> str | None:
        """Asked by those who must not wait for a disk, so without the lock."""
        severity = self.severity
        if severity == 0:
            return None
        hanging = DiskHangs().strerror
        first, *others = [f"{place.directory} ({place.failing or hanging})" for place in self._places]
        if severity == 1:
            return f"The journal cannot be written in {first}. It is written in {self._places[1].directory} instead."
        where = " nor in ".join([first, *others])
        return f"The journal cannot be written in {where}. Calls go on, but what happens in them is being lost."

    def close(self) -> None:
        if self._enter():
            try:
                for place in self._places:
                    _put_down(place)
            finally:
                self._lock.release()

    def _enter(self) -> bool:
        """Take the lock; False when whoever holds it hangs at the disk. The first to find out waits, others do not."""
        if self._lock.acquire(True, 0 if self._stuck else self._patience):
            self._stuck = False
            return True
        self._stuck = True
        self.severity = 2
        return False

    def _write(self, lines: bytes) -> tuple[_Place, Segment, int] | None:
        """Into the first directory that takes the lines; None when there is none."""
        if not self._lock.acquire(False) and not self._enter():
            return None
        try:
            self._stuck = False
            now = self._clock()
            for place in self._places:
                while now >= place.retry_at and (place.hung is None or not place.hangs):
                    try:
                        segment = self._current(place, now)
                        return place, segment, segment.hand_in(lines)
                    except OSError as error:
                        self._failed(place, error, now)
        finally:
            self._lock.release()
        return None

    def _current(self, place: _Place, now: float) -> Segment:
        old = place.segment
        if old is not None and old.size < place.room and now < place.until:
            return old
        try:
            segment = Segment(place.directory, self._sync)
        except OSError:
            if old is None:
                raise
            # Out of descriptors or inodes: the old file still works, so it serves on and the next is tried later.
            place.room, place.until = old.size + self._rotate_bytes, now + RETRY_SECONDS
            return old
        _put_down(place)
        place.segment, place.room, place.until = segment, self._rotate_bytes, now + LONGEST_SECONDS
        return segment

    def _failed(self, place: _Place, error: OSError, now: float) -> None:
        """A file that once worked may be at fault alone; a new one that fails speaks for its directory."""
        alone = place.segment is not None and place.segment.proven and not isinstance(error, DiskHangs)
        _put_down(place)
        if not alone:
            place.retry_at = now + RETRY_SECONDS
            place.failing = error.strerror or type(error).__name__
            self._weigh()

    def _sync_failed(self, place: _Place, segment: Segment, error: OSError) -> None:
        """Of all who waited for one sync the first gives the file up; the others find a new one in its place."""
        if not self._enter():
            return
        try:
            if place.segment is segment:
                if isinstance(error, DiskHangs):
                    place.hung = segment
                self._failed(place, error, self._clock())
        finally:
            self._lock.release()

    def _succeeded(self, place: _Place, segment: Segment) -> None:
        """Only the current file proves a directory sound; the first directory makes the others idle again."""
        if not self._enter():
            return
        try:
            if place.segment is not segment:
                return
            sound = self._places if place is self._places[0] else (place,)
            for each in sound:
                each.failing, each.retry_at = None, -math.inf
                if each is not place:
                    _put_down(each)
            self._weigh()
        finally:
            self._lock.release()

    def _weigh(self) -> None:
        if self._places[0].failing is None:
            self.severity = 0
        else:
            self.severity = 2 if all(place.failing is not None for place in self._places) else 1


def _put_down(place: _Place) -> None:
    if place.segment is not None:
        place.segment.retire()
        place.segment = None


def _call(listener: Callable[[str], None] | None, sentence: str) -> None:
    if listener is not None:
        # Whoever listens must not fail the call that is being answered.
        with suppress(Exception):
            listener(sentence)
