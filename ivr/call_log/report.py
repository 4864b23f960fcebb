"""The figures of some days beside those of the days before, read from the roll-ups; no call is looked at twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from . import audit
from .counts import Counts, TopicHeard, counts, topics
from .database import writing
from .days import Days
from .funnel import MenuFunnel, funnels
from .missed import how_many_missed
from .written import CsvWriter, Record

DAYS_OF_MISSED = 31  # callers are told apart by looking at their calls, which no roll-up holds
MOST_DAYS = 366
WEEK = 7
FIELDS = ("part", "name", "figure", "before")


@dataclass(frozen=True, slots=True)
class Report:
    """`now` and `before` are the figures of both spans. Missed callers are None where the span is too long to count.

    Menus and topics are counted for the whole clinic; they are empty in the report of one location.
    """

    location: str
    now: Counts
    before: Counts
    missed: int | None
    missed_before: int | None
    menus: tuple[MenuFunnel, ...]
    topics: tuple[TopicHeard, ...]


def report(engine: Engine, days: Days, zone: ZoneInfo, *, location: str = "") -> Report:
    """The report of `days`, of one location or (when it is empty) of the clinic."""
    before = days_before(days)
    return Report(
        location=location,
        now=counts(engine, days, zone, location=location),
        before=counts(engine, before, zone, location=location),
        missed=_missed(engine, days, zone, location),
        missed_before=_missed(engine, before, zone, location),
        menus=() if location else funnels(engine, days),
        topics=() if location else topics(engine, days),
    )


def days_before(days: Days) -> Days:
    """As many days that lie before these, on the same weekdays: whole weeks earlier."""
    length = (days.last - days.first).days + 1
    earlier = timedelta(days=-(-length // WEEK) * WEEK)
    return Days(days.first - earlier, days.last - earlier)


def rows(found: Report) -> Iterator[Record]:
    """Every figure as a row: the part of the report, its name there, the figure and that of the days before."""
    now, before = found.now, found.before
    yield _row("all", "calls", now.calls, before.calls)
    yield _row("all", "answer rate", _share(now.answer_rate), _share(before.answer_rate))
    yield _row("all", "median wait in seconds", _short(now.median_wait_seconds), _short(before.median_wait_seconds))
    yield _row("all", "missed callers", found.missed, found.missed_before)
    yield _row("all", "talk in seconds", now.talk_seconds, before.talk_seconds)
    for day, calls in now.by_day.items():
        yield _row("day", day.isoformat(), calls, None)
    for hour in range(len(now.by_hour)):
        yield _row("hour", f"{hour:02}:00", now.by_hour[hour], before.by_hour[hour])
    for weekday in range(len(now.by_weekday)):
        yield _row("weekday", f"{WEEKDAYS[weekday]}", now.by_weekday[weekday], before.by_weekday[weekday])
    for part, of_now, of_before in (
        ("disposition", now.by_disposition, before.by_disposition),
        ("location", now.by_location, before.by_location),
        ("line", now.by_line, before.by_line),
        ("language", now.by_language, before.by_language),
    ):
        for name in [*of_now, *(name for name in of_before if name not in of_now)]:
            yield _row(part, name or "(none)", of_now.get(name, 0), of_before.get(name, 0))
    yield from _rows_of_menus(found)


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def download(engine: Engine, found: Report, *, actor: str, now: datetime) -> str:
    """The report as a file for spreadsheets, and a line in the audit that `actor` took it."""
    writer = CsvWriter(FIELDS)
    text = writer.head() + "".join(writer.line(row) for row in rows(found))
    about = f"figures from {found.now.days.first} to {found.now.days.last}"
    with writing(engine) as connection:
        audit.note(connection, now, actor, "exported", about, location=found.location, format="csv")
    return text


def _rows_of_menus(found: Report) -> Iterator[Record]:
    for menu in found.menus:
        part = f"menu {menu.menu} of version {menu.version}"
        yield _row(part, "visits", menu.visits, None)
        for key, chosen in menu.keys.items():
            yield _row(part, f"key {key}", chosen, None)
        yield _row(part, "hung up", menu.hung_up, None)
        yield _row(part, "no input", menu.no_input, None)
        yield _row(part, "wrong key", menu.wrong_key, None)
        yield _row(part, "otherwise", menu.otherwise, None)
    for topic in found.topics:
        for parts, calls in topic.stopped_after.items():
            yield _row(f"topic {topic.topic}", f"heard up to part {parts}", calls, None)


def _missed(engine: Engine, days: Days, zone: ZoneInfo, location: str) -> int | None:
    if (days.last - days.first).days >= DAYS_OF_MISSED:
        return None
    return how_many_missed(engine, *days.moments(zone), location=location)


def _row(part: str, name: str, figure: int | str | None, before: int | str | None) -> Record:
    return dict(zip(FIELDS, (part, name, figure, before), strict=True))


def _share(rate: float | None) -> str | None:
    return None if rate is None else f"{rate:.4f}"


def _short(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:g}"
