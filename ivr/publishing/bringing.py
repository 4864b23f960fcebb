"""Keeps a host's disk and the database of one mind about what is live.

The database's word counts. Where edits of config/ publish themselves (autopublish), what a web process has adopted
from there since we last looked is put into the database as a version of its own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from ivr.routing.folder import read_folder
from ivr.routing.text import Limits
from ivr.routing.versions import Versions
from ivr.routing.whole_file import write_whole

from .examination import Examination
from .publish import Refused, publish
from .versions import Publication, files_of, live

EDITED_BY = "config/"
NOTE = "brought.json"

log = logging.getLogger("ivr.publishing")

Examine = Callable[[Mapping[str, bytes]], Examination]


class Bringer:
    """One host's. `store` is its folder of versions, `examine` checks files; `autopublish` takes local edits as live.

    `run` raises OSError and SQLAlchemyError; then everything stays as it was.
    """

    def __init__(self, engine: Engine, folder: Path, examine: Examine, limits: Limits, *, autopublish: bool) -> None:
        self._engine = engine
        self._note = folder / NOTE
        self._store = Versions(folder)
        self._examine = examine
        self._limits = limits
        self._autopublish = autopublish
        self._refused = ""

    def run(self, now: datetime) -> Publication | None:
        """Bring what is live to this disk, or publish what was adopted here; what is live then."""
        published = live(self._engine)
        here = self._store.live()
        if published is None:
            return self._publish(here, None, "first", now) if here else None
        if published.hash == here:
            self._remember(published)
            return published
        if self._autopublish and here and self._remembered() == published.id:
            return self._publish(here, published, "edited", now)
        self._bring(published)
        return published

    def _bring(self, published: Publication) -> None:
        self._store.keep(published.hash, files_of(self._engine, published.number))
        with self._store.alone():
            self._store.note(published.hash)
        self._remember(published)

    def _publish(self, version: str, parent: Publication | None, action: str, now: datetime) -> Publication | None:
        """Publish what is live on this disk. What does not pass is live here all the same, and told by `draft`."""
        files, faults = read_folder(self._store.folder_of(version), self._limits)
        if faults or version == self._refused:
            return parent
        outcome = publish(
            self._engine,
            files,
            self._examine(files),
            parent=parent.number if parent else None,
            author=EDITED_BY,
            message=_message(self._engine, parent, files),
            now=now,
            action=action,
        )
        if isinstance(outcome, Publication):
            self._remember(outcome)
            return outcome
        if isinstance(outcome, Refused):
            self._refused = version
            log.error("an edit of config/ is live but could not be published:\n%s", "\n".join(outcome.reasons))
        return parent

    def _remembered(self) -> int | None:
        """The publication this disk followed last."""
        try:
            found = json.loads(self._note.read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, int) else None

    def _remember(self, published: Publication) -> None:
        if self._remembered() == published.id:
            return
        write_whole(self._note, f"{published.id}\n".encode(), durable=True)


def _message(engine: Engine, parent: Publication | None, files: Mapping[str, bytes]) -> str:
    """Which files were edited."""
    if parent is None:
        return "The configuration as it was found."
    before = files_of(engine, parent.number)
    names = sorted(name for name in {*before, *files} if before.get(name) != files.get(name))
    return f"Edited: {', '.join(names)}."
