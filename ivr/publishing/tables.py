"""The tables of versions, of which rows are only ever added, and of overrides, testers, drafts, PINs and the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
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


class OverrideRow(Table):
    """A change that ends by itself, in force from `begins` to `ends`, or to `ended_at` when somebody ended it early.

    `source` names the event of a call by which it was made, so that telling it twice makes one row; else NULL.
    """

    __tablename__ = "override"
    __table_args__ = (Index("override_ends", "ends"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    location: Mapped[str] = mapped_column(NAME)
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    reason: Mapped[str]
    say: Mapped[Any] = mapped_column(JSON)
    to: Mapped[str] = mapped_column(NAME)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(NAME)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(NAME)
    source: Mapped[str | None] = mapped_column(NAME, unique=True)


class TesterRow(Table):
    """Somebody who may hear the draft: the keyed hash of their number, never the number."""

    __tablename__ = "tester"

    caller_index: Mapped[str] = mapped_column(String(32), primary_key=True)
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(NAME)


class DraftRow(Table):
    """The draft that testers hear; one row at most, taken away when it goes live or is called off."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(40))
    files: Mapped[Any] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime]


class PinRow(Table):
    """A PIN with which staff make changes by phone: the argon2 hash of its keyed hash, under a name for the account."""

    __tablename__ = "pin"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    hash: Mapped[str] = mapped_column(NAME)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(NAME)


class PinRefusalRow(Table):
    """When a PIN was refused on any host, under the key of the event; kept while it counts."""

    __tablename__ = "pin_refusal"

    key: Mapped[str] = mapped_column(NAME, primary_key=True)
    at: Mapped[datetime]


class DeskFileRow(Table):
    """A file of the draft that editors share in the console; one that is as it was when the draft began has no row.

    `parent` is the number of the version the draft began with, the same in all rows; NULL before the first version.
    """

    __tablename__ = "desk_file"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    text: Mapped[str]
    parent: Mapped[int | None] = mapped_column(ForeignKey("version.number"))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(NAME)


class EditorRow(Table):
    """Who is editing the draft in the console, and when they were seen last."""

    __tablename__ = "editor"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    seen_at: Mapped[datetime]
