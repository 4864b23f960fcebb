"""The tables of the outbox. No column holds a caller's number, name or words, and none a colleague's address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.call_log.tables import BIG_ID, NAME, SID, Outgoing, Table


class NoticeRow(Table):
    """Something people may have to be told. `key` follows from the fact, so that a fact makes one notice for ever.

    `about` names a host, a finding or an override, never a caller. `addressed_at` is when it was decided whom to tell.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("notice_addressed", "addressed_at"), Index("notice_made", "made_at"))

    key: Mapped[str] = mapped_column(NAME, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    location: Mapped[str] = mapped_column(NAME)
    about: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime]
    made_at: Mapped[datetime]
    addressed_at: Mapped[datetime | None]


class LetterRow(Outgoing, Table):
    """One or more notices on their way to one person by one way; the address is looked up when it is sent.

    `round` counts how often somebody asked to send it again.
    """

    __tablename__ = "letter"
    __table_args__ = (Index("letter_due", "state", "due_at"), Index("letter_made", "made_at"))

    key: Mapped[str] = mapped_column(NAME, unique=True)
    person: Mapped[str] = mapped_column(NAME)
    way: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]


class LetterNoticeRow(Table):
    """Which notices a letter tells of."""

    __tablename__ = "letter_notice"
    __table_args__ = (Index("letter_notice_notice", "notice"),)

    letter: Mapped[int] = mapped_column(BIG_ID, ForeignKey("letter.id", ondelete="CASCADE"), primary_key=True)
    notice: Mapped[str] = mapped_column(NAME, ForeignKey("notice.key", ondelete="CASCADE"), primary_key=True)


class UrgentRow(Table):
    """A call that could not wait and that nobody took: told again at `next_at` until somebody acknowledges it.

    `number` is how people name it; `at` when it was, `made_at` when we learned of it, `told` how often it was told.
    """

    __tablename__ = "urgent_call"
    __table_args__ = (Index("urgent_call_acknowledged", "acknowledged_at"),)

    number: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    call_sid: Mapped[str] = mapped_column(SID, unique=True)
    location: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime]
    made_at: Mapped[datetime]
    told: Mapped[int]
    next_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(NAME)


class AlarmRow(Table):
    """Something that lasts until it is cleared. It is told once, and again only after it was cleared meanwhile."""

    __tablename__ = "alarm"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    about: Mapped[str] = mapped_column(NAME, primary_key=True)
    told_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
