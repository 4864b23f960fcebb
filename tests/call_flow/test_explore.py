"""The proof on small routings: nothing is found in a sound one, and each fault is shown by its shortest call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.call_flow.explore import Explorer
from ivr.call_flow.finding import Claim, Finding
from ivr.call_flow.hours import is_open
from ivr.call_flow.idling import rounds_and_lengths
from ivr.call_flow.model import Closure, Information, Language, Location, Routing, Schedule
from ivr.call_flow.proofs import prove
from ivr.call_flow.situations import situations
from ivr.call_flow.turn import Turn

from .conftest import OPEN_AT, location, menu, phone, prompts, with_place


def only(routing: Routing) -> Finding:
    findings = prove(routing, OPEN_AT).findings
    assert len(findings) == 1, findings
    return findings[0]


def test_a_sound_routing_is_proved(small: Routing) -> None:
    proof = prove(small, OPEN_AT)
    assert proof.findings == ()
    assert proof.situations == 2
    assert proof.states > 50


def test_a_missing_third_sentence_is_shown_by_the_keys_that_lead_there(small: Routing) -> None:
    spanish = Language("es-US", "Polly.Lupe-Neural", "9", prompts("es-US", "part_2"))
    found = only(replace(small, languages={**small.languages, "es-US": spanish}))
    assert (found.claim, found.place, found.language) == (Claim.WORDS, "topic", "es-US")
    pressed = sorted(line.partition(":")[0] for line in found.script)
    assert pressed[1:] == ["Press 1", "Press 2", "Press 9"]


def test_a_topic_without_parts_fails_as_a_finding_and_not_as_an_error(small: Routing) -> None:
    found = only(with_place(small, Information("topic", (), "main")))
    assert found.claim is Claim.NO_DEAD_END
    assert found.script[-1] == "Press 2: the call fails (IndexError)."


def test_phones_that_are_all_switched_off_are_no_person(small: Routing) -> None:
    found = only(with_place(small, location("front", phone(1, enabled=False))))
    assert (found.claim, len(found.script)) == (Claim.PERSON, 2)
    assert "though the clinic is open" in found.what


def test_a_night_that_leads_back_to_the_menu_is_a_round(small: Routing) -> None:
    front = location("front", phone(1), when_closed="main")
    findings = prove(with_place(small, front), OPEN_AT).findings
    assert {found.claim for found in findings} == {Claim.NO_ROUND, Claim.PERSON}
    assert all("17:00" in found.script[0] for found in findings)


def test_three_languages_of_two_keys_leave_one_out(small: Routing) -> None:
    mexican = Language("es-MX", "Polly.Mia-Neural", "9", prompts("es-MX"))
    findings = prove(replace(small, languages={**small.languages, "es-MX": mexican}), OPEN_AT).findings
    assert {found.claim for found in findings} == {Claim.KEYS}


def test_a_language_without_the_emergency_sentence_is_refused(small: Routing) -> None:
    french = Language("fr-FR", "Polly.Lea-Neural", "8", prompts("fr-FR"))
    english = replace(small.languages["en-US"], key="7")
    languages = {**small.languages, "en-US": english, "fr-FR": french}
    findings = prove(replace(small, languages=languages), OPEN_AT).findings
    assert [found.claim for found in findings] == [Claim.EMERGENCY_FIRST]


def test_what_the_carrier_refuses_is_a_finding(small: Routing) -> None:
    def weigh(turn: Turn) -> str | None:
        heavy = any("en-US:part_2" in phrase for say in turn.say for phrase in say.phrases if isinstance(phrase, str))
        return "this answer is too long." if heavy else None

    findings = prove(small, OPEN_AT, weigh=weigh).findings
    assert [(found.claim, found.place, len(found.script)) for found in findings] == [(Claim.SIZE, "topic", 3)]


def test_a_key_that_leads_to_its_own_menu_is_shown(small: Routing) -> None:
    found = only(with_place(small, menu("main", "front", "topic", "callback", "main")))
    assert (found.claim, found.what) == (Claim.KEYS, "4 leads back to this very place.")


def test_progress_ends_with_every_state_walked(small: Routing) -> None:
    told: list[tuple[int, int]] = []
    prove(small, OPEN_AT, progress=lambda done, known: told.append((done, known)))
    assert told
    assert told[-1][0] == told[-1][1]


def test_every_state_is_told_by_a_trail_that_leads_there(small: Routing) -> None:
    walk = Explorer(small, situations(small, OPEN_AT))
    assert sum(1 for _ in walk.visits()) == walk.turns
    for standing in walk.standings():
        assert len(walk.trail(standing).acts) == walk.distance(standing)


def test_situations_are_those_that_a_clock_meets_minute_by_minute(small: Routing) -> None:
    place = small.destinations["front"]
    assert isinstance(place, Location)
    closed = {(OPEN_AT + timedelta(days=2)).date(): Closure("Party", hours=())}
    week = place.schedule.week
    late = replace(place, name="late", schedule=Schedule("America/New_York", (*week[:6], ()), closed))
    found = situations(with_place(small, late), OPEN_AT, days=10)
    met = set()
    for minutes in range(0, 10 * 24 * 60, 5):
        at = OPEN_AT + timedelta(minutes=minutes)
        met.add((is_open(place.schedule, at), is_open(late.schedule, at)))
    assert {(situation.openings["front"][0], situation.openings["late"][0]) for situation in found} == met
    for situation in found:
        assert situation.openings["late"][0] == is_open(late.schedule, situation.at)


def test_rounds_are_found_and_lengths_are_the_longest() -> None:
    ways = {1: (2, 3), 2: (3,), 3: (4,), 4: (), 5: (6,), 6: (5,)}
    rounds, longest = rounds_and_lengths(ways, ways.__getitem__)
    assert rounds == [[5, 6]]
    assert [longest[node] for node in (1, 2, 3, 4)] == [3, 2, 1, 0]
