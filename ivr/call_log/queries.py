"""The calls themselves: the newest by filter, page by page; one call with all that belongs to it.

A page continues after the last row seen (keyset), so that the thousandth page costs what the first does and calls that
arrive meanwhile shift nothing. Each disposition or caller asked for is a query of its own: all of them walk an index
from its newest end, and their pages are merged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, or_, select

from .database import reading
from .tables import EPOCH, MILLISECOND, CallbackRequestRow, CallRow, EventRow, LegRow, MessageRow

SID_LENGTH = 34


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the call table, field by field in the table's order; `caller` is sealed. See tables.CallRow."""

    sid: str
    started_at: datetime
    ended_at: datetime | None
    last_heard_at: datetime
    line: str
    location: str
    language: str
    pace: str
    version: str
    disposition: str
    status: str
    hung_up_by: str
    closed_by: str
    wait_seconds: int
    ring_seconds: int
    talk_seconds: int
    total_seconds: int
    withheld: bool
    path: list[str]
    topics: list[dict[str, Any]]
    visits: list[dict[str, Any]]
    caller: str | None
    caller_index: str | None
    number_forgotten_at: datetime | None
    reconciled_at: datetime | None
    draft: bool
    urgent: bool

    @property
    def live(self) -> bool:
        """Whether the call is still under way."""
        return self.disposition == ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One ringing of one phone. See tables.LegRow."""

    call_sid: str
    hop: int
    phone: str
    group: str
    location: str
    rang_at: datetime
    outcome: str
    ring_seconds: int
    talk_seconds: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message left. See tables.MessageRow."""

    recording: str
    call_sid: str
    mailbox: str
    location: str
    taken_at: datetime
    seconds: int
    status: str
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Callback:
    """A wish to be called back. See tables.CallbackRequestRow."""

    call_sid: str
    destination: str
    location: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class WholeCall:
    """A call and all that belongs to it. `events` is how many facts are kept of it, none when they were erased."""

    call: Call
    legs: tuple[Leg, ...]
    messages: tuple[Message, ...]
    callback: Callback | None
    events: int


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls; what is empty does not matter. Moments are aware, `until` is excluded.

    `dispositions` may hold "" for calls under way. `callers` are keyed hashes of one number (numbers.look_up).
    `draft`: only testers' calls that heard a draft, or (False) only the others.
    """

    since: datetime | None = None
    until: datetime | None = None
    location: str = ""
    line: str = ""
    language: str = ""
    dispositions: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    draft: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended. As text (`str`, `read_place`) it may stand in an address."""

    started_at: datetime
    sid: str

    def __str__(self) -> str:
        return f"{(self.started_at - EPOCH) // MILLISECOND}.{self.sid}"


@dataclass(frozen=True, slots=True)
class Page:
    """Calls, newest first, and where the next page begins: None when there are no more."""

    calls: tuple[Call, ...]
    more: Place | None


def read_place(text: str) -> Place:
    """The place a page's text names. Raises ValueError for any other text."""
    moment, dot, sid = text.partition(".")
    if not (dot and moment.isascii() and moment.isdigit() and len(moment) <= 14 and len(sid) <= SID_LENGTH):
        raise ValueError("this is no place in the list of calls")
    return Place(EPOCH + timedelta(milliseconds=int(moment)), sid)


def newest(engine: Engine, filters: Filters, *, limit: int = 50, before: Place | None = None) -> Page:
    """The newest calls that fit, after the place `before` where an earlier page ended."""
    with reading(engine) as connection:
        found = [
            Call(*row)
            for disposition, caller in product(filters.dispositions or (None,), filters.callers or (None,))
            for row in connection.execute(_query(filters, disposition, caller, before).limit(limit + 1))
        ]
    found.sort(key=lambda call: (call.started_at, call.sid), reverse=True)
    page = tuple(found[:limit])
    more = Place(page[-1].started_at, page[-1].sid) if len(found) > limit and page else None
    return Page(page, more)


