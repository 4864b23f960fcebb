"""Years of believable calls, made up: what the call log's tables hold of them, and the sums its reports read.

Rows are tuples in the order of the tables' columns, in the database's own forms (milliseconds, JSON as text), so that
ten million of them can be written without an object each. The same plan always makes the same history.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from ivr.call_flow.disposition import Disposition
from ivr.call_log.days import begin_of
from ivr.call_log.missed import MISSED
from ivr.call_log.tables import EPOCH, MILLISECOND

QUARTER_MS, DAY_MS = 900_000, 86_400_000
MOST_WAIT = 600
THREE_YEARS = 1095
CALLS_PER_CALLER = 5
DONE_SHARE = 0.99  # of what callers waited for, as in a clinic that works through its list

LINES = ("main", "gilbert_line")
LOCATIONS = ("scottsdale", "gilbert")
LANGUAGES = ("en-US", "es-US")
TOPICS = {"ketamine": 3, "chronic_pain": 3, "depression": 2, "ptsd": 2, "spravato": 4, "costs": 1}
DISPOSITIONS = {
    Disposition.ANSWERED: 55,
    Disposition.MESSAGE: 8,
    Disposition.CALLBACK: 3,
    Disposition.ABANDONED_WHILE_RINGING: 6,
    Disposition.NO_ANSWER: 3,
    Disposition.CLOSED: 7,
    Disposition.INFORMATION_ONLY: 8,
    Disposition.ABANDONED_IN_INFORMATION: 4,
    Disposition.ABANDONED_IN_MENU: 5.5,
    Disposition.FAILED: 0.5,
}
NOBODY_ASKED_FOR = {
    Disposition.INFORMATION_ONLY,
    Disposition.ABANDONED_IN_INFORMATION,
    Disposition.ABANDONED_IN_MENU,
    Disposition.FAILED,
}
WAITED_FOR = {*MISSED, Disposition.MESSAGE, Disposition.CALLBACK}
HOURS = (0, 0, 0, 0, 0, 0, 1, 3, 12, 14, 13, 11, 9, 12, 13, 12, 9, 4, 2, 1, 1, 0, 0, 0)
WEEK = (20, 18, 17, 17, 15, 7, 3)

Row = tuple[str | int | None, ...]
SealedNumber = tuple[str, str]
SealOf = Callable[[int], SealedNumber]


@dataclass(frozen=True, slots=True)
class Plan:
    """So many calls in the `days` before `until`, by so many callers. One call in `events_of` has its events too.

    `done` is the share of missed calls, messages and requests that somebody marked done, each within a day.
    """

    calls: int
    until: date
    days: int
    zone: ZoneInfo
    callers: int
    seed: int = 1
    events_of: int = 20
    done: float = 0.0


def three_years(calls: int, until: date, events_of: int = 20) -> Plan:
    """So many calls of the sample clinic in the three years before `until`, five a caller, nearly all marked done."""
    zone = ZoneInfo("America/Phoenix")
    callers = max(1, calls // CALLS_PER_CALLER)
    return Plan(calls, until, THREE_YEARS, zone, callers, events_of=events_of, done=DONE_SHARE)


@dataclass(frozen=True, slots=True)
class Made:
    """One call: its rows for each table, in the order of the tables' columns."""

    call: Row
    legs: tuple[Row, ...]
    message: Row | None
    callback: Row | None
    events: tuple[Row, ...]
    done: Row | None


@dataclass(slots=True)
class Sums:
    """The roll-ups of the calls that passed: keys as in the tables, in their order."""

    calls: Counter[Row] = field(default_factory=Counter)
    talk: Counter[Row] = field(default_factory=Counter)
    waits: Counter[Row] = field(default_factory=Counter)
    menus: Counter[Row] = field(default_factory=Counter)
    topics: Counter[Row] = field(default_factory=Counter)


def fake_seal(caller: int) -> SealedNumber:
    """A token as long as a real one, which nothing opens, and a hash: sealing millions would only cost time."""
    return f"gAAAAA{caller:094d}", f"{caller:032x}"


def history(plan: Plan, sums: Sums, seal: SealOf = fake_seal) -> Iterator[Made]:
    """The plan's calls, oldest first; `sums` are complete once all have passed."""
    rng = random.Random(plan.seed)
    days = [plan.until - timedelta(days=back) for back in range(plan.days, 0, -1)]
    weights = [WEEK[day.weekday()] for day in days]
    share = plan.calls / sum(weights)
    numbers, made = 0, 0.0
    for place, (day, weight) in enumerate(zip(days, weights, strict=True)):
        made += weight * share
        count = (plan.calls if place == plan.days - 1 else round(made)) - numbers
        numbers += count
        yield from _day(plan, rng, day, f"{0xABC0 + place // 60:012x}", count, sums, seal)


def _day(
    plan: Plan, rng: random.Random, day: date, version: str, count: int, sums: Sums, seal: SealOf
) -> Iterator[Made]:
    begin = (begin_of(day, plan.zone) - EPOCH) // MILLISECOND
    hours = rng.choices(range(24), HOURS, k=count)
    starts = sorted(begin + (hour * 3600 + rng.randrange(3600)) * 1000 + rng.randrange(1000) for hour in hours)
    text = day.isoformat()
    for start in starts:
        yield _one(plan, rng, start, text, version, sums, seal)


