"""The desk: the draft that editors share in the console, its files as far as they differ from what it began with.

Nothing on the desk is heard by anybody before it is published. A save names the text it was made from by its mark; if
somebody saved meanwhile, it is not made, and both texts are given back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, select, update

from ivr.call_log import audit
from ivr.call_log.database import reading, wait_for_others, writing
from ivr.call_log.statements import put

from .examination import Examination
from .publish import Outcome, Unchanged, publish
from .tables import DeskFileRow, EditorRow, VersionRow
from .versions import Publication, live_in

ONE_AT_A_TIME = 4_870_251_995  # PostgreSQL's lock for those who save
HERE = timedelta(minutes=2)
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Edited:
    """Who saved a file of the draft last, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """The draft as it stands: all its files, those it began with, and who edited what.

    `parent` is the number of the version it began with, None before the first; `live` is what is live now.
    """

    files: Files
    began: Files
    parent: int | None
    live: Publication | None
    edited: Mapping[str, Edited]

    @property
    def is_overtaken(self) -> bool:
        """Whether another version went live since the draft began."""
        return bool(self.edited) and self.parent != (self.live.number if self.live else None)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved the file meanwhile, and nothing was changed. `theirs` is what stands there now."""

    theirs: bytes
    by: str
    at: datetime | None


def mark(file: bytes) -> str:
    """A short name for exactly this text."""
    return hashlib.sha256(file).hexdigest()[:16]


def desk(engine: Engine, found: Files) -> Desk:
    """The draft as it stands. `found` is what this host serves, which counts before the first version is published."""
    with reading(engine) as connection:
        return _desk(connection, found)


def save(
    engine: Engine, name: str, file: bytes, *, seen: str, found: Files, actor: str, now: datetime
) -> Conflict | None:
    """Put a file's new text on the desk, made from the text with the mark `seen`; the conflict, if there is one.

    Raises LookupError when the draft has no such file, ValueError for a text that no database keeps, SQLAlchemyError.
    """
    if b"\0" in file:
        raise ValueError("the text holds a zero byte")
    written = file.decode()
    with writing(engine) as connection:
        wait_for_others(connection, ONE_AT_A_TIME)
        there = _desk(connection, found)
        if name not in there.files:
            raise LookupError(f"the draft has no file {name}")
        if file == there.files[name]:
            return None
        if mark(there.files[name]) != seen:
            last = there.edited.get(name)
            return Conflict(there.files[name], last.by if last else "", last.at if last else None)
        if file == there.began[name]:
            connection.execute(delete(DeskFileRow).where(DeskFileRow.name == name))
        else:
            row = {"name": name, "text": written, "parent": there.parent, "changed_at": now, "changed_by": actor}
            put(connection, DeskFileRow, [row])
        audit.note(connection, now, actor, "draft edited", name)
    return None


def discard(engine: Engine, *, actor: str, now: datetime) -> bool:
    """Take everything off the desk, so that the draft is what is live; False when nothing was on it."""
    with writing(engine) as connection:
        wait_for_others(connection, ONE_AT_A_TIME)
        names = connection.scalars(delete(DeskFileRow).returning(DeskFileRow.name)).all()
        if names:
            audit.note(connection, now, actor, "draft discarded", ", ".join(sorted(names)))
    return bool(names)


def follow(engine: Engine, found: Files, *, seen: int, actor: str, now: datetime) -> list[str]:
    """Have the draft begin with version `seen`, if that is live: its files are edited ones where there are some.

    Gives the files that both have changed, in which the draft's text is kept.
    """
    with writing(engine) as connection:
        wait_for_others(connection, ONE_AT_A_TIME)
        there = _desk(connection, found)
        if not there.is_overtaken or there.live is None or there.live.number != seen:
            return []
        newer = _files_in(connection, seen)
        both = [name for name in there.edited if newer.get(name) not in (there.began.get(name), there.files[name])]
        _settle(connection, newer, seen)
        audit.note(connection, now, actor, "draft brought up to date", f"version {seen}")
    return sorted(both)


def publish_desk(
    engine: Engine, draft: Desk, examination: Examination, *, author: str, message: str, now: datetime
) -> Outcome:
    """Make the draft live as it was examined; what colleagues saved since then stays on the desk."""
    outcome = publish(
        engine,
        draft.files,
        examination,
        parent=draft.parent,
        author=author,
        message=message,
        now=now,
        action="publish" if draft.live else "first",
    )
    if isinstance(outcome, Publication | Unchanged):
        live = outcome if isinstance(outcome, Publication) else outcome.live
        with writing(engine) as connection:
            wait_for_others(connection, ONE_AT_A_TIME)
            _settle(connection, draft.files, live.number)
    return outcome


def here(engine: Engine, name: str, now: datetime) -> list[str]:
    """Note that somebody is editing; who else was within the last two minutes."""
    with writing(engine) as connection:
        put(connection, EditorRow, [{"name": name, "seen_at": now}])
        connection.execute(delete(EditorRow).where(EditorRow.seen_at < now - HERE))
        others = select(EditorRow.name).where(EditorRow.name != name).order_by(EditorRow.name)
        return list(connection.scalars(others))


def _desk(connection: Connection, found: Files) -> Desk:
    rows = connection.execute(
        select(
            DeskFileRow.name, DeskFileRow.text, DeskFileRow.parent, DeskFileRow.changed_at, DeskFileRow.changed_by
        ).order_by(DeskFileRow.name)
    ).all()
    live = live_in(connection)
    parent = rows[0].parent if rows else live.number if live else None
    began = found if parent is None else _files_in(connection, parent)
    files = {**began, **{row.name: row.text.encode() for row in rows}}
    return Desk(files, began, parent, live, {row.name: Edited(row.changed_by, row.changed_at) for row in rows})


def _files_in(connection: Connection, number: int) -> dict[str, bytes]:
    files = connection.scalar(select(VersionRow.files).where(VersionRow.number == number)) or {}
    return {name: file.encode() for name, file in files.items()}


def _settle(connection: Connection, files: Files, number: int) -> None:
    """The draft begins with this version from now on: edited files that it holds already are edited no more."""
    for name, written in connection.execute(select(DeskFileRow.name, DeskFileRow.text)).all():
        if files.get(name) == written.encode():
            connection.execute(delete(DeskFileRow).where(DeskFileRow.name == name))
    connection.execute(update(DeskFileRow).values(parent=number))
