"""The callers somebody must call back: missed calls, messages and requests, one entry a caller, the urgent first.

A call is on the list until somebody marks it done. That the caller reached a person later is shown and takes nothing
off; what the log learns after a mark (a newer call, or an older one told late) is open again. Callers whose number is
withheld or forgotten cannot be told apart: each of their calls is an entry. Testers' calls of a draft are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, case, distinct, func, select

from ivr.call_flow.disposition import Disposition
from ivr.call_flow.summary import NOTHING_RECORDED

from .database import reading
from .missed import MISSED
from .queries import Call, Message
from .tables import CallbackRequestRow, CallRow, MessageRow
from .work_open import KEY, Keys, Waiting, by_index, key_of, longest_waiting, open_calls, urgent_keys
from .work_tables import WorkClaimRow, WorkNoteRow

HORIZON = timedelta(days=30)
NO_LOCATION = "none"
CALLS_SHOWN = 20


class Want(StrEnum):
    """What a caller is waiting for."""

    URGENT = "urgent"
    CALLBACK = "call back"
    MESSAGE = "message"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class WantedCall:
    """One call of an entry: what its caller wants since when, and the messages left in it."""

    call: Call
    at: datetime
    wants: tuple[Want, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote down."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is dealing with an entry, since when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A caller who waits. `wanted` are the newest of their open `calls`, newest first.

    `seen` is when the log last learned something of these calls: a mark made by who saw this covers nothing newer.
    `reached_at` is when the caller later reached a person.
    """

    key: str
    calls: int
    first_at: datetime
    last_at: datetime
    seen: datetime
    claim: Claim | None
    wanted: tuple[WantedCall, ...]
    notes: tuple[Note, ...]
    reached_at: datetime | None

    @property
    def call(self) -> Call:
        """The newest open call."""
        return self.wanted[0].call

    @property
    def wants(self) -> tuple[Want, ...]:
        """What is wanted, the most pressing first."""
        found = {want for each in self.wanted for want in each.wants}
        return tuple(want for want in Want if want in found)

    @property
    def topic(self) -> str:
        """The name of the topic heard last, "" for none."""
        return next((str(each.call.topics[-1]["topic"]) for each in self.wanted if each.call.topics), "")

    @property
    def location(self) -> str:
        """The location asked for last, "" when none was reached."""
        return next((each.call.location for each in self.wanted if each.call.location), "")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries: wanted since a moment; what is empty does not matter. `location` may be NO_LOCATION."""

    since: datetime
    location: str = ""
    claimed_by: str = ""
    unclaimed: bool = False


@dataclass(frozen=True, slots=True)
class WorkList:
    """Entries: urgent ones first, then those that nobody took, then the oldest; and how many there are in all.

    Where very many wait they are not all counted: with `more` there are at least `total`.
    """

    entries: tuple[Entry, ...]
    total: int
    more: bool = False


def work_list(engine: Engine, sought: Sought, *, limit: int = 50) -> WorkList:
    """The open entries that fit, at most `limit` of them."""
    with reading(engine) as connection:
        taken = [] if sought.unclaimed else _rows(connection, sought, _taken(sought))
        if sought.claimed_by:
            return WorkList(tuple(_told(connection, _in_order(taken)[:limit], sought.since)), len(taken))
        held = _held(connection)
        waiting = _waiting(connection, sought, held, limit)
        free = [key for key in waiting.keys if key not in held]
        # Among these is all that belongs on the page: those that nobody took and wait longest, and the urgent ones.
        keys = dict.fromkeys([*free[:limit], *urgent_keys(connection, sought.since)])
        rows = _in_order([*taken, *_rows(connection, sought, [key for key in keys if key not in held])])
        entries = _told(connection, rows[:limit], sought.since)
    counted = free if sought.unclaimed else waiting.keys
    return WorkList(tuple(entries), len(counted), more=not waiting.complete)


def count_only(engine: Engine, sought: Sought) -> WorkList:
    """How many entries fit, none of them told."""
    with reading(engine) as connection:
        if sought.claimed_by:
            return WorkList((), len(_rows(connection, sought, _taken(sought))))
        held = _held(connection) if sought.unclaimed else set()
        waiting = _waiting(connection, sought, held, 1)
    return WorkList((), len(set(waiting.keys) - held), more=not waiting.complete)


def _held(connection: Connection) -> set[str]:
    """The keys of all entries that somebody took."""
    return set(connection.scalars(select(WorkClaimRow.entry)))


def _waiting(connection: Connection, sought: Sought, held: set[str], enough: int) -> Waiting:
    location = _wanted_location(sought)
    return longest_waiting(connection, sought.since, location=location, enough=enough, besides=held)


def entry_of(engine: Engine, sid: str, since: datetime) -> Entry | None:
    """The entry to which a call belongs, with what is open in it since a moment (or since that call, if earlier).

    None when nothing of it is open, or there is no such call.
    """
    with reading(engine) as connection:
        found = key_of(connection, sid)
        if found is None:
            return None
        key, started_at = found
        since = min(since, started_at)
        entries = _told(connection, _rows(connection, Sought(since), [key]), since)
        return entries[0] if entries else None


def _taken(sought: Sought) -> Select[Any]:
    """The keys of entries that somebody holds: all, or one person's."""
    taken = select(WorkClaimRow.entry)
    return taken.where(WorkClaimRow.claimed_by == sought.claimed_by) if sought.claimed_by else taken


def _rows(connection: Connection, sought: Sought, keys: Keys) -> Sequence[Row[Any]]:
    """Those of these keys that fit."""
    return connection.execute(_entries(sought, keys)).all()


