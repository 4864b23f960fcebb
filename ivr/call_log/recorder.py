"""Writes what the journal tells into the call log: events first, and from them the one row of each call.

Every batch is one transaction. Repeats change nothing, order does not matter, and hosts that tell halves of the same
call wait for each other on the call's row, so that the later one sees all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from ivr.call_flow.ending import SILENT
from ivr.call_flow.events import CallEnded
from ivr.call_flow.noted import Noted
from ivr.call_flow.summary import CallSummary, summarise
from ivr.journal.entry import Entry, entries_for

from .acceptance import Refused, fault_of, storable
from .database import reading, writing
from .facts import facts_of
from .rollups import COUNTED, Tally, move
from .rows import Row, call_row, callback_rows, leg_rows, message_rows, stub
from .statements import add_new, put
from .tables import EPOCH, CallbackRequestRow, CallRow, EventRow, LegRow, MessageRow
from .work_rule import refresh

__all__ = ["Recorded", "Refused", "close_silent", "record"]

LONGEST_TALK = timedelta(hours=4)  # Twilio ends a Dial after four hours (docs, TwiML Dial, timeLimit)
CALLS_AT_ONCE = 500
# Adds what else follows from calls that changed (by id), in their transaction: with them or not at all. It may be asked
# again for a call it knows.
Follow = Callable[[Connection, Mapping[str, CallSummary], datetime], None]
LOCKED = ("sid", *COUNTED, "last_heard_at", "caller", "caller_index", "number_forgotten_at")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch: entries new, entries known before, the ids of calls that changed, entries refused."""

    inserted: int
    repeated: int
    calls: tuple[str, ...]
    refused: tuple[Refused, ...] = ()


def record(
    engine: Engine, entries: Iterable[Entry], *, zone: ZoneInfo, heard_at: datetime, follow: Follow | None = None
) -> Recorded:
    """Put entries into the log and bring their calls up to date, in one transaction.

    `zone` is the clinic's, for sums by day; `heard_at` is now, aware; `follow` adds what follows. Raises
    SQLAlchemyError when the database cannot do it; then nothing of the batch is there.
    """
    usable: list[Entry] = []
    refused: list[Refused] = []
    for entry in entries:
        if reason := fault_of(entry):
            refused.append(Refused(entry, reason))
        else:
            usable.append(storable(entry))
    if not usable:
        return Recorded(0, 0, (), tuple(refused))
    with writing(engine) as connection:
        inserted, calls = _record(connection, usable, zone, heard_at)
        if follow is not None:
            follow(connection, calls, heard_at)
    return Recorded(inserted, len(usable) - inserted, tuple(calls), tuple(refused))


def close_silent(
    engine: Engine,
    now: datetime,
    after: timedelta,
    *,
    zone: ZoneInfo,
    follow: Follow | None = None,
    ahead: bool = False,
) -> tuple[str, ...]:
    """Close the calls under way of which nothing was heard for `after`; their ids.

    With `ahead` also those that were heard of later than now: the clock was set back since, and for so long it has not
    been.

    One in which a person may be talking is given four hours more. The end is written down as an event of the worker's,
    so the carrier's word outweighs it, should that come later. `now` is aware; raises SQLAlchemyError.
    """
    with reading(engine) as connection:
        found = select(CallRow.sid, CallRow.last_heard_at).where(CallRow.disposition == "")
        heard = [(row.sid, row.last_heard_at) for row in connection.execute(found)]
    silent = [(sid, at) for sid, at in heard if at <= now - after or (ahead and at > now + after)]
    closed: list[str] = []
    for start in range(0, len(silent), CALLS_AT_ONCE):
        some = dict(silent[start : start + CALLS_AT_ONCE])
        with reading(engine) as connection:
            facts = facts_of(connection, list(some))
        talking = {sid for sid, noted in facts.items() if summarise(noted).may_talk}
        over = [sid for sid, at in some.items() if sid not in talking or at <= now - after - LONGEST_TALK]
        record(engine, [entry for sid in over for entry in _silence(sid, now)], zone=zone, heard_at=now, follow=follow)
        closed.extend(over)
    return tuple(closed)


def _silence(sid: str, now: datetime) -> tuple[Entry, ...]:
    return entries_for(sid, 0, now, "", (CallEnded(SILENT, 0, "worker"),), tag="worker:")


