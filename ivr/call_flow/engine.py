"""The conversation, turn by turn: `advance` hears, decides and answers. Guards that no configuration can switch off.

Every call begins with the 911/988 sentence. A call that has used up its hops goes to a person, and a while later to a
spoken goodbye. A place that vanished from the routing sends the caller to the start. Every answer is one step that
either waits, with a next state, or says goodbye: there is no third.
"""

from __future__ import annotations

from datetime import datetime

from .closing import first_words, part_with_number, tell_closed, to_person
from .events import AnnouncementHeard, CallArrived, GoodbyeSaid, HopBudgetSpent, PlaceVanished
from .guide import enter_guide, hear_guide
from .hours import look
from .hunting import enter_hunt, hear_hunt
from .menus import enter_information, enter_menu, hear_information, hear_menu
from .messages import enter_callback, enter_mailbox, hear_callback, hear_mailbox
from .model import (
    Announcement,
    ByHours,
    CallbackRequest,
    Destination,
    Goodbye,
    Guide,
    HuntGroup,
    Information,
    Location,
    Mailbox,
    Menu,
    Routing,
    StaffMenu,
    UrgentCall,
)
from .phrases import Phrase, emergency
from .scene import Go, Scene
from .spoken import press
from .staffing import enter_staff, hear_staff
from .turn import Arrived, CallState, HangUp, Heard, Step, Turn
from .urgent import CONFIRMING, enter_urgent, hear_urgent

MOST_LINKS = 16  # destinations passed in one turn without waiting for the caller
HOPS_OF_GRACE = 20  # for ringing and leaving a message, after the hop budget


def arrival(
    routing: Routing, dialled: str, withheld: bool, *, textable: bool | None = None, guide_full: bool = False
) -> CallState:
    """The state in which a call to the number `dialled` (E.164) begins; an unknown one is served as the main line.

    `textable` says whether a text can be sent to the caller; left out, to whoever shows a number, if the clinic texts.
    `guide_full` says that no further guide is texted in this hour.
    """
    line = routing.lines[routing.line_of[dialled]] if dialled in routing.line_of else routing.main_line
    may = not withheld and (routing.texts is not None if textable is None else textable)
    full = may and guide_full
    return CallState(line.name, line.start, language=line.language, withheld=withheld, textable=may, guide_full=full)


def advance(routing: Routing, state: CallState, heard: Heard, now: datetime) -> Turn:
    """Answer one turn of a call: what to say, the one step that follows, and the facts worth keeping.

    Total: any heard in any state has an answer. `now` is aware. Raises nothing for any state or input.
    """
    scene = Scene(routing, state, now)
    step = _react(scene, heard)
    for _ in range(MOST_LINKS):
        if not isinstance(step, Go):
            return scene.turn(step)
        step = enter(scene, step.to)
    if isinstance(step, Go):  # destinations that lead round and round without waiting; `check` refuses them
        step = part_with_number(scene, "loop")
    return scene.turn(step)


def enter(scene: Scene, name: str) -> Step | Go:
    """Arrive at a destination."""
    destination = scene.routing.destinations.get(name)
    if destination is None:
        return part_with_number(scene, "vanished")
    scene.move(name)
    return _arrive(scene, destination)


def _arrive(scene: Scene, destination: Destination) -> Step | Go:
    match destination:
        case Menu():
            return enter_menu(scene, destination)
        case Information():
            return enter_information(scene, destination)
        case Location() | HuntGroup():
            return enter_hunt(scene, destination)
        case ByHours():
            return _enter_by_hours(scene, destination)
        case Mailbox():
            return enter_mailbox(scene, destination)
        case CallbackRequest():
            return enter_callback(scene, destination)
        case Guide():
            return enter_guide(scene, destination)
        case UrgentCall():
            return enter_urgent(scene, destination)
        case StaffMenu():
            return enter_staff(scene)
        case Announcement():
            return _enter_announcement(scene, destination)
        case Goodbye():
            return _enter_goodbye(scene, destination)


def _enter_announcement(scene: Scene, place: Announcement) -> Go:
    scene.note(AnnouncementHeard(place.name))
    scene.prompt(place.say)
    return Go(place.then)


def _enter_goodbye(scene: Scene, place: Goodbye) -> HangUp:
    scene.note(GoodbyeSaid(place.name, "goodbye"))
    scene.prompt(place.say)
    return HangUp()


def _react(scene: Scene, heard: Heard) -> Step | Go:
    if isinstance(heard, Arrived):
        return _open_call(scene, heard)
    place = scene.routing.destinations.get(scene.state.place)
    if place is None:
        scene.note(PlaceVanished(scene.state.place))
        return Go(scene.line.start)
    return _out_of_hops(scene, place) or _hear(scene, place, heard)


def _open_call(scene: Scene, heard: Arrived) -> Go:
    """The first words of every call: 911/988. Then each other language is offered in its own words."""
    line = scene.line
    withheld = scene.state.withheld
    scene.note(CallArrived(line.name, scene.state.language, heard.known, withheld, heard.draft, heard.test))
    scene.say(emergency(scene.state.language))
    if heard.draft:
        scene.prompt(Phrase.HEARING_A_DRAFT)
    for code, language in scene.routing.languages.items():
        if code != scene.state.language:
            words = scene.text(Phrase.FOR_THIS_LANGUAGE, code)
            scene.say_in(code, f"{words}, {press(code, language.key)}.")
    first_words(scene)
    return Go(line.start)


def _out_of_hops(scene: Scene, place: Destination) -> Step | Go | None:
    hop, hops = scene.state.hop, scene.routing.budgets.hops
    if hop < hops:
        return None
    if hop >= hops + HOPS_OF_GRACE:
        scene.note(HopBudgetSpent(place.name, hop))
        return part_with_number(scene, "hops")
    confirms = isinstance(place, UrgentCall) and scene.state.part == CONFIRMING
    if confirms or isinstance(place, Menu | Information | CallbackRequest | Guide | StaffMenu):
        scene.note(HopBudgetSpent(place.name, hop))
        scene.prompt(Phrase.TO_A_PERSON)
        return to_person(scene, "hops")
    return None


def _hear(scene: Scene, place: Destination, heard: Heard) -> Step | Go:
    match place:
        case Menu():
            return hear_menu(scene, place, heard)
        case Information():
            return hear_information(scene, place, heard)
        case Location() | HuntGroup():
            return hear_hunt(scene, place, heard)
        case Mailbox():
            return hear_mailbox(scene, place, heard)
        case CallbackRequest():
            return hear_callback(scene, place, heard)
        case Guide():
            return hear_guide(scene, place, heard)
        case UrgentCall():
            return hear_urgent(scene, place, heard)
        case StaffMenu():
            return hear_staff(scene, place, heard)
        case ByHours() | Announcement() | Goodbye():
            return Go(place.name)  # nothing waits there; a stale address begins it again


def _enter_by_hours(scene: Scene, choice: ByHours) -> Go:
    location = scene.location_named(choice.location)
    if location is None:
        return Go(choice.closed)
    opening = look(location.schedule, scene.now)
    if opening.open:
        return Go(choice.open)
    to = choice.closures.get(opening.name, choice.closed)
    own = opening.name in choice.closures
    if not (own and isinstance(scene.routing.destinations.get(to), Announcement)):  # staff wrote it for this closure
        tell_closed(scene, location)
    return Go(to)
