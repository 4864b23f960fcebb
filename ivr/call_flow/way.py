"""The way a caller took: places and keys, visits of menus for the funnel, and topics heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .events import (
    AnnouncementHeard,
    CallArrived,
    CallEnded,
    CrisisWordsHeard,
    Event,
    FoundClosed,
    InformationHeard,
    KeyChosen,
    LanguageChosen,
    MailboxHeard,
    MenuHeard,
    NoInput,
    PaceChosen,
    Rang,
    RecordingReady,
    SentAcross,
    SentToPerson,
    SpeechNotUnderstood,
    WrongKey,
)
from .noted import Noted
from .wishes import GuideAddressHeard

PERSON = "person"
HUNG_UP, LEFT = "hung up", "left"
GIVEN_UP = {"silence": "no input", "wrong keys": "wrong key"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a menu. `outcome`: key:N, hung up, no input, wrong key, left (otherwise), "" while it lasts."""

    menu: str
    version: str
    outcome: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic heard up to part number `heard` of `parts`."""

    topic: str
    heard: int
    parts: int


def path_of(lived: Sequence[Noted]) -> tuple[str, ...]:
    """Where the call went: "main" is a place reached without a key, "3:topics" one reached by key 3."""
    path: list[str] = []
    place, pressed = "", ""
    for each in lived:
        match each.event:
            case KeyChosen(_, key, to, _):
                pressed = key if to == PERSON else ""
                if not pressed:
                    place = to
                    path.append(f"{key}:{to}")
            case SentToPerson(_, to, _):
                place = to
                path.append(f"{pressed}:{to}" if pressed else to)
                pressed = ""
            case event:
                stands = _place_of(event)
                if stands and stands != place and not (place in _WITHIN and stands == spot_of(path)):
                    path.append(stands)
                place = stands or place
    return tuple(path)


_WITHIN = {"next", "back", "message", "confirmed"}  # what a key does within a place, rather than a destination


def spot_of(path: Sequence[str]) -> str:
    """The last place in a path, leaving out keys that stayed within it."""
    return next((name for item in reversed(path) if (name := item.rpartition(":")[2]) not in _WITHIN), "")


def _place_of(event: Event | None) -> str:
    match event:
        case MenuHeard(menu):
            return menu
        case InformationHeard(topic):
            return topic
        case MailboxHeard(mailbox):
            return mailbox
        case AnnouncementHeard(announcement):
            return announcement
        case GuideAddressHeard(guide):
            return guide
        case FoundClosed(location) | SentAcross(location):
            return location
        case Rang(group=group, location=location):
            return location or group
        case _:
            return ""


def visits_of(lived: Sequence[Noted], over_at: datetime | None, *, hung_up: bool) -> tuple[Visit, ...]:
    """The menus visited. `over_at` is the call's end, None while under way; `hung_up`: the caller ended it."""
    visits: list[Visit] = []
    since: Noted | None = None
    for each in lived:
        menu = since.event.menu if since and isinstance(since.event, MenuHeard) else ""
        if since and (outcome := _outcome(menu, each.event)):
            visits.append(_visit(since, menu, outcome, each.at))
            since = None
        if since is None and isinstance(each.event, MenuHeard):
            since = each
    if since and isinstance(since.event, MenuHeard):
        last = over_at or max(each.at for each in lived)
        outcome = "" if over_at is None else HUNG_UP if hung_up else LEFT
        visits.append(_visit(since, since.event.menu, outcome, last))
    return tuple(visits)


def topics_of(lived: Sequence[Noted]) -> tuple[Topic, ...]:
    """Each topic once, in the order first heard, with the furthest part."""
    found: dict[str, Topic] = {}
    for each in lived:
        if isinstance(each.event, InformationHeard):
            topic, part, parts = each.event.topic, each.event.part, each.event.parts
            before = found.get(topic)
            found[topic] = Topic(topic, max(part, before.heard if before else 0), parts)
    return tuple(found.values())


def _outcome(menu: str, event: Event | None) -> str:
    """What an event makes of a stay in `menu`; "" when the caller is still there."""
    match event:
        case KeyChosen(place, key) if place == menu:
            return f"key:{key}"
        case SentToPerson(place, _, why) if place == menu:
            return GIVEN_UP.get(why, LEFT)
        case MenuHeard(other):
            return LEFT if other != menu else ""
        case (
            CallArrived()
            | LanguageChosen()
            | PaceChosen()
            | NoInput()
            | WrongKey()
            | SpeechNotUnderstood()
            | CrisisWordsHeard()
            | RecordingReady()
            | CallEnded()
        ):
            return ""
        case _:
            return LEFT


def _visit(since: Noted, menu: str, outcome: str, until: datetime) -> Visit:
    return Visit(menu, since.version, outcome, max(0, int((until - since.at).total_seconds())))
