"""Which calls somebody must still call back: one question, asked of all callers by time, or of a few by their key.

The key of an entry is the caller's keyed hash, or the call's id where there is no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, case, func, not_, select, union_all

from ivr.call_flow.summary import NOTHING_RECORDED

from .missed import MISSED
from .tables import CallbackRequestRow, CallRow, MessageRow
from .work_tables import WorkDoneRow


def key_in(calls: Any) -> ColumnElement[str]:
    """The key of the entry to which a call belongs; `calls` is the table of calls, by whatever name a query has it."""
    return func.coalesce(calls.caller_index, calls.sid)


KEY = key_in(CallRow)


def key_of(connection: Connection, sid: str) -> tuple[str, datetime] | None:
    """Under what key a call's entry is claimed, and when the call began; None when there is no such call."""
    row = connection.execute(select(KEY, CallRow.started_at).where(CallRow.sid == sid)).first()
    return (row[0], row[1]) if row else None


def open_calls(since: datetime | None, *, keys: Sequence[str] = ()) -> Subquery:
    """What is open: a row for each wish of each call, with the entry's key; of these keys only, or (none) of all."""
    call, message, callback = CallRow, MessageRow, CallbackRequestRow
    # An index serves one condition. With keys the caller's own is the one to walk, so that on the disposition, which
    # narrows little then, is written in a way that no index can serve.
    disposition: Any = func.coalesce(call.disposition, "") if keys else call.disposition
    urgent = case((call.urgent, 1), else_=0).label("urgent")
    columns = KEY.label("key"), call.sid, call.last_heard_at, urgent
    missed = select(*columns, call.location, call.started_at.label("at")).where(disposition.in_(MISSED))
    left = select(*columns, message.location, message.taken_at.label("at")).join(message, message.call_sid == call.sid)
    asked = select(*columns, callback.location, callback.requested_at.label("at"))
    asked = asked.join(callback, callback.call_sid == call.sid)
    left = left.where(message.status.not_in(NOTHING_RECORDED))
    moments: tuple[tuple[Any, Any], ...] = (
        (missed, call.started_at),
        (left, message.taken_at),
        (asked, callback.requested_at),
    )
    parts = []
    for part, moment in moments:
        for narrowed in [part.where(each) for each in by_index(keys)] if keys else [part]:
            of_list = narrowed.where(call.draft.is_(False), not_(_is_done()))
            parts.append(of_list if since is None else of_list.where(moment >= since))
    return union_all(*parts).subquery()


def _is_done() -> ColumnElement[bool]:
    return select(WorkDoneRow.call_sid).where(WorkDoneRow.call_sid == CallRow.sid).exists()


def by_index(keys: Sequence[str]) -> list[ColumnElement[bool]]:
    """Conditions that an index serves each, for calls whose key is one of these."""
    return [
        CallRow.caller_index.in_(keys),
        CallRow.sid.in_(keys) & CallRow.caller_index.is_(None),
    ]


def of_key(key: str) -> ColumnElement[bool]:
    by_caller, by_call = by_index([key])
    return by_caller | by_call
