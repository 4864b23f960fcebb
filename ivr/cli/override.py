"""`override`: changes that end by themselves, made and ended from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from ivr.call_flow.duty import rotas_of
from ivr.call_flow.model import OverrideKind
from ivr.call_flow.moments import UnclearMoment, read_moment
from ivr.call_flow.overrides import with_overrides
from ivr.call_log.database import migrate
from ivr.publishing.override_told import callers_hear, told
from ivr.publishing.overrides import Made, Wanted, end, locations_of, make, newest, refusals, standing, usual_end
from ivr.routing.problems import printable

from .columns import show_table
from .records import Records, records

ALL = "all"
TRANSLATED = "The same words in another language."
UNTIL = 'When it ends, such as "tomorrow 8:00"; left out, when the location opens next.'
Decorated = Callable[..., Any]


@click.group("override")
def command() -> None:
    """Change what callers meet until a given time. It ends by itself.

    LOCATION is a location's name in clinic.yaml, or: all. The configuration stays as it is, and nothing has to be
    switched back. An emergency closure counts before every other override, and those before closures, holidays and the
    weekly hours.

    \b
    python -m ivr override close gilbert --until "tomorrow 8:00" --reason "power outage"
    python -m ivr override open scottsdale --until "today 19:00"
    python -m ivr override send scottsdale gilbert
    python -m ivr override swap nights --to "Dr. Lee" --until "tomorrow 8:00"
    python -m ivr override say all --say "We are moving house." --say-in es-US "Nos estamos mudando."
    python -m ivr override list
    python -m ivr override end 3
    """


def _made_by(function: Decorated) -> Decorated:
    """The options that every kind takes."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences."),
        click.option("--say-in", "translated", nargs=2, multiple=True, metavar="LANGUAGE WORDS", help=TRANSLATED),
        click.option("--say", "words", help="What callers hear first, in the main language."),
        click.option("--reason", default="", help="Why, for your colleagues. Callers do not hear it."),
        click.option("--from", "begins", metavar="TIME", help="When it begins; left out, now."),
        click.option("--until", "ends", metavar="TIME", help=UNTIL),
    ):  # fmt: skip
        function = option(function)
    return function


@command.command("close")
@click.argument("location")
@_made_by
def close(location: str, **given: Any) -> None:
    """Close a location, early or for a day. Its callers go where its closed calls go."""
    _make(OverrideKind.CLOSE, location, given)


@command.command("open")
@click.argument("location")
@_made_by
def open_(location: str, **given: Any) -> None:
    """Keep a location open, or open it again."""
    _make(OverrideKind.OPEN, location, given)


@command.command("send")
@click.argument("location")
@click.argument("to")
@_made_by
def send(location: str, to: str, **given: Any) -> None:
    """Send a location's calls to another location."""
    _make(OverrideKind.SEND, location, given, to)


