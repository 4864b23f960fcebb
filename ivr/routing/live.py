"""The live routing on this host's disk: the last good one, swapped by one assignment, and the versions calls pin.

Every worker watches config/ for itself. A valid edit is stored as a version, noted as live and then served; anything
else leaves the last good routing where it is and is told once. A call keeps the version it started with.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ivr.call_flow.model import Override, Routing
from ivr.call_flow.overrides import with_overrides

from .draft_file import Draft, DraftFile
from .override_file import OverrideFile
from .phone_overrides import NAME as BY_PHONE
from .phone_overrides import lay
from .remembered import Compile, Read, Remembered, VersionOf
from .resting import SETTLE_SECONDS, RestingFolder, Snapshot
from .versions import Files, Sync, Versions

BOOT_LOOKS = 40  # two seconds


class NoRouting(Exception):
    """Neither the configuration nor a last good version can be used; the text is the problems, one a line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Live:
    """The routing that calls are answered by. `config` is watched, `store` is this host's own folder for versions.

    Unless it `adopts` edits of `config`, only what the store notes as live is served, and `config` just the first time.
    `read` reads a folder's files and must never block; `compile` must give a routing whose version is `version_of`
    its files, twelve hex digits. `wall` gives Unix seconds; `monotonic` gives and `pause` takes seconds; `sync` puts
    an open file on the disk.
    """

    def __init__(
        self,
        config: Path,
        store: Path,
        *,
        read: Read,
        compile: Compile,  # noqa: A002 - the word of the trade
        version_of: VersionOf,
        adopts: bool = True,
        log: logging.Logger | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        sync: Sync = os.fsync,
    ) -> None:
        self._config = config
        self._version_of = version_of
        self._adopts = adopts
        self._log = log or logging.getLogger(__name__)
        self._wall = wall
        self._pause = pause
        self._folder = RestingFolder(config, monotonic)
        self._versions = Versions(store, wall, sync)
        self._remembered = Remembered(self._versions, read, compile, version_of, self._log, monotonic)
        self._draft_file = DraftFile(store, self._remembered.get)
        self._store_folder = store
        self._override_files = OverrideFile(store), OverrideFile(store, BY_PHONE)
        self._overrides: tuple[Override, ...] = ()  # of both files
        self._looking = threading.Lock()
        self._overridden: dict[str, Routing] = {}  # by version, with the overrides; replaced when those change
        self._live: Routing | None = None
        self._adopted_at: datetime | None = None
        self._noted: str | None = None  # what the store named as live when we last looked or wrote
        self._refused = ""
        self._problems: tuple[str, ...] = ()
        self._unstored: tuple[Routing, Files, Snapshot] | None = None  # served, but not noted yet

    # What requests read. --------------------------------------------------------------------------------------------

    def routing(self) -> Routing:
        """The live routing, with today's overrides. Raises NoRouting before boot()."""
        live = self._live
        if live is None:
            raise NoRouting(("the routing has not been loaded yet",))
        return self._with_overrides(live)

    def pinned(self, version: str) -> Routing:
        """The version a call started with, from memory or from disk; the live one when it is nowhere to be had."""
        live = self.routing()
        if version == live.version:
            return live
        routing = self._remembered.get(version)
        return self._with_overrides(routing) if routing else live

    @property
    def draft(self) -> Draft | None:
        """The draft that testers hear, with today's overrides; None when there is none, or it is what is live."""
        draft, live = self._draft_file.draft, self._live
        if draft is None or live is None or draft.routing.version == live.version:
            return None
        return replace(draft, routing=self._with_overrides(draft.routing))

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The overrides on this host, those to come included. The same object until they change."""
        return self._overrides

    def override_by_phone(self, source: str, override: Override) -> None:
        """Put an override that staff made by phone into force on this host, now. Raises OSError."""
        if lay(self._store_folder, source, override):
            self._look_at_overrides()

    @property
    def version(self) -> str:
        return self.routing().version

    @property
    def adopted_at(self) -> datetime | None:
        """When this worker made the live routing live."""
        return self._adopted_at

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the configuration on disk is refused, a sentence each; empty while it is in order."""
        return self._problems

    @property
    def trouble(self) -> str | None:
        """One line for an operator, None when all is well."""
        problems, unstored, overrides = self._problems, self._unstored, self._override_fault()
        if overrides:
            return f"the overrides on disk are not in use: {overrides}"
        if problems:
            count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
            return f"the configuration on disk is not in use, {count}: {problems[0]}"
        return f"routing {unstored[0].version} is live but could not be stored" if unstored else None

    # What the watcher does. -----------------------------------------------------------------------------------------

    def boot(self) -> None:
        """Load config/, or the last good version when it is refused. Raises NoRouting when there is neither."""
        self._look_at_overrides()
        self._draft_file.look()
        self._noted = self._versions.live()
        if not self._adopts and self._serve_noted():
            return
        for _ in range(BOOT_LOOKS):
            change = self._folder.change()
            if change is not None and self._judge(change):
                break
            self._pause(SETTLE_SECONDS)
        else:
            self._refuse("", (f"{self._config.name}/ did not stop changing",))
        if self._live is None:
            self._serve_last_good()

    def refresh(self) -> bool:
        """One look at the disk; True when the live routing was swapped."""
        before = self._live
        self._look_at_overrides()
        self._follow()
        change = self._folder.change() if self._adopts else None
        if change is not None:
            self._judge(change)
        elif self._unstored is not None:
            self._store(*self._unstored)
        self._draft_file.look()
        return self._live is not before

    def watch(self, stop: threading.Event, every: float = 0.25) -> None:
        """Refresh until `stop` is set, every so many seconds. No fault ends it; the same fault is logged once.

        Between two looks a save of several files must be over: the interval is also how long we wait for the rest.
        """
        logged = ""
        while not stop.wait(every):
            try:
                self.refresh()
                logged = ""
            except Exception as fault:
                if repr(fault) != logged:
                    self._log.exception("the configuration could not be watched, the routing stays as it is")
                logged = repr(fault)

    def _with_overrides(self, routing: Routing) -> Routing:
        known = self._overridden  # before the overrides, which are replaced before it
        overrides = self._overrides
        if not overrides:
            return routing
        found = known.get(routing.version)
        if found is None:
            found = known[routing.version] = with_overrides(routing, overrides)
        return found

    def _look_at_overrides(self) -> None:
        with self._looking:  # the watcher, and whoever has just made one by phone
            before = self._override_fault()
            changed = [file.look() for file in self._override_files]
            if any(changed):
                self._overrides = tuple([each for file in self._override_files for each in file.overrides])
                self._overridden = {}
                self._log.info("overrides on this host: %s", len(self._overrides))
            fault = self._override_fault()
            if fault and fault != before:
                self._log.error("the overrides stay as they were: %s", fault)

    def _override_fault(self) -> str:
        return "; ".join(file.fault for file in self._override_files if file.fault)

    def _judge(self, seen: Snapshot) -> bool:
        """Adopt or refuse config/ as it rests; False when it moved meanwhile and must be looked at again."""
        files, faults = self._remembered.files(self._config)
        if not self._folder.still(seen):
            return False
        self._folder.done(seen)
        version = self._version_of(files)
        if faults:
            self._refuse("\n".join((version, *faults)), faults)
        elif self._live is not None and version == self._live.version:
            self._accept()
        elif version != self._refused:
            return self._weigh(version, files, seen)
        return True

    def _weigh(self, version: str, files: Files, seen: Snapshot) -> bool:
        """Compile what is new; False when config/ moved before it could be adopted."""
        routing, faults = self._remembered.compiled(version, files)
        if not self._folder.still(seen):
            return False
        if routing is None:
            self._refuse(version, faults)
            return True
        self._accept()
        self._store(routing, files, seen)
        return True

    def _store(self, routing: Routing, files: Files, seen: Snapshot) -> None:
        """Put a version where every worker finds it, serve it, then note it as live.

        Callers wait for no sync. The note is written by one worker at a time, and only if config/ is still what it was
        or nobody has noted anything since, so that it never goes back to an older edit. A disk that refuses does not
        keep an edit from the callers: it is served now and stored at a later look.
        """
        try:
            self._versions.keep(routing.version, files)
            self._swap(routing)
            with self._versions.alone():
                if self._versions.live() == self._noted or self._folder.still(seen):
                    self._versions.note(routing.version)
                    self._noted = routing.version
            self._unstored = None
        except OSError as fault:
            if self._unstored is None or self._unstored[0] is not routing:
                self._log.error("routing %s could not be stored: %s", routing.version, fault)
            self._unstored = routing, files, seen
            self._swap(routing)

    def _follow(self) -> None:
        """Serve what another process has noted as live since we last looked."""
        noted = self._versions.live()
        if noted is None or noted == self._noted:
            return
        self._noted = noted
        if self._serve_noted():
            self._unstored = None

    def _serve_noted(self) -> bool:
        """Serve the version noted as live; False when there is none, or it cannot be used."""
        routing = self._remembered.get(self._noted) if self._noted else None
        if routing is not None:
            self._swap(routing)
        return routing is not None

    def _serve_last_good(self) -> None:
        for version in dict.fromkeys((self._noted or "", *self._versions.newest_first())):
            routing = self._remembered.get(version)
            if routing is not None:
                self._log.error("serving the last good routing, %s", version)
                self._swap(routing)
                return
        raise NoRouting(self._problems)

    def _swap(self, routing: Routing) -> None:
        if routing is self._live:
            return
        self._live = routing
        self._adopted_at = datetime.fromtimestamp(self._wall(), UTC)
        self._log.info("routing %s is live", routing.version)

    def _accept(self) -> None:
        """config/ is what is served."""
        if self._problems:
            self._log.info("the configuration is in order again")
        self._refused, self._problems = "", ()

    def _refuse(self, content: str, faults: tuple[str, ...]) -> None:
        """Told once for the same content, however often its files are touched."""
        if content != self._refused or not content:
            self._log.error("the configuration is refused, the last good routing stays:\n%s", "\n".join(faults))
        self._refused, self._problems = content, faults
