"""`answer`: who answers if I call then? Nobody picks up, so that every phone that would ring is seen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ivr.call_flow.duty import lasts_until, on_call, rotas_of
from ivr.call_flow.model import Location, Mailbox, Routing
from ivr.call_flow.moments import full_date
from ivr.call_flow.reasons import place
from ivr.call_flow.standing import on_call_sentence, opening_sentence
from ivr.call_flow.turn import Ask, HangUp, Join, Outcome, Record, Ring, Turn
from ivr.routing.played_call import Start
from ivr.routing.stories import Action, PhoneDoes, StaysSilent, next_turn, place_of
from ivr.routing.transcript import TurnText, turn_text
from ivr.routing.zone import clinic_zone

from .calling import AT_HELP, begin, caller_options, keys_option
from .configuration import folder_option, load_or_stop, with_standing_overrides
from .transcript import show

MOST_TURNS = 200


@click.command("answer")
@click.option("--at", required=True, help=AT_HELP)
@caller_options
@click.option("--press", "keys", callback=keys_option, metavar="KEYS", help="Keys, such as 1,2; - is silence.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@folder_option
def command(
    at: str,
    line: str,
    language: str,
    keys: tuple[Action, ...] | None,
    draft_folder: Path | None,
    *,
    withheld: bool,
    as_json: bool,
) -> None:
    """Say who answers a call at a given time: the words heard, each branch and its reason, each phone that rings.

    The overrides on this host count.

    Nobody picks up, so that you see every phone and where the caller lands. When the keys are used up, the caller
    stays silent.

    \b
    python -m ivr answer --at now
    python -m ivr answer --at "2026-11-26 10:00" --press 1
    python -m ivr answer --at "Thursday 17:05" --language es-US --press 2 --json
    """
    routing = with_standing_overrides(load_or_stop(draft_folder))
    start, first = begin(routing, at, line, language, withheld=withheld)
    played = list(play(routing, first, keys or (), start))
    texts = [turn_text(routing, action, turn) for action, turn in played]
    ends = ending(routing, played[-1][1])
    if as_json:
        language_code = first_language(first) or routing.lines[start.line].language
        click.echo(json.dumps(_data(routing, start, language_code, texts, ends), ensure_ascii=False, indent=2))
        return
    _show_head(routing, start)
    for text in texts:
        show(text)
    _show_rings(texts)
    click.secho(ends, bold=True)


def play(routing: Routing, turn: Turn, keys: Sequence[Action], start: Start) -> Iterator[tuple[Action | None, Turn]]:
    """Every turn of a call in which nobody picks up, with the action that led to it."""
    left = list(keys)
    action: Action | None = None
    for _ in range(MOST_TURNS):
        yield action, turn
        match turn.step:
            case Ring():
                action = PhoneDoes(Outcome.NO_ANSWER)
            case Ask() if left:
                action = left.pop(0)
            case Ask() if not isinstance(routing.destinations.get(place_of(turn)), Mailbox):
                action = StaysSilent()
            case Ask() | Record() | HangUp() | Join():
                return
        turn = next_turn(routing, turn, action, start.at)


def ending(routing: Routing, turn: Turn) -> str:
    """Where a call stands after its last turn."""
    where = place(routing, place_of(turn))
    match turn.step:
        case Record():
            return f"Nobody has answered. The caller leaves a message in {where}."
        case Ask():
            return f"Nobody has answered. The caller lands in {where} and may leave a message."
        case Ring():
            return f"The call is still ringing {where}."
        case HangUp() | Join():
            return "The call ends with a spoken goodbye."


def first_language(turn: Turn) -> str:
    """The language the call speaks: that of its first words."""
    return turn.say[0].language if turn.say else ""


def _data(routing: Routing, start: Start, language: str, texts: list[TurnText], ends: str) -> dict[str, Any]:
    turns = [
        {
            "heard": text.heard,
            "says": [phrase for _, phrase in text.says],
            "reasons": list(text.reasons),
            "rings": [asdict(phone) for phone in text.rings],
            "waits": text.waits,
        }
        for text in texts
    ]
    return {
        "at": start.at.isoformat(),
        "line": start.line,
        "language": language,
        "version": routing.version,
        "locations": _openings(routing, start),
        "on_call": _on_call(routing, start),
        "turns": turns,
        "rings": [asdict(phone) for text in texts for phone in text.rings],
        "ends": ends,
    }


def _openings(routing: Routing, start: Start) -> list[str]:
    places = routing.destinations.values()
    return [opening_sentence(found, start.at) for found in places if isinstance(found, Location)]


def _on_call(routing: Routing, start: Start) -> list[dict[str, str | None]]:
    """Whose turn it is in each rota; "" for nobody's."""
    return [
        {
            "rota": rota.name,
            "person": on_call(rota, start.at),
            "until": until.isoformat() if (until := lasts_until(rota, start.at)) else None,
        }
        for rota in rotas_of(routing).values()
    ]


def _show_head(routing: Routing, start: Start) -> None:
    zone = clinic_zone(routing)
    click.secho(f"A call on {full_date(start.at)} ({zone.key}), line {start.line}", bold=True)
    for sentence in _openings(routing, start):
        click.echo(f"  {sentence}")
    for rota in rotas_of(routing).values():
        click.echo(f"  {on_call_sentence(on_call(rota, start.at), lasts_until(rota, start.at))}")
    click.echo()


def _show_rings(texts: list[TurnText]) -> None:
    phones = [phone for text in texts for phone in text.rings]
    if not phones:
        click.secho("No phone rings.", bold=True)
        return
    click.secho("Phones that ring, in order:", bold=True)
    number = 0
    for text in texts:
        number += bool(text.rings)
        for phone in text.rings:
            until = f"{datetime.fromisoformat(phone.on_call_until):%a %d %b %H:%M}" if phone.on_call_until else ""
            where = f" ({phone.location})" if phone.location else f", on call until {until}" if until else ""
            click.echo(f"  {number}. {phone.name}, {phone.number}, for up to {phone.seconds} seconds{where}")
