"""What people ask of the call log, timed; and how quickly the recorder takes events in."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import Engine

from ivr.call_flow.disposition import Disposition
from ivr.call_flow.events import CallArrived, CallEnded, Event, KeyChosen, MenuHeard, Rang, RingingEnded
from ivr.call_log.counts import counts, topics
from ivr.call_log.database import reading
from ivr.call_log.days import Days, begin_of
from ivr.call_log.facts import facts_of
from ivr.call_log.funnel import funnels
from ivr.call_log.missed import MISSED, missed_callers
from ivr.call_log.queries import Filters, history, newest, one_call
from ivr.call_log.recorder import record
from ivr.call_log.story import tell
from ivr.journal.entry import Entry, entries_for
from tests.bench_log.history import LINES, LOCATIONS, Made, Plan, fake_seal

ROUNDS = 40
A_CALL_MS, A_WEEK_MS = 20.0, 150.0
EVENTS_A_SECOND = 5000.0
DRAIN_CALLS, DRAIN_BATCH = 3000, 2000
WEEKS = 50


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: median and 95th percentile, and its bar (None: for information). `least`: more is better."""

    what: str
    value: float
    tail: float | None
    bar: float | None
    unit: str = "ms"
    least: bool = False

    @property
    def held(self) -> bool:
        if self.bar is None:
            return True
        return self.value >= self.bar if self.least else self.value <= self.bar


def timed(engine: Engine, plan: Plan, last: Sequence[Made]) -> list[Figure]:
    """Every question, its median of many askings with different values; `last` are calls that are in the log."""
    rng = random.Random(plan.seed)
    sids = cycle([str(made.call[0]) for made in last if made.events])
    seldom = cycle([str(made.call[22]) for made in last if made.call[22]])
    weeks = cycle([plan.until - timedelta(days=7 * rng.randrange(1, WEEKS)) for _ in range(ROUNDS)])

    def story() -> None:
        sid = next(sids)
        assert one_call(engine, sid)
        with reading(engine) as connection:
            assert tell(facts_of(connection, [sid]).get(sid, []), plan.zone)

    def a_day() -> Filters:
        day = next(weeks)
        return Filters(since=begin_of(day, plan.zone), until=begin_of(day + timedelta(days=1), plan.zone))

    def week() -> Days:
        last_day = next(weeks)
        return Days(last_day - timedelta(days=6), last_day)

    def page(filters: Callable[[], Filters]) -> Callable[[], object]:
        return lambda: newest(engine, filters())

    second = newest(engine, Filters()).more
    questions: list[tuple[str, float | None, Callable[[], object]]] = [
        ("newest 50", A_CALL_MS, page(Filters)),
        ("the page after", A_CALL_MS, lambda: newest(engine, Filters(), before=second)),
        ("by location", A_CALL_MS, page(lambda: Filters(location=rng.choice(LOCATIONS)))),
        ("by line", A_CALL_MS, page(lambda: Filters(line=rng.choice(LINES)))),
        ("by language", A_CALL_MS, page(lambda: Filters(language="es-US"))),
        ("by disposition", A_CALL_MS, page(lambda: Filters(dispositions=(rng.choice(list(Disposition)),)))),
        ("missed (five dispositions)", A_CALL_MS, page(lambda: Filters(dispositions=MISSED))),
        ("live", A_CALL_MS, page(lambda: Filters(dispositions=("",)))),
        ("by day", A_CALL_MS, page(a_day)),
        ("location and disposition", A_CALL_MS, page(lambda: Filters(location="gilbert", dispositions=("no answer",)))),
        ("a caller's history", A_CALL_MS, lambda: history(engine, (next(seldom),))),
        ("the busiest caller's history", A_CALL_MS, lambda: history(engine, (fake_seal(0)[1],))),
        ("one call's story", A_CALL_MS, story),
        ("a week's counts", A_WEEK_MS, lambda: counts(engine, week(), plan.zone)),
        ("a week's funnel", A_WEEK_MS, lambda: funnels(engine, week())),
        ("a week's topics", A_WEEK_MS, lambda: topics(engine, week())),
        ("a week's missed callers", None, lambda: missed_callers(engine, *week().moments(plan.zone))),
    ]
    return [figure(what, bar, ask) for what, bar, ask in questions]


def figure(what: str, bar: float | None, ask: Callable[[], object]) -> Figure:
    """The median of many askings, in milliseconds."""
    ask()  # the statement is prepared once, as in a service that has been running
    rounds = []
    for _ in range(ROUNDS):
        began = perf_counter()
        ask()
        rounds.append((perf_counter() - began) * 1000)
    return Figure(what, median(rounds), quantiles(rounds, n=20)[-1], bar)


def drain_rate(engine: Engine, plan: Plan) -> Figure:
    """Events a second through the recorder, in the drainer's batches, into the full log."""
    at = datetime(2026, 11, 23, 17, tzinfo=UTC)
    entries = [entry for number in range(DRAIN_CALLS) for entry in _call(plan, number, at)]
    began = perf_counter()
    for start in range(0, len(entries), DRAIN_BATCH):
        done = record(engine, entries[start : start + DRAIN_BATCH], zone=plan.zone, heard_at=at)
        assert not done.refused
    rate = len(entries) / (perf_counter() - began)
    return Figure("events taken in", rate, None, EVENTS_A_SECOND, unit="events/s", least=True)


def _call(plan: Plan, number: int, at: datetime) -> list[Entry]:
    sid, begin = f"CA{plan.seed:08x}{number:024x}", at + timedelta(seconds=number / 5)
    ring = Rang("gilbert", ("desk",), 20, 0, location="gilbert", whisper=False)
    turns: tuple[tuple[int, int, list[Event]], ...] = (
        (0, 0, [CallArrived("main", "en-US"), MenuHeard("main")]),
        (1, 12, [KeyChosen("main", "2", "gilbert"), ring]),
        (2, 100, [RingingEnded("gilbert", ("desk",), 0, "answered", 80)]),
        (40, 101, [CallEnded("completed", 101)]),
    )
    return [
        entry
        for hop, seconds, events in turns
        for entry in entries_for(sid, hop, begin + timedelta(seconds=seconds), "abc", events)
    ]
