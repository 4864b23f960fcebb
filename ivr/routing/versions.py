"""Versions of the configuration on this host's disk, and a note of which one is live.

    versions/<version>/   the files as they were adopted; the folder's own time says when it was last live,
                          1970 that it never was: a draft
    live                  the version that is live, or was when the last worker stopped
    lock                  held while a worker writes the note

A version appears by a rename, so every worker sees it whole or not at all. It is synced before the note names it: the
note outlives a power cut with its version, and a version torn by one betrays itself by its hash. A process killed at
any moment leaves at worst hidden leftovers, swept up later. Folders are 0700 and files 0600.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

FORM = re.compile("[0-9a-f]{12}")
KEEP_SECONDS = 48 * 3600
KEEP_AT_LEAST = 20
LEFTOVER_SECONDS = 3600
NEVER_LIVE = 0.0
Files = Mapping[str, bytes]
Sync = Callable[[int], None]

LOCK_SECONDS, LOCK_LOOK_SECONDS = 1.0, 0.01


class Versions:
    """The store in `folder`. `wall` gives Unix seconds, `sync` puts an open file on the disk.

    Methods raise OSError when the disk refuses.
    """

    def __init__(self, folder: Path, wall: Callable[[], float] = time.time, sync: Sync = os.fsync) -> None:
        self._root = folder
        self._folder = folder / "versions"
        self._wall = wall
        self._sync = sync

    def folder_of(self, version: str) -> Path:
        return self._folder / version

    def live(self) -> str | None:
        """The version noted as live; None when there is no note or it cannot be read."""
        try:
            with (self._root / "live").open("rb") as note:
                version = note.read(100).decode("ascii", "replace").strip()
        except OSError:
            return None
        return version if FORM.fullmatch(version) else None

    def newest_first(self) -> list[str]:
        """All stored versions but drafts, the one that was live most recently first."""
        return [name for at, name in sorted(self._stamped(), reverse=True) if at != NEVER_LIVE]

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other workers from noting meanwhile. After a second it goes on: a frozen worker must not stop us."""
        self._make_folders()
        lock = os.open(self._root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            end = time.monotonic() + LOCK_SECONDS
            while not _taken(lock) and time.monotonic() < end:
                time.sleep(LOCK_LOOK_SECONDS)
            yield
        finally:
            os.close(lock)

    def keep(self, version: str, files: Files, *, draft: bool = False) -> None:
        """Have a version in the store, for all workers to see. One that is there already stays, unless damaged.

        A new `draft` is served to those who ask for it by its name, and never as the last good version.
        """
        self._make_folders()
        target = self.folder_of(version)
        if _holds(target, files):
            return
        fresh = self._folder / _hidden("new")
        try:
            _write_folder(fresh, files)
            if draft:
                os.utime(fresh, (NEVER_LIVE, NEVER_LIVE))
            if _holds(target, files):  # another worker was quicker
                return
            if target.exists():
                target.rename(self._folder / _hidden("damaged"))
            fresh.rename(target)
        except OSError:
            if not _holds(target, files):  # or else another worker was quicker
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def note(self, version: str) -> None:
        """Note a stored version as the live one, once it is on the disk; then drop what has not been live for long."""
        former = self.live()
        if former == version:
            return
        for path in (*self.folder_of(version).rglob("*"), self.folder_of(version), self._folder):
            self._put_on_disk(path)
        fresh = self._root / _hidden("live")
        try:
            _write_file(fresh, version.encode() + b"\n")
            self._put_on_disk(fresh)
            fresh.replace(self._root / "live")
        finally:
            fresh.unlink(missing_ok=True)
        self._put_on_disk(self._root)
        now = self._wall()
        self._stamp(former, now - 0.001)  # it was live until now, and less recently than its successor
        self._stamp(version, now)
        self._prune(version, now)

    def _make_folders(self) -> None:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def _put_on_disk(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._sync(descriptor)
        finally:
            os.close(descriptor)

    def _stamp(self, version: str | None, at: float) -> None:
        if version:
            with contextlib.suppress(FileNotFoundError):
                os.utime(self.folder_of(version), (at, at))

    def _stamped(self) -> Iterator[tuple[float, str]]:
        with contextlib.suppress(FileNotFoundError):
            for path in self._folder.iterdir():
                if FORM.fullmatch(path.name):
                    with contextlib.suppress(FileNotFoundError):
                        yield path.stat().st_mtime, path.name

    def _kept_at(self, version: str) -> float:
        try:
            return self.folder_of(version).stat().st_ctime
        except FileNotFoundError:
            return self._wall()

    def _prune(self, live: str, now: float) -> None:
        """Drop versions not live for 48 hours, never the live one nor the last twenty; then leftovers of the killed."""
        others = sorted(((at, name) for at, name in self._stamped() if name != live), reverse=True)
        for at, name in others[KEEP_AT_LEAST - 1 :]:
            if now - (at if at != NEVER_LIVE else self._kept_at(name)) > KEEP_SECONDS:
                with contextlib.suppress(OSError):  # another worker was quicker
                    self.folder_of(name).rename(self._folder / _hidden("old"))
        for leftover in (*self._folder.glob(".*"), *self._root.glob(".live-*")):
            with contextlib.suppress(OSError):
                if leftover.name.startswith(".old-") or now - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                    _remove(leftover)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hidden(purpose: str) -> str:
    return f".{purpose}-{os.getpid()}-{secrets.token_hex(4)}"


def _holds(folder: Path, files: Files) -> bool:
    """True if the folder holds exactly these files."""
    try:
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        return found == set(files) and all((folder / name).read_bytes() == text for name, text in files.items())
    except OSError:
        return False


def _write_folder(folder: Path, files: Files) -> None:
    folder.mkdir(mode=0o700)
    for name, text in files.items():
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts or not place.parts:
            raise ValueError(f"{name!r} is no name of a file in the configuration")
        for parent in [*place.parents][-2::-1]:  # from the outermost in, without "."
            (folder / parent).mkdir(mode=0o700, exist_ok=True)
        _write_file(folder / place, text)


def _write_file(path: Path, text: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
