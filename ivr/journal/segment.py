"""One file of the journal: created so that its name survives a power cut, appended to, synced for all who wrote."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition

SUFFIX = ".jsonl"
RESERVED_BYTES = 1024 * 1024


class Segment:
    """An open journal file. After a failed write it takes no more writes; after a failed sync no more syncs either.

    A kernel may drop the pages of a failed sync and report success the next time, so only a new file can be trusted.
    Room is reserved ahead, because a sync that need not record a new size costs half: until it is retired, or for good
    when its process is killed, a file may end in NUL bytes. `size` counts the bytes of lines; `proven` turns true with
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
        self._writes = 0
        self._synced = 0
        self._waiting = 0
        self._syncing = False
        self._retired = False
        self._failure: tuple[int, str] | None = None
        self._change = Condition()

    def write(self, lines: bytes) -> int:
        """Append in one write and return its number for `settle`. Raises OSError, on a short write too."""
        with self._change:
            self._check()
            if self.size + len(lines) > self._reserved:
                self._reserved = _reserve(self._descriptor, self.size + len(lines))
            try:
                _write_whole(self._descriptor, lines, self.size)
            except OSError:
                self._retired = True
                raise
            self.size += len(lines)
            self._writes += 1
            self._waiting += 1
            return self._writes

    def settle(self, number: int) -> None:
        """Return once write `number` is on the disk; raises OSError when that cannot be promised.

        One waiting thread syncs for all that wrote before it started, the others wait. Call it once for each write.
        """
        with self._change:
            try:
                while self._synced < number:
                    if self._failure is not None:
                        raise OSError(*self._failure)
                    if self._syncing:
                        self._change.wait()
                    else:
                        self._sync_for_all()
            finally:
                self._waiting -= 1
                self._close_when_idle()

    def retire(self) -> None:
        """Take no more writes; those under way are still settled, the last of them closes the file."""
        with self._change:
            self._retired = True
            if not self._writes:
                # Nothing whole is in it, and on a full disk such files would pile up.
                with suppress(OSError):
                    self.path.unlink()
            self._close_when_idle()

    def _check(self) -> None:
        if self._retired or self._failure is not None:
            raise OSError(errno.EBADF, "the file takes no more writes")

    def _sync_for_all(self) -> None:
        covered = self._writes
        failure: tuple[int, str] | None = (errno.EINTR, "the sync was interrupted")
        self._syncing = True
        self._change.release()
        try:
            self._sync(self._descriptor)
            kept = os.fstat(self._descriptor).st_nlink > 0
            failure = None if kept else (errno.ENOENT, "the file was removed")
        except OSError as error:
            failure = (error.errno or errno.EIO, error.strerror or type(error).__name__)
        finally:
            self._change.acquire()
            self._syncing = False
            if failure is None:
                self._synced = covered
                self.proven = True
            else:
                self._failure = failure
            self._change.notify_all()

    def _close_when_idle(self) -> None:
        if self._retired and not self._waiting and self._descriptor >= 0:
            with suppress(OSError):
                if self._reserved and self._failure is None:
                    os.ftruncate(self._descriptor, self.size)
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
