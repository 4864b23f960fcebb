"""The ways on from a place, as callers meet them: by which key, or when nothing is pressed, in which case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .conversation import PERSON
from .menus import BACK
from .messages import CALL_ME_BACK, CONFIRM, OTHERWISE
from .model import (
    Announcement,
    ByHours,
    CallbackRequest,
    Choice,
    Destination,
    Goodbye,
    Guide,
    HuntGroup,
    Information,
    Line,
    Location,
    Mailbox,
    Menu,
    Routing,
    StaffMenu,
    UrgentCall,
)
from .urgent import OTHERWISE as CAN_WAIT


@dataclass(frozen=True, slots=True)
class Way:
    """One way on. `key` is what callers press, "" where they press nothing; `words` say when or why it is taken."""

    key: str
    words: str
    to: str


def ways_on(routing: Routing, line: Line, place: Destination | None) -> tuple[Way, ...]:
    """Where calls of a line go on from a place, the keys of a menu first. A topic's way to the line's person is the
    same everywhere and left out."""
    match place:
        case Menu():
            return tuple(_of_menu(routing, line, place))
        case Information():
            return tuple(_of_topic(line, place))
        case Location():
            return _together(_of_location(place))
        case HuntGroup():
            return (Way("", "no answer", place.otherwise),)
        case ByHours():
            return _together(_of_hours(place))
        case Mailbox():
            return (Way(CALL_ME_BACK, "rather a call back", place.callback),) if place.callback else ()
        case CallbackRequest():
            return (Way(OTHERWISE, "says no", place.otherwise),)
        case Guide():
            return (Way(CONFIRM, "after asking, or without", place.then),)
        case UrgentCall(rota=rota):
            return Way(CAN_WAIT, "it can wait", place.otherwise), Way("", "nobody accepts", rota.mailbox)
        case Announcement():
            return (Way("", "then", place.then),)
        case Goodbye() | StaffMenu() | None:
            return ()


def _of_menu(routing: Routing, line: Line, menu: Menu) -> Iterator[Way]:
    prompts = routing.languages[line.language].prompts if line.language in routing.languages else {}
    for choice in menu.choices.values():
        yield Way(choice.key, _label(choice, prompts), choice.to)
    yield Way(PERSON, "a person", menu.person or line.person)
    if routing.staff and menu.name == line.start:
        yield Way(routing.staff.keys, "staff", routing.staff.name)


def _label(choice: Choice, prompts: Mapping[str, str]) -> str:
    return prompts.get(choice.label, "").rstrip(".,: ")


def _of_topic(line: Line, topic: Information) -> Iterator[Way]:
    yield Way(BACK, "back", topic.back)
    if topic.person and topic.person != line.person:
        yield Way(PERSON, "a person", topic.person)


def _of_location(place: Location) -> Iterator[Way]:
    """A location that overflows rings the other's phones; the caller stays, and leaves word in the first one's box."""
    for name in place.overflow:
        yield Way("", "rings next", name)
    yield Way("", "no answer", place.mailbox)
    yield Way("", "closed", place.when_closed)


def _of_hours(switch: ByHours) -> Iterator[Way]:
    yield Way("", "open", switch.open)
    yield Way("", "closed", switch.closed)
    for name, to in switch.closures.items():
        yield Way("", name, to)


def _together(ways: Iterator[Way]) -> tuple[Way, ...]:
    """Ways that lead to the same place are one, its words those of all."""
    words: dict[str, list[str]] = {}
    for way in ways:
        if way.to:
            words.setdefault(way.to, []).append(way.words)
    return tuple(Way("", ", ".join(reasons), to) for to, reasons in words.items())
