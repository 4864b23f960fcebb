"""A story that differs, turn by turn: what it expects on the left, what happens on the right."""

from __future__ import annotations

import shutil
import textwrap
from itertools import zip_longest

import click

from ivr.call_flow.turn import Turn
from ivr.routing.problems import printable
from ivr.routing.stories import (
    Action,
    CallEnds,
    DoesNotHear,
    Expectation,
    Hears,
    LandsIn,
    Rings,
    StoryResult,
    StoryTurn,
    place_of,
    ringing,
    spoken,
)
from ivr.routing.transcript import did, waits

NARROWEST, WIDEST = 60, 140
WAITS = {"key": "waits for a key", "message": "records a message", "nothing": "the call ends"}


def show_differences(result: StoryResult) -> None:
    """Print every turn of the story; those in order take one line."""
    if result.fault:
        click.echo(f"  {printable(result.fault)}\n")
    for number, turn in enumerate(result.turns, start=1):
        done = printable(did(turn.action.item if turn.action else None))
        if not turn.differences:
            click.secho(f"  {number}. {done}  as expected", dim=True)
            continue
        click.secho(f"  {number}. {done}", bold=True)
        if turn.turn:
            _show_columns(turn, turn.turn)
        for difference in turn.differences:
            place = f"line {difference.entry.line}: "
            click.secho(f"     {place}{printable(difference.sentence)}", fg="red")
    click.echo()


def _show_columns(told: StoryTurn, turn: Turn) -> None:
    columns = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    width = (columns - 8) // 2
    left = ["expected", *(line for entry in told.expected for line in _expected(entry.item))]
    right = ["actual", *(f'hears "{phrase}"' for phrase in spoken(turn)), *_standing(turn)]
    for number, (wanted, found) in enumerate(zip_longest(_wrapped(left, width), _wrapped(right, width), fillvalue="")):
        click.secho(f"     {wanted:<{width}} | {found}".rstrip(), dim=number == 0)


def _expected(item: Action | Expectation) -> list[str]:
    match item:
        case Hears(phrases):
            return [f'hears "{phrase}"' for phrase in phrases]
        case DoesNotHear(phrases):
            return [f'does not hear "{phrase}"' for phrase in phrases]
        case Rings(phones):
            return [f"rings {', '.join(phones)}"]
        case LandsIn(place):
            return [f"lands in {place}"]
        case CallEnds():
            return ["the call ends"]
        case _:
            return []


def _standing(turn: Turn) -> list[str]:
    phones = ringing(turn)
    if phones:
        return [f"rings {', '.join(phones)}"]
    where = place_of(turn)
    return [WAITS[waits(turn)], *([f"lands in {where}"] if where else [])]


def _wrapped(lines: list[str], width: int) -> list[str]:
    return [part for line in lines for part in textwrap.wrap(printable(line), width, subsequent_indent="  ") or [""]]
