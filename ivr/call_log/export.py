"""Writes calls or events out, as many as there are, in little memory and without holding the database up.

Rows come in pages, each a short transaction that goes on where the last one ended: one long read would keep SQLite from
trimming its write-ahead log and PostgreSQL from clearing old rows. Every export is in the audit table.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, and_, func, or_, select

from ivr.journal.sealing import Seal

from . import audit
from .database import reading, writing
from .numbers import in_full, shown
from .queries import Call, Filters, Place, oldest
from .tables import EPOCH, MILLISECOND, CallRow, EventRow, LegRow
from .written import Format, Record, writer_for

PAGE = 1000

CALL_FIELDS = (
    "call_sid", "started_at", "ended_at", "line", "location", "language", "pace", "version", "disposition",
    "hung_up_by", "wait_seconds", "ring_seconds", "talk_seconds", "total_seconds", "caller", "path", "topics", "legs",
    "draft", "urgent",
)  # fmt: skip
EVENT_FIELDS = ("call_sid", "key", "hop", "nth", "at", "version", "kind", "data")


class What(StrEnum):
    """What can be exported."""

    CALLS = "calls"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Export:
    """What is wanted: calls that began, or events that happened, from `since` to `until` (aware, excluded).

    None is the beginning, or now. Moments are written in `zone`, with their offset. Without `reveal`, numbers are
    masked; events hold none at all. `only` leaves out calls that do not fit it; its own moments do not matter here.
    """

    what: What
    since: datetime | None
    until: datetime | None
    form: Format
    zone: ZoneInfo
    reveal: bool = False
    only: Filters = field(default_factory=Filters)

    def about(self) -> str:
        """What is exported, for the audit."""
        since = f" from {_local(self, self.since)}" if self.since else ""
        return f"{self.what}{since} to {_local(self, self.until)}" if self.until else f"{self.what}{since}"

    def told(self) -> dict[str, audit.Detail]:
        """How it is exported and what is left out, for the audit; a caller's hash says nothing there."""
        only = self.only
        told: dict[str, audit.Detail] = {"format": self.form.value, "reveal": self.reveal}
        texts = {"location": only.location, "line": only.line, "language": only.language}
        told |= {name: text for name, text in texts.items() if text}
        if only.dispositions:
            told["dispositions"] = ", ".join(each or "under way" for each in only.dispositions)
        if only.callers:
            told["callers"] = "one"
        return told if only.draft is None else {**told, "draft": only.draft}


def export(
    engine: Engine,
    seal: Seal,
    wanted: Export,
    out: TextIO,
    *,
    actor: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _rows: None,
) -> int:
    """Write to `out` (UTF-8, newline="") and return how many rows; `progress` hears the number of each page.

    Two lines go to the audit table: what `actor` began to export, before the first row, and how many rows there were.
    """
    rows = 0
    with closing(pages(engine, seal, wanted, actor=actor, now=now)) as written:
        for text, count in written:
            out.write(text)
            rows += count
            progress(count)
    return rows


def pages(
    engine: Engine, seal: Seal, wanted: Export, *, actor: str, now: datetime
) -> Generator[tuple[str, int], None, None]:
    """The export piece by piece: text and how many rows it holds, first the head with none.

    It is in the audit table before the first piece, and again with its rows after the last, or when it is closed
    before: then it was broken off.
    """
    wanted = wanted if wanted.until else replace(wanted, until=now + MILLISECOND)  # what begins now belongs to it
    about, told = wanted.about(), wanted.told()
    with writing(engine) as connection:
        audit.note(connection, now, actor, "export begun", about, **told)
    calls = wanted.what is What.CALLS
    records = _call_pages(engine, seal, wanted) if calls else _event_pages(engine, wanted)
    writer = writer_for(wanted.form, CALL_FIELDS if calls else EVENT_FIELDS)
    rows, ending = 0, "export broken off"
    try:
        yield writer.head(), 0
        for page in records:
            rows += len(page)
            yield "".join(writer.line(record) for record in page), len(page)
        ending = "exported"
    finally:
        with writing(engine) as connection:
            audit.note(connection, now, actor, ending, about, rows=rows, **told)


