"""What every single turn must keep: its words, its phones, its keys, and the one step that follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from .addresses import E164
from .circumstance import RINGING
from .conversation import PERSON
from .desk_phones import hunt_group_of
from .duty import ROTA_NOTICE, over_at
from .events import FoundClosed, GoodbyeSaid, KeyChosen, LanguageChosen, RingBudgetSpent
from .explore import Visit
from .finding import Claim
from .hunting import phones_of
from .menus import BACK, NEXT
from .messages import CALL_ME_BACK, CONFIRM, INVITED, LEAVE_MESSAGE, OTHERWISE
from .model import (
    CallbackRequest,
    CallerId,
    Destination,
    Guide,
    Information,
    Mailbox,
    Menu,
    Routing,
    UrgentCall,
)
from .phrases import EMERGENCY, emergency
from .ringing import SHORTEST_RING_SECONDS
from .sentences import missing_in
from .turn import Arrived, Ask, CallState, CrisisHeard, DialEnded, Outcome, Pressed, Record, Ring, Turn
from .urgent import CONFIRMING
from .urgent import OTHERWISE as CAN_WAIT
from .walks import resumes
from .wishes import UrgentConfirmed

Weigh = Callable[[Turn], str | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken claim in one turn. Of faults with the same claim and `subject` only the first is shown."""

    claim: Claim
    subject: str
    what: str
    cure: str
    place: str


