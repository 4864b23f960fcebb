"""Tables and small bars for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import click

from ivr.routing.problems import printable

BAR_WIDTH = 40


def show_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their heads, each column as wide as its widest cell."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    click.secho(_line(heads, widths), bold=True)
    for row in cells:
        click.echo(_line(row, widths))


def show_bars(title: str, counts: Mapping[str, int]) -> None:
    """Print counts with bars; the largest has the full width, and what is counted at all has at least one sign."""
    click.secho(title, bold=True)
    if not counts:
        click.echo("  none")
        return
    most = max(*counts.values(), 1)
    names = [printable(name) for name in counts]
    wide, digits = max(map(len, names)), len(f"{most:,}")
    for name, count in zip(names, counts.values(), strict=True):
        bar = "#" * (max(1, round(BAR_WIDTH * count / most)) if count else 0)
        click.echo(f"  {name:<{wide}}  {count:>{digits},}  {bar}".rstrip())


def duration(seconds: int) -> str:
    """8 s, 4 min, 1 h 5 min."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
