"""Makes a version live: whole or not at all, one at a time, and never over a change its author has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from ivr.call_log import audit
from ivr.call_log.database import wait_for_others, writing

from .drafts import went_live
from .examination import Examination
from .tables import PublicationRow, VersionRow
from .versions import Publication, live_in

ONE_AT_A_TIME = 4_870_251_994  # any number of our own; PostgreSQL's lock for those who publish


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody else published since the author began; nothing was changed. `by` is what is live now."""

    by: Publication


@dataclass(frozen=True, slots=True)
class Refused:
    """The version was not published: its checks, proof or stories fail."""

    examination: Examination

    @property
    def reasons(self) -> list[str]:
        return self.examination.reasons()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Exactly these files are live already."""

    live: Publication


Outcome = Publication | Overtaken | Refused | Unchanged


def publish(
    engine: Engine,
    files: Mapping[str, bytes],
    examination: Examination,
    *,
    parent: int | None,
    author: str,
    message: str,
    now: datetime,
    action: str = "publish",
) -> Outcome:
    """Make these files live, if they passed their examination and `parent` is still what is live.

    `parent` is the number of the version the author began with, None before the first. Raises SQLAlchemyError.
    """
    if not examination.passed:
        return Refused(examination)
    with writing(engine) as connection:
        now_live = _alone(connection)
        if now_live and now_live.hash == examination.version:
            return Unchanged(now_live)
        if (now_live.number if now_live else None) != parent:
            assert now_live is not None, "versions are never deleted"
            return Overtaken(now_live)
        number = _stored(connection, files, examination, parent, author, message, now)
        return _made_live(connection, number, examination.version, author, action, message, now)


class SeenNoMore(Exception):
    """What its author saw as live is not live any more; nothing was changed."""


def rollback(
    engine: Engine, number: int, *, actor: str, message: str, now: datetime, seen: int | None = None
) -> Publication | Unchanged:
    """Make an earlier version live again. Raises LookupError when there is no such version, SQLAlchemyError.

    With `seen`, the id of the publication that the author knows as live, it raises SeenNoMore if another one is.
    """
    with writing(engine) as connection:
        now_live = _alone(connection)
        if seen is not None and now_live and now_live.id != seen:
            raise SeenNoMore
        found = connection.scalar(select(VersionRow.hash).where(VersionRow.number == number))
        if found is None:
            raise LookupError(f"there is no version {number}")
        if now_live and now_live.number == number:
            return Unchanged(now_live)
        return _made_live(connection, number, found, actor, "rollback", message, now)


def _alone(connection: Connection) -> Publication | None:
    """What is live now, with everybody else who publishes kept waiting until the transaction ends."""
    wait_for_others(connection, ONE_AT_A_TIME)
    return live_in(connection)


def _stored(
    connection: Connection,
    files: Mapping[str, bytes],
    examination: Examination,
    parent: int | None,
    author: str,
    message: str,
    now: datetime,
) -> int:
    """The number of the version with these files, which is new unless they were published before."""
    known = connection.scalar(select(VersionRow.number).where(VersionRow.hash == examination.version))
    if known is not None:
        return known
    row = {
        "hash": examination.version,
        "parent": parent,
        "author": author,
        "at": now,
        "message": message,
        "files": {name: text.decode() for name, text in files.items()},
        "checks": examination.as_data(),
    }
    return connection.execute(insert(VersionRow).values(row).returning(VersionRow.number)).scalar_one()


def _made_live(
    connection: Connection, number: int, version: str, actor: str, action: str, message: str, now: datetime
) -> Publication:
    row = {"number": number, "at": now, "actor": actor, "action": action, "message": message}
    made = insert(PublicationRow).values(row).returning(PublicationRow.id)
    publication = connection.execute(made).scalar_one()
    went_live(connection, version)
    audit.note(connection, now, actor, action, f"version {number}", message=message)
    return Publication(publication, number, version, now, actor, action, message)