def how_many(engine: Engine, wanted: Export) -> int:
    """How many rows the export will have, were it made now; `only` is not looked at."""
    moment = CallRow.started_at if wanted.what is What.CALLS else EventRow.at
    query = select(func.count(moment)).where(moment >= (wanted.since or EPOCH))
    query = query.where(moment < wanted.until) if wanted.until else query
    with reading(engine) as connection:
        return connection.scalar(query) or 0


def _call_pages(engine: Engine, seal: Seal, wanted: Export) -> Iterator[Sequence[Record]]:
    filters = replace(wanted.only, since=wanted.since, until=wanted.until)
    place: Place | None = None
    while True:
        with reading(engine) as connection:
            calls = oldest(connection, filters, limit=PAGE, after=place)
            legs = _legs(connection.execute(_legs_of([call.sid for call in calls]))) if calls else {}
        if not calls:
            return
        yield [_call(seal, wanted, call, legs.get(call.sid, [])) for call in calls]
        place = Place(calls[-1].started_at, calls[-1].sid)


def _event_pages(engine: Engine, wanted: Export) -> Iterator[Sequence[Record]]:
    at, sid, key = EPOCH, "", ""
    since = wanted.since or EPOCH
    columns = [getattr(EventRow, field) for field in EVENT_FIELDS]
    while True:
        later = or_(EventRow.call_sid > sid, and_(EventRow.call_sid == sid, EventRow.key > key))
        after = or_(EventRow.at > at, and_(EventRow.at == at, later))
        query = select(*columns).where(EventRow.at >= since, after)
        with reading(engine) as connection:
            query = query.where(EventRow.at < wanted.until) if wanted.until else query
            page = query.order_by(EventRow.at, EventRow.call_sid, EventRow.key).limit(PAGE)
            events = [dict(row) for row in connection.execute(page).mappings()]
        if not events:
            return
        since, sid, key = events[-1]["at"], events[-1]["call_sid"], events[-1]["key"]
        at = since
        yield [{**event, "at": _local(wanted, event["at"])} for event in events]


def _legs_of(calls: Sequence[str]) -> Any:
    return (
        select(LegRow.call_sid, LegRow.phone, LegRow.outcome, LegRow.ring_seconds, LegRow.talk_seconds)
        .where(LegRow.call_sid.in_(calls))
        .order_by(LegRow.call_sid, LegRow.hop, LegRow.phone)
    )


def _legs(rows: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for sid, phone, outcome, rang, talked in rows:
        found.setdefault(sid, []).append(f"{phone}: {outcome or 'under way'}, rang {rang} s, talked {talked} s")
    return found


def _call(seal: Seal, wanted: Export, call: Call, legs: Sequence[str]) -> Record:
    return {
        "call_sid": call.sid,
        "started_at": _local(wanted, call.started_at),
        "ended_at": _local(wanted, call.ended_at),
        "line": call.line,
        "location": call.location,
        "language": call.language,
        "pace": call.pace,
        "version": call.version,
        "disposition": call.disposition or "under way",
        "hung_up_by": call.hung_up_by,
        "wait_seconds": call.wait_seconds,
        "ring_seconds": call.ring_seconds,
        "talk_seconds": call.talk_seconds,
        "total_seconds": call.total_seconds,
        "caller": in_full(seal, call) if wanted.reveal else shown(seal, call),
        "path": call.path,
        "topics": [f"{topic['topic']} {topic['heard']}/{topic['parts']}" for topic in call.topics],
        "legs": legs,
        "draft": call.draft,
        "urgent": call.urgent,
    }


def _local(wanted: Export, moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).astimezone(wanted.zone).isoformat(timespec="seconds")
