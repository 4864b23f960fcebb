"""The figures as tables, and the bar that they are held to."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from statistics import median

from tests.bench.report import Bar, machine
from tests.bench_doors.rounds import APART, APART_QUIET, ONE, ONE_QUIET, RATE, Figures, Plan

MARKS = "<!-- doors: begin -->", "<!-- doors: end -->"
MOST_P99_MS = 50.0
TITLES = {
    APART_QUIET: "doors apart, nobody at the console",
    APART: "doors apart, 20 people and an export",
    ONE_QUIET: "one process, nobody at the console",
    ONE: "one process, 20 people and an export",
}


def bars(figures: Mapping[str, Figures]) -> list[Bar]:
    """What is held to a bar: the median of the rounds."""
    return [
        Bar("p99, doors apart, under load", median(figures[APART].p99), MOST_P99_MS, " ms"),
        Bar("p99, doors apart, nobody at the console", median(figures[APART_QUIET].p99), None, " ms"),
        Bar("p99, one process, under load", median(figures[ONE].p99), None, " ms"),
    ]


def tables(figures: Mapping[str, Figures], held: Sequence[Bar], plan: Plan, told: str) -> str:
    """All tables as Markdown, under a line that says when and on what they were measured."""
    rounds = f"{plan.rounds} rounds" if plan.rounds > 1 else "One round"
    over = sum(p99 > MOST_P99_MS for p99 in figures[APART].p99)
    lines = [
        f"{told}: Python {platform.python_version()}, {machine()}. {rounds} of {plan.seconds} s at"
        f" {RATE} turns a second. Median of the rounds, in brackets the highest.",
        "",
        "| Turns | p50 ms | p99 ms | Longest ms | Sent late, p99 ms | Voice | Console | People | Machine |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
        *(_turns(TITLES[name], one) for name, one in figures.items()),
        "",
        "| Asked of the console (ms) | Apart: times | median | longest | One process: times | median | longest |",
        "| --- | --: | --: | --: | --: | --: | --: |",
        *_asked("poll of", figures[APART].polls, figures[ONE].polls),
        *_asked("page", figures[APART].pages, figures[ONE].pages),
        f"| whole exports (s) | {_times(figures[APART].exports)} | {_times(figures[ONE].exports)} |",
        f"| exported MB | {_megabytes(figures[APART])} | | | {_megabytes(figures[ONE])} | | |",
        "",
        "| Figure | Measured | At most | |",
        "| --- | --: | --: | --- |",
        *(bar.row() for bar in held),
        "",
        f"Doors apart, under load: p99 was above {MOST_P99_MS:g} ms in {over} of {plan.rounds} rounds.",
    ]
    return "\n".join(lines)


def _turns(title: str, one: Figures) -> str:
    times = (f"{median(each):.1f} ({max(each):.1f})" for each in (one.p50, one.p99, one.worst, one.late))
    shares = (f"{median(each):.2f}" if each else "-" for each in (one.voice, one.console, one.people, one.machine))
    return f"| {title} | {' | '.join(times)} | {' | '.join(shares)} |"


def _asked(kind: str, apart: Mapping[str, list[float]], one: Mapping[str, list[float]]) -> list[str]:
    names = sorted({*apart, *one})
    return [f"| {kind} {name} | {_times(apart.get(name, []))} | {_times(one.get(name, []))} |" for name in names]


def _times(found: Sequence[float]) -> str:
    return f"{len(found)} | {median(found):,.0f} | {max(found):,.0f}" if found else "0 | - | -"


def _megabytes(one: Figures) -> str:
    return f"{one.exported_bytes / 1e6:,.0f}"
