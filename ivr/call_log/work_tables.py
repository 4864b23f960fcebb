"""The tables of the list of callers to call back: who took an entry, what was noted, and which calls are done with.

Marks and notes belong to single calls, so that nothing said of one call ever hides another. Only a claim names a whole
entry: the caller's keyed hash, or the call's id where there is no number. No column holds a number.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .tables import BIG_ID, NAME, SID, Table


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
