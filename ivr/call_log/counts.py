"""How many calls there were and what became of them, by the clinic's own clock; read from the roll-ups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine, func, select
from sqlalchemy.orm import InstrumentedAttribute

from ivr.call_flow.disposition import Disposition

from .database import reading
from .days import Days
from .tables import CallCount, TopicCount, WaitCount

HOURS, WEEKDAYS = 24, 7
# Calls in which somebody wanted to speak to a person: the whole of which `answer_rate` is the answered part.
WANTED_A_PERSON = frozenset(
    {
        Disposition.ANSWERED,
        Disposition.MESSAGE,
        Disposition.CALLBACK,
        Disposition.ABANDONED_WHILE_RINGING,
        Disposition.NO_ANSWER,
        Disposition.FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Closed calls that began in `days`. Hours are 0-23 and weekdays Monday first, both in the clinic's zone.

    `answer_rate` is from 0 to 1, of the calls in which somebody wanted a person (None when nobody did);
    `median_wait_seconds` is that of answered calls. Waits over ten minutes count as ten minutes.
    """

    days: Days
    calls: int
    talk_seconds: int
    by_day: Mapping[date, int]
    by_hour: tuple[int, ...]
    by_weekday: tuple[int, ...]
    by_location: Mapping[str, int]
    by_line: Mapping[str, int]
    by_language: Mapping[str, int]
    by_disposition: Mapping[str, int]
    answer_rate: float | None
    median_wait_seconds: float | None


@dataclass(frozen=True, slots=True)
class TopicHeard:
    """How many calls heard a topic; `stopped_after` maps a number of parts to the calls that heard just these."""

    topic: str
    calls: int
    stopped_after: Mapping[int, int]


def counts(engine: Engine, days: Days, zone: ZoneInfo, *, location: str = "") -> Counts:
    """Calls of `days`, of one location or (when it is empty) of all."""
    by_day: Counter[date] = Counter()
    hours, weekdays = [0] * HOURS, [0] * WEEKDAYS
    since, until = days.moments(zone)
    kinds = CallCount.line, CallCount.location, CallCount.language, CallCount.disposition
    wanted = [CallCount.quarter >= since, CallCount.quarter < until, *_at(CallCount.location, location)]
    number = func.sum(CallCount.calls)
    with reading(engine) as connection:
        quarters = connection.execute(select(CallCount.quarter, number).where(*wanted).group_by(CallCount.quarter))
        for quarter, calls in quarters:
            here = quarter.astimezone(zone)
            by_day[here.date()] += int(calls)
            hours[here.hour] += int(calls)
            weekdays[here.weekday()] += int(calls)
        sums = connection.execute(
            select(*kinds, number, func.sum(CallCount.talk_seconds)).where(*wanted).group_by(*kinds)
        ).all()
    by_disposition = _sums((row[3], row[4]) for row in sums)
    return Counts(
        days=days,
        calls=by_day.total(),
        talk_seconds=sum(int(row[5]) for row in sums),
        by_day=dict(sorted(by_day.items())),
        by_hour=tuple(hours),
        by_weekday=tuple(weekdays),
        by_location=_sums((row[1], row[4]) for row in sums),
        by_line=_sums((row[0], row[4]) for row in sums),
        by_language=_sums((row[2], row[4]) for row in sums),
        by_disposition=by_disposition,
        answer_rate=_answer_rate(by_disposition),
        median_wait_seconds=median_wait(engine, days, location=location),
    )


def median_wait(engine: Engine, days: Days, *, location: str = "") -> float | None:
    """The median seconds from arrival to a person, of the calls answered in `days`; None when there were none."""
    first, last = days.texts()
    query = (
        select(WaitCount.seconds, func.sum(WaitCount.calls))
        .where(WaitCount.day >= first, WaitCount.day <= last, *_at(WaitCount.location, location))
        .group_by(WaitCount.seconds)
    )
    with reading(engine) as connection:
        return weighted_median({seconds: int(calls) for seconds, calls in connection.execute(query)})


def topics(engine: Engine, days: Days) -> tuple[TopicHeard, ...]:
    """What was listened to in `days`, the most wanted topic first."""
    first, last = days.texts()
    query = (
        select(TopicCount.topic, TopicCount.parts, func.sum(TopicCount.calls))
        .where(TopicCount.day >= first, TopicCount.day <= last)
        .group_by(TopicCount.topic, TopicCount.parts)
    )
    heard: dict[str, dict[int, int]] = {}
    with reading(engine) as connection:
        for topic, parts, calls in connection.execute(query):
            heard.setdefault(topic, {})[parts] = int(calls)
    found = [TopicHeard(topic, sum(stops.values()), dict(sorted(stops.items()))) for topic, stops in heard.items()]
    return tuple(sorted(found, key=lambda each: (-each.calls, each.topic)))


def weighted_median(histogram: Mapping[int, int]) -> float | None:
    """The median of values that each occur so many times: the middle one, or the mean of the middle two."""
    total = sum(histogram.values())
    if total <= 0:
        return None
    return (_value_at((total - 1) // 2, histogram) + _value_at(total // 2, histogram)) / 2


def _value_at(place: int, histogram: Mapping[int, int]) -> int:
    for value in sorted(histogram):
        place -= histogram[value]
        if place < 0:
            return value
    raise IndexError(place)


def _at(column: InstrumentedAttribute[str], location: str) -> list[ColumnElement[bool]]:
    return [column == location] if location else []


def _answer_rate(dispositions: Mapping[str, int]) -> float | None:
    wanted = sum(calls for name, calls in dispositions.items() if name in WANTED_A_PERSON)
    return dispositions.get(Disposition.ANSWERED, 0) / wanted if wanted else None


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Sums by name, the largest first."""
    found: Counter[str] = Counter()
    for name, calls in pairs:
        found[name] += int(calls)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
