"""Who rings next: a hunt group's phones in order, then the overflow locations that are open, within the ring budget."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .closing import sent_across, takes_calls, tell_closed
from .desk_phones import hunt_group_of
from .events import CrisisWordsHeard, Rang, RingBudgetSpent, RingingEnded
from .model import CallerId, Destination, HuntGroup, Location, Order, Phone, Routing, UrgentCall
from .phrases import MAY_TEXT, Phrase
from .ringing import SHORTEST_RING_SECONDS, end_leg, granted
from .scene import Go, Scene
from .turn import DialEnded, Heard, Ring, Step
from .urgent import group_of, rung_at
from .wishes import TextAnnounced

MOST_AT_ONCE = 10  # Twilio rings at most ten numbers in one Dial (docs, TwiML Dial, simultaneous dialing)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Phones that ring together, once. `location` is whose they are, None for a hunt group of its own."""

    group: HuntGroup
    phones: tuple[Phone, ...]
    location: Location | None

    @property
    def seconds(self) -> int:
        return max(phone.ring_seconds for phone in self.phones)


def attempts(routing: Routing, place: Location | HuntGroup) -> list[Attempt]:
    """Every attempt a place can make, in order, open or not: the numbering must hold while a call is under way."""
    if isinstance(place, HuntGroup):
        return [Attempt(place, phones, None) for phones in _batches(place)]
    found: list[Attempt] = []
    for name in (place.name, *place.overflow):
        location = routing.destinations.get(name)
        if isinstance(location, Location):
            found += [Attempt(location.hunt_group, phones, location) for phones in _batches(location.hunt_group)]
    return found


def attempt_at(routing: Routing, place: Destination | None, part: int) -> Attempt | None:
    """The attempt that a call makes that stands in a place at `part`, None where nothing rings."""
    match place:
        case Location() | HuntGroup():
            listed = attempts(routing, place)
            return listed[part] if part < len(listed) else None
        case UrgentCall(name, rota):
            person = rung_at(rota, part)
            return Attempt(group_of(rota, name), (person,), None) if person else None
        case _:
            return None


def phones_of(place: Destination) -> tuple[Phone, ...]:
    """Every enabled phone that is a place's own."""
    group = hunt_group_of(place)
    phones = place.rota.people if isinstance(place, UrgentCall) else group.phones if group else ()
    return tuple(phone for phone in phones if phone.enabled)


def enter_hunt(scene: Scene, place: Location | HuntGroup) -> Step | Go:
    """Ring, or say that the location is closed and go where its closed calls go."""
    if isinstance(place, Location):
        if across := sent_across(scene, place):
            return across
        if not scene.is_open(place):
            tell_closed(scene, place)
            return Go(place.when_closed)
    return _ring_from(scene, place, 0)


def hear_hunt(scene: Scene, place: Location | HuntGroup, heard: Heard) -> Step | Go:
    """A leg ended: they talked, or the next phones ring. Anything unexpected rings the same phones again."""
    if not isinstance(heard, DialEnded):
        return _ring_from(scene, place, scene.state.part)
    attempt = attempt_at(scene.routing, place, scene.state.part)
    if attempt:
        names = tuple(phone.name for phone in attempt.phones)
        number = scene.state.part + 1
        scene.note(RingingEnded(attempt.group.name, names, number, heard.outcome, heard.talk_seconds))
    over = end_leg(scene, heard.outcome, attempt.seconds if attempt else 0)
    return over or _ring_from(scene, place, scene.state.part + 1)


def _ring_from(scene: Scene, place: Location | HuntGroup, first: int) -> Step | Go:
    listed = attempts(scene.routing, place)
    for number in range(first, len(listed)):
        attempt = listed[number]
        elsewhere = attempt.location is not None and attempt.location is not place
        if elsewhere and attempt.location and not takes_calls(scene, attempt.location):
            continue
        seconds = granted(scene, attempt.seconds)
        if seconds < SHORTEST_RING_SECONDS:
            scene.note(RingBudgetSpent(place.name, scene.state.rung_seconds))
            break
        _announce(scene, listed, number, first == 0)
        return _ring(scene, attempt, number, seconds)
    scene.prompt(Phrase.NOBODY_ANSWERED)
    return Go(place.mailbox if isinstance(place, Location) else place.otherwise)


def _announce(scene: Scene, listed: list[Attempt], number: int, begins: bool) -> None:
    """Say what happens now: once at the start, and each time another location is tried."""
    location = listed[number].location
    changed = number > 0 and location is not listed[number - 1].location
    if location and changed:
        scene.prompt(Phrase.NOBODY_ANSWERED)
        scene.say(f"{scene.text(Phrase.TRYING_NEXT)} {location.title}.")
    elif begins:
        scene.prompt(Phrase.PLEASE_HOLD)
        _announce_text(scene)


def _announce_text(scene: Scene) -> None:
    """A text may follow a missed call only where the caller was told so; who is in a crisis is told nothing of it."""
    texts, state = scene.routing.texts, scene.state
    if not (texts and texts.missed_calls and state.textable) or state.rung_seconds:
        return
    if not any(isinstance(event, CrisisWordsHeard) for event in scene.events):
        scene.prompt(MAY_TEXT)
        scene.note(TextAnnounced(scene.state.place))


def _ring(scene: Scene, attempt: Attempt, number: int, seconds: int) -> Ring:
    group = attempt.group
    if scene.state.part != number:
        scene.state = replace(scene.state, part=number)
    names = tuple(phone.name for phone in attempt.phones)
    whose = attempt.location.name if attempt.location else ""
    scene.note(Rang(group.name, names, seconds, number + 1, whose, group.whisper))
    callers_own = group.caller_id is CallerId.CALLER and not scene.state.withheld
    shown = None if callers_own else scene.line.number
    return Ring(scene.resume(), attempt.phones, seconds, shown, group.whisper)


def _batches(group: HuntGroup) -> list[tuple[Phone, ...]]:
    phones = tuple([phone for phone in group.phones if phone.enabled])
    size = 1 if group.order is Order.IN_TURN else MOST_AT_ONCE
    return [phones[start : start + size] for start in range(0, len(phones), size)]
