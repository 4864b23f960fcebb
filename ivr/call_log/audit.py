"""Who looked at or changed what. Rows are only ever added; they name calls and filters, never a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from .database import reading
from .tables import Audit

Detail = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the account: `actor` did `action`; `about` names a call or a filter."""

    id: int
    at: datetime
    actor: str
    action: str
    about: str
    detail: Mapping[str, Detail]


def note(connection: Connection, at: datetime, actor: str, action: str, about: str = "", **detail: Detail) -> None:
    """Add a line within the caller's own transaction, so that the deed and its account stand or fall together."""
    row = {"at": at, "actor": actor, "action": action, "about": about, "detail": detail}
    connection.execute(insert(Audit).values(**row))


def deeds(engine: Engine, *, limit: int = 50, before: int | None = None) -> list[Deed]:
    """The newest lines first; `before` is the id of the last line already seen."""
    query = select(Audit.id, Audit.at, Audit.actor, Audit.action, Audit.about, Audit.detail)
    if before is not None:
        query = query.where(Audit.id < before)
    with reading(engine) as connection:
        return [Deed(*row) for row in connection.execute(query.order_by(Audit.id.desc()).limit(limit))]
