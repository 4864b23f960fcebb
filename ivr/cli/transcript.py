"""A turn as plain text: what was done, what is heard, why, what rings, and what the call waits for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import click

from ivr.call_flow.events import Rang
from ivr.call_flow.hunting import attempts
from ivr.call_flow.model import HuntGroup, Location, Routing
from ivr.call_flow.turn import Ask, HangUp, Join, Outcome, Record, Ring, Turn
from ivr.routing.problems import printable
from ivr.routing.stories import (
    Action,
    CallEnds,
    DoesNotHear,
    Expectation,
    HangsUp,
    Hears,
    LandsIn,
    LeavesMessage,
    LeavesNoMessage,
    PhoneDoes,
    Presses,
    Rings,
    Says,
    StaysSilent,
    written,
)

from .reasons import reasons

WIDTH = 100
MARGIN = 10
PHONE_DID = {
    Outcome.ANSWERED: "The clinic answers.",
    Outcome.NO_ANSWER: "Nobody answers.",
    Outcome.BUSY: "The phone is busy.",
    Outcome.FAILED: "The phone cannot be reached.",
    Outcome.DECLINED: "The phone is picked up, and no key is pressed.",
    Outcome.CALLER_LEFT: "The caller hangs up.",
}


@dataclass(frozen=True, slots=True)
class RingingPhone:
    """A phone that rings: its name and number from the configuration, for how long, and at which location ("")."""

    name: str
    number: str
    seconds: int
    location: str


@dataclass(frozen=True, slots=True)
class TurnText:
    """A turn in words. `says` pairs a language code with a phrase; `waits` is key, dial, message or nothing."""

    heard: str
    says: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    rings: tuple[RingingPhone, ...]
    waits: str


def turn_text(routing: Routing, action: Action | None, turn: Turn) -> TurnText:
    """A turn in words; `action` is what led to it, None for the arrival."""
    says = tuple((say.language, written(phrase)) for say in turn.say for phrase in say.phrases)
    told = [event for event in turn.events if not isinstance(event, Rang)]  # what rings is told apart
    return TurnText(did(action), says, tuple(reasons(routing, told)), rings(routing, turn), waits(turn))


def did(action: Action | Expectation | None) -> str:
    """What the caller, or the clinic's phone, did."""
    match action:
        case None:
            return "The call comes in."
        case Presses(key):
            return f"The caller presses {key}."
        case Says(words):
            return f'The caller says "{words}".'
        case StaysSilent():
            return "The caller stays silent."
        case PhoneDoes(outcome):
            return PHONE_DID[outcome]
        case LeavesMessage():
            return "The caller leaves a message."
        case LeavesNoMessage():
            return "The caller leaves no message."
        case HangsUp():
            return "The caller hangs up."
        case Hears() | DoesNotHear() | Rings() | LandsIn() | CallEnds():
            return ""


def rings(routing: Routing, turn: Turn) -> tuple[RingingPhone, ...]:
    """The phones that ring after a turn, together."""
    step = turn.step
    if not isinstance(step, Ring):
        return ()
    title = _location_of(routing, step)
    return tuple(RingingPhone(phone.name, phone.number, step.seconds, title) for phone in step.phones)


def waits(turn: Turn) -> str:
    """What the call waits for after a turn: key, dial, message or nothing."""
    match turn.step:
        case Ask():
            return "key"
        case Ring():
            return "dial"
        case Record():
            return "message"
        case HangUp() | Join():
            return "nothing"


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


def _location_of(routing: Routing, ring: Ring) -> str:
    place = routing.destinations.get(ring.resume.place)
    listed = attempts(routing, place) if isinstance(place, Location | HuntGroup) else []
    location = listed[ring.resume.part].location if ring.resume.part < len(listed) else None
    return location.title if location else ""
