"""Texts to callers, and the numbers that want no more of them. Numbers stand encrypted and as a keyed hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .tables import NAME, SID, Outgoing, Table


class PatientTextRow(Outgoing, Table):
    """One text to the caller of a call: the guide's link, or word after a missed call (`kind`).

    `day` is the clinic's. A number gets one of a kind a day, whichever hosts it reaches. What was asked for in vain is
    here too: dead from the beginning, `fault` says why, and without a number. `number` is encrypted, `number_index` its
    keyed hash; both are empty when forgotten.
    """

    __tablename__ = "patient_text"
    __table_args__ = (
        UniqueConstraint("kind", "number_index", "day", name="patient_text_once"),
        UniqueConstraint("call_sid", "kind", name="patient_text_call"),
        Index("patient_text_due", "state", "due_at"),
        Index("patient_text_made", "made_at"),
    )

    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(40))
    line: Mapped[str] = mapped_column(NAME)
    day: Mapped[str] = mapped_column(String(10))
    number: Mapped[str | None]
    number_index: Mapped[str | None] = mapped_column(String(32))


class TextOptOutRow(Table):
    """A number whose phone answered STOP. It is kept for good, for that is what was asked; nothing else is."""

    __tablename__ = "text_opt_out"

    number_index: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str]
    at: Mapped[datetime]