def _in_order(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """As they are shown."""
    return sorted(rows, key=lambda row: (-row.urgent, row.claimed_by is not None, row.waits_since, row.key))


def _entries(sought: Sought, keys: Keys) -> Select[Any]:
    wish = open_calls(sought.since, keys=keys)
    claim = WorkClaimRow
    location = _wanted_location(sought)
    # With a location an entry has its place by what is wanted there, as the longest waiting are looked for.
    there = wish.c.at if location is None else case((wish.c.location == location, wish.c.at))
    query = (
        select(
            wish.c.key,
            func.count(distinct(wish.c.sid)).label("calls"),
            func.min(wish.c.at).label("first_at"),
            func.max(wish.c.at).label("last_at"),
            func.max(wish.c.last_heard_at).label("seen"),
            func.max(wish.c.urgent).label("urgent"),
            func.min(there).label("waits_since"),
            claim.claimed_by,
            claim.claimed_at,
        )
        .outerjoin(claim, claim.entry == wish.c.key)
        .group_by(wish.c.key, claim.claimed_by, claim.claimed_at)
    )
    return query if location is None else query.having(func.min(there).is_not(None))


def _wanted_location(sought: Sought) -> str | None:
    """As the log's rows have it: "" is none, None is any."""
    return "" if sought.location == NO_LOCATION else sought.location or None


def _told(connection: Connection, rows: Sequence[Row[Any]], since: datetime) -> list[Entry]:
    """Entries with all that is shown of them."""
    keys = [row.key for row in rows]
    wanted = _wanted(connection, keys, since) if keys else {}
    notes = _notes(connection, keys)
    reached = _reached(connection, keys, since)
    return [
        Entry(
            key=row.key,
            calls=row.calls,
            first_at=row.first_at,
            last_at=row.last_at,
            seen=row.seen,
            claim=Claim(row.claimed_by, row.claimed_at) if row.claimed_by else None,
            wanted=tuple(wanted[row.key]),
            notes=tuple(notes.get(row.key, ())),
            reached_at=reached[row.key] if row.key in reached and reached[row.key] > row.last_at else None,
        )
        for row in rows
        if row.key in wanted
    ]


def _wanted(connection: Connection, keys: Sequence[str], since: datetime) -> dict[str, list[WantedCall]]:
    """The newest open calls of each entry, newest first."""
    wish = open_calls(since, keys=keys)
    each = select(wish.c.key, wish.c.sid, func.max(wish.c.at).label("at")).group_by(wish.c.key, wish.c.sid).subquery()
    place = func.row_number().over(partition_by=each.c.key, order_by=(each.c.at.desc(), each.c.sid.desc()))
    ranked = select(each, place.label("place")).subquery()
    newest = select(ranked.c.key, ranked.c.sid, ranked.c.at).where(ranked.c.place <= CALLS_SHOWN)
    rows = connection.execute(newest.order_by(ranked.c.place)).all()
    sids = [row.sid for row in rows]
    calls = _calls(connection, sids)
    messages = _messages(connection, sids)
    asked = set(
        connection.scalars(select(CallbackRequestRow.call_sid).where(CallbackRequestRow.call_sid.in_(sids))).all()
    )
    found: defaultdict[str, list[WantedCall]] = defaultdict(list)
    for row in rows:
        call, left = calls[row.sid], tuple(messages.get(row.sid, ()))
        found[row.key].append(WantedCall(call, row.at, _wants(call, left, asked), left))
    return dict(found)


def _wants(call: Call, messages: Sequence[Message], asked: set[str]) -> tuple[Want, ...]:
    holds = {
        Want.URGENT: call.urgent,
        Want.CALLBACK: call.sid in asked,
        Want.MESSAGE: bool(messages),
        Want.MISSED: call.disposition in MISSED,
    }
    return tuple(want for want in Want if holds[want])


def _calls(connection: Connection, sids: Sequence[str]) -> dict[str, Call]:
    rows = connection.execute(select(CallRow.__table__).where(CallRow.sid.in_(sids)))
    return {call.sid: call for call in (Call(*row) for row in rows)}


def _messages(connection: Connection, sids: Sequence[str]) -> dict[str, list[Message]]:
    query = select(MessageRow.__table__).where(
        MessageRow.call_sid.in_(sids), MessageRow.status.not_in(NOTHING_RECORDED)
    )
    found: defaultdict[str, list[Message]] = defaultdict(list)
    for row in connection.execute(query.order_by(MessageRow.taken_at, MessageRow.recording)):
        message = Message(*row)
        found[message.call_sid].append(message)
    return found


def _notes(connection: Connection, keys: Sequence[str]) -> dict[str, list[Note]]:
    """All that is noted about these callers, oldest first, whether the call it was noted for is done or not."""
    found: defaultdict[str, list[tuple[int, Note]]] = defaultdict(list)
    for of_keys in by_index(keys):
        columns = KEY, WorkNoteRow.id, WorkNoteRow.at, WorkNoteRow.author, WorkNoteRow.text
        query = select(*columns).join(CallRow, CallRow.sid == WorkNoteRow.call_sid).where(of_keys)
        for key, number, at, author, text in connection.execute(query):
            found[key].append((number, Note(at, author, text)))
    return {key: [note for _, note in sorted(each, key=lambda one: one[0])] for key, each in found.items()}


def _reached(connection: Connection, keys: Iterable[str], since: datetime) -> dict[str, datetime]:
    """When these callers last reached a person, by key."""
    answered = func.coalesce(CallRow.disposition, "") == Disposition.ANSWERED  # as in open_calls
    query = select(CallRow.caller_index, func.max(CallRow.started_at)).where(
        CallRow.caller_index.in_(list(keys)), CallRow.started_at >= since, answered, CallRow.draft.is_(False)
    )
    return {str(key): at for key, at in connection.execute(query.group_by(CallRow.caller_index))}
