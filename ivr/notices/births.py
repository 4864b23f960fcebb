"""Where notices come from: facts of calls, in the transaction that writes the facts down, and changes that end.

Each notice's key follows from its fact, so that events told twice, late or in another order make it once. Where the
rest of a call is told later, such as by another host, what proves wrong is taken back, unless people were told by then.
Testers' drafts make none, and nothing older than a day does: an upgrade must not send history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from ivr.call_flow.disposition import Disposition
from ivr.call_flow.model import Override, OverrideKind
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_flow.summary import NOTHING_RECORDED, CallSummary
from ivr.call_log.statements import Row, add_new, put

from .alarms import notice_row
from .tables import NoticeRow
from .urgent import raise_urgent

OLDEST = timedelta(days=1)
SOON = timedelta(minutes=15)
# Phones ring in open hours only, save for urgent calls, so these were missed in them; a failed call was at any hour.
MISSED = (Disposition.NO_ANSWER, Disposition.ABANDONED_WHILE_RINGING, Disposition.FAILED)


@dataclass(frozen=True, slots=True)
class Change:
    """An override, and when somebody ended it early (None: nobody did)."""

    override: Override
    ended_at: datetime | None


def of_calls(connection: Connection, calls: Mapping[str, CallSummary], now: datetime) -> None:
    """Make the notices that follow from calls, by call id, or say of those there are already where it was.

    Those that followed from less and do not any more are taken back. `now` is aware. Raises SQLAlchemyError.
    """
    rows = {row["key"]: row for sid, call in calls.items() if not call.draft for row in _of_call(sid, call, now)}
    void = [key for sid, call in calls.items() for key in _keys(sid, call) if key not in rows]
    if void:
        connection.execute(delete(NoticeRow).where(NoticeRow.key.in_(void), NoticeRow.addressed_at.is_(None)))
    put(connection, NoticeRow, [row for row in rows.values() if row["at"] > now - OLDEST], keep=["made_at"])
    raise_urgent(connection, {sid: call for sid, call in calls.items() if call.started_at > now - OLDEST}, now)


def of_overrides(connection: Connection, changes: Iterable[Change], now: datetime) -> None:
    """Make the notices of overrides that end within 15 minutes, or have ended. Raises SQLAlchemyError."""
    rows = [row for change in changes for row in _of_override(change, now)]
    add_new(connection, NoticeRow, rows)


def _of_call(sid: str, call: CallSummary, now: datetime) -> Iterator[Row]:
    for message in call.messages:
        if message.status not in NOTHING_RECORDED:
            key = f"{NoticeKind.MESSAGE_LEFT}:{message.recording}"
            yield notice_row(key, NoticeKind.MESSAGE_LEFT, message.taken_at, now, location=message.location)
    if call.callback:
        key = f"{NoticeKind.CALLBACK_REQUESTED}:{sid}"
        wish = call.callback
        yield notice_row(key, NoticeKind.CALLBACK_REQUESTED, wish.requested_at, now, location=wish.location)
    if call.disposition in MISSED and not call.urgent:  # an urgent one is told as such
        key = f"{NoticeKind.MISSED_CALL}:{sid}"
        yield notice_row(key, NoticeKind.MISSED_CALL, call.ended_at or call.started_at, now, location=call.location)


def _keys(sid: str, call: CallSummary) -> Iterator[str]:
    """The keys of all notices that some part of this call may have made."""
    yield from (f"{NoticeKind.MESSAGE_LEFT}:{message.recording}" for message in call.messages)
    if call.callback:
        yield f"{NoticeKind.CALLBACK_REQUESTED}:{sid}"
    if call.ended_at:
        yield f"{NoticeKind.MISSED_CALL}:{sid}"


def _of_override(change: Change, now: datetime) -> Iterator[Row]:
    """One that was made for a short while is not announced before its end: who made it remembers."""
    override, ends = change.override, change.override.ends
    if change.ended_at is not None:
        ends = min(ends, change.ended_at)
    place = "" if override.kind is OverrideKind.SWAP else override.location  # a rota is no location
    number = override.id
    if now < ends <= now + SOON and override.begins <= now and ends - override.begins > 2 * SOON:
        key = f"{NoticeKind.OVERRIDE_ENDING}:{number}"
        yield notice_row(key, NoticeKind.OVERRIDE_ENDING, ends, now, location=place, about=f"override {number}")
    if now - OLDEST < ends <= now and ends > override.begins:
        key = f"{NoticeKind.OVERRIDE_ENDED}:{number}"
        yield notice_row(key, NoticeKind.OVERRIDE_ENDED, ends, now, location=place, about=f"override {number}")
