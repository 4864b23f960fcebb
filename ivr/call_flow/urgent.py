"""Urgent calls: a second key confirms that it cannot wait, then who is on call rings, then the others in turn.

`CallState.part` is CONFIRMING, or says who was on call when the ringing began and how many were rung since: so a
hand-over or a swap while phones ring leaves nobody out and rings nobody twice. Each must accept by a key.
"""

from __future__ import annotations

from dataclasses import replace

from .conversation import AGAIN, PERSON, Talk, listen
from .duty import in_order, lasts_until, number_of, on_call
from .events import KeyChosen, Rang, RingBudgetSpent, RingingEnded
from .model import CallerId, HuntGroup, Order, Phone, Rota, UrgentCall
from .phrases import Phrase, UrgentPhrase, emergency
from .ringing import SHORTEST_RING_SECONDS, end_leg, granted
from .scene import Go, Scene
from .turn import DialEnded, Heard, Ring, Step
from .wishes import UrgentConfirmed

OTHERWISE = "1"
CONFIRMING = 0
MOST_PEOPLE = 20


def enter_urgent(scene: Scene, place: UrgentCall) -> Step:
    """911 and 988 first, then ask for the key that confirms."""
    return _ask(scene, place)


def hear_urgent(scene: Scene, place: UrgentCall, heard: Heard) -> Step | Go:
    """Confirmed: ring. Not: on to where it can wait. While phones ring: who is next."""
    if scene.state.part != CONFIRMING:
        return _hear_ringing(scene, place, heard)

    def choose(key: str, score: int | None) -> Step | Go | None:
        if key == place.key:
            scene.note(KeyChosen(place.name, key, "confirmed", score))
            return _confirmed(scene, place)
        if key == OTHERWISE:
            scene.note(KeyChosen(place.name, key, place.otherwise, score))
            return Go(place.otherwise)
        return None

    return listen(scene, heard, Talk(choose, lambda: _ask(scene, place), lambda: _ask(scene, place)))


def rung_at(rota: Rota, part: int) -> Phone | None:
    """Who rings in a call that stands at `part`; None while it is not confirmed, and once everybody was rung."""
    if part <= CONFIRMING:
        return None
    first, number = divmod(part - 1, MOST_PEOPLE)
    people = in_order(rota, first % len(rota.people))
    return people[number] if number < len(people) else None


def group_of(rota: Rota, name: str) -> HuntGroup:
    """The people of a rota as a hunt group under the place's name; a voicemail never swallows a patient."""
    return HuntGroup(name, rota.people, Order.IN_TURN, True, CallerId.CLINIC, rota.mailbox)


def _ask(scene: Scene, place: UrgentCall) -> Step:
    scene.say(emergency(scene.state.language))
    scene.prompt(UrgentPhrase.CONFIRM)
    scene.offer(Phrase.TO_DO_OTHERWISE, OTHERWISE)
    scene.offer(UrgentPhrase.TO_RING, place.key)
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    scene.offer(Phrase.TO_REPEAT, AGAIN)
    return scene.ask()


def _confirmed(scene: Scene, place: UrgentCall) -> Step | Go:
    rota = place.rota
    whose, ends = on_call(rota, scene.now), lasts_until(rota, scene.now)
    scene.note(UrgentConfirmed(place.name, whose, ends.isoformat() if ends else None))
    return _ring(scene, place, number_of(rota, whose) * MOST_PEOPLE + 1, UrgentPhrase.HOLD)


def _hear_ringing(scene: Scene, place: UrgentCall, heard: Heard) -> Step | Go:
    """A leg ended: they talked, or the next person rings. Anything unexpected rings the same one again."""
    part = scene.state.part
    if not isinstance(heard, DialEnded):
        return _ring(scene, place, part)
    person = rung_at(place.rota, part)
    if person:
        number = (part - 1) % MOST_PEOPLE + 1
        scene.note(RingingEnded(place.name, (person.name,), number, heard.outcome, heard.talk_seconds))
    over = end_leg(scene, heard.outcome, person.ring_seconds if person else 0)
    return over or _ring(scene, place, part + 1, UrgentPhrase.NEXT)


def _ring(scene: Scene, place: UrgentCall, part: int, words: UrgentPhrase | None = None) -> Step | Go:
    """`words` are heard only when somebody does ring: nobody is asked to hold for nothing."""
    person = rung_at(place.rota, part)
    seconds = granted(scene, person.ring_seconds) if person else 0
    if person is None or seconds < SHORTEST_RING_SECONDS:
        return _nobody(scene, place, spent=person is not None)
    if words:
        scene.prompt(words)
    scene.state = replace(scene.state, part=part)
    scene.note(Rang(place.name, (person.name,), seconds, (part - 1) % MOST_PEOPLE + 1, "", whisper=True))
    return Ring(scene.resume(), (person,), seconds, scene.line.number, whisper=True)


def _nobody(scene: Scene, place: UrgentCall, *, spent: bool) -> Go:
    """The mailbox takes an urgent message; 911 and 988 are said again before it."""
    if spent:
        scene.note(RingBudgetSpent(place.name, scene.state.rung_seconds))
    scene.say(emergency(scene.state.language))
    scene.prompt(UrgentPhrase.NOBODY)
    return Go(place.rota.mailbox)