def oldest(connection: Connection, filters: Filters, *, limit: int, after: Place | None = None) -> list[Call]:
    """The oldest calls that fit, after the place `after` where an earlier page ended, in a transaction of the caller's.

    Fewer than `limit` are the last ones.
    """
    found = [
        Call(*row)
        for disposition, caller in product(filters.dispositions or (None,), filters.callers or (None,))
        for row in connection.execute(_query_onwards(filters, disposition, caller, after).limit(limit))
    ]
    found.sort(key=lambda call: (call.started_at, call.sid))
    return found[:limit]


def calls_like(engine: Engine, start: str, *, limit: int = 2) -> tuple[str, ...]:
    """The ids of calls that begin with `start`, itself a whole id or the beginning of one; at most `limit`."""
    low, high = start.ljust(SID_LENGTH, "0"), start.ljust(SID_LENGTH, "f")
    with reading(engine) as connection:
        return tuple(connection.scalars(select(CallRow.sid).where(CallRow.sid.between(low, high)).limit(limit)))


def one_call(engine: Engine, sid: str) -> WholeCall | None:
    """A call and all that belongs to it; None when there is no such call."""
    with reading(engine) as connection:
        row = connection.execute(select(CallRow.__table__).where(CallRow.sid == sid)).first()
        if row is None:
            return None
        callback = _of(connection, CallbackRequestRow, sid).first()
        return WholeCall(
            Call(*row),
            tuple(Leg(*leg) for leg in _of(connection, LegRow, sid)),
            tuple(Message(*message) for message in _of(connection, MessageRow, sid)),
            None if callback is None else Callback(*callback),
            len(connection.scalars(select(EventRow.key).where(EventRow.call_sid == sid)).all()),
        )


def history(engine: Engine, callers: tuple[str, ...], *, limit: int = 50, before: Place | None = None) -> Page:
    """One caller's calls, newest first; `callers` are the hashes of their number, and no hash is nobody."""
    return newest(engine, Filters(callers=callers), limit=limit, before=before) if callers else Page((), None)


def _query(filters: Filters, disposition: str | None, caller: str | None, before: Place | None) -> Select[Any]:
    query = _fitting(filters, disposition, caller).order_by(CallRow.started_at.desc(), CallRow.sid.desc())
    if before is not None:
        same = and_(CallRow.started_at == before.started_at, CallRow.sid < before.sid)
        # The first condition says nothing new, but it is the one an index can start from.
        query = query.where(CallRow.started_at <= before.started_at, or_(CallRow.started_at < before.started_at, same))
    return query


def _query_onwards(filters: Filters, disposition: str | None, caller: str | None, after: Place | None) -> Select[Any]:
    query = _fitting(filters, disposition, caller).order_by(CallRow.started_at, CallRow.sid)
    if after is not None:
        same = and_(CallRow.started_at == after.started_at, CallRow.sid > after.sid)
        query = query.where(CallRow.started_at >= after.started_at, or_(CallRow.started_at > after.started_at, same))
    return query


def _fitting(filters: Filters, disposition: str | None, caller: str | None) -> Select[Any]:
    query = select(CallRow.__table__)
    for column, wanted in (
        (CallRow.location, filters.location or None),
        (CallRow.line, filters.line or None),
        (CallRow.language, filters.language or None),
        (CallRow.disposition, disposition),
        (CallRow.caller_index, caller),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if filters.draft is not None:
        query = query.where(CallRow.draft.is_(filters.draft))
    if filters.since is not None:
        query = query.where(CallRow.started_at >= filters.since)
    if filters.until is not None:
        query = query.where(CallRow.started_at < filters.until)
    return query


def _of(connection: Connection, table: type[LegRow | MessageRow | CallbackRequestRow], sid: str) -> Any:
    order = {LegRow: (LegRow.hop, LegRow.phone), MessageRow: (MessageRow.taken_at, MessageRow.recording)}
    return connection.execute(select(table.__table__).where(table.call_sid == sid).order_by(*order.get(table, ())))
