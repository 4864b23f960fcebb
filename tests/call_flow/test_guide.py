"""The patient guide and the word before a missed call: consent first, no promise where no text can be sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.call_flow.disposition import Disposition, disposition_of
from ivr.call_flow.engine import advance, arrival
from ivr.call_flow.events import CallArrived, MenuHeard, Rang
from ivr.call_flow.model import Guide, Mailbox, Routing
from ivr.call_flow.phrases import MAY_TEXT, GuidePhrase, TextPhrase, stop_words
from ivr.call_flow.proofs import prove
from ivr.call_flow.text_rules import TextKind, TextRules
from ivr.call_flow.text_words import body_of, segments, written_number
from ivr.call_flow.tree import Kind, tree_of
from ivr.call_flow.turn import Arrived, Ask, CallState, CrisisHeard, Heard, Pressed, Ring, Turn
from ivr.call_flow.wishes import GuideAddressHeard, GuideRequested, TextAnnounced

from .conftest import OPEN_AT, location, menu, phone, routing_of

LINK = "https://example.com/guide"
LINE = "+14805550100"
TEXTED = (*GuidePhrase, *TextPhrase, MAY_TEXT)


@pytest.fixture
def routing() -> Routing:
    """A menu that leads to a location and to the guide; texts after missed calls are on."""
    made = routing_of(
        menu("main", "front", "guide"),
        Guide("guide", "main"),
        location("front", phone(1)),
        Mailbox("mailbox", "greeting", 60),
    )
    languages = {
        code: replace(each, prompts={**each.prompts, **{name: f"{code}:{name}" for name in TEXTED}})
        for code, each in made.languages.items()
    }
    return replace(made, languages=languages, texts=TextRules(LINK, missed_calls=True))


def turn_of(routing: Routing, *keys: str, textable: bool = True, withheld: bool = False) -> Turn:
    heard: list[Heard] = [Arrived(), *(Pressed(key) for key in keys)]
    state: CallState = arrival(routing, LINE, withheld, textable=textable)
    turn = advance(routing, state, heard[0], OPEN_AT)
    for each in heard[1:]:
        assert isinstance(turn.step, Ask)
        turn = advance(routing, turn.step.resume, each, OPEN_AT)
    return turn


def words(turn: Turn) -> str:
    return " ".join(phrase for say in turn.say for phrase in say.phrases if isinstance(phrase, str))


def test_what_the_key_means_is_said_before_it_can_be_pressed(routing: Routing) -> None:
    turn = turn_of(routing, "2")
    assert words(turn).startswith("en-US:guide_consent en-US:guide_to_ask, press 1.")
    assert GuideRequested("guide") not in turn.events


def test_the_key_asks_for_one_text_and_the_call_goes_on(routing: Routing) -> None:
    turn = turn_of(routing, "2", "1")
    assert GuideRequested("guide") in turn.events
    assert words(turn).startswith("en-US:guide_on_its_way en-US:guide_address")
    assert isinstance(turn.step, Ask)
    assert turn.step.resume.place == "main"


def test_who_declines_is_sent_nothing(routing: Routing) -> None:
    turn = turn_of(routing, "2", "2")
    assert not {GuideRequested("guide"), GuideAddressHeard("guide")} & set(turn.events)
    assert isinstance(turn.step, Ask)
    assert turn.step.resume.place == "main"


@pytest.mark.parametrize("withheld", [False, True])
def test_who_cannot_be_sent_a_text_hears_where_the_guide_is(routing: Routing, withheld: bool) -> None:
    turn = turn_of(routing, "2", textable=False, withheld=withheld)
    assert words(turn).startswith("en-US:guide_address")
    assert GuideAddressHeard("guide") in turn.events
    assert "guide_consent" not in words(turn)


def test_a_key_pressed_after_texts_went_off_promises_nothing(routing: Routing) -> None:
    stale = replace(arrival(routing, LINE, False, textable=False), place="guide", hop=3)
    turn = advance(routing, stale, Pressed("1"), OPEN_AT)
    assert GuideRequested("guide") not in turn.events
    assert words(turn).startswith("en-US:guide_address")


def test_no_caller_is_stranded_at_the_guide(routing: Routing) -> None:
    assert prove(routing, OPEN_AT, days=2).findings == ()


def test_the_proof_misses_a_sentence_that_only_callers_with_a_mobile_phone_hear(routing: Routing) -> None:
    spanish = routing.languages["es-US"]
    silent = replace(spanish, prompts={**spanish.prompts, GuidePhrase.CONSENT: ""})
    found = prove(replace(routing, languages={**routing.languages, "es-US": silent}), OPEN_AT, days=2).findings
    assert any("guide_consent" in each.what for each in found)
    assert any("from a phone that gets texts" in each.script[0] for each in found)


def test_the_guide_is_drawn(routing: Routing) -> None:
    spots = tree_of(routing, routing.main_line).spots
    assert [spot.title for spot in spots if spot.kind is Kind.GUIDE] == ["Guide"]


def test_who_asked_for_the_guide_wanted_information() -> None:
    events = (CallArrived("main", "en-US"), MenuHeard("main"), GuideRequested("guide"), MenuHeard("main"))
    assert disposition_of(events, answered=False, messages=0) is Disposition.INFORMATION_ONLY


# The word before a missed call ---------------------------------------------------------------------------------------


def test_before_phones_ring_it_is_said_that_a_text_may_follow(routing: Routing) -> None:
    turn = turn_of(routing, "1")
    assert isinstance(turn.step, Ring)
    assert words(turn) == "en-US:please_hold en-US:may_text_you"
    assert [type(event) for event in turn.events[-2:]] == [TextAnnounced, Rang]


def test_when_no_further_guide_is_texted_its_address_is_said_and_a_missed_call_may_still_be(routing: Routing) -> None:
    state = replace(arrival(routing, LINE, withheld=False, textable=True, guide_full=True), place="guide", hop=3)
    assert "guide_address" in words(advance(routing, state, Pressed("1"), OPEN_AT))
    ringing = advance(routing, replace(state, place="main"), Pressed("1"), OPEN_AT)
    assert "may_text_you" in words(ringing)


def test_the_proof_walks_the_hour_in_which_no_further_guide_is_texted(routing: Routing) -> None:
    """Only then are the address, unasked, and the word before a missed call heard in one breath."""

    def too_much(turn: Turn) -> str | None:
        said = words(turn)
        at_once = "guide_address" in said and "may_text_you" in said and "guide_on_its_way" not in said
        return "too much at once" if at_once else None

    ringing = replace(routing, destinations={**routing.destinations, "guide": Guide("guide", "front")})
    found = prove(ringing, OPEN_AT, days=2, weigh=too_much).findings
    assert any("when no further guide is texted" in each.script[0] for each in found)


@pytest.mark.parametrize("texts", [None, TextRules(LINK)])
def test_nothing_is_said_of_texts_that_are_not_sent(routing: Routing, texts: TextRules | None) -> None:
    assert "may_text_you" not in words(turn_of(replace(routing, texts=texts), "1"))
    assert "may_text_you" not in words(turn_of(routing, "1", textable=False))


def test_who_is_in_a_crisis_is_rung_for_at_once(routing: Routing) -> None:
    listening = replace(menu("main", "front"), listen=True)
    here = replace(routing, destinations={**routing.destinations, "main": listening})
    first = turn_of(here)
    assert isinstance(first.step, Ask)
    turn = advance(here, first.step.resume, CrisisHeard(), OPEN_AT)
    assert isinstance(turn.step, Ring)
    assert "may_text_you" not in words(turn)
    assert not any(isinstance(event, TextAnnounced) for event in turn.events)


# What is texted ------------------------------------------------------------------------------------------------------


def test_a_text_says_how_to_stop_it_in_its_own_language(routing: Routing) -> None:
    english = body_of(routing, TextKind.GUIDE, "en-US", "main")
    assert english == f"en-US:guide_text {LINK} Reply STOP to opt out."
    assert body_of(routing, TextKind.GUIDE, "es-US", "main").endswith(f"{LINK} Responda STOP para cancelar.")
    missed = body_of(routing, TextKind.MISSED_CALL, "es-US", "main")
    assert missed == "es-US:missed_call_text 480-555-0100. Responda STOP para cancelar."


def test_what_the_clinic_does_not_send_has_no_words(routing: Routing) -> None:
    off = replace(routing, texts=None)
    assert [body_of(off, kind, "en-US", "main") for kind in TextKind] == ["", ""]


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("á" * 70, 1), ("á" * 71, 2), ("€" * 81, 2)],
)
def test_texts_are_counted_as_phone_networks_do(text: str, count: int) -> None:
    assert segments(text) == count


def test_how_to_stop_is_said_without_letters_that_lengthen_a_text() -> None:
    assert segments("a" * 100 + stop_words("es-US")) == 1


def test_numbers_are_written_as_people_read_them() -> None:
    assert written_number("+14805550100") == "480-555-0100"
    assert written_number("+442079460958") == "+442079460958"
