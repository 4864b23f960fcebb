"""Imagined callers for practice: who calls, what they want, and what they do at each step of a call.

Chance decides, by way of the `Random` that is handed in, so that the same seed makes the same callers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from ivr.call_flow.hunting import phones_of
from ivr.call_flow.model import (
    Announcement,
    ByHours,
    CallbackRequest,
    Choice,
    Guide,
    HuntGroup,
    Information,
    Location,
    Mailbox,
    Menu,
    Routing,
    UrgentCall,
)
from ivr.call_flow.turn import Ask, CallState, Outcome, Pressed, Said, Silence
from ivr.call_flow.urgent import OTHERWISE as CAN_WAIT

AREAS = ("480", "602", "623", "520", "928")
REGULARS = 40  # how many of the callers call often
SPANISH = 0.12
WITHHELD = 0.03
PERSON, NEXT, BACK = "0", "1", "2"
MESSAGE, CALL_ME_BACK, CONFIRM, OTHERWISE = "1", "2", "1", "2"


class Wish(StrEnum):
    """What somebody calls for."""

    PERSON = "a person"
    INFORMATION = "information"
    CALLBACK = "a call back"
    NOTHING = "nothing: they hang up soon"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A caller: a fictional number in E.164, "" when it is withheld, and the language they speak."""

    number: str
    language: str


Act = Pressed | Said | Silence | None  # None: hangs up


def people(routing: Routing, chance: Random) -> tuple[list[Somebody], list[int]]:
    """Callers with fictional numbers (555-01xx) that none of the clinic's phones has, and how often each calls."""
    first, *others = routing.languages
    taken = {line.number for line in routing.lines.values()} | routing.testers
    for place in routing.destinations.values():
        taken |= {phone.number for phone in phones_of(place)}
    numbers = [number for area in AREAS for last in range(100) if (number := f"+1{area}55501{last:02}") not in taken]
    chance.shuffle(numbers)
    found = [
        Somebody(
            "" if chance.random() < WITHHELD else number,
            chance.choice(others) if others and chance.random() < SPANISH else first,
        )
        for number in numbers
    ]
    return found, [4 if place < REGULARS else 1 for place in range(len(found))]


def a_wish(chance: Random) -> Wish:
    """What a call is about."""
    return chance.choices(list(Wish), (64, 20, 5, 11))[0]


def at_a_question(routing: Routing, step: Ask, who: Somebody, wish: Wish, chance: Random) -> Act:
    """What a caller does where a key is asked for."""
    state = step.resume
    match routing.destinations.get(state.place):
        case Menu() as menu:
            return _at_menu(routing, menu, step, who, wish, chance)
        case Information() as topic:
            return _at_topic(topic, state, chance)
        case Mailbox() as mailbox:
            ways: list[Act] = [Pressed(MESSAGE), None]
            weights = [52, 30]
            if mailbox.callback and not state.withheld:
                ways, weights = [*ways, Pressed(CALL_ME_BACK)], [*weights, 18]
            return chance.choices(ways, weights)[0]
        case CallbackRequest() | Guide():
            return chance.choices([Pressed(CONFIRM), Pressed(OTHERWISE), None], (85, 10, 5))[0]
        case UrgentCall(key=confirms):
            return chance.choices([Pressed(confirms), Pressed(CAN_WAIT), None], (40, 50, 10))[0]
        case _:
            return None


def at_the_phone(attempt: int, chance: Random, *, busy: bool) -> Outcome:
    """What becomes of ringing, the first attempt (0) or a later one; when staff are `busy`, mostly nothing."""
    ways = (
        Outcome.ANSWERED,
        Outcome.NO_ANSWER,
        Outcome.CALLER_LEFT,
        Outcome.BUSY,
        Outcome.DECLINED,
        Outcome.FAILED,
    )
    if busy:
        return chance.choices(ways, (3, 76, 10, 8, 2, 1))[0]
    return chance.choices(ways, (86, 6, 4, 2, 1, 1) if attempt == 0 else (65, 22, 9, 2, 1, 1))[0]


def _at_menu(routing: Routing, menu: Menu, step: Ask, who: Somebody, wish: Wish, chance: Random) -> Act:
    state = step.resume
    spoken = routing.languages.get(who.language)
    if spoken and state.language != who.language:
        return Pressed(spoken.key)
    if wish is Wish.NOTHING:
        return chance.choices([None, Silence()], (80, 20))[0]
    if not state.silences and not state.wrong_keys and (slip := _slip(routing, menu, chance)):
        return slip
    fitting = [choice for choice in menu.choices.values() if wish in _offered(routing, choice.to, frozenset())]
    if not fitting or chance.random() < 0.04:
        return Pressed(PERSON)
    choice = chance.choices(fitting, _falling(fitting))[0]
    if step.listen and spoken and chance.random() < 0.08:
        return Said(spoken.prompts.get(choice.label, ""))
    return Pressed(choice.key)


def _slip(routing: Routing, menu: Menu, chance: Random) -> Act:
    """Now and then somebody does nothing, errs, or asks for it again or more slowly."""
    known = {*menu.choices, PERSON, *(language.key for language in routing.languages.values())}
    wrong = [key for key in "12345678" if key not in known]
    ways: list[Act] = [None, Silence(), Pressed(wrong[-1] if wrong else ""), Pressed("*"), Pressed("#")]
    return chance.choices(ways, (88, 4, 4, 2, 2))[0]


def _at_topic(topic: Information, state: CallState, chance: Random) -> Act:
    ways: list[Act] = [None, Pressed(PERSON), Pressed(BACK)]
    if state.part + 1 < len(topic.parts):
        return chance.choices([Pressed(NEXT), *ways], (68, 16, 9, 7))[0]
    return chance.choices(ways, (58, 28, 14))[0]


def _offered(routing: Routing, name: str, seen: frozenset[str]) -> set[Wish]:
    """The wishes that a destination may fulfil, itself or further on."""
    if name in seen:
        return set()
    place, on = routing.destinations.get(name), seen | {name}
    match place:
        case Location() | HuntGroup():
            return {Wish.PERSON}
        case Information() | Guide():
            return {Wish.INFORMATION}
        case CallbackRequest() | Mailbox():
            return {Wish.CALLBACK}
        case Menu():
            return {wish for choice in place.choices.values() for wish in _offered(routing, choice.to, on)}
        case ByHours():
            return _offered(routing, place.open, on) | _offered(routing, place.closed, on)
        case Announcement():
            return _offered(routing, place.then, on)
        case _:
            return set()


def _falling(choices: Sequence[Choice]) -> list[int]:
    """What is read out first is wanted most."""
    return [len(choices) + 2 - place for place in range(len(choices))]
