"""The tables of calls that this service places itself: to call a caller back, and to test its own lines.

They are no calls of patients: nothing here is counted in reports, nobody misses them. No column holds a number.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .tables import BIG_ID, NAME, SID, Table


class OutboundCallRow(Table):
    """Somebody of the clinic wants to be joined with the caller of `call_sid`, whose number is looked up when it rings.

    `asked_by` is an account, `phone` the name of the configured phone that rings first, `line` whose number is shown.
    `state`: asked, placing (by `holder` until `held_until`), placed, unsure (it may have been placed), over. What came
    of it follows from the moments and the words of the carrier (`dialled`, `ended`), in whatever order they came.
    """

    __tablename__ = "outbound_call"
    __table_args__ = (
        Index("outbound_state", "state"),
        Index("outbound_call_sid", "call_sid"),
        Index("outbound_asked", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    call_sid: Mapped[str] = mapped_column(SID, ForeignKey("call.sid", ondelete="CASCADE"))
    asked_by: Mapped[str] = mapped_column(NAME)
    phone: Mapped[str] = mapped_column(NAME)
    line: Mapped[str] = mapped_column(NAME)
    location: Mapped[str] = mapped_column(NAME)
    state: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    not_before: Mapped[datetime]
    holder: Mapped[str] = mapped_column(NAME)
    held_until: Mapped[datetime | None]
    carrier_sid: Mapped[str] = mapped_column(SID)
    answered_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    dialled: Mapped[str] = mapped_column(String(20))
    talk_seconds: Mapped[int]
    ended: Mapped[str] = mapped_column(String(20))
    fault: Mapped[str]


class TestCallRow(Table):
    """A test call to a line of ours, due at a moment: one for each, whoever places it.

    `state`: placing, placed, failed; then heard or not heard. `carrier_sid` is the calling leg.
    """

    __tablename__ = "test_call"
    __test__ = False  # pytest looks at the name

    line: Mapped[str] = mapped_column(NAME, primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    placed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    carrier_sid: Mapped[str] = mapped_column(SID)
    fault: Mapped[str]
