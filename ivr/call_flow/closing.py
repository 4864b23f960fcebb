"""How a call is told that a location is closed, sent to a person or across, and ended: what every place shares."""

from __future__ import annotations

from .events import FoundClosed, GoodbyeSaid, OverrideHeard, SentAcross, SentToPerson
from .hours import look
from .model import Location, Override
from .overrides import message_at, message_for_all, sending
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
    if location and not scene.is_open(location):
        to = next((other.name for other in open_overflow(scene, location)), wanted)
    scene.note(SentToPerson(scene.state.place, to, why))
    return Go(to)


def open_overflow(scene: Scene, location: Location) -> list[Location]:
    """The overflow locations of `location` that are open now, in their order."""
    found = (scene.location_named(name) for name in location.overflow)
    return [other for other in found if other and takes_calls(scene, other)]


def takes_calls(scene: Scene, location: Location) -> bool:
    """Whether a location is open and keeps its calls."""
    return scene.is_open(location) and sending(location.schedule, scene.now) is None


def first_words(scene: Scene) -> None:
    """The message that an override has every caller hear."""
    if scene.routing.overrides and (message := message_for_all(scene.routing, scene.now)):
        _say_of(scene, message)
        scene.note(OverrideHeard("", message.id))


def sent_across(scene: Scene, location: Location) -> Go | None:
    """Say what an override has a location's callers hear first, and follow the one that sends them on; once a turn."""
    if not location.schedule.overrides or scene.sent:
        return None
    if message := message_at(location, scene.now):
        _say_of(scene, message)
        scene.note(OverrideHeard(location.name, message.id))
    sent = sending(location.schedule, scene.now)
    if sent is None or scene.location_named(sent.to) is None:
        return None
    scene.sent = True
    _say_of(scene, sent)
    scene.note(SentAcross(location.name, sent.to, sent.id))
    return Go(sent.to)


def tell_closed(scene: Scene, location: Location) -> None:
    """Say that a location is closed, why, and when it next opens; once a turn."""
    opening = look(location.schedule, scene.now)
    if location.name in scene.told_closed:
        return
    scene.told_closed.add(location.name)
    opens_at = opening.until.isoformat() if opening.until else None
    scene.note(FoundClosed(location.name, opening.because, opening.name, opens_at))
    if not (opening.override and _say_of(scene, opening.override)):
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
    if location and location.name not in scene.told_closed and not scene.is_open(location):
        opens_at = look(location.schedule, scene.now).until
        if opens_at:
            scene.say(f"{scene.text(Phrase.OPENS_AGAIN)} {moment(scene.state.language, opens_at, scene.now)}.")
    return part_well(scene, why)


def _say_of(scene: Scene, override: Override) -> bool:
    """Say an override's own words; False when it has none in this language."""
    words = override.say.get(scene.state.language, "")
    scene.say(words)
    return bool(words)
