"""Runs the conditions in turn, round after round: a voice door at a steady rate, with and without people beside it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.calls import Caller, poster, practice_call, same_calls
from tests.bench.prepared import write_prepared
from tests.bench.rounds import at_rate, refuse_faults, started
from tests.bench_doors.seats import Order, write_order
from tests.bench_doors.stage import Site, computed
from tests.faults.service import Service

RATE = 50
WARM_SECONDS = 4
SETTLE_SECONDS = 2.0
PEOPLE_SECONDS = 120.0
READY = "ready\n"
NOTHING = '{"failed": 1, "fault": "the people at it ended early"}'

APART_QUIET, APART, ONE_QUIET, ONE = "apart, quiet", "apart", "one process, quiet", "one process"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int
    seconds: int


@dataclass(slots=True)
class Figures:
    """What was measured under one condition: one value a round of the turns, one of each answer at the console.

    Milliseconds; `exports` are the seconds of whole ones. `voice`, `console`, `people` and `machine` are shares of the
    time in which those computed, in processors: 1.0 is one of them.
    """

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    voice: list[float] = field(default_factory=list)
    console: list[float] = field(default_factory=list)
    people: list[float] = field(default_factory=list)
    machine: list[float] = field(default_factory=list)
    polls: dict[str, list[float]] = field(default_factory=dict)
    pages: dict[str, list[float]] = field(default_factory=dict)
    exports: list[float] = field(default_factory=list)
    exported_bytes: int = 0


def measure(site: Site, plan: Plan, say: Callable[[str], None]) -> dict[str, Figures]:
    """All rounds of all conditions. Raises BenchFault on a wrong answer, of a turn or of the console."""
    conditions = (
        (APART_QUIET, site.voice, None),
        (APART, site.voice, site.console),
        (ONE_QUIET, site.together, None),
        (ONE, site.together, site.together),
    )
    figures = {name: Figures() for name, _, _ in conditions}
    callers = _Callers(site)
    for number in range(-1, plan.rounds):  # the first round warms up and is not kept
        first = number % len(conditions)
        for name, voice, console in (*conditions[first:], *conditions[:first]):
            into = Figures() if number < 0 else figures[name]
            _round(site, callers, (name, voice, console), WARM_SECONDS if number < 0 else plan.seconds, into, number)
            say(f"{number + 1}/{plan.rounds} {name}: p50 {into.p50[-1]:.1f} ms, p99 {into.p99[-1]:.1f} ms")
    return figures


class _Callers:
    """Prepares the turns of callers who never called before."""

    def __init__(self, site: Site) -> None:
        self._caller = Caller()
        self._turns = practice_call(self._caller, poster(site.voice.port))
        self._path = site.folder / "turns.jsonl"

    def prepared(self, count: int) -> Path:
        write_prepared(self._path, self._caller.prepared(same_calls(self._turns), count))
        return self._path


Condition = tuple[str, Service, Service | None]


def _round(site: Site, callers: _Callers, condition: Condition, seconds: int, into: Figures, seed: int) -> None:
    name, voice, console = condition
    requests = callers.prepared(RATE * seconds)
    site.wait_until_drained()
    time.sleep(SETTLE_SECONDS)
    with _people(site, console, seed, into):
        before = _clocks(voice, site.console)
        outcome = at_rate(requests, voice.port, RATE, seconds)
        after = _clocks(voice, site.console)
    refuse_faults(name, outcome)
    passed, *busy = (late - early for late, early in zip(after, before, strict=True))
    for kept, share in zip((into.machine, into.voice, into.console), busy, strict=True):
        kept.append(share / passed)
    if voice is site.together:
        into.console.clear()  # nobody was there
    for kept, what in ((into.p50, "p50"), (into.p99, "p99"), (into.worst, "worst"), (into.late, "late")):
        kept.append(outcome[what])


def _clocks(voice: Service, console: Service) -> tuple[float, ...]:
    """The time of day, then what all of the machine, the voice door and the console of its own have computed."""
    ticks = [int(text) for text in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return time.perf_counter(), (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK"), computed(voice), computed(console)


@contextmanager
def _people(site: Site, console: Service | None, seed: int, into: Figures) -> Iterator[None]:
    """Twenty people at this console and an export while the block runs; nobody where there is none."""
    if console is None:
        yield
        return
    path = site.folder / "order.json"
    write_order(path, Order(console.port, seed, site.calls, site.exporter, site.seats))
    with started("tests.bench_doors.people", [str(path)]) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            if first != READY:
                refuse_faults("the console", json.loads(first or NOTHING))
            yield
            answer, _ = process.communicate(timeout=PEOPLE_SECONDS)
        finally:
            process.kill()
    _keep(json.loads(answer or NOTHING), into)


def _keep(outcome: dict[str, Any], into: Figures) -> None:
    refuse_faults("the console", outcome)
    into.people.append(outcome["busy"])
    into.exports.extend(outcome["exports"])
    into.exported_bytes += outcome["exported_bytes"]
    for kept, found in ((into.polls, outcome["polls"]), (into.pages, outcome["pages"])):
        for what, took in found.items():
            kept.setdefault(what, []).extend(took)
