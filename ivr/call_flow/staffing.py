"""Staff by phone: keys in a line's first menu lead here, a PIN opens it, then a location is closed or reopened.

`CallState.part` tells where a call stands: asked for a PIN after so many wrong ones, hearing how the locations stand,
asked to confirm a change, or told that it is made. The digits of a PIN never come here, only what became of them; and
there is no way past the first parts but a PIN that is right, since the part is written by us and signed by the carrier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from .conversation import AGAIN, PERSON, Talk, listen
from .events import KeyChosen, NoInput, OverrideAsked, PinAccepted, PinRefused
from .hours import closed_until, look
from .model import Location, Menu, OverrideKind, Routing, StaffMenu
from .overrides import deciding
from .phrases import Phrase, StaffPhrase
from .scene import Go, Scene
from .spoken import moment, press
from .turn import CallState, Heard, PinChecked, Pressed, Silence, Step, Verdict

STAFF = "staff"
SHORTEST_PIN, LONGEST_PIN = 6, 10
MOST_TRIES = 3
STANDING, CHANGED = 10, 11
CLOSING, REOPENING = 20, 40  # and the number of the location, from 0
CONFIRM, BACK = "1", "2"
KEYS = "12345678"


def knock(scene: Scene, menu: Menu, heard: Heard) -> Go | None:
    """Follow the staff's keys through a line's first menu, where they mean what they always mean; on after the last."""
    staff = scene.routing.staff
    if staff is None or menu.name != scene.line.start:
        return None
    key = heard.key if isinstance(heard, Pressed) else ""
    pressed = _followed(staff.keys, scene.state.part, key)
    if pressed == len(staff.keys):
        scene.note(KeyChosen(menu.name, key, staff.name))
        return Go(staff.name)
    scene.state = replace(scene.state, part=pressed)
    return None


def asks_for_pin(routing: Routing, state: CallState) -> bool:
    """Whether keys that come in this state are a PIN."""
    return state.part < MOST_TRIES and isinstance(routing.destinations.get(state.place), StaffMenu)


def enter_staff(scene: Scene) -> Step:
    """Ask for the PIN."""
    return _ask_for_pin(scene)


def hear_staff(scene: Scene, staff: StaffMenu, heard: Heard) -> Step | Go:
    """A PIN, the choice of a location, or the word that its change is right. Who is at a loss is back at the start."""
    part = scene.state.part
    if part < MOST_TRIES:
        return _hear_pin(scene, staff, heard)
    if part >= CLOSING:
        return _hear_word(scene, staff, heard)

    def choose(key: str, _score: int | None) -> Step | None:
        if part == CHANGED:
            return _tell_all(scene, staff) if key == BACK else None
        return _choose(scene, staff, key)

    return listen(scene, heard, _talk(scene, choose, lambda: _tell_all(scene, staff)))


def _followed(keys: str, part: int, key: str) -> int:
    """How many of the keys are pressed in their order when `key` comes after the first `part` of them."""
    pressed = keys[:part] + key
    return next((many for many in range(len(keys), 0, -1) if key and pressed.endswith(keys[:many])), 0)


def _talk(scene: Scene, choose: Callable[[str, int | None], Step | Go | None], say: Callable[[], Step]) -> Talk:
    return Talk(choose, say, say, give_up=lambda _why: Go(scene.line.start))


# The PIN. ------------------------------------------------------------------------------------------------------------


def _ask_for_pin(scene: Scene) -> Step:
    scene.prompt(StaffPhrase.PIN)
    scene.offer(StaffPhrase.PIN_ENDS, "#")
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    return scene.ask(digits=LONGEST_PIN)


def _hear_pin(scene: Scene, staff: StaffMenu, heard: Heard) -> Step | Go:
    match heard:
        case PinChecked(Verdict.RIGHT, name):
            scene.note(PinAccepted(name))
            return _tell_all(scene, staff)
        case PinChecked(Verdict.WRONG):
            return _refuse(scene)
        case PinChecked(Verdict.LOCKED):
            scene.note(PinRefused(locked=True))
            scene.prompt(StaffPhrase.PIN_LOCKED)
            return Go(scene.line.start)
        case Silence():
            scene.note(NoInput(staff.name, 1))
            return Go(scene.line.start)
        case _:
            return listen(scene, heard, _talk(scene, lambda _key, _score: None, lambda: _ask_for_pin(scene)))


def _refuse(scene: Scene) -> Step | Go:
    scene.note(PinRefused())
    scene.prompt(StaffPhrase.PIN_WRONG)
    tries = scene.state.part + 1
    scene.state = replace(scene.state, part=tries, silences=0, wrong_keys=0)
    return _ask_for_pin(scene) if tries < MOST_TRIES else Go(scene.line.start)


# How the locations stand, and what may be changed. -------------------------------------------------------------------


def _tell_all(scene: Scene, staff: StaffMenu) -> Step:
    scene.state = replace(scene.state, part=STANDING)
    places = list(_places(scene, staff))
    for _, _, place in places:
        opening = look(place.schedule, scene.now)
        _tell(scene, place, StaffPhrase.IS_OPEN if opening.open else StaffPhrase.IS_CLOSED, opening.until)
    for key, _, place in places:
        match _change(scene, place):
            case OverrideKind.CLOSE:
                _offer(scene, StaffPhrase.TO_CLOSE, place, key)
            case OverrideKind.OPEN:
                _offer(scene, StaffPhrase.TO_REOPEN, place, key)
            case _:
                pass
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    scene.offer(Phrase.TO_REPEAT, AGAIN)
    return scene.ask()


def _choose(scene: Scene, staff: StaffMenu, key: str) -> Step | None:
    for own, number, place in _places(scene, staff):
        if own == key and (kind := _change(scene, place)):
            part = (CLOSING if kind is OverrideKind.CLOSE else REOPENING) + number
            scene.state = replace(scene.state, part=part, silences=0, wrong_keys=0)
            return _read_change(scene, staff, place, kind)
    return None


def _places(scene: Scene, staff: StaffMenu) -> Iterator[tuple[str, int, Location]]:
    """The key, the number and the location of each that has a key; languages keep theirs."""
    taken = {language.key for language in scene.routing.languages.values()}
    keys = [key for key in KEYS if key not in taken]
    for number, (key, name) in enumerate(zip(keys, staff.locations, strict=False)):
        if place := scene.location_named(name):
            yield key, number, place


def _change(scene: Scene, place: Location) -> OverrideKind | None:
    """What staff may do: close what is open, reopen what an override closes within its hours. Emergencies stay."""
    forced = deciding(place.schedule, scene.now)
    open_now = look(place.schedule, scene.now).open
    kind = OverrideKind.CLOSE if open_now else OverrideKind.OPEN
    if not open_now and (forced is None or forced.kind is not OverrideKind.CLOSE):
        return None
    return kind if _ends(scene, place, kind) else None


def _ends(scene: Scene, place: Location, kind: OverrideKind) -> datetime | None:
    """Until when a change holds: closed until the next opening, open until the hours end; None when there is no end.

    The same however often it is asked, also once the change is made: the carrier may send a key twice.
    """
    if kind is OverrideKind.CLOSE:
        return closed_until(place.schedule, scene.now)
    opening = look(replace(place.schedule, overrides=()), scene.now)
    return opening.until if opening.open else None


# The change. ---------------------------------------------------------------------------------------------------------


def _hear_word(scene: Scene, staff: StaffMenu, heard: Heard) -> Step | Go:
    part = scene.state.part
    kind, first = (OverrideKind.CLOSE, CLOSING) if part < REOPENING else (OverrideKind.OPEN, REOPENING)

    def with_its_place(act: Callable[[Scene, StaffMenu, Location, OverrideKind], Step]) -> Step:
        """Looked up only now: what a turn looks up decides what the proof takes it to depend on."""
        found = (place for _, number, place in _places(scene, staff) if number == part - first)
        place = next(found, None)
        return act(scene, staff, place, kind) if place else _tell_all(scene, staff)

    def choose(key: str, _score: int | None) -> Step | None:
        if key == CONFIRM:
            return with_its_place(_make)
        return _tell_all(scene, staff) if key == BACK else None

    return listen(scene, heard, _talk(scene, choose, lambda: with_its_place(_read_change)))


def _read_change(scene: Scene, staff: StaffMenu, place: Location, kind: OverrideKind) -> Step:
    """What will be, for the last word on it."""
    ends = _ends(scene, place, kind)
    if ends is None:  # the hours ended meanwhile
        return _tell_all(scene, staff)
    closing = kind is OverrideKind.CLOSE
    _tell(scene, place, StaffPhrase.WILL_BE_CLOSED if closing else StaffPhrase.WILL_BE_OPEN, ends)
    scene.offer(Phrase.TO_CONFIRM, CONFIRM)
    scene.offer(Phrase.TO_GO_BACK, BACK)
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    scene.offer(Phrase.TO_REPEAT, AGAIN)
    return scene.ask()


def _make(scene: Scene, staff: StaffMenu, place: Location, kind: OverrideKind) -> Step:
    """Ask for the override, and repeat until when it holds."""
    ends = _ends(scene, place, kind)
    if ends is None:
        return _tell_all(scene, staff)
    begins = scene.now.replace(second=0, microsecond=0)
    scene.note(OverrideAsked(kind.value, place.name, begins.isoformat(), ends.isoformat()))
    scene.state = replace(scene.state, part=CHANGED, silences=0, wrong_keys=0)
    scene.prompt(StaffPhrase.CHANGED)
    _tell(scene, place, StaffPhrase.IS_CLOSED if kind is OverrideKind.CLOSE else StaffPhrase.IS_OPEN, ends)
    scene.offer(Phrase.TO_GO_BACK, BACK)
    scene.offer(Phrase.FOR_A_PERSON, PERSON)
    return scene.ask()


def _tell(scene: Scene, place: Location, how: StaffPhrase, until: datetime | None) -> None:
    """As in "Gilbert is open until today at 5 PM."."""
    when = f" {scene.text(StaffPhrase.UNTIL)} {moment(scene.state.language, until, scene.now)}" if until else ""
    scene.say(f"{place.title} {scene.text(how)}{when}.")


def _offer(scene: Scene, what: StaffPhrase, place: Location, key: str) -> None:
    """As in "To close Gilbert, press 1."."""
    scene.say(f"{scene.text(what)} {place.title}, {press(scene.state.language, key)}.")
