"""How a call is told that a location is closed, sent to a person, and ended: the ways out every place shares."""

from __future__ import annotations

from .events import FoundClosed, GoodbyeSaid, SentToPerson
from .hours import is_open, look
from .model import Location
from .phrases import Phrase
from .scene import Go, Scene
from .spoken import moment, phone_number
from .turn import HangUp


def to_person(scene: Scene, why: str, own: str | None = None) -> Go:
    """Send the caller to a person: the place's own, or the line's.

    A closed location gives way to one of its overflow locations that is open, since the caller asked for anybody.
    """
    wanted = own if own and own in scene.routing.destinations else scene.line.person
    to = wanted
    location = scene.location_named(wanted)
    if location and not is_open(location.schedule, scene.now):
        to = next((other.name for other in open_overflow(scene, location)), wanted)
    scene.note(SentToPerson(scene.state.place, to, why))
    return Go(to)


def open_overflow(scene: Scene, location: Location) -> list[Location]:
    """The overflow locations of `location` that are open now, in their order."""
    found = (scene.location_named(name) for name in location.overflow)
    return [other for other in found if other and is_open(other.schedule, scene.now)]


def tell_closed(scene: Scene, location: Location) -> None:
    """Say that a location is closed, why, and when it next opens; once a turn."""
    opening = look(location.schedule, scene.now)
    if location.name in scene.told_closed:
        return
    scene.told_closed.add(location.name)
    opens_at = opening.until.isoformat() if opening.until else None
    scene.note(FoundClosed(location.name, opening.because, opening.name, opens_at))
    scene.say(f"{location.title} {scene.text(Phrase.IS_CLOSED)}.")
    if opening.name:
        spoken = scene.language.names.get(opening.name, opening.name)
        scene.say(f"{scene.text(Phrase.CLOSED_FOR)} {spoken}.")
    if opening.until:
        scene.say(f"{scene.text(Phrase.OPENS_AGAIN)} {moment(scene.state.language, opening.until, scene.now)}.")


def part_well(scene: Scene, why: str) -> HangUp:
    """Say goodbye to a caller who got what they came for."""
    scene.prompt(Phrase.GOODBYE)
    scene.note(GoodbyeSaid(scene.state.place, why))
    return HangUp()


def part_with_number(scene: Scene, why: str) -> HangUp:
    """Say the number to call again, when a person is next there, and goodbye: nobody could be reached."""
    scene.say(f"{scene.text(Phrase.CALL_US_AT)} {phone_number(scene.state.language, scene.line.number)}.")
    location = scene.location_named(scene.line.person)
    if location and location.name not in scene.told_closed and not is_open(location.schedule, scene.now):
        opens_at = look(location.schedule, scene.now).until
        if opens_at:
            scene.say(f"{scene.text(Phrase.OPENS_AGAIN)} {moment(scene.state.language, opens_at, scene.now)}.")
    return part_well(scene, why)
