"""One file of the journal: created so that its name survives a power cut, appended to, synced for all who wrote."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

SUFFIX = ".jsonl"
RESERVED_BYTES = 1024 * 1024
FOR_EVER = -1.0  # as a lock's timeout


class DiskHangs(OSError):
    """The disk neither takes what was written nor refuses it."""

    def __init__(self) -> None:
        super().__init__(errno.ETIMEDOUT, "the disk does not answer")


class Segment:
    """An open journal file. After a failed write or sync it takes nothing more.

    A kernel may drop the pages of a failed sync and report success the next time, so only a new file can be trusted.
    Room is reserved ahead, because a sync that need not record a new size costs half: until it is retired, or for good
    when its process is killed, a file may end in NUL bytes. `size` counts the bytes handed in; `proven` turns true with
    the first sync that succeeds. Safe for threads, not across a fork.
    """

    def __init__(self, directory: Path, sync: Callable[[int], None]) -> None:
        """Creates directory and file; raises OSError."""
        _make(directory)
        self.path = directory / _new_name()
        self.size = 0
        self.proven = False
        self._sync = sync
        self._descriptor = _create(self.path)
        self._reserved = 0
        self._stored = 0
        self._pending: list[bytes] = []
        self._handed_in = 0
        self._durable = 0
        self._unsettled = 0
        self._retired = False
        self._left_behind = False
        self._failure: tuple[int, str] | None = None
        self._lock = Lock()  # never held while the disk works
        self._turn = Lock()  # held by the one thread that writes and syncs, for all

    def hand_in(self, lines: bytes) -> int:
        """Take lines and return the number to `settle` them by. Raises OSError when the file takes no more."""
        with self._lock:
            if self._retired or self._failure is not None:
                raise OSError(errno.EBADF, "the file takes no more lines")
            self._pending.append(lines)
            self.size += len(lines)
            self._handed_in += 1
            self._unsettled += 1
            return self._handed_in

    @property
    def is_busy(self) -> bool:
        """Somebody writes and syncs, or waits for a disk that does not answer."""
        return self._turn.locked()

    def settle(self, number: int, patience: float = FOR_EVER) -> None:
        """Return once what was handed in as `number` is on the disk; raises OSError when that cannot be promised.

        Of the threads that wait one writes and syncs for all; each of the others is woken once and finds it done.
        On a condition each sync would wake everybody, and most of them in vain. Call it once for each.
        Who waits for another's sync raises DiskHangs after `patience` seconds; whoever syncs cannot be called back.
        """
        try:
            if self._durable < number:
                if not self._turn.acquire(True, patience):
                    self._left_behind = True
                    raise DiskHangs
                try:
                    if self._durable < number:
                        self._store_pending()
                    if self._left_behind:
                        self._store_left_behind()
                finally:
                    self._turn.release()
        finally:
            with self._lock:
                self._unsettled -= 1
                self._close_when_idle()

    def retire(self) -> None:
        """Take no more lines; those handed in are still settled, the last of them closes the file."""
        with self._lock:
            self._retired = True
            self._close_when_idle()

    def _store_pending(self) -> None:
        """All that was handed in so far, in one write and one sync. Raises OSError, and the same ever after."""
        if self._failure is not None:
            raise OSError(*self._failure)
        with self._lock:
            lines, covered = b"".join(self._pending), self._handed_in
            self._pending.clear()
        failure: tuple[int, str] | None = (errno.EINTR, "the sync was interrupted")
        try:
            self._store(lines)
            failure = None
        except OSError as error:
            failure = (error.errno or errno.EIO, error.strerror or type(error).__name__)
            raise
        finally:
            self._failure = failure
        self._durable = covered
        self.proven = True

    def _store_left_behind(self) -> None:
        """Lines that nobody waits for any more: they count as lost, and happened all the same."""
        self._left_behind = False
        with suppress(OSError):
            self._store_pending()

    def _store(self, lines: bytes) -> None:
        if self._stored + len(lines) > self._reserved:
            self._reserved = _reserve(self._descriptor, self._stored + len(lines))
        _write_whole(self._descriptor, lines, self._stored)
        self._stored += len(lines)
        self._sync(self._descriptor)
        if os.fstat(self._descriptor).st_nlink == 0:
            raise OSError(errno.ENOENT, "the file was removed")

    def _close_when_idle(self) -> None:
        if not self._retired or self._unsettled or self._descriptor < 0:
            return
        with suppress(OSError):
            if not self._stored:  # nothing whole is in it, and on a full disk such files would pile up
                self.path.unlink()
            elif self._reserved and self._failure is None:
                os.ftruncate(self._descriptor, self._stored)
        with suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1


def _reserve(descriptor: int, needed: int) -> int:
    """Reserve room for `needed` bytes and those that follow soon; up to where, or 0 where the disk gives none ahead."""
    try:
        os.posix_fallocate(descriptor, 0, needed + RESERVED_BYTES)
    except OSError:
        return 0
    return needed + RESERVED_BYTES


def _write_whole(descriptor: int, lines: bytes, offset: int) -> None:
    if os.pwrite(descriptor, lines, offset) != len(lines):
        # What stopped it is told to the next write only; a full disk is by far the usual reason.
        raise OSError(errno.ENOSPC, "only a part of an entry could be written")


def _make(directory: Path) -> None:
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        _sync_directory(each.parent)


def _new_name() -> str:
    moment = datetime.now(UTC)
    return f"{moment:%Y%m%dT%H%M%S.%fZ}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"


def _create(path: Path) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _sync_directory(path.parent)
    except OSError:
        os.close(descriptor)
        with suppress(OSError):
            path.unlink()
        raise
    return descriptor


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
