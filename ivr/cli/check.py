"""`check`: everything that is wrong with the configuration, at once."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.call_flow.model import Routing
from ivr.call_flow.notice_rules import Way
from ivr.notices.set_up import SETTINGS, turn_on
from ivr.routing.problems import Problem, render

from .configuration import errors, load, usual_folder


@click.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Check as for a live service: fictional 555 numbers are errors.")
@click.pass_context
def command(ctx: click.Context, folder: Path | None, *, live: bool) -> None:
    """Say everything that is wrong with the configuration.

    FOLDER is config/ unless you name another. Each problem is told with its file, its line and the cure. Warnings
    alone do not keep a configuration from being used.

    \b
    python -m ivr check
    python -m ivr check --live
    python -m ivr check drafts/winter
    """
    folder = folder or usual_folder()
    compiled = load(folder, live=live, now=datetime.now(UTC))
    if compiled.problems:
        click.echo(render(compiled.problems).rstrip("\n"))
    if compiled.routing is None:
        click.secho(f"{folder}: {_counted(compiled.problems)}.", fg="red", err=True)
        ctx.exit(1)
    found = f", {_counted(compiled.problems)}" if compiled.problems else ""
    click.secho(f"{folder} is fine{found}: {_contents(compiled.routing)}.", fg="green")
    for way in sorted(compiled.routing.notices.ways):
        if unset := _unset(way):
            click.secho(f"Notices by {way} are off here: {turn_on(unset)} for the worker.", fg="yellow")
    if compiled.routing.texts and (unset := _unset(Way.TEXT)):
        what = f"Texts to callers are off here: {turn_on(unset)} for the service and the worker."
        click.secho(what, fg="red" if live else "yellow", err=live)
        ctx.exit(1 if live else 0)


def _unset(way: Way) -> list[str]:
    return [name for name in SETTINGS[way] if not os.environ.get(name, "").strip()]


def _counted(problems: tuple[Problem, ...]) -> str:
    wrong = len(errors(problems))
    counts = ((wrong, "error"), (len(problems) - wrong, "warning"))
    return " and ".join(_number(count, word) for count, word in counts if count) or "nothing could be read"


def _contents(routing: Routing) -> str:
    kinds = Counter(type(place).__name__ for place in routing.destinations.values())
    counts = (
        (kinds["Location"], "location"),
        (kinds["Menu"], "menu"),
        (kinds["Information"], "topic"),
        *([(kinds["UrgentCall"], "urgent call")] if kinds["UrgentCall"] else []),
        (len(routing.languages), "language"),
    )
    return f"{', '.join(_number(count, word) for count, word in counts)}, version {routing.version}"


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
