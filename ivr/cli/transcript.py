"""A turn on the terminal: what was done, what is heard, why, what rings, and what the call waits for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from ivr.routing.problems import printable
from ivr.routing.transcript import TurnText

WIDTH = 100
MARGIN = 10


def show(text: TurnText) -> None:
    """Print a turn to the terminal."""
    click.secho(text.heard, bold=True)
    show_words(text.says)
    for sentence in text.reasons:
        show_row("why", sentence, dim=True)
    for phone in text.rings:
        where = f" ({phone.location})" if phone.location else ""
        show_row("rings", f"{phone.name}, {phone.number}, for up to {phone.seconds} seconds{where}", fg="green")
    if text.waits == "message":
        show_row("records", "a spoken message", fg="green")
    if text.waits == "nothing":
        show_row("ends", "the call is over", fg="green")
    click.echo()


def show_words(says: Iterable[tuple[str, str]]) -> None:
    """Print what is heard, grouped by language: pairs of a language code and a phrase."""
    for language, group in groupby(says, key=lambda say: say[0]):
        for number, (_, phrase) in enumerate(group):
            show_row(language if number == 0 else "", phrase)


def show_row(label: str, words: str, *, dim: bool | None = None, fg: str | None = None) -> None:
    """Print words behind a short label, wrapped; whatever could disturb a terminal is escaped."""
    lines = _wrapped(printable(words))
    for number, line in enumerate(lines):
        head = click.style(f"  {label if number == 0 else '':<{MARGIN - 2}}", dim=True)
        click.echo(head + click.style(line, dim=dim, fg=fg))


def _wrapped(words: str) -> Iterator[str]:
    return iter(textwrap.wrap(words, WIDTH - MARGIN, break_on_hyphens=False) or [""])