def _one(plan: Plan, rng: random.Random, start: int, day: str, version: str, sums: Sums, seal: SealOf) -> Made:
    sid = f"CA{rng.getrandbits(128):032x}"
    disposition = rng.choices(_weighed()[0], cum_weights=_weighed()[1])[0].value
    line, language = LINES[rng.random() < 0.3], LANGUAGES[rng.random() < 0.2]
    location = "" if disposition in NOBODY_ASKED_FOR else LOCATIONS[rng.random() < 0.4]
    key = 1 if location == "scottsdale" else 2 if location else 3
    topics, parts = _topic(rng) if disposition in NOBODY_ASKED_FOR and rng.random() < 0.8 else ([], 0)
    stay, ring = rng.randrange(5, 40), rng.randrange(2, 60) if location and disposition != Disposition.CLOSED else 0
    talk = rng.randrange(20, 600) if disposition == Disposition.ANSWERED else 0
    wait, total = stay + ring, stay + ring + talk
    outcome = "hung up" if disposition == Disposition.ABANDONED_IN_MENU else f"key:{key}"
    withheld = rng.random() < 0.04
    number = int(rng.random() ** 2 * plan.callers)  # some call often, most hardly ever
    token, index = (None, None) if withheld else seal(number)
    end = start + total * 1000
    path = ["main", f"{key}:{location or 'topics'}"]
    visits = [{"menu": "main", "version": version, "outcome": outcome, "seconds": stay}]
    call: Row = (
        sid, start, end, end, line, location, language, "normal", version, disposition, "completed", "caller",
        "carrier", wait, ring, talk, total, int(withheld), _json(path), _json(topics), _json(visits), token, index,
        None, None, 0, 0,
    )  # fmt: skip
    quarter = start // QUARTER_MS * QUARTER_MS
    sums.calls[quarter, line, location, language, disposition] += 1
    sums.talk[quarter, line, location, language, disposition] += talk
    sums.menus[day, "main", version, outcome, stay] += 1
    if disposition == Disposition.ANSWERED:
        sums.waits[day, location, min(wait, MOST_WAIT)] += 1
    if topics:
        sums.topics[day, str(topics[0]["topic"]), language, parts] += 1
    leg = (sid, 2, f"{location} desk", location, location, start + stay * 1000, "answered" if talk else "no answer")
    message = (f"RE{sid[2:]}", sid, f"{location}_mailbox", location, end, rng.randrange(5, 90), "completed", None)
    return Made(
        call,
        ((*leg, ring, talk),) if ring else (),
        message if disposition == Disposition.MESSAGE else None,
        (sid, "callback", location, end) if disposition == Disposition.CALLBACK else None,
        _events(call, stay) if rng.randrange(plan.events_of) == 0 else (),
        _done(plan, call) if disposition in WAITED_FOR else None,
    )


def _done(plan: Plan, call: Row) -> Row | None:
    """The mark that somebody dealt with a call, unless that is still to come when the history ends."""
    sid, end = str(call[0]), call[2]
    assert isinstance(end, int)
    chance = random.Random(f"{plan.seed} {sid}")  # of its own: without marks the history is the same
    at = end + chance.randrange(DAY_MS)
    seen_to = (begin_of(plan.until, plan.zone) - EPOCH) // MILLISECOND
    if chance.random() >= plan.done or at >= seen_to:
        return None
    return sid, at, chance.choice(("maria", "ben", "eve")), chance.choice(("called", "left word", "no need"))


@cache
def _weighed() -> tuple[list[Disposition], list[float]]:
    return list(DISPOSITIONS), list(accumulate(DISPOSITIONS.values()))


def _topic(rng: random.Random) -> tuple[list[dict[str, str | int]], int]:
    topic = rng.choice(tuple(TOPICS))
    heard = rng.randint(1, TOPICS[topic])
    return [{"topic": topic, "heard": heard, "parts": TOPICS[topic]}], heard


def _events(call: Row, stay: int) -> tuple[Row, ...]:
    """The facts behind a call, few but in the journal's own form."""
    sid, start, end, line, location, language, version = (call[place] for place in (0, 1, 2, 4, 5, 6, 8))
    ring, talk = call[14], call[15]
    assert isinstance(start, int)
    assert isinstance(end, int)
    pressed = start + stay * 1000
    told: list[tuple[int, int, int, str, dict[str, object]]] = [
        (0, 0, start, "CallArrived", {"line": line, "language": language, "known": True, "withheld": bool(call[17])}),
        (0, 1, start, "MenuHeard", {"menu": "main", "again": 0}),
        (1, 0, pressed, "KeyChosen", {"place": "main", "key": "1", "to": location or "topics", "score": None}),
    ]
    if ring:
        phones: dict[str, object] = {"group": location, "phones": [f"{location} desk"], "attempt": 0}
        ended = {**phones, "outcome": "answered" if talk else "no answer", "talk_seconds": talk}
        told.append((1, 1, pressed, "Rang", {**phones, "seconds": 20, "location": location, "whisper": True}))
        told.append((2, 0, end, "RingingEnded", ended))
    told.append((40, 0, end, "CallEnded", {"status": "completed", "seconds": (end - start) // 1000}))
    return tuple(
        (sid, f"{sid}:{hop}:{kind}", hop, nth, at, version, kind, _json(data)) for hop, nth, at, kind, data in told
    )


_json = json.JSONEncoder(separators=(",", ":")).encode