@command.command("swap")
@click.argument("rota")
@click.option("--to", required=True, metavar="NAME", help="Who is on call instead, by their name in clinic.yaml.")
@click.option("--until", "ends", metavar="TIME", help="When it ends; left out, when the turn that is swapped ends.")
@click.option("--from", "begins", metavar="TIME", help="When it begins; left out, now.")
@click.option("--reason", default="", help="Why, for your colleagues.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def swap(rota: str, to: str, **given: Any) -> None:
    """Put somebody else on call in ROTA, a name under on_call in clinic.yaml.

    \b
    python -m ivr override swap nights --to "Dr. Lee"
    python -m ivr override swap nights --to "Dr. Lee" --from "Friday 17:00" --until "Monday 8:00" --reason "conference"
    """
    _make(OverrideKind.SWAP, rota, {"translated": (), "words": None, **given}, to)


@command.command("say")
@click.argument("location")
@_made_by
def say(location: str, **given: Any) -> None:
    """Play a message first: to who reaches a location, or with `all` at the beginning of every call."""
    _make(OverrideKind.SAY, location, given)


@command.command("emergency")
@click.argument("location")
@_made_by
def emergency(location: str, **given: Any) -> None:
    """Close a location, or all, whatever else is set."""
    _make(OverrideKind.EMERGENCY, location, given)


@command.command("list")
@click.option("--past", is_flag=True, help="Those that are over as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_(*, past: bool, as_json: bool) -> None:
    """Show the overrides that are in force or still to come."""
    with records() as log:
        migrate(log.engine)
        found = newest(log.engine) if past else standing(log.engine, log.now)
        if as_json:
            click.echo(json.dumps([_data(log, made) for made in found], ensure_ascii=False, indent=2))
        elif not found:
            click.echo("There are no overrides: the hours, closures and holidays count.")
        else:
            rows = [
                (str(made.override.id), _told(log, made), made.made_by, _how_it_stands(log, made)) for made in found
            ]
            show_table(("number", "what", "by", "state"), rows)


@command.command("end")
@click.argument("number", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def end_(number: int, *, as_json: bool) -> None:
    """End an override now."""
    with records() as log:
        migrate(log.engine)
        stood = {each.override.id for each in standing(log.engine, log.now)}
        try:
            made = end(log.engine, number, actor=log.actor, now=log.now)
        except LookupError:
            raise click.BadParameter(f"There is no override {number}. See: python -m ivr override list") from None
        if as_json:
            click.echo(json.dumps(_data(log, made), ensure_ascii=False, indent=2))
        elif number in stood:
            click.secho(f"Ended: {_told(log, made)}", fg="green")
        else:
            click.echo(f"It was over already: {_told(log, made)}")


def _make(kind: OverrideKind, location: str, given: dict[str, Any], to: str = "") -> None:
    with records() as log:
        migrate(log.engine)
        wanted = _wanted(log, kind, "" if location == ALL else location, given, to)
        refused = refusals(log.routing, wanted, standing(log.engine, log.now), log.now)
        if refused:
            for sentence in refused:
                click.echo(printable(sentence), err=True)
            raise click.ClickException("Nothing was changed.")
        made = make(log.engine, wanted, actor=log.actor, now=log.now)
        if given["as_json"]:
            click.echo(json.dumps(_data(log, made), ensure_ascii=False, indent=2))
            return
        click.secho(f"{made.override.id}: {_told(log, made)}", fg="green")
        for line in _heard(log, made):
            click.echo(f"    {line}")
        click.echo(f"To end it earlier: python -m ivr override end {made.override.id}")


def _wanted(log: Records, kind: OverrideKind, location: str, given: dict[str, Any], to: str) -> Wanted:
    begins = _moment(log, given["begins"], "--from") or log.now
    ends = _moment(log, given["ends"], "--until") or usual_end(log.routing, kind, location, begins)
    if kind is OverrideKind.SWAP:
        _check_rota(log, location)
    elif location and location not in locations_of(log.routing):
        raise click.BadParameter(
            f"There is no location {location!r}. There is: {', '.join(locations_of(log.routing))}."
        )
    if ends is None:
        raise click.UsageError('Say until when: --until "today 19:00".')
    say = dict(given["translated"])
    if given["words"]:
        say[log.routing.main_line.language] = given["words"]
    return Wanted(kind, location, begins, ends, given["reason"], say, to)


def _check_rota(log: Records, name: str) -> None:
    rotas = rotas_of(log.routing)
    if name not in rotas:
        raise click.BadParameter(f"There is no rota {name!r}. There is: {', '.join(rotas) or 'none'}.")


def _moment(log: Records, text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return read_moment(text, log.now, log.zone)
    except UnclearMoment as unclear:
        raise click.BadParameter(str(unclear), param_hint=option) from None


def _heard(log: Records, made: Made) -> list[str]:
    """What callers hear of it, in each language."""
    override = made.override
    if override.kind is OverrideKind.SWAP:
        return ["Callers hear nothing of it: urgent calls ring them first, then the others in turn."]
    routing = with_overrides(log.routing, (override,))
    at = max(override.begins, log.now)
    place = override.location or next(iter(locations_of(routing)), "")
    if not override.location and override.say:
        return [f"Callers hear, in {code}: {words}" for code, words in override.say.items()]
    return [
        f"Callers hear, in {code}: {' '.join(words)}"
        for code in routing.languages
        if (words := callers_hear(routing, place, code, at))
    ]


def _told(log: Records, made: Made) -> str:
    return told(log.routing, made.override, log.zone, log.now)


def _how_it_stands(log: Records, made: Made) -> str:
    if made.ended_at is not None:
        return f"ended by {made.ended_by}, {made.ended_at.astimezone(log.zone):%Y-%m-%d %H:%M}"
    if made.override.ends <= log.now:
        return "over"
    return "in force" if made.override.begins <= log.now else "to come"


def _data(log: Records, made: Made) -> dict[str, Any]:
    override = made.override
    return {
        "override": override.id,
        "kind": override.kind.value,
        "location": override.location or ALL,
        "to": override.to,
        "begins": override.begins.astimezone(log.zone).isoformat(),
        "ends": override.ends.astimezone(log.zone).isoformat(),
        "reason": override.reason,
        "say": dict(override.say),
        "made_by": made.made_by,
        "made_at": made.made_at.astimezone(log.zone).isoformat(),
        "state": _how_it_stands(log, made),
        "told": _told(log, made),
    }
