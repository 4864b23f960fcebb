"""The explorer against a walk that leaves out nothing: every sequence of inputs, judged by rules of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call_flow.acts import Act
from ivr.call_flow.circumstance import RINGING
from ivr.call_flow.engine import advance, arrival
from ivr.call_flow.events import GoodbyeSaid, RingBudgetSpent
from ivr.call_flow.explore import Explorer, Visit
from ivr.call_flow.finding import Claim, Finding
from ivr.call_flow.model import (
    Announcement,
    ByHours,
    CallbackRequest,
    Destination,
    Goodbye,
    Guide,
    Information,
    Mailbox,
    Rota,
    Routing,
    UrgentCall,
)
from ivr.call_flow.phrases import UrgentPhrase
from ivr.call_flow.proofs import prove
from ivr.call_flow.situations import situations
from ivr.call_flow.turn import (
    Arrived,
    Ask,
    CallState,
    DialEnded,
    HangUp,
    Heard,
    MessageLeft,
    Outcome,
    Pressed,
    Record,
    Ring,
    Silence,
    Step,
    Turn,
)

from .conftest import CLOSED_AT, OPEN_AT, group, location, menu, phone, routing_of

URGENT_KEY = "5"
DEPTH = 3  # turns after the arrival
Been = dict[CallState, bool]
JUDGED = {Claim.WORDS, Claim.NO_DEAD_END, Claim.PERSON, Claim.NO_ROUND}
NAMES = (
    *("main", "more", "topic", "front", "nurses", "switch", "note"),
    *("mailbox", "callback", "bye", "guide", "urgent", "nowhere"),
)
PERSONS = ("front", "nurses", "switch")

# Any of the names, sound ones more often than not, so that many routings have one fault or none.
anywhere = st.sampled_from((*NAMES, "main", "topic", "front", "front", "mailbox", "bye", "urgent"))


@st.composite
def routings(draw: st.DrawFn, *first: str) -> Routing:
    """A few places that lead anywhere, the first keys to `first`; every phone is in order, no key means two things."""
    person = st.sampled_from((None, None, *PERSONS))
    mailbox = draw(st.sampled_from((None, "callback")))
    people = tuple(phone(number) for number in range(3, 3 + draw(st.integers(1, 3))))
    turns = tuple(each.name for each in people[: draw(st.integers(1, 2))])
    rota = Rota("nights", "America/Phoenix", 480, people, "mailbox", date(2026, 11, 16), turns)
    places: list[Destination] = [
        menu("main", *first, *draw(st.lists(anywhere, min_size=1, max_size=2 - len(first))), person=draw(person)),
        menu("more", draw(anywhere.filter(lambda name: name != "more")), person=draw(person)),
        Information("topic", ("part_1", "part_2"), draw(st.sampled_from(("main", "more"))), draw(person)),
        location("front", phone(1), when_closed=draw(st.sampled_from(("mailbox", "mailbox", "more", "bye", "switch")))),
        group("nurses", phone(2), otherwise=draw(anywhere)),
        ByHours("switch", "front", draw(anywhere), draw(anywhere)),
        Announcement("note", "note", draw(anywhere)),
        Mailbox("mailbox", "greeting", 60, mailbox),
        CallbackRequest("callback", draw(anywhere)),
        Goodbye("bye", "note"),
        Guide("guide", draw(anywhere)),
        UrgentCall("urgent", rota, URGENT_KEY, draw(anywhere)),
    ]
    missing = ("part_2", "greeting", "callback_withheld", "nobody_answered", UrgentPhrase.CONFIRM, UrgentPhrase.NEXT)
    left_out = draw(st.sampled_from(((), (), *((each,) for each in missing))))
    return routing_of(*places, left_out={"es-US": left_out})


@dataclass
class Oracle:
    """What is broken in the calls of one routing at one moment, by plain search."""

    routing: Routing
    now: datetime
    been: Been = field(default_factory=dict)

    def broken(self) -> set[Claim]:
        callers = ((False, False), (False, True), (True, False))
        return {claim for withheld, textable in callers for claim in self._calls(withheld, textable)}

    def _calls(self, withheld: bool, textable: bool) -> Iterator[Claim]:
        state = arrival(self.routing, "+14805550100", withheld, textable=textable)
        yield from self._after(state, Arrived(), 0)

    def _after(self, state: CallState, heard: Heard, depth: int) -> Iterator[Claim]:
        turn = advance(self.routing, state, heard, self.now)
        yield from self._judged(state, heard, turn)
        onward = resume_of(turn.step)
        if onward is None:
            return
        if goes_round(self.routing, onward, turn.step, self.now, self.been):
            yield Claim.NO_ROUND
        if depth < DEPTH:
            for further in inputs(turn.step):
                yield from self._after(onward, further, depth + 1)

    def _judged(self, state: CallState, heard: Heard, turn: Turn) -> Iterator[Claim]:
        for say in turn.say:
            other = "en-US:" if say.language == "es-US" else "es-US:"
            if any(isinstance(phrase, str) and other in phrase for phrase in say.phrases):
                yield Claim.WORDS
        for event in turn.events:
            if isinstance(event, GoodbyeSaid) and event.why in ("vanished", "loop"):
                yield Claim.NO_DEAD_END if event.why == "vanished" else Claim.NO_ROUND
        if heard == Pressed("0") and not isinstance(turn.step, Ring):
            yield from self._not_rung(turn)

    def _not_rung(self, turn: Turn) -> Iterator[Claim]:
        if any(isinstance(event, GoodbyeSaid) and event.why == "vanished" for event in turn.events):
            return
        onward = resume_of(turn.step)
        place = self.routing.destinations.get(onward.place) if onward else None
        spent = any(isinstance(event, RingBudgetSpent) for event in turn.events)
        takes_word = isinstance(place, Mailbox | CallbackRequest)
        if not takes_word or not (spent or self.now == CLOSED_AT):
            yield Claim.PERSON


def resume_of(step: Step) -> CallState | None:
    return step.resume if isinstance(step, Ask | Ring | Record) else None


def inputs(step: Step) -> tuple[Heard, ...]:
    match step:
        case Ask():
            return (*map(Pressed, ("1", "2", URGENT_KEY, "9", "0", "")), Silence())
        case Ring():
            return DialEnded(Outcome.NO_ANSWER), DialEnded(Outcome.BUSY), DialEnded(Outcome.ANSWERED)
        case Record():
            return MessageLeft("RE" + "0" * 32, 5), Silence()
        case _:
            return ()


def goes_round(routing: Routing, state: CallState, step: Step, now: datetime, been: Been) -> bool:
    """Whether a caller who does nothing can come back to where the call stood before; `been` keeps what is known."""
    here = replace(state, hop=0)
    if here in been:
        return been[here]
    been[here] = True  # met again before it is done: a round
    for heard in inputs(step):
        if heard == Silence() or heard in (DialEnded(Outcome.NO_ANSWER), DialEnded(Outcome.BUSY)):
            turn = advance(routing, here, heard, now)
            onward = resume_of(turn.step)
            if onward is not None and goes_round(routing, onward, turn.step, now, been):
                return True
    been[here] = False
    return False


@settings(max_examples=8)
@given(routings() | routings("urgent"))
def test_the_explorer_agrees_with_every_sequence_of_inputs(routing: Routing) -> None:
    findings = [found for found in prove(routing, OPEN_AT, days=2).findings if found.claim in JUDGED]
    claims = {found.claim for found in findings}
    broken = Oracle(routing, OPEN_AT).broken() | Oracle(routing, CLOSED_AT).broken()
    assert broken <= claims
    near = {found.claim for found in findings if len(found.script) <= DEPTH + 1 and not uses_up_turns(found)}
    assert near <= broken


def uses_up_turns(found: Finding) -> bool:
    """Whether the call is one that has gone on for long, which no search of a few turns meets."""
    return any(line.startswith("After ") for line in found.script)


class Plain(Explorer):
    """Walks without sharing: every turn is run in every circumstance that differs in anything at all."""

    def _leaving(self, visit: Visit) -> None:
        return None

    def _asked(self, act: Act, turn: Turn | None) -> tuple[str, ...]:
        return (RINGING, "front")


@settings(max_examples=4)
@given(routings() | routings("urgent"))
def test_sharing_turns_between_circumstances_loses_and_adds_no_state(routing: Routing) -> None:
    def reached(walk: Explorer) -> set[tuple[CallState, datetime]]:
        assert all(visit.turn is not None for visit in walk.visits())
        return {(walk.state(standing), walk.trail(standing).start.situation.at) for standing in walk.standings()}

    ahead = situations(routing, OPEN_AT, days=2)
    assert reached(Explorer(routing, ahead)) == reached(Plain(routing, ahead))


@settings(max_examples=3)
@given(routings())
def test_no_call_outlasts_its_turns(routing: Routing) -> None:
    most = routing.budgets.hops + 20
    turn = advance(routing, arrival(routing, "+14805550100", False), Arrived(), OPEN_AT)
    turns = 0
    while (onward := resume_of(turn.step)) is not None:
        heard = DialEnded(Outcome.BUSY) if isinstance(turn.step, Ring) else Pressed("*")
        turn = advance(routing, onward, heard, OPEN_AT)
        turns += 1
        assert turns <= most
    assert isinstance(turn.step, HangUp)
