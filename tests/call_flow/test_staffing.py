"""Staff's changes as the engine speaks them, and the proof's walk through them against one that leaves out nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.call_flow.acts import acts
from ivr.call_flow.engine import advance, arrival
from ivr.call_flow.events import CallArrived, Event, OverrideAsked, PinAccepted
from ivr.call_flow.explore import Explorer
from ivr.call_flow.finding import Claim
from ivr.call_flow.model import Interval, Mailbox, Override, OverrideKind, Routing, StaffMenu
from ivr.call_flow.overrides import with_overrides
from ivr.call_flow.phrases import StaffPhrase
from ivr.call_flow.proofs import prove
from ivr.call_flow.situations import situations
from ivr.call_flow.staffing import CHANGED, CLOSING, MOST_TRIES
from ivr.call_flow.turn import Arrived, Ask, CallState, Heard, PinChecked, Pressed, Silence, Turn, Verdict

from .conftest import CLOSED_AT, OPEN_AT, group, location, menu, phone, prompts, routing_of

KEYS = "*#*#"
RIGHT = PinChecked(Verdict.RIGHT, "maria")


@pytest.fixture
def staffed() -> Routing:
    """Two locations, the second of which is nobody's person, and staff who may change both."""
    staff = StaffMenu("staff", KEYS, ("back", "front"))
    routing = routing_of(
        menu("main", "front", "back", "more"),
        menu("more", "main", person="nurses"),
        location("back", phone(3)),
        location("front", phone(1), phone(2)),
        group("nurses", phone(4), otherwise="mailbox"),
        Mailbox("mailbox", "greeting", 60),
        staff,
    )
    languages = {
        code: replace(language, prompts={**language.prompts, **{name: f"{code}:{name}" for name in StaffPhrase}})
        for code, language in routing.languages.items()
    }
    return replace(routing, staff=staff, languages=languages)


def played(routing: Routing, *heard: Heard) -> tuple[Turn, list[Event]]:
    """The last turn of a call in which these are heard one after another, and the events of all."""
    state = arrival(routing, "+14805550100", withheld=False)
    turn = advance(routing, state, Arrived(), OPEN_AT)
    events = list(turn.events)
    for each in heard:
        assert isinstance(turn.step, Ask)
        turn = advance(routing, turn.step.resume, each, OPEN_AT)
        events += turn.events
    return turn, events


def keys(text: str) -> list[Heard]:
    return [Pressed(key) for key in text]


def words(turn: Turn) -> str:
    return " ".join(phrase for say in turn.say for phrase in say.phrases if isinstance(phrase, str))


def test_a_call_of_staff_is_proved(staffed: Routing) -> None:
    proof = prove(staffed, OPEN_AT)
    assert proof.findings == ()
    without = prove(replace(staffed, staff=None), OPEN_AT)
    assert proof.states > without.states + 30, "the proof walks it"


def test_a_sentence_of_staff_that_is_missing_is_found(staffed: Routing) -> None:
    spanish = staffed.languages["es-US"]
    given = {name: text for name, text in spanish.prompts.items() if name != StaffPhrase.CHANGED}
    languages = {**staffed.languages, "es-US": replace(spanish, prompts=given)}
    (found,) = prove(replace(staffed, languages=languages), OPEN_AT).findings
    assert (found.claim, found.language) == (Claim.WORDS, "es-US")
    assert any(line.startswith("Type a PIN (right)") for line in found.script)


def test_the_walk_meets_every_state_of_a_plain_search(staffed: Routing) -> None:
    walk = Explorer(staffed, situations(staffed, OPEN_AT))
    for _ in walk.visits():
        pass
    met = {_bare(walk.state(standing)) for standing in walk.standings()}
    for now in (OPEN_AT, CLOSED_AT):
        found: set[CallState] = set()
        first = advance(staffed, arrival(staffed, "+14805550100", withheld=False), Arrived(), now)
        waiting = [first.step.resume] if isinstance(first.step, Ask) else []
        while waiting:
            state = _bare(waiting.pop())
            if state in found:
                continue
            found.add(state)
            for act in acts(staffed, Ask(state, 5, digits=10 if _types(staffed, state) else 1)):
                if act.hop == 0:
                    step = advance(staffed, state, act.heard, now).step
                    waiting += [step.resume] if isinstance(step, Ask) else []
        assert found <= met
        if now == OPEN_AT:
            assert {state.part for state in found if state.place == "staff"} >= {0, 1, 2, CLOSING, CLOSING + 1, CHANGED}


