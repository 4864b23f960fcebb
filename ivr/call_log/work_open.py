"""Which calls somebody must still call back: asked of a few callers by their key, or of all, the longest waiting first.

The key of an entry is the caller's keyed hash, or the call's id where there is no number. What is open lies in a table
of its own, which `work_rule.py` fills.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, case, func, or_, select, true

from .tables import CallRow
from .work_tables import WorkOpenRow

# Keys of entries, or the question that gives them: there may be more than a statement takes as values.
Keys = Sequence[str] | Select[Any]

CALLS_AT_ONCE = 1000


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
    wish = WorkOpenRow
    urgent = case((wish.urgent, 1), else_=0).label("urgent")
    columns = wish.entry.label("key"), CallRow.sid, CallRow.last_heard_at, urgent, wish.location, wish.at
    query = select(*columns).join(CallRow, CallRow.sid == wish.call_sid).where(wish.entry.in_(keys))
    return (query if since is None else query.where(wish.at >= since)).subquery()


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
        found.update(dict.fromkeys(row.entry for row in rows))
        complete = len(rows) < CALLS_AT_ONCE
        if complete or len(found.keys() - set(besides)) >= enough:
            return Waiting(tuple(found), complete)
        after = rows[-1].at, rows[-1].call_sid


def urgent_keys(connection: Connection, since: datetime) -> tuple[str, ...]:
    """Whose calls since a moment could not wait and are not done with, the oldest first."""
    wish = WorkOpenRow
    urgent = select(wish.entry).where(wish.urgent == true(), wish.at >= since)
    return tuple(dict.fromkeys(connection.scalars(urgent.order_by(wish.at).limit(CALLS_AT_ONCE))))


def _walk(since: datetime, location: str | None, after: tuple[datetime, str] | None) -> Select[str, datetime, str]:
    """The next open wishes."""
    wish = WorkOpenRow
    since = max(since, after[0]) if after else since
    query = select(wish.entry, wish.at, wish.call_sid).where(wish.at >= since)
    if location is not None:
        query = query.where(wish.location == location)
    if after is not None:
        at, sid = after
        query = query.where(or_(wish.at > at, wish.call_sid > sid))
    return query.order_by(wish.at, wish.call_sid).limit(CALLS_AT_ONCE)


def by_index(keys: Keys) -> list[ColumnElement[bool]]:
    """Conditions that an index serves each, for calls whose key is one of these."""
    # Those without a number are many. Written so, the index of callers cannot serve the second half, but that of ids.
    unknown = func.coalesce(CallRow.caller_index, "") == ""
    return [CallRow.caller_index.in_(keys), CallRow.sid.in_(keys) & unknown]


def of_key(key: str) -> ColumnElement[bool]:
    by_caller, by_call = by_index([key])
    return by_caller | by_call
