"""Routings by version: compiled once, remembered for a while, given back from this host's disk when they are not."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ivr.call_flow.model import Routing

from .versions import FORM, Files, Versions

KEPT_IN_MEMORY = 8
RETRY_SECONDS = 5.0


class Finding(Protocol):
    """Something wrong with the configuration; its str() is a sentence. A warning does not keep it from being used."""

    @property
    def warning(self) -> bool: ...


class Compiled(Protocol):
    """What the loader makes of the files: a routing, or None and the reasons."""

    @property
    def routing(self) -> Routing | None: ...

    @property
    def problems(self) -> Sequence[Finding]: ...


Read = Callable[[Path], tuple[Files, Sequence[Finding]]]
Compile = Callable[[Files], Compiled]
VersionOf = Callable[[Files], str]


class Remembered:
    """The last eight routings compiled, in memory, and any other version that `versions` holds on disk."""

    def __init__(
        self,
        versions: Versions,
        read: Read,
        compiler: Compile,
        version_of: VersionOf,
        log: logging.Logger,
        monotonic: Callable[[], float],
    ) -> None:
        self._versions = versions
        self._read = read
        self._compile = compiler
        self._version_of = version_of
        self._log = log
        self._monotonic = monotonic
        self._recent: dict[str, Routing] = {}  # replaced, never changed: read without a lock
        self._unusable: dict[str, float] = {}  # when to try a stored version again
        self._guard = threading.Lock()
        self._compiling: dict[str, threading.Lock] = {}

    def get(self, version: str) -> Routing | None:
        """A version from memory or disk; None when it is not there, is damaged, or does not compile any more."""
        return self._recent.get(version) or self._restored(version)

    def files(self, folder: Path) -> tuple[Files, tuple[str, ...]]:
        """A folder's files, and why they cannot be used."""
        try:
            files, findings = self._read(folder)
        except OSError as fault:
            return {}, (f"{folder.name}/ cannot be read: {fault.strerror}",)
        return files, _faults(findings)

    def compiled(self, version: str, files: Files) -> tuple[Routing | None, tuple[str, ...]]:
        """The routing of these files, compiled if it is not remembered; or None and why, at least one sentence."""
        with self._only_one(version):
            return self._compiled(version, files)

    def _restored(self, version: str) -> Routing | None:
        if not FORM.fullmatch(version) or self._monotonic() < self._unusable.get(version, float("-inf")):
            return None
        with self._only_one(version):
            if (known := self._recent.get(version)) is not None:
                return known
            folder = self._versions.folder_of(version)
            if not folder.is_dir():
                return None  # it may still come, from another worker
            files, faults = self.files(folder)
            if not faults and self._version_of(files) != version:
                faults = ("its files are not those it was stored with",)
            routing, faults = (None, faults) if faults else self._compiled(version, files)
        if routing is None:
            if version not in self._unusable:
                self._log.error("the stored routing %s cannot be used:\n%s", version, "\n".join(faults))
            self._unusable[version] = self._monotonic() + RETRY_SECONDS
        return routing

    def _compiled(self, version: str, files: Files) -> tuple[Routing | None, tuple[str, ...]]:
        if (known := self._recent.get(version)) is not None:
            return known, ()
        try:
            compiled = self._compile(files)
        except Exception as fault:  # a loader that fails is one more reason to stay with the last good routing
            self._log.exception("the loader failed")
            return None, (f"the loader failed: {type(fault).__name__}",)
        if compiled.routing is None:
            return None, _faults(compiled.problems) or ("the loader gave no routing and no reason",)
        self._remember(version, compiled.routing)
        return compiled.routing, ()

    def _remember(self, version: str, routing: Routing) -> None:
        with self._guard:
            others = [pair for pair in self._recent.items() if pair[0] != version]
            self._recent = dict([*others[1 - KEPT_IN_MEMORY :], (version, routing)])

    @contextlib.contextmanager
    def _only_one(self, version: str) -> Iterator[None]:
        """One thread at a time for each version; other versions are not held up."""
        with self._guard:
            lock = self._compiling.setdefault(version, threading.Lock())
        try:
            with lock:
                yield
        finally:
            with self._guard:
                self._compiling.pop(version, None)


def _faults(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(str(finding) for finding in findings if not finding.warning)
