"""The published versions as they are stored: which is live, which came before, and their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, select

from ivr.call_log.database import reading

from .tables import PublicationRow, VersionRow


@dataclass(frozen=True, slots=True)
class Version:
    """A version without its files. `parent` is the number of the version it was made from, None for the first."""

    number: int
    hash: str
    parent: int | None
    author: str
    at: datetime
    message: str
    checks: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that went live: which, when, by whom and how."""

    id: int
    number: int
    hash: str
    at: datetime
    actor: str
    action: str
    message: str


def live(engine: Engine) -> Publication | None:
    """What is live now; None before the first version."""
    with reading(engine) as connection:
        return live_in(connection)


def live_in(connection: Connection) -> Publication | None:
    """What is live now, as a transaction sees it."""
    return _publication(connection.execute(_publications().limit(1)).first())


def publications(engine: Engine, *, limit: int = 50, before: int | None = None) -> list[Publication]:
    """What went live, the newest first; `before` is the id of the last one already seen."""
    query = _publications().limit(limit)
    if before is not None:
        query = query.where(PublicationRow.id < before)
    with reading(engine) as connection:
        return [Publication(*row) for row in connection.execute(query)]


def versions(engine: Engine, *, limit: int = 50) -> list[Version]:
    """The newest versions first."""
    query = _versions().order_by(VersionRow.number.desc()).limit(limit)
    with reading(engine) as connection:
        return [Version(*row) for row in connection.execute(query)]


def version(engine: Engine, number: int) -> Version | None:
    """One version by its number."""
    with reading(engine) as connection:
        row = connection.execute(_versions().where(VersionRow.number == number)).first()
    return Version(*row) if row else None


def files_of(engine: Engine, number: int) -> dict[str, bytes]:
    """The files of a version, by name. Raises LookupError when there is no such version."""
    with reading(engine) as connection:
        files = connection.scalar(select(VersionRow.files).where(VersionRow.number == number))
    if files is None:
        raise LookupError(f"there is no version {number}")
    return {name: text.encode() for name, text in files.items()}


def _publications() -> Select[*tuple[Any, ...]]:
    columns = select(
        PublicationRow.id,
        PublicationRow.number,
        VersionRow.hash,
        PublicationRow.at,
        PublicationRow.actor,
        PublicationRow.action,
        PublicationRow.message,
    )
    joined = columns.join(VersionRow, VersionRow.number == PublicationRow.number)
    return joined.order_by(PublicationRow.id.desc())


def _publication(row: Row[*tuple[Any, ...]] | None) -> Publication | None:
    return Publication(*row) if row else None


def _versions() -> Select[*tuple[Any, ...]]:
    return select(
        VersionRow.number,
        VersionRow.hash,
        VersionRow.parent,
        VersionRow.author,
        VersionRow.at,
        VersionRow.message,
        VersionRow.checks,
    )
