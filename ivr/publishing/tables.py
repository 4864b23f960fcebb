"""The tables of published versions. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.call_log.tables import NAME, Table


class VersionRow(Table):
    """A configuration as it was published: its files as text and what was found when it was examined.

    `hash` is the name by which calls know it; the same files never become two versions. `parent` is the version that
    was live when its author began.
    """

    __tablename__ = "version"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    hash: Mapped[str] = mapped_column(String(40), unique=True)
    parent: Mapped[int | None] = mapped_column(ForeignKey("version.number"))
    author: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime]
    message: Mapped[str]
    files: Mapped[Any] = mapped_column(JSON)
    checks: Mapped[Any] = mapped_column(JSON)


class PublicationRow(Table):
    """A version went live. The newest row says what is live now. `action`: first, publish, edited or rollback."""

    __tablename__ = "publication"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    number: Mapped[int] = mapped_column(ForeignKey("version.number"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(NAME)
    action: Mapped[str] = mapped_column(String(20))
    message: Mapped[str]