class TurnClaims:
    """Judges turns of a marked routing, equal words once. `weigh` says why the carrier would refuse a turn.

    `since` is the aware moment from which on calls are looked at.
    """

    def __init__(self, routing: Routing, weigh: Weigh | None, since: datetime, *, incomplete: bool) -> None:
        self._routing = routing
        self._since = since
        self._weigh = weigh
        self._incomplete = incomplete
        self._heard: set[int] = set()
        self._lines = {line.number for line in routing.lines.values()}
        places = routing.destinations.values()
        groups = [group for place in places if (group := hunt_group_of(place))]
        self._phones = {phone for place in places for phone in phones_of(place)}
        self._urgent = {place.name for place in places if isinstance(place, UrgentCall)}
        self._shows_caller = any(group.caller_id is CallerId.CALLER for group in groups)

    def faults(self, visit: Visit) -> Iterator[Fault]:
        """Every claim that the visit's turn breaks."""
        if visit.turn is None:
            cure = "The configuration cannot be used as it is."
            yield Fault(Claim.NO_DEAD_END, _where(visit), f"the call fails here ({visit.fault}).", cure, _where(visit))
            return
        yield from self._guard(visit, visit.turn)
        if visit.act.hop:
            return
        yield from self._emergency(visit, visit.turn)
        yield from self._dead_end(visit, visit.turn)
        yield from self._keys(visit, visit.turn)
        yield from self._on_call(visit, visit.turn)
        if isinstance(visit.turn.step, Ring):
            yield from self._phones_rung(visit, visit.turn.step)
        yield from self.words(visit.turn, _where(visit))

    def words(self, turn: Turn, place: str) -> Iterator[Fault]:
        """Whether each sentence exists, and whether the carrier takes the document; once for equal answers."""
        if not self._incomplete and self._weigh is None:
            return
        answer = hash((turn.say, type(turn.step), getattr(turn.step, "phones", None)))
        if answer in self._heard:
            return
        self._heard.add(answer)
        for say in turn.say if self._incomplete else ():
            for phrase in say.phrases:
                name = missing_in(phrase) if isinstance(phrase, str) else ""
                if name:
                    what = f'there is no sentence or name "{name}" in {say.language}.'
                    cure = f"Add it to prompts/{say.language}.yaml."
                    yield Fault(Claim.WORDS, f"{say.language} {name}", what, cure, place)
        if problem := self._weigh(turn) if self._weigh else None:
            yield Fault(Claim.SIZE, place, problem, "Shorten its sentences, or split it.", place)

    def _guard(self, visit: Visit, turn: Turn) -> Iterator[Fault]:
        """Each turn counts one on; who has used up the turns goes to a person, and then to a goodbye."""
        place, onward, hop = _where(visit), resumes(turn.step), visit.act.hop
        if onward is not None and onward.hop != visit.state.hop + 1:
            yield Fault(Claim.GUARD, place, "a turn is not counted.", "", place)
        if hop > self._routing.budgets.hops and onward is not None:
            yield Fault(Claim.GUARD, place, "the call goes on after all its turns are used up.", "", place)
        elif hop == self._routing.budgets.hops:
            yield from self._person(visit, turn, "after so many turns the call")

    def _emergency(self, visit: Visit, turn: Turn) -> Iterator[Fault]:
        onward = resumes(turn.step)
        switched = next((event.language for event in turn.events if isinstance(event, LanguageChosen)), "")
        language = switched or (onward.language if onward else visit.state.language)
        heard = visit.act.heard
        place = _where(visit)
        if isinstance(turn.step, Ask) and self._confirms(turn.step.resume):
            yield from self._before_confirming(turn, turn.step.resume)
        if not (switched or isinstance(heard, Arrived | CrisisHeard) or isinstance(turn.step, Record)):
            return
        if language.partition("-")[0] not in EMERGENCY:
            what = f"there is no 911 and 988 sentence in {language}."
            yield Fault(Claim.EMERGENCY_FIRST, language, what, "Offer only languages that have one.", place)
        elif turn.say[:1] and (turn.say[0].language, turn.say[0].phrases[0]) == (language, emergency(language)):
            return
        else:
            what = "the 911 and 988 sentence is not the first one heard."
            yield Fault(Claim.EMERGENCY_FIRST, place, what, "Let nothing be spoken before it.", place)

    def _confirms(self, state: CallState) -> bool:
        return state.part == CONFIRMING and isinstance(self._routing.destinations.get(state.place), UrgentCall)

    def _before_confirming(self, turn: Turn, state: CallState) -> Iterator[Fault]:
        """What cannot wait may be an emergency: whoever is asked for the second key has heard of 911 and 988."""
        said = [phrase for say in turn.say if say.language == state.language for phrase in say.phrases]
        if emergency(state.language) not in said:
            what = "the 911 and 988 sentence is not heard before the key that confirms."
            yield Fault(Claim.EMERGENCY_FIRST, state.place, what, "", state.place)

    def _on_call(self, visit: Visit, turn: Turn) -> Iterator[Fault]:
        """It is somebody's turn whenever a call is urgent. Dates need to be written for the next four weeks only."""
        for event in turn.events:
            if not isinstance(event, UrgentConfirmed) or event.on_call:
                continue
            place = self._routing.destinations.get(event.place)
            over = over_at(place.rota) if isinstance(place, UrgentCall) else None
            if over and over > self._since + ROTA_NOTICE and visit.situation.at >= over:
                continue
            rota = place.rota.name if isinstance(place, UrgentCall) else ""
            cure = f"Let the weeks or dates under on_call > {rota} cover every day."
            yield Fault(Claim.ON_CALL, rota, f"nobody of the rota {rota} is on call then.", cure, event.place)

    def _dead_end(self, visit: Visit, turn: Turn) -> Iterator[Fault]:
        place = _where(visit)
        left = isinstance(visit.act.heard, DialEnded) and visit.act.heard.outcome is Outcome.CALLER_LEFT
        if not turn.say and not isinstance(turn.step, Ring) and not left:
            yield Fault(Claim.NO_DEAD_END, place, "nothing at all is heard here.", "Let something be said.", place)
        for event in turn.events:
            match event:
                case GoodbyeSaid(_, "vanished"):
                    what = "this leads to a place that does not exist, and the call ends."
                    yield Fault(Claim.NO_DEAD_END, place, what, "Let it lead to a place of the configuration.", place)
                case GoodbyeSaid(_, "loop"):
                    what = "this leads round and round without waiting for the caller, and the call ends."
                    cure = "Let one of the places lead to a menu, a mailbox or a goodbye."
                    yield Fault(Claim.NO_ROUND, place, what, cure, place)
                case _:
                    pass

    def _keys(self, visit: Visit, turn: Turn) -> Iterator[Fault]:
        if not isinstance(visit.act.heard, Pressed):
            return
        key, state = visit.act.heard.key, visit.state
        if key == PERSON:
            yield from self._person(visit, turn, "0")
        place = self._routing.destinations.get(state.place)
        switched = [event.language for event in turn.events if isinstance(event, LanguageChosen)]
        wanted = [
            code for code, language in self._routing.languages.items() if language.key == key and code != state.language
        ]
        for code in wanted:
            if code not in switched:
                what = f"{key} is offered for {code}, but does something else."
                cure = "Give each language a key of its own, from 1 to 9, that no menu uses."
                yield Fault(Claim.KEYS, f"{code} {key}", what, cure, state.place)
        if not _offers(self._routing, state, key):
            return
        if key != PERSON and not switched and _leads_to(place, key, state.part) == state.place:
            what = f"{key} leads back to this very place."
            yield Fault(Claim.KEYS, f"{state.place} {key}", what, "Let it lead on; * repeats a place.", state.place)
        if key == PERSON or not any(isinstance(event, KeyChosen) for event in turn.events):
            what = f"{key} is offered here, but does something else."
            cure = "Use keys that mean nothing else: not 0, * or #, and not the key of a language."
            yield Fault(Claim.KEYS, f"{state.place} {key}", what, cure, state.place)

    def _person(self, visit: Visit, turn: Turn, who: str) -> Iterator[Fault]:
        """A phone rings; or somebody takes a message, where nobody is there or the ringing is used up."""
        onward = resumes(turn.step)
        if onward is None and any(isinstance(event, GoodbyeSaid) and event.why == "vanished" for event in turn.events):
            return  # told as a dead end
        place = self._routing.destinations.get(onward.place) if onward else None
        spent = any(isinstance(event, RingBudgetSpent) for event in turn.events)
        if isinstance(turn.step, Ring):
            return
        if isinstance(place, Mailbox | CallbackRequest) and (spent or _found_closed(visit, turn, self._urgent)):
            return
        to = onward.place if onward else "a goodbye"
        when = "though the clinic is open" if isinstance(place, Mailbox | CallbackRequest) else "not to a person"
        what = f"{who} leads to {to}, {when}."
        cure = "Let `person` lead to a location, whose calls go to its mailbox when it is closed."
        yield Fault(Claim.PERSON, f"{visit.state.line} {to}", what, cure, visit.state.place)

    def _phones_rung(self, visit: Visit, ring: Ring) -> Iterator[Fault]:
        place = ring.resume.place
        for phone in ring.phones:
            if phone not in self._phones or not E164.fullmatch(phone.number) or phone.number in self._lines:
                what = f"{phone.name} rings, which is no phone that the clinic may ring."
                cure = "Ring full numbers such as +14805550111, enabled, and never the clinic's own line."
                yield Fault(Claim.PHONES, f"{place} {phone.name}", what, cure, place)
        budget = self._routing.budgets.ring_seconds
        if not SHORTEST_RING_SECONDS <= ring.seconds <= budget - ring.resume.rung_seconds:
            what = f"the phones ring for {ring.seconds} seconds, more than is left of the {budget}."
            yield Fault(Claim.PHONES, f"{place} seconds", what, "Shorten the ringing.", place)
        callers_own = self._shows_caller and not visit.state.withheld
        if ring.shown not in self._lines and not (ring.shown is None and callers_own):
            what = "staff would not see a number of the clinic's."
            yield Fault(Claim.PHONES, f"{place} shown", what, "Set caller_id to clinic.", place)


