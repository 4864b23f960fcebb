"""The call tree of a line as it can be drawn: every place a caller can come to, once in full, and where it stands.

A place is told in full where the fewest steps lead to it; wherever else it can be reached it is only named, so that
rounds end and the tree is finite. Nothing here recurses: a chain of a thousand places is drawn like any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import NoneType

from .branches import Way, ways_on
from .model import (
    Announcement,
    ByHours,
    CallbackRequest,
    Destination,
    Goodbye,
    Guide,
    HuntGroup,
    Information,
    Line,
    Location,
    Mailbox,
    Menu,
    Phone,
    Routing,
    StaffMenu,
    UrgentCall,
)

PADDING, GAP = 1.0, 0.6  # above and below the text of a box together, and between two boxes, in lines of text
MOST_PHONES = 4


class Kind(StrEnum):
    """What a place is, in the words of the drawing."""

    MENU = "menu"
    TOPIC = "topic"
    LOCATION = "location"
    PHONES = "phones"
    BY_HOURS = "switch by hours"
    MAILBOX = "mailbox"
    CALLBACK = "call back"
    GUIDE = "guide by text"
    URGENT = "urgent call"
    ANNOUNCEMENT = "announcement"
    GOODBYE = "goodbye"
    STAFF = "staff"
    MISSING = "not there"


# A place that is not there is `None`'s. A test holds that no kind of destination is left out.
KINDS: Mapping[type[Destination | None], Kind] = {
    Menu: Kind.MENU,
    Information: Kind.TOPIC,
    Location: Kind.LOCATION,
    HuntGroup: Kind.PHONES,
    ByHours: Kind.BY_HOURS,
    Mailbox: Kind.MAILBOX,
    CallbackRequest: Kind.CALLBACK,
    Guide: Kind.GUIDE,
    UrgentCall: Kind.URGENT,
    Announcement: Kind.ANNOUNCEMENT,
    Goodbye: Kind.GOODBYE,
    StaffMenu: Kind.STAFF,
    NoneType: Kind.MISSING,
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A box of the drawing: a place in full, or (`again`) only its title, for it is told elsewhere.

    `way` led here from the spot number `parent`; both are None for the first. `lines` stand below the title. `column`
    counts from the line's start; `middle` and `size` are the box's centre and height, in lines of text.
    """

    name: str
    kind: Kind
    title: str
    lines: tuple[str, ...]
    again: bool
    parent: int | None
    way: Way | None
    column: int
    middle: float = 0.0

    @property
    def size(self) -> float:
        return 1 + len(self.lines) + PADDING


@dataclass(frozen=True, slots=True)
class Tree:
    """The spots in reading order: each is followed by all that it leads to. `height` is in lines of text."""

    spots: tuple[Spot, ...]
    columns: int
    height: float


def tree_of(routing: Routing, line: Line, told: Mapping[str, Sequence[str]] | None = None) -> Tree:
    """What callers of a line can meet. `told` adds lines to the boxes of places, by name."""
    spots = _grown(routing, line, told or {})
    middles, height = _laid_out(spots)
    placed = tuple(replace(each, middle=middle) for each, middle in zip(spots, middles, strict=True))
    return Tree(placed, 1 + max(each.column for each in placed), height)


def title_of(place: Destination | None, name: str) -> str:
    """What a place is called on paper: a location's title, else its name as words."""
    return place.title if isinstance(place, Location) else name.replace("_", " ").capitalize()


_Step = tuple[str, int]  # the place that a way leads from, and the way's number there


def _grown(routing: Routing, line: Line, told: Mapping[str, Sequence[str]]) -> list[Spot]:
    first_met = _first_met(routing, line)
    spots: list[Spot] = []
    waiting: list[tuple[str, int | None, Way | None, _Step | None]] = [(line.start, None, None, None)]
    while waiting:
        name, parent, way, step = waiting.pop()
        place = routing.destinations.get(name)
        again = first_met[name] != step
        number, column = len(spots), 0 if parent is None else spots[parent].column + 1
        lines = () if again else (*_lines(place), *told.get(name, ()))
        spots.append(Spot(name, KINDS[type(place)], title_of(place, name), lines, again, parent, way, column))
        if again:
            continue
        ways = list(enumerate(ways_on(routing, line, place)))
        back = spots[parent].name if parent is not None else ""
        # A topic's way back to where it hangs is no news, and would double every topic.
        onward = [(nth, way) for nth, way in ways if not (isinstance(place, Information) and way.to == back)]
        waiting.extend((way.to, number, way, (name, nth)) for nth, way in reversed(onward))
    return spots


def _first_met(routing: Routing, line: Line) -> dict[str, _Step | None]:
    """By which way the fewest steps lead to each place; None for the start."""
    found: dict[str, _Step | None] = {line.start: None}
    waiting = deque([line.start])
    while waiting:
        name = waiting.popleft()
        for nth, way in enumerate(ways_on(routing, line, routing.destinations.get(name))):
            if way.to not in found:
                found[way.to] = (name, nth)
                waiting.append(way.to)
    return found


def _laid_out(spots: Sequence[Spot]) -> tuple[list[float], float]:
    """The middle of each spot, and the height of all: a spot stands amid those it leads to, which never overlap."""
    room = [0.0] * len(spots)
    inner = [0.0] * len(spots)
    leads_to: list[list[int]] = [[] for _ in spots]
    for number in range(len(spots) - 1, -1, -1):
        room[number] = max(spots[number].size + GAP, inner[number])
        parent = spots[number].parent
        if parent is not None:
            inner[parent] += room[number]
            leads_to[parent].insert(0, number)
    top, middle = [0.0] * len(spots), [0.0] * len(spots)
    for number in range(len(spots)):
        below = top[number] + (room[number] - inner[number]) / 2
        for onward in leads_to[number]:
            top[onward] = below
            below += room[onward]
        middle[number] = top[number] + room[number] / 2
    return middle, room[0]


def _lines(place: Destination | None) -> tuple[str, ...]:
    """What stands below a title."""
    match place:
        case Menu(listen=listen):
            return ("Menu, keys or words" if listen else "Menu",)
        case Information(parts=parts):
            return ("Topic in 1 part" if len(parts) == 1 else f"Topic in {len(parts)} parts",)
        case Location(hunt_group=group):
            return "Location", *_phones(group)
        case HuntGroup():
            return "Phones", *_phones(place)
        case ByHours(location=location):
            return "Switch by hours of", location
        case UrgentCall(rota=rota):
            people = [person.name for person in rota.people if person.enabled]
            return ("Urgent", "rings who is on call:", *_first_of(people))
        case StaffMenu():
            return ("Staff, with a PIN",)
        case None:
            return ("There is no such place",)
        case _:
            return (KINDS[type(place)].capitalize(),)


def _phones(group: HuntGroup) -> tuple[str, ...]:
    phones: list[Phone] = [phone for phone in group.phones if phone.enabled]
    if not phones:
        return ("no phone is in use",)
    head = f"rings {group.order}:" if len(phones) > 1 else "rings:"
    return head, *_first_of([phone.name for phone in phones])


def _first_of(names: Sequence[str]) -> tuple[str, ...]:
    more = len(names) - MOST_PHONES
    return *names[:MOST_PHONES], *([f"and {more} more"] if more > 0 else [])
