"""A fortnight of imagined calls for a practice log, so that a newcomer sees the console alive.

Calls walk the routing by the real engine and are recorded by the recorder that the journal's drainer uses; nothing in
the log tells them from calls that were placed. Numbers are fictional (555-01xx). The same seed makes the same calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from ivr.call_flow.model import Routing
from ivr.journal.entry import Entry
from ivr.journal.sealing import Seal

from . import audit
from .database import writing
from .days import ONE_DAY, begin_of, days_until
from .imagined_call import Planned, imagine, reached_nobody
from .imagined_caller import Wish, a_wish, people
from .queries import Filters, newest
from .recorder import record

DAYS = 14
WEEKDAY, SATURDAY, SUNDAY = (40, 56), (10, 16), (4, 8)
# How many of a day's calls begin in each hour, from midnight on: most in the morning, some when nobody is there.
BY_HOUR = (0, 0, 0, 0, 0, 0, 1, 4, 22, 28, 24, 18, 6, 14, 16, 14, 12, 4, 3, 2, 2, 1, 1, 0)
CALLS_AGAIN = 0.45
ALL_BUSY = 0.12  # calls that come when nobody has a hand free
ONE_FAULT_IN = 170  # calls


class NotEmpty(Exception):
    """The log holds calls already."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: how many calls, from the first day to the last."""

    calls: int
    first: date
    last: date


def fill(
    engine: Engine,
    seal: Seal,
    routing: Routing,
    zone: ZoneInfo,
    *,
    now: datetime,
    seed: int,
    actor: str,
    more: bool = False,
    progress: Callable[[int], None] = lambda _days: None,
) -> Made:
    """Record a fortnight of calls that ends `now` (aware). `progress` hears of each day done, of DAYS.

    Raises NotEmpty when there are calls and no `more` are wanted, SQLAlchemyError.
    """
    known = newest(engine, Filters(), limit=1).calls
    if known and not more:
        raise NotEmpty
    chance = Random(f"{seed} {known[0].sid if known else ''}")  # noqa: S311  practice, not secrets
    days = days_until(now, zone, DAYS)
    total = 0
    for calls in imagined_days(routing, seal, zone, now, chance):
        entries = [entry for call in calls for entry in call]
        if entries:
            record(engine, entries, zone=zone, heard_at=max(entry.at for entry in entries))
        total += len(calls)
        progress(1)
    with writing(engine) as connection:
        audit.note(connection, now, actor, "demo", f"{total} imagined calls", seed=seed)
    return Made(total, days.first, days.last)


def imagined_days(
    routing: Routing, seal: Seal, zone: ZoneInfo, now: datetime, chance: Random
) -> Iterator[list[tuple[Entry, ...]]]:
    """The entries of each call of each day, the oldest day first; only calls that are over by `now`."""
    callers, often = people(routing, chance)
    lines = list(routing.lines)
    begun = 0
    for ago in reversed(range(DAYS)):
        day = now.astimezone(zone).date() - ago * ONE_DAY
        calls: list[tuple[Entry, ...]] = []
        for at in _moments(day, zone, chance):
            who, line = chance.choices(callers, often)[0], chance.choices(lines, _main_first(lines))[0]
            begun += 1
            wish, busy, fails = a_wish(chance), chance.random() < ALL_BUSY, begun % ONE_FAULT_IN == 20
            planned = Planned(_sid(chance), who, line, at, wish, busy, fails)
            calls += _with_another_try(routing, planned, seal, chance)
        yield [call for call in calls if max(entry.at for entry in call) <= now]


def _with_another_try(routing: Routing, planned: Planned, seal: Seal, chance: Random) -> Iterator[tuple[Entry, ...]]:
    """A call, and the next one of somebody who got nobody."""
    call = imagine(routing, planned, seal, chance)
    yield call
    if reached_nobody(call) and chance.random() < CALLS_AGAIN:
        later = call[-1].at + timedelta(minutes=chance.triangular(2, 150, 15))
        again = Planned(_sid(chance), planned.who, planned.line, later, Wish.PERSON)
        yield imagine(routing, again, seal, chance)


def _moments(day: date, zone: ZoneInfo, chance: Random) -> list[datetime]:
    """When the calls of a day begin, in UTC."""
    least, most = WEEKDAY if day.weekday() < 5 else SATURDAY if day.weekday() == 5 else SUNDAY
    hours = chance.choices(range(len(BY_HOUR)), BY_HOUR, k=chance.randint(least, most))
    begin = begin_of(day, zone)
    return sorted(begin + timedelta(seconds=round(chance.uniform(hour, hour + 1) * 3600, 3)) for hour in hours)


def _main_first(lines: list[str]) -> list[int]:
    """Most calls come in on the main line."""
    return [3 * len(lines) if place == 0 else 2 for place in range(len(lines))]


def _sid(chance: Random) -> str:
    return f"CA{chance.getrandbits(128):032x}"
