"""The figures as a Markdown table, and their place in docs/performance.md."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench_log.history import Plan
from tests.bench_log.questions import Figure

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
HEADING = "## The call log when it is full"
BEGIN, END = "<!-- call log: begin -->", "<!-- call log: end -->"


def table(figures: Mapping[str, Sequence[Figure]], plan: Plan) -> str:
    """Median (95th percentile) of each engine beside its bar."""
    names = list(dict.fromkeys(figure.what for found in figures.values() for figure in found))
    lines = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}:"
        f" {plan.calls:,} made-up calls of {plan.days:,} days by {plan.callers:,} callers. One call in {plan.events_of}"
        " has its events in the log, all have their rows and sums. Median, in brackets the 95th percentile.",
        "",
        f"| What is asked | {' | '.join(figures)} | bar | |",
        f"| --- |{' --- |' * len(figures)} --- | --- |",
    ]
    for name in names:
        found = {kind: next((each for each in own if each.what == name), None) for kind, own in figures.items()}
        asked = [each for each in found.values() if each]
        held = all(each.held for each in asked)
        verdict = "-" if asked[0].bar is None else "held" if held else "**missed**"
        cells = " | ".join(_cell(each) for each in found.values())
        lines.append(f"| {name} | {cells} | {_bar(asked[0])} | {verdict} |")
    return "\n".join(lines) + "\n"


def write(text: str) -> None:
    """Put the table into its section of docs/performance.md, which is added when it is not there yet."""
    page = PAGE.read_text("utf-8")
    if BEGIN not in page:
        page = f"{page.rstrip()}\n\n{HEADING}\n\n`make bench-log`\n\n{BEGIN}\n{END}\n"
    head, rest = page.split(BEGIN, 1)
    PAGE.write_text(f"{head}{BEGIN}\n{text}{END}{rest.split(END, 1)[1]}", "utf-8")


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    if figure.unit != "ms":
        return f"{figure.value:,.0f} {figure.unit}"
    return f"{figure.value:.1f} ms ({figure.tail:.1f})"


def _bar(figure: Figure) -> str:
    if figure.bar is None:
        return "-"
    return f"at least {figure.bar:,.0f} {figure.unit}" if figure.least else f"{figure.bar:g} {figure.unit}"