def _bare(state: CallState) -> CallState:
    return replace(state, hop=0, rung_seconds=0, withheld=False, textable=False)


def _types(routing: Routing, state: CallState) -> bool:
    return isinstance(routing.destinations[state.place], StaffMenu) and state.part < MOST_TRIES


def test_without_a_right_pin_nothing_is_ever_changed(staffed: Routing) -> None:
    """Whatever is heard in whichever of the first parts, no way on leads past the PIN."""
    for part in range(MOST_TRIES):
        state = CallState("main", "staff", part, language="en-US")
        for act in acts(staffed, Ask(state, 5, digits=10)):
            turn = advance(staffed, state, act.heard, OPEN_AT)
            onward = turn.step.resume if isinstance(turn.step, Ask) else state
            passed = onward.place == "staff" and onward.part >= MOST_TRIES
            assert passed is (act.heard == PinChecked(Verdict.RIGHT))


def test_a_pin_means_nothing_outside_its_place(staffed: Routing) -> None:
    for place, part in (("main", 0), ("more", 0), ("mailbox", 0), ("staff", 10), ("staff", CLOSING)):
        turn = advance(staffed, CallState("main", place, part, language="en-US"), RIGHT, OPEN_AT)
        assert not any(isinstance(event, PinAccepted | OverrideAsked | CallArrived) for event in turn.events)


def test_the_keys_count_in_the_first_menu_only(staffed: Routing) -> None:
    turn, _ = played(staffed, Pressed("3"), *keys(KEYS))
    assert isinstance(turn.step, Ask)
    assert turn.step.resume.place == "more"
    turn, _ = played(staffed, *keys("*#"), Silence(), *keys("*#"))
    assert isinstance(turn.step, Ask)
    assert turn.step.resume.place == "main"


def test_an_emergency_is_not_ended_by_phone(staffed: Routing) -> None:
    emergency = Override(1, OverrideKind.EMERGENCY, "", OPEN_AT, CLOSED_AT)
    turn, _ = played(with_overrides(staffed, (emergency,)), *keys(KEYS), RIGHT)
    assert "en-US:staff_is_closed" in words(turn)
    assert "en-US:staff_to_reopen" not in words(turn)


def test_what_never_closes_is_not_closed_by_phone(staffed: Routing) -> None:
    places = dict(staffed.destinations)
    always = location("back", phone(3))
    places["back"] = replace(always, schedule=replace(always.schedule, week=((Interval(0, 1440),),) * 7))
    turn, _ = played(replace(staffed, destinations=places), *keys(KEYS), RIGHT)
    assert "en-US:staff_to_close Back" not in words(turn)
    assert "en-US:staff_to_close Front, press 2." in words(turn)


def test_a_confirmation_told_twice_asks_for_the_same(staffed: Routing) -> None:
    """The second time the change is made already; it must not be taken for its opposite."""
    asked: list[OverrideAsked] = []
    overrides: tuple[Override, ...] = ()
    for _ in range(2):
        state = CallState("main", "staff", CLOSING + 1, language="en-US")
        turn = advance(with_overrides(staffed, overrides), state, Pressed("1"), OPEN_AT)
        asked += [event for event in turn.events if isinstance(event, OverrideAsked)]
        overrides = (Override(1, OverrideKind.CLOSE, "front", OPEN_AT, OPEN_AT.replace(day=25, hour=9)),)
    assert asked[0] == asked[1]
    assert asked[0].location == "front"


def test_small_routings_of_other_tests_need_no_words_of_staff() -> None:
    assert not set(StaffPhrase) & set(prompts("en-US"))
