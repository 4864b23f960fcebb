"""The sums that keep reports quick: what each closed call adds to them, moved in the call's own transaction.

Days are the clinic's. When its time zone changes, `rebuild` counts the past anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Delete, Engine, bindparam, delete, select, text

from .database import writing
from .statements import add_new, add_up, keys_of, sums_of
from .tables import EPOCH, CallCount, CallRow, MenuCount, Table, TopicCount, WaitCount

MOST_SECONDS = 600
QUARTER = timedelta(minutes=15)
ROWS_AT_ONCE = 5000

Key = tuple[Any, ...]


@dataclass(slots=True)
class Tally:
    """Sums by table and key. `add` counts a call in (`by` 1) or out (-1).

    One that is under way counts nothing, nor does a tester's that heard a draft.
    """

    calls: Counter[Key] = field(default_factory=Counter)
    talk: Counter[Key] = field(default_factory=Counter)
    waits: Counter[Key] = field(default_factory=Counter)
    menus: Counter[Key] = field(default_factory=Counter)
    topics: Counter[Key] = field(default_factory=Counter)

    def add(self, call: Mapping[Any, Any], zone: ZoneInfo, by: int = 1) -> None:
        """`call` holds the columns of its row: see CallRow."""
        if not call["disposition"] or call["draft"]:
            return
        started_at: datetime = call["started_at"]
        day = started_at.astimezone(zone).date().isoformat()
        key = quarter_of(started_at), call["line"], call["location"], call["language"], call["disposition"]
        self.calls[key] += by
        self.talk[key] += by * call["talk_seconds"]
        if call["disposition"] == "answered":
            self.waits[day, call["location"], min(call["wait_seconds"], MOST_SECONDS)] += by
        for visit in call["visits"]:
            seconds = min(visit["seconds"], MOST_SECONDS)
            self.menus[day, visit["menu"], visit["version"], visit["outcome"], seconds] += by
        for topic in call["topics"]:
            self.topics[day, topic["topic"], call["language"], topic["heard"]] += by

    def rows(self) -> Iterator[tuple[type[Table], list[dict[str, Any]]]]:
        """What is to be added to each table, in the order of keys, so that two hosts never wait for each other."""
        both = {key: (calls, self.talk[key]) for key, calls in self.calls.items()}
        yield CallCount, _rows(CallCount, both)
        yield WaitCount, _rows(WaitCount, {key: (calls,) for key, calls in self.waits.items()})
        yield MenuCount, _rows(MenuCount, {key: (visits,) for key, visits in self.menus.items()})
        yield TopicCount, _rows(TopicCount, {key: (calls,) for key, calls in self.topics.items()})


def quarter_of(moment: datetime) -> datetime:
    """The quarter of an hour, in UTC, in which a moment lies."""
    return EPOCH + (moment - EPOCH) // QUARTER * QUARTER


def move(connection: Connection, tally: Tally) -> None:
    """Add a tally to the sums, within the transaction under way. Sums that come to nothing are removed."""
    for table, rows in tally.rows():
        if rows:
            add_up(connection, table, rows)
            if fewer := [row for row in rows if row[sums_of(table)[0]] < 0]:
                connection.execute(_clearing(table), [{f"of_{name}": row[name] for name in row} for row in fewer])


def rebuild(engine: Engine, zone: ZoneInfo) -> int:
    """Count every closed call anew, in one transaction that recorders wait for; how many calls were counted."""
    tally, calls = Tally(), 0
    with writing(engine) as connection:
        _keep_others_out(connection)
        columns = [CallRow.__table__.c[name] for name in COUNTED]
        closed = select(*columns).where(CallRow.disposition != "", CallRow.draft.is_(False))
        for row in connection.execute(closed.execution_options(yield_per=ROWS_AT_ONCE)).mappings():
            tally.add(row, zone)
            calls += 1
        for table, rows in tally.rows():
            connection.execute(delete(table))
            add_new(connection, table, rows)
    return calls


COUNTED = (
    "started_at",
    "line",
    "location",
    "language",
    "disposition",
    "wait_seconds",
    "talk_seconds",
    "visits",
    "topics",
    "draft",
)


def _rows(table: type[Table], sums: Mapping[Key, tuple[int, ...]]) -> list[dict[str, Any]]:
    names = [*keys_of(table), *sums_of(table)]
    return [dict(zip(names, (*key, *sums[key]), strict=True)) for key in sorted(sums) if any(sums[key])]


def _clearing(table: type[Table]) -> Delete:
    """Removes one sum, should it be nothing; the first sum of each table counts calls or visits."""
    columns = table.__table__.c
    same = [columns[name] == bindparam(f"of_{name}") for name in keys_of(table)]
    return delete(table).where(*same, columns[sums_of(table)[0]] == 0)


def _keep_others_out(connection: Connection) -> None:
    """SQLite has one writer anyway. Counting millions of calls may take longer than a statement of a page may."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("LOCK TABLE call_count, wait_count, menu_count, topic_count IN EXCLUSIVE MODE"))
