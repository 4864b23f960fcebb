"""`tester`: who may hear the draft on the real line, and whether there is one to hear."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ivr.call_log.database import migrate
from ivr.call_log.numbers import NotANumber, look_up, masked
from ivr.publishing.drafts import Offered, call_off, files_offered, offer, offered
from ivr.publishing.testers import add, all_testers, remove
from ivr.publishing.versions import live
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder
from ivr.routing.problems import Problem, printable, render
from ivr.routing.references import CLINIC
from ivr.routing.text import Group, Items, line_of, read_text

from .columns import show_table
from .configuration import errors, limits, usual_folder
from .records import Records, records

SECTION = "testers"


@click.group("tester")
def command() -> None:
    """Let testers hear the draft when they call the clinic. Everybody else hears what is live.

    Testers are the numbers under `testers` in clinic.yaml and those added here. They hear the draft only while it is
    on, and are told so. Their calls are in the call log, marked, and in no statistic.

    \b
    python -m ivr tester add "480 555 0147"
    python -m ivr tester draft on
    python -m ivr tester list
    python -m ivr tester draft off
    """


@command.command("add")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a sentence.")
def add_(number: str, *, as_json: bool) -> None:
    """Make NUMBER a tester. Only a keyed hash of it is kept."""
    with records() as log:
        migrate(log.engine)
        indexes = _indexes(log, number)
        added = add(log.engine, indexes, actor=log.actor, now=log.now)
        if as_json:
            _print({"added": added, "id": _id_of(log, indexes)})
        elif added:
            click.secho(f"Added as {_id_of(log, indexes)}. It hears the draft while that is on.", fg="green")
        else:
            click.echo("This number is a tester already.")


@command.command("remove")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a sentence.")
@click.pass_context
def remove_(ctx: click.Context, number: str, *, as_json: bool) -> None:
    """Take away the tester NUMBER, or the one that `tester list` shows under that id."""
    with records() as log:
        migrate(log.engine)
        named = [each.caller_index for each in all_testers(log.engine) if each.id == number]
        indexes = tuple(named) or _indexes(log, number)
        removed = remove(log.engine, indexes, actor=log.actor, now=log.now)
        still = _still_written(log, indexes)
        if as_json:
            _print({"removed": removed, "still_in": still})
        elif removed:
            click.secho("Removed.", fg="green")
        elif not still:
            click.echo("No such tester. See: python -m ivr tester list", err=True)
        if still and not as_json:
            click.echo(f"This number stands in {still}.", err=True)
    ctx.exit(0 if removed and not still else 1)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_(*, as_json: bool) -> None:
    """Show the testers, and the draft they hear."""
    with records() as log:
        migrate(log.engine)
        draft, added = offered(log.engine), all_testers(log.engine)
        written = _written(_files())
        if as_json:
            listed = [
                {"id": each.id, "added_at": each.added_at.astimezone(log.zone).isoformat(), "by": each.added_by}
                for each in added
            ]
            in_file = [{"number": masked(number), "line": line} for number, line in written.items()]
            _print({"draft": _data(log, draft), "testers": listed, "clinic.yaml": in_file})
            return
        rows = [(each.id, f"{each.added_at.astimezone(log.zone):%Y-%m-%d %H:%M}", each.added_by) for each in added]
        rows += [(masked(number), "-", _place(line)) for number, line in written.items()]
        click.echo(_told(log, draft))
        if rows:
            show_table(("tester", "added", "by"), rows)
        else:
            click.echo("Nobody is a tester yet: python -m ivr tester add NUMBER")


@command.command("draft")
@click.argument("switch", type=click.Choice(["on", "off"]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a sentence.")
@click.pass_context
def draft_(ctx: click.Context, switch: str, *, as_json: bool) -> None:
    """Let testers hear the files in config/ as they are now, or (off) what everybody hears.

    Files with a mistake are refused. A later edit is heard after another `draft on`; publishing the draft ends it.
    """
    with records() as log:
        migrate(log.engine)
        if switch == "off":
            ended = call_off(log.engine, actor=log.actor, now=log.now)
            if as_json:
                _print({"draft": None, "was": _data(log, ended)})
            else:
                click.echo("Testers hear what everybody hears." if ended else "There was no draft to hear.")
            return
        problems, draft = _offered_now(log)
        if as_json:
            _print({"draft": _data(log, draft), "problems": [str(problem) for problem in problems]})
        elif draft:
            click.secho(f"Testers hear this draft within two seconds ({draft.hash}).", fg="green")
        else:
            click.echo(render(problems).rstrip("\n"), err=True)
            click.secho("Not offered: nothing changed for testers.", fg="red", err=True)
    ctx.exit(0 if draft else 1)


def _offered_now(log: Records) -> tuple[list[Problem], Offered | None]:
    """Offer what is in config/, unless it has errors. Raises click.ClickException when there is nothing to offer."""
    if log.settings.autopublish:
        raise click.ClickException(
            "Here a saved file is live by itself (IVR_AUTOPUBLISH=1): there is no draft for testers alone."
        )
    files, unread = read_folder(usual_folder(), limits())
    version, now_live = version_of(files), live(log.engine)
    if now_live and now_live.hash == version:
        raise click.ClickException("config/ is what is live: there is no draft to hear.")
    compiled = compile_files(files, live=not log.settings.practice, limits=limits(), folder=str(usual_folder()))
    problems = [*unread, *errors(compiled.problems)]
    if problems:
        return problems, None
    return [], offer(log.engine, version, files, actor=log.actor, now=log.now)


def _indexes(log: Records, typed: str) -> tuple[str, ...]:
    try:
        return look_up(log.seal, typed)
    except NotANumber as fault:
        raise click.BadParameter(str(fault)) from None


def _id_of(log: Records, indexes: Sequence[str]) -> str:
    return next((each.id for each in all_testers(log.engine) if each.caller_index in indexes), "")


def _still_written(log: Records, indexes: Sequence[str]) -> str:
    """Where else a number is named a tester, and the cure; "" when it is nowhere."""
    for number, line in _written(_files()).items():
        if not set(indexes).isdisjoint(log.seal.indexes(number)):
            return f"{_place(line)}: take it out there"
    for number in _written(files_offered(log.engine)):
        if not set(indexes).isdisjoint(log.seal.indexes(number)):
            return "the draft that is on: python -m ivr tester draft off, or on again"
    return ""


def _files() -> Mapping[str, bytes]:
    return read_folder(usual_folder(), limits())[0]


def _written(files: Mapping[str, bytes]) -> dict[str, int]:
    """The testers that clinic.yaml names, each with its line; none while the file cannot be read."""
    document = read_text(CLINIC, files.get(CLINIC, b""), limits())
    if not isinstance(document, Group):
        return {}
    match document.get(SECTION, ""):
        case Items() as numbers:
            found = [number for number in numbers if isinstance(number, str)]
            return {number: line_of(document, (SECTION, place)) for place, number in enumerate(found)}
        case str() as number if number:
            return {number: line_of(document, (SECTION,))}
        case _:
            return {}


def _place(line: int) -> str:
    return printable(f"{usual_folder() / CLINIC}:{line}")


def _told(log: Records, draft: Offered | None) -> str:
    if draft is None:
        return "No draft is on: testers hear what everybody hears."
    at = draft.at.astimezone(log.zone)
    return f"A draft is on ({draft.hash}), by {draft.author}, {at:%a %d %b %Y %H:%M}."


def _data(log: Records, draft: Offered | None) -> dict[str, str] | None:
    if draft is None:
        return None
    return {"hash": draft.hash, "by": draft.author, "at": draft.at.astimezone(log.zone).isoformat()}


def _print(data: dict[str, Any]) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
