"""Which calls somebody must still call back: asked of a few callers by their key, or of all, the longest waiting first.

The key of an entry is the caller's keyed hash, or the call's id where there is no number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, func, not_, or_, select, true, union_all

from ivr.call_flow.summary import NOTHING_RECORDED

from .missed import MISSED
from .tables import CallbackRequestRow, CallRow, MessageRow
from .work_tables import WorkDoneRow

# Keys of entries, or the question that gives them: there may be more than a statement takes as values.
Keys = Sequence[str] | Select[Any]

CALLS_AT_ONCE = 1000
LONGEST_CALL = timedelta(days=1)  # and more: Twilio ends a Dial after four hours (docs, TwiML Dial, timeLimit)


def key_in(calls: Any) -> ColumnElement[str]:
    """The key of the entry to which a call belongs; `calls` is the table of calls, by whatever name a query has it."""
    return func.coalesce(calls.caller_index, calls.sid)


KEY = key_in(CallRow)


def key_of(connection: Connection, sid: str) -> tuple[str, datetime] | None:
    """Under what key a call's entry is claimed, and when the call began; None when there is no such call."""
    row = connection.execute(select(KEY, CallRow.started_at).where(CallRow.sid == sid)).first()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Keys of entries, the longest waiting first. `complete` is False where more calls were open than looked at."""

    keys: tuple[str, ...]
    complete: bool


def open_calls(since: datetime | None, *, keys: Keys) -> Subquery:
    """What is open of these keys: a row for each wish of each call, with the entry's key."""
    # An index serves one condition. The caller's own is the one to walk, so that on the disposition, which narrows
    # little here, is written in a way that no index can serve.
    missed = _missed(func.coalesce(CallRow.disposition, "").in_(MISSED))
    parts = []
    for part, moment, _ in (missed, _left(), _asked()):
        for narrowed in (part.where(each) for each in by_index(keys)):
            if since is not None:
                # The second condition says little new, but it is the one with which a caller's index can start.
                narrowed = narrowed.where(moment >= since, CallRow.started_at >= since - LONGEST_CALL)
            parts.append(narrowed)
    return union_all(*parts).subquery()


def longest_waiting(
    connection: Connection, since: datetime, *, location: str | None, enough: int, besides: Collection[str] = ()
) -> Waiting:
    """Whose calls have been open longest since a moment, until `enough` keys are found that are not among `besides`.

    `location` is that of a wish, "" for none, None for any. Calls are looked at in time's order and no further than
    needed, so that it costs the same however many are open.
    """
    found: dict[str, None] = {}
    after: tuple[datetime, str] | None = None
    while True:
        rows = connection.execute(_walk(since, location, after)).all()
        found.update(dict.fromkeys(row.key for row in rows))
        complete = len(rows) < CALLS_AT_ONCE
        if complete or len(found.keys() - set(besides)) >= enough:
            return Waiting(tuple(found), complete)
        after = rows[-1].at, rows[-1].sid


def urgent_keys(connection: Connection, since: datetime) -> tuple[str, ...]:
    """Whose calls since a moment could not wait and are not done with, the oldest first."""
    urgent = select(KEY).where(CallRow.urgent == true(), CallRow.started_at >= since, *_of_list())
    return tuple(dict.fromkeys(connection.scalars(urgent.order_by(CallRow.started_at).limit(CALLS_AT_ONCE))))


def _walk(since: datetime, location: str | None, after: tuple[datetime, str] | None) -> Select[Any]:
    """The next open wishes. Each kind is a query of its own that walks an index; what they find is merged."""
    since = max(since, after[0]) if after else since
    parts = []
    for part, moment, place in (*(_missed(CallRow.disposition == each) for each in MISSED), _left(), _asked()):
        if location is not None:
            part = part.where(place == location)
        if after is not None:
            at, sid = after
            part = part.where(or_(moment > at, and_(moment == at, CallRow.sid > sid)))
        ordered = part.where(moment >= since).order_by(moment, CallRow.sid).limit(CALLS_AT_ONCE).subquery()
        parts.append(select(ordered.c.key, ordered.c.at, ordered.c.sid))
    merged = union_all(*parts).subquery()
    return select(merged).order_by(merged.c.at, merged.c.sid).limit(CALLS_AT_ONCE)


# A kind of wish: the question that finds it, the moment from which it is open, and its location.
Kind = tuple[Select[Any], Any, Any]


def _missed(which: ColumnElement[bool]) -> Kind:
    moment, place = CallRow.started_at, CallRow.location
    return _wish(place, moment).where(which), moment, place


def _left() -> Kind:
    moment, place = MessageRow.taken_at, MessageRow.location
    part = _wish(place, moment).join(MessageRow, MessageRow.call_sid == CallRow.sid)
    return part.where(MessageRow.status.not_in(NOTHING_RECORDED)), moment, place


def _asked() -> Kind:
    moment, place = CallbackRequestRow.requested_at, CallbackRequestRow.location
    return _wish(place, moment).join(CallbackRequestRow, CallbackRequestRow.call_sid == CallRow.sid), moment, place


def _wish(location: Any, moment: Any) -> Select[Any]:
    """What is told of one wish. `location` and `moment` are its own, not always the call's."""
    urgent = case((CallRow.urgent, 1), else_=0).label("urgent")
    columns = KEY.label("key"), CallRow.sid, CallRow.last_heard_at, urgent, location, moment.label("at")
    return select(*columns).where(*_of_list())


def _of_list() -> tuple[ColumnElement[bool], ...]:
    return CallRow.draft.is_(False), not_(_is_done())


def _is_done() -> ColumnElement[bool]:
    return select(WorkDoneRow.call_sid).where(WorkDoneRow.call_sid == CallRow.sid).exists()


def by_index(keys: Keys) -> list[ColumnElement[bool]]:
    """Conditions that an index serves each, for calls whose key is one of these."""
    # Those without a number are many. Written so, the index of callers cannot serve the second half, but that of ids.
    unknown = func.coalesce(CallRow.caller_index, "") == ""
    return [CallRow.caller_index.in_(keys), CallRow.sid.in_(keys) & unknown]


def of_key(key: str) -> ColumnElement[bool]:
    by_caller, by_call = by_index([key])
    return by_caller | by_call