def _where(visit: Visit) -> str:
    """The place whose words are heard, or else the one the caller was in."""
    onward = resumes(visit.turn.step) if visit.turn else None
    return (onward.place if onward else "") or visit.state.place or visit.state.line


def _found_closed(visit: Visit, turn: Turn, urgent: Collection[str]) -> bool:
    """Whether nobody is there: a location said so, or none that was asked is open."""
    if any(isinstance(event, FoundClosed) for event in turn.events):
        return True
    asked = [name for name in visit.asked or () if name != RINGING and name not in urgent]
    return bool(asked) and not any(visit.situation.openings[name][0] for name in asked)


def _leads_to(place: Destination | None, key: str, part: int) -> str:
    match place:
        case Menu(_, _, choices):
            return choices[key].to
        case Information(back=back) if key == BACK and part == 0:
            return back
        case UrgentCall(otherwise=otherwise) if key == CAN_WAIT:
            return otherwise
        case _:
            return ""


def _offers(routing: Routing, state: CallState, key: str) -> bool:
    """Whether a caller is told to press this key where the call stands."""
    match routing.destinations.get(state.place):
        case Menu(_, _, choices):
            return key in choices
        case Information(_, parts):
            return key == BACK or (key == NEXT and state.part + 1 < len(parts))
        case Mailbox(callback=callback):
            offers_callback = not state.withheld and callback in routing.destinations
            return state.part == INVITED and (key == LEAVE_MESSAGE or (key == CALL_ME_BACK and offers_callback))
        case CallbackRequest():
            return key in (CONFIRM, OTHERWISE)
        case Guide():
            return state.gets_guide and key in (CONFIRM, OTHERWISE)
        case UrgentCall(key=confirms):
            return state.part == CONFIRMING and key in (confirms, CAN_WAIT)
        case _:
            return False
