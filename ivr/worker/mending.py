"""A damaged SQLite file: set aside at the worker's start, and the call log filled again from what the disk has.

Callers need none of it. Only a file that was this service's own before is touched, and only when SQLite called it
damaged in two looks. The note of it stays until a person removes it, and as long as it does it is an alarm.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from ivr.call_flow.events import OverrideAsked
from ivr.call_log.damage import damage_in, file_of, is_marked, set_aside, unmark
from ivr.call_log.lost import Lost, read_lost, write_lost
from ivr.journal.again import drain_again
from ivr.journal.entry import Entry
from ivr.publishing.from_disk import not_asked_again, restore
from ivr.routing.phone_overrides import sources
from ivr.routing.whole_file import write_whole
from ivr.services import Services

KNOWN = "database-known"
START_SECONDS = 3.0  # of each of two looks: a large file is looked at in part, for the call log waits
LONG_SECONDS = 120.0  # once somebody met damage

log = logging.getLogger("ivr.worker")


class NotOurs(Exception):
    """What DATABASE_URL names is damaged, or no database at all, and never was this service's: it is left as it is."""


class Mending:
    """Of one host's worker, on its engine. Does nothing for PostgreSQL, which has its own tools."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine
        self._data = services.settings.data
        self._file = file_of(engine)

    def set_aside_if_damaged(self) -> None:
        """Before the tables are brought up, and by whoever holds `only_drainer`. Raises OSError, NotOurs.

        In this order it may be killed at any moment: the note, then the journal from its beginning, then the file.
        """
        if self._file is None or not self._file.exists():
            return
        what = damage_in(self._file, LONG_SECONDS if is_marked(self._file) else START_SECONDS)
        if not what:
            unmark(self._file)
            return
        if not self._is_ours(self._file):
            raise NotOurs(what)
        now = self._services.clock()
        write_lost(self._data, Lost(now, "", what))
        drain_again(self._data / "journal")
        self._engine.dispose()
        kept = set_aside(self._file, now)
        unmark(self._file)
        write_lost(self._data, Lost(now, kept.name, what))
        log.error("the database was damaged (%s) and is set aside as %s", what, kept.name)
        log.error("the journal is drained again from its beginning; what people did in the console is not in it")

    def restore_what_the_disk_has(self) -> None:
        """Once the tables are there. Raises OSError, SQLAlchemyError."""
        if self._file is None:
            return
        lost = read_lost(self._data)
        if lost and not lost.restored:
            self._restore()
            write_lost(self._data, replace(lost, restored=True))
        if not self._is_ours(self._file):
            with suppress(OSError):  # a full disk: at the next start, then
                write_whole(self._data / KNOWN, str(self._file).encode(), durable=True)

    def is_needed(self) -> bool:
        """Whether the file that somebody met damage in is damaged indeed: then the worker must begin anew."""
        if self._file is None or not is_marked(self._file):
            return False
        if what := damage_in(self._file, LONG_SECONDS):
            log.error("the database is damaged (%s): the worker begins anew", what)
            return True
        log.warning("somebody met damage in the database, and a whole look found none")
        unmark(self._file)
        return False

    def without_old_wishes(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries that may take effect: the journal of a lost database tells of overrides that are long over."""
        lost = read_lost(self._data) if any(entry.kind == OverrideAsked.__name__ for entry in entries) else None
        return not_asked_again(entries, lost.at, sources(self._data / "routing")) if lost else list(entries)

    def _restore(self) -> None:
        try:
            restore(self._engine, self._data / "routing", self._services.clock())
        except ValueError as fault:  # a file that nobody can read is no reason to stand still
            log.error("overrides and PINs could not be restored: %s", fault)

    def _is_ours(self, file: Path) -> bool:
        try:
            return (self._data / KNOWN).read_text() == str(file)
        except OSError:
            return False
