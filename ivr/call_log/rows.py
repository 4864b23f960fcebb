"""From a call's summary to the rows of the tables. Text is cut to what its column holds."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String

from ivr.call_flow.summary import CallSummary

from .tables import EPOCH, CallbackRequestRow, CallRow, LegRow, MenuCount, MessageRow, Table, TopicCount

Row = dict[str, Any]


def stub(sid: str, heard_at: datetime) -> Row:
    """A call's row before anything is known of it; it never outlives the transaction that made it."""
    names = ("line", "location", "language", "pace", "version", "disposition", "status", "hung_up_by", "closed_by")
    counts = ("wait_seconds", "ring_seconds", "talk_seconds", "total_seconds")
    return {
        "sid": sid,
        "started_at": EPOCH,
        "last_heard_at": heard_at,
        "withheld": False,
        "draft": False,
        "urgent": False,
        **dict.fromkeys(names, ""),
        **dict.fromkeys(counts, 0),
        **{name: [] for name in ("path", "topics", "visits")},
    }


def call_row(sid: str, call: CallSummary) -> Row:
    """The columns of `call` that follow from its events."""
    row = {
        "sid": sid,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "line": call.line,
        "location": call.location,
        "language": call.language,
        "pace": call.pace,
        "version": call.version,
        "disposition": call.disposition,
        "status": call.status,
        "hung_up_by": call.hung_up_by,
        "closed_by": call.closed_by,
        "wait_seconds": call.wait_seconds,
        "ring_seconds": call.ring_seconds,
        "talk_seconds": call.talk_seconds,
        "total_seconds": call.total_seconds,
        "withheld": call.withheld,
        "draft": call.draft,
        "urgent": call.urgent,
        "path": list(call.path),
        "topics": [_cut(TopicCount, {"topic": t.topic, "heard": t.heard, "parts": t.parts}) for t in call.topics],
        "visits": [
            _cut(MenuCount, {"menu": v.menu, "version": v.version, "outcome": v.outcome, "seconds": v.seconds})
            for v in call.visits
        ],
    }
    return _cut(CallRow, row)


def leg_rows(sid: str, call: CallSummary) -> list[Row]:
    """One row for each leg."""
    return [
        _cut(
            LegRow,
            {
                "call_sid": sid,
                "hop": leg.hop,
                "phone": leg.phone,
                "group": leg.group,
                "location": leg.location,
                "rang_at": leg.rang_at,
                "outcome": leg.outcome,
                "ring_seconds": leg.ring_seconds,
                "talk_seconds": leg.talk_seconds,
            },
        )
        for leg in call.legs
    ]


def message_rows(sid: str, call: CallSummary) -> list[Row]:
    """One row for each message; whether its recording was erased is not known from events."""
    return [
        _cut(
            MessageRow,
            {
                "recording": message.recording,
                "call_sid": sid,
                "mailbox": message.mailbox,
                "location": message.location,
                "taken_at": message.taken_at,
                "seconds": message.seconds,
                "status": message.status,
            },
        )
        for message in call.messages
    ]


def callback_rows(sid: str, call: CallSummary) -> list[Row]:
    """The wish to be called back, if there was one."""
    if call.callback is None:
        return []
    wish = call.callback
    row = {
        "call_sid": sid,
        "destination": wish.destination,
        "location": wish.location,
        "requested_at": wish.requested_at,
    }
    return [_cut(CallbackRequestRow, row)]


def _cut(table: type[Table], row: Row) -> Row:
    for name, length in _lengths(table):
        if name in row and len(row[name]) > length:
            row[name] = row[name][:length]
    return row


@cache
def _lengths(table: type[Table]) -> tuple[tuple[str, int], ...]:
    """The columns of limited text that a row from here fills, and how much they hold."""
    found = [(column.name, column.type) for column in table.__table__.columns if not column.nullable]
    return tuple((name, kind.length) for name, kind in found if isinstance(kind, String) and kind.length)
