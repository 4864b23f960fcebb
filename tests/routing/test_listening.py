"""Speech becomes a key and a score, a crisis, or nothing; keys and labels decide, never a guess."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.call_flow.model import Menu, Routing
from ivr.call_flow.turn import CallState, CrisisHeard, NotUnderstood, Said, Understood
from ivr.routing.compile import compile_files
from ivr.routing.folder import read_folder
from ivr.routing.listening import understand


@pytest.fixture(scope="module")
def routing() -> Routing:
    files, _ = read_folder(Path(__file__).parents[2] / "config")
    found = compile_files(files).routing
    assert found
    return found


ENGLISH = CallState("main", "main", language="en-US")
SPANISH = CallState("main", "main", language="es-US")


@pytest.mark.parametrize(
    ("state", "words", "key"),
    [
        (ENGLISH, "Scottsdale", "1"),
        (ENGLISH, "the Gilbert location please", "2"),
        (ENGLISH, "I want information about treatment", "3"),
        (ENGLISH, "ketamine", "3"),
        (ENGLISH, "call me back", "4"),
        (ENGLISH, "operator", "0"),
        (ENGLISH, "a person", "0"),
        (ENGLISH, "Repeat that.", "*"),
        (SPANISH, "información", "3"),
        (SPANISH, "la oficina de Gilbert", "2"),
        (SPANISH, "una persona", "0"),
        (SPANISH, "llámeme", "4"),
        (ENGLISH, "speak with a person", "0"),
        (ENGLISH, "I want to talk to someone please", "0"),
        (ENGLISH, "I need help", "0"),
        (ENGLISH, "hear this again", "*"),
        (ENGLISH, "a slower voice", "#"),
        (ENGLISH, "Spanish", "9"),
        (ENGLISH, "en español, por favor", "9"),
        (ENGLISH, "one", "1"),
        (ENGLISH, "press 2", "2"),
        (ENGLISH, "number three, please", "3"),
        (ENGLISH, "zero", "0"),
        (SPANISH, "quiero hablar con una persona", "0"),
        (SPANISH, "operadora, por favor", "0"),
        (SPANISH, "más despacio", "#"),
        (SPANISH, "inglés", "9"),
        (SPANISH, "English", "9"),
        (SPANISH, "oprima el dos", "2"),
    ],
)
def test_words_that_name_a_choice_choose_it(routing: Routing, state: CallState, words: str, key: str) -> None:
    heard = understand(routing, state, Said(words))
    assert isinstance(heard, Understood)
    assert heard.key == key
    assert heard.score >= 85


@pytest.mark.parametrize(
    "words",
    [
        "",
        "for our",
        "my kid has a fever",
        "location",
        "pizza",
        "seven",
        "one two",
        "scottsdale or gilbert",
        "...",
        "\x00",
        "x" * 1000,
    ],
)
def test_words_that_name_none_or_more_than_one_are_not_understood(routing: Routing, words: str) -> None:
    assert understand(routing, ENGLISH, Said(words)) == NotUnderstood()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ENGLISH, "I want to die"),
        (ENGLISH, "it's an EMERGENCY"),
        (ENGLISH, "I can't breathe"),
        (ENGLISH, "scottsdale suicide"),
        (SPANISH, "quiero suicidarme"),
        (SPANISH, "quiero hacerme daño"),
        (SPANISH, "call 911"),
        (ENGLISH, "call 9-1-1"),
        (ENGLISH, "nine eight eight"),
        (ENGLISH, "I don\u2019t want to live anymore"),
        (ENGLISH, "I'd be better off dead"),
        (ENGLISH, "I took too many pills"),
        (SPANISH, "ya no quiero vivir"),
        (SPANISH, "me quiero matar"),
        (SPANISH, "quiero lastimarme"),
        (SPANISH, "nueve once"),
    ],
)
def test_words_of_crisis_come_before_everything(routing: Routing, state: CallState, words: str) -> None:
    assert understand(routing, state, Said(words)) == CrisisHeard()


def test_whatever_the_first_menu_reads_out_can_be_said(routing: Routing) -> None:
    """Its caller is told "You can also say your choice": each label, said as it stands, is its key."""
    for code, language in routing.languages.items():
        menu = routing.destinations["main"]
        assert isinstance(menu, Menu)
        read_out = {choice.label: choice.key for choice in menu.choices.values()}
        read_out |= {"for_a_person": "0", "to_repeat": "*", "for_slower": "#"}
        state = CallState("main", "main", language=code)
        heard = {label: understand(routing, state, Said(language.prompts[label])) for label in read_out}
        assert {label: each.key for label, each in heard.items() if isinstance(each, Understood)} == read_out
        for other in routing.languages.values():
            if other.code != code:
                said = Said(other.prompts["for_this_language"])
                assert understand(routing, state, said) == Understood(other.key, 100)


def test_a_menu_that_does_not_listen_understands_crisis_only(routing: Routing) -> None:
    topics = replace(ENGLISH, place="topics")
    assert understand(routing, topics, Said("chronic pain")) == NotUnderstood()
    assert understand(routing, topics, Said("suicide")) == CrisisHeard()
