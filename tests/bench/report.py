"""The figures as a table, and what they are held to."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from tests.bench.rounds import RATE, Figures, Plan
from tests.bench.server import ROOT, BenchFault
from tests.bench.variants import CONSTANT, LARGE_TREE, OURS, SDK, SMALL_TREE, TITLES

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
CHECK_MARKS = ("<!-- check: begin -->", "<!-- check: end -->")

MOST_OF_CONSTANT = 1.50
MOST_OF_SMALL = 1.10
MOST_P99_MS = 25.0
MOST_MEGABYTES = 100.0
MOST_COMPILE_SECONDS = 10.0
MOST_CHECK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure and the most it may be. Without a bar it is for information."""

    what: str
    value: float
    most: float | None
    unit: str = ""

    @property
    def held(self) -> bool:
        return self.most is None or self.value <= self.most

    def row(self) -> str:
        bar = "-" if self.most is None else f"{self.most:g}{self.unit}"
        verdict = "-" if self.most is None else "held" if self.held else "**missed**"
        return f"| {self.what} | {self.value:.2f}{self.unit} | {bar} | {verdict} |"


def bars(figures: Mapping[str, Figures], compile_seconds: float, check_seconds: float) -> list[Bar]:
    """What is held to a bar."""
    ours = figures[OURS]
    return [
        Bar("CPU a request, (c) to (a)", ratio(ours, figures[CONSTANT]), MOST_OF_CONSTANT),
        Bar("CPU a request, (b) to (a)", ratio(figures[SDK], figures[CONSTANT]), None),
        Bar("CPU a request, (e) to (e0)", ratio(figures[LARGE_TREE], figures[SMALL_TREE]), MOST_OF_SMALL),
        Bar("CPU a request, (e) to (c)", ratio(figures[LARGE_TREE], ours), MOST_OF_SMALL),
        Bar(f"p99 of (c) at {RATE} turns a second", median(ours.p99), MOST_P99_MS, " ms"),
        Bar("resident memory of a worker of (c)", ours.megabytes, MOST_MEGABYTES, " MB"),
        Bar("compiling the configuration of (e)", compile_seconds, MOST_COMPILE_SECONDS, " s"),
        Bar("`check` of its worst input, the whole process", check_seconds, MOST_CHECK_SECONDS, " s"),
    ]


def quiet(rounds: Sequence[float]) -> float:
    """The lowest tenth: other programs, and a host that takes the processor away, only ever add CPU time."""
    return max(min(rounds), quantiles(rounds, n=10)[0])


def noise(one: Figures) -> float:
    """How far the median of the rounds lies above the quiet ones: 0.1 is a tenth."""
    return median(one.cpu) / quiet(one.cpu) - 1


def ratio(of: Figures, to: Figures) -> float:
    """CPU a request of one variant over that of another, both in their quieter rounds."""
    return quiet(of.cpu) / quiet(to.cpu)


def table(figures: Mapping[str, Figures], held: list[Bar], plan: Plan, day: str) -> str:
    """Both tables as Markdown, under a line that says when and on what they were measured."""
    lines = [
        f"Measured on {day}: Python {platform.python_version()}, {machine()}.",
        f"{plan.rounds} rounds of {plan.requests:,} requests; at a fixed rate {plan.steady_rounds} rounds of"
        f" {plan.steady_seconds} s. CPU: the lowest tenth of the rounds; noise: how far their median lies above it.",
        "",
        "| Variant | CPU us a request | Noise | To (a) | Requests a second | p50 ms | p99 ms | Memory MB |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
        *(_row(name, one, figures[CONSTANT]) for name, one in figures.items()),
        "",
        "| Figure | Measured | At most | |",
        "| --- | --: | --: | --- |",
        *(bar.row() for bar in held),
    ]
    return "\n".join(lines)


def write_page(text: str, page: Path = PAGE, marks: tuple[str, str] = (BEGIN, END)) -> None:
    """Put the tables between the marks in the page. Raises BenchFault when the marks are not there."""
    old, (begin, end) = page.read_text(), marks
    if begin not in old or end not in old:
        raise BenchFault(f"{page.name} has no marks to write the figures between")
    before, _, rest = old.partition(begin)
    page.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}")


def machine() -> str:
    """Cores and processor model of this machine."""
    text = Path("/proc/cpuinfo").read_text()
    cores = len(re.findall(r"^processor\b", text, re.MULTILINE))
    models = re.findall(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return f"{cores} cores, {models[0] if models else platform.machine()}"


def _row(name: str, one: Figures, constant: Figures) -> str:
    p50, p99 = (f"{median(times):.1f}" if times else "-" for times in (one.p50, one.p99))
    return (
        f"| {TITLES[name]} | {quiet(one.cpu):,.0f} | {noise(one):.0%} | {ratio(one, constant):.2f}"
        f" | {median(one.throughput):,.0f} | {p50} | {p99} | {one.megabytes:.0f} |"
    )