def _record(
    connection: Connection, entries: Sequence[Entry], zone: ZoneInfo, heard_at: datetime
) -> tuple[int, dict[str, CallSummary]]:
    """How many entries were new, and the calls that changed, by id."""
    sids = sorted({entry.call for entry in entries})
    before = _locked(connection, sids, heard_at)
    added = Counter(add_new(connection, EventRow, _event_rows(entries), returning="call_sid"))
    sealed = _sealed(entries)
    touched = [sid for sid in sids if added[sid] or _is_stub(before[sid]) or _wants(before[sid], sealed.get(sid))]
    facts = facts_of(connection, touched)
    calls = {sid: summarise(facts[sid]) for sid in touched if not _erased(before[sid], facts.get(sid, ()), added[sid])}
    rows = {sid: _changed(before[sid], call_row(sid, call), sealed.get(sid), heard_at) for sid, call in calls.items()}
    put(connection, CallRow, list(rows.values()))
    refresh(connection, {*rows, *_put_parts(connection, calls)})
    tally = Tally()
    for sid, row in rows.items():
        tally.add(before[sid], zone, -1)
        tally.add(row, zone)
    move(connection, tally)
    return added.total(), calls


def _locked(connection: Connection, sids: Sequence[str], heard_at: datetime) -> dict[str, Row]:
    """The calls' rows as they stand, made where missing, ours until the transaction ends.

    Always in the same order, so that two hosts with halves of the same calls never wait for each other for ever.
    """
    add_new(connection, CallRow, [stub(sid, heard_at) for sid in sids])
    columns = [CallRow.__table__.c[name] for name in LOCKED]
    found = select(*columns).where(CallRow.sid.in_(sids)).order_by(CallRow.sid).with_for_update()
    return {row["sid"]: dict(row) for row in connection.execute(found).mappings()}


def _event_rows(entries: Iterable[Entry]) -> list[Row]:
    """Each event once, the first of equal keys."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        first.setdefault((entry.call, entry.key), entry)
    return [
        {
            "call_sid": entry.call,
            "key": entry.key,
            "hop": entry.hop,
            "nth": entry.nth,
            "at": entry.at,
            "version": entry.version,
            "kind": entry.kind,
            "data": dict(entry.data),
        }
        for entry in first.values()
    ]


def _sealed(entries: Iterable[Entry]) -> dict[str, dict[str, str]]:
    """The callers' sealed numbers by call id, the first of each call."""
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        caller, index = entry.sealed.get("caller"), entry.sealed.get("caller_index")
        if caller and index:
            found.setdefault(entry.call, {"caller": caller, "caller_index": index})
    return found


def _is_stub(row: Row) -> bool:
    return bool(row["started_at"] == EPOCH)


def _wants(row: Row, sealed: dict[str, str] | None) -> bool:
    """A number is missing, may be kept, and has come."""
    return bool(sealed) and row["caller"] is None and row["number_forgotten_at"] is None


def _erased(before: Row, facts: Sequence[Noted], added: int) -> bool:
    """The events a closed call was summed up from are gone; what is new cannot replace them, so its row stays."""
    return not facts or bool(before["disposition"] and len(facts) == added)


def _changed(before: Row, row: Row, sealed: dict[str, str] | None, heard_at: datetime) -> Row:
    """The call's new row. A number is filled in once, and never after it was forgotten."""
    kept: dict[str, Any] = {"caller": before["caller"], "caller_index": before["caller_index"]}
    if sealed and _wants(before, sealed):
        kept = dict(sealed)
    return {**row, **kept, "last_heard_at": max(before["last_heard_at"], heard_at)}


def _put_parts(connection: Connection, calls: dict[str, CallSummary]) -> list[str]:
    """What belongs to the calls; the ids of those whose messages changed: a recording stays with its first call."""
    put(connection, LegRow, [row for sid, call in calls.items() for row in leg_rows(sid, call)])
    messages = {row["recording"]: row for sid, call in calls.items() for row in message_rows(sid, call)}
    put(connection, MessageRow, list(messages.values()), keep=["call_sid"])
    put(connection, CallbackRequestRow, [row for sid, call in calls.items() for row in callback_rows(sid, call)])
    return list(connection.scalars(select(MessageRow.call_sid).where(MessageRow.recording.in_(messages))))
