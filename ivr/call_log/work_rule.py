"""The rule by which a call is open, and the table of what is: written anew whenever something of a call changes.

A call is open while nobody marked it done, for each of its wishes: it was missed, a message was left in it, or its
caller asked to be called back. Testers' calls of a draft are never open. Nearly all calls are over and done with, so
the list is not asked of them but of `work_open`, which holds the open wishes alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, insert, not_, select, union

from ivr.call_flow.summary import NOTHING_RECORDED

from .database import reading, writing
from .missed import MISSED
from .tables import CallbackRequestRow, CallRow, MessageRow
from .work_open import CALLS_AT_ONCE, KEY
from .work_tables import WorkDoneRow, WorkOpenRow

COLUMNS = "call_sid", "at", "location", "entry", "urgent"


def refresh(connection: Connection, sids: Collection[str]) -> None:
    """Write anew what is open of these calls. Whoever changes one of them does so in the same transaction.

    Also where a mark comes or goes, or the caller's hash does.
    """
    if not sids:
        return
    # Of two who change the same call, the later one waits here and then sees what the earlier one did.
    held = select(CallRow.sid).where(CallRow.sid.in_(sids)).order_by(CallRow.sid).with_for_update()
    known = connection.scalars(held).all()
    connection.execute(delete(WorkOpenRow).where(WorkOpenRow.call_sid.in_(known)))
    connection.execute(insert(WorkOpenRow).from_select(COLUMNS, _open(CallRow.sid.in_(known))))


def mend(engine: Engine, since: datetime) -> int:
    """Write anew what is open of calls begun or marked since a moment where it is not as it should be; how many calls.

    A host that still runs a release without this table changes calls and marks, and leaves it as it was.
    Raises SQLAlchemyError.
    """
    begun = CallRow.started_at >= since
    columns = [WorkOpenRow.__table__.c[name] for name in COLUMNS]
    listed = select(*columns).join(CallRow, CallRow.sid == WorkOpenRow.call_sid).where(begun)
    with reading(engine) as connection:
        lost = connection.execute(_open(begun).except_(listed)).all()
        left = connection.execute(listed.except_(_open(begun))).all()
        marked = select(WorkDoneRow.call_sid).join(WorkOpenRow, WorkOpenRow.call_sid == WorkDoneRow.call_sid)
        done = connection.execute(marked.where(WorkDoneRow.at >= since)).all()
    wrong = sorted({row.call_sid for row in (*lost, *left, *done)})
    for start in range(0, len(wrong), CALLS_AT_ONCE):
        with writing(engine) as connection:
            refresh(connection, wrong[start : start + CALLS_AT_ONCE])
    return len(wrong)


def _open(which: ColumnElement[bool]) -> Select[Any]:
    """The open wishes of some calls, in the order of COLUMNS. A union tells what is there twice once."""
    call, message, asked = CallRow, MessageRow, CallbackRequestRow
    missed = _wish(call.started_at, call.location).where(call.disposition.in_(MISSED))
    left = _wish(message.taken_at, message.location).join(message, message.call_sid == call.sid)
    left = left.where(message.status.not_in(NOTHING_RECORDED))
    back = _wish(asked.requested_at, asked.location).join(asked, asked.call_sid == call.sid)
    done = select(WorkDoneRow.call_sid).where(WorkDoneRow.call_sid == call.sid).exists()
    parts = (part.where(which, call.draft.is_(False), not_(done)) for part in (missed, left, back))
    return select(union(*parts).subquery())


def _wish(at: Any, location: Any) -> Select[Any]:
    call_sid, entry = CallRow.sid.label("call_sid"), KEY.label("entry")
    return select(call_sid, at.label("at"), location.label("location"), entry, CallRow.urgent)
