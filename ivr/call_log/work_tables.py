"""The tables of the list of callers to call back: who took an entry, what was noted, which calls are done with or open.

Marks and notes belong to single calls, so that nothing said of one call ever hides another. A claim names a whole
entry: the caller's keyed hash, or the call's id where there is no number. No column holds a number.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from .tables import BIG_ID, BY_KEY, NAME, SID, Table


class WorkClaimRow(Table):
    """Somebody is dealing with an entry. One row an entry, so that two people never hold it."""

    __tablename__ = "work_claim"

    entry: Mapped[str] = mapped_column(SID, primary_key=True)
    claimed_by: Mapped[str] = mapped_column(NAME)
    claimed_at: Mapped[datetime]


class WorkNoteRow(Table):
    """What somebody wrote down about a call, in their own words."""

    __tablename__ = "work_note"
    __table_args__ = (Index("work_note_call", "call_sid"), Index("work_note_at", "at"))

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"))
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(NAME)
    text: Mapped[str]


class WorkDoneRow(Table):
    """A call that somebody dealt with, and how. Taking the row away opens the call again."""

    __tablename__ = "work_done"
    __table_args__ = (Index("work_done_at", "at"),)

    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    done_by: Mapped[str] = mapped_column(NAME)
    outcome: Mapped[str] = mapped_column(String(20))


class WorkOpenRow(Table):
    """A wish that nobody dealt with: a missed call, a message, a request. It follows from the other tables alone.

    Those hold millions of calls that are done with, this one only what is not; `work_open.refresh` writes it. `at` is
    the moment from which it is open, `location` the wish's own.
    """

    __tablename__ = "work_open"
    __table_args__ = (
        Index("work_open_at", "at", "call_sid"),
        Index("work_open_location", "location", "at", "call_sid"),
        Index("work_open_entry", "entry", "at"),
        Index("work_open_urgent", "at", sqlite_where=text("urgent = 1"), postgresql_where=text("urgent = true")),
        BY_KEY,
    )

    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    location: Mapped[str] = mapped_column(NAME, primary_key=True)
    entry: Mapped[str] = mapped_column(SID)
    urgent: Mapped[bool]
