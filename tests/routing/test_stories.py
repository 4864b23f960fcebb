"""Stories: read with line numbers, run without a telephone, and written so that they read back."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.call_flow.model import Routing
from ivr.call_flow.turn import Outcome
from ivr.routing.compile import compile_files
from ivr.routing.stories import (
    Action,
    CallEnds,
    DoesNotHear,
    Entry,
    Expectation,
    HangsUp,
    Hears,
    LandsIn,
    LeavesMessage,
    LeavesNoMessage,
    PhoneDoes,
    Presses,
    Rings,
    Says,
    StaysSilent,
    Story,
    StoryResult,
    run_story,
)
from ivr.routing.story_text import PHONE_WORDS, read_story, write_story
from ivr.routing.text import Limits

HEAD = "story: A story\nat: 2026-11-24 10:00\n"


def story(conversation: str, head: str = HEAD) -> Story:
    read = read_story("a.yaml", f"{head}conversation:\n{conversation}".encode(), Limits())
    assert isinstance(read, Story), [str(problem) for problem in read]
    return read


def problems(text: str) -> list[str]:
    read = read_story("a.yaml", text.encode(), Limits())
    assert isinstance(read, list)
    return [str(problem) for problem in read]


@pytest.fixture
def routing(sample_files: dict[str, bytes]) -> Routing:
    """The sample clinic."""
    compiled = compile_files(sample_files)
    assert compiled.routing is not None
    return compiled.routing


def sentences(result: StoryResult) -> list[str]:
    return [difference.sentence for turn in result.turns for difference in turn.differences]


def test_a_story_that_fits_passes(routing: Routing) -> None:
    result = run_story(
        routing,
        story(
            "- hears: [911, welcome]\n- presses: 1\n- rings: Scottsdale front desk\n".replace("welcome", "thank you")
        ),
    )
    assert result.passed
    assert len(result.turns) == 2


def test_phrases_must_be_heard_in_their_order_whatever_their_case(routing: Routing) -> None:
    assert run_story(routing, story("- hears: [THANK YOU, press 1, press 2]\n")).passed
    result = run_story(routing, story("- hears: [press 2, thank you]\n"))
    assert sentences(result) == ['"thank you" is not heard at this point.']


def test_a_second_hears_goes_on_where_the_first_ended(routing: Routing) -> None:
    assert not run_story(routing, story("- hears: press 2\n- hears: press 1\n")).passed
    assert run_story(routing, story("- hears: press 1\n- hears: press 2\n")).passed


def test_expectations_belong_to_the_turn_above_them(routing: Routing) -> None:
    result = run_story(routing, story("- hears: press 1\n- presses: 2\n- hears: press 1\n"))
    assert [bool(turn.differences) for turn in result.turns] == [False, True]


def test_phones_that_ring_together_are_named_in_any_order_but_all(routing: Routing) -> None:
    assert run_story(routing, story("- presses: 2\n- rings: [Gilbert nurse, Gilbert front desk]\n")).passed
    assert not run_story(routing, story("- presses: 2\n- rings: Gilbert nurse\n")).passed
    assert sentences(run_story(routing, story("- rings: Gilbert nurse\n"))) == ["nothing rings."]


def test_a_story_stops_where_its_action_cannot_be_done(routing: Routing) -> None:
    result = run_story(routing, story("- phone: busy\n- presses: 1\n- presses: 1\n"))
    assert len(result.turns) == 2
    assert result.turns[-1].turn is None
    assert sentences(result) == ["the call waits for a key here."]


def test_nobody_says_words_where_nobody_listens(routing: Routing) -> None:
    result = run_story(routing, story("- presses: 3\n- says: depression\n"))
    assert sentences(result) == ["only keys are taken here, no words."]


def test_a_caller_who_hangs_up_ends_the_call(routing: Routing) -> None:
    assert run_story(routing, story("- hangs up\n- call ends\n")).passed
    assert sentences(run_story(routing, story("- hangs up\n- presses: 1\n"))) == ["the call has ended already."]


def test_the_time_is_the_clinics_own(routing: Routing) -> None:
    at_eight = "story: x\nat: 2026-11-24 8:00\n"
    before = "story: x\nat: 2026-11-24 7:59\n"
    assert run_story(routing, story("- presses: 1\n- rings: Scottsdale front desk\n", at_eight)).passed
    assert run_story(routing, story("- presses: 1\n- lands in: scottsdale_mailbox\n", before)).passed


def test_language_line_and_a_withheld_number_are_taken_from_the_head(routing: Routing) -> None:
    head = HEAD + "language: es-US\nline: main\ncaller: withheld\n"
    assert run_story(
        routing, story("- hears: Si es una emergencia\n- presses: 4\n- does not hear: termina\n", head)
    ).passed


def test_an_unknown_line_is_a_fault_of_the_story(routing: Routing) -> None:
    result = run_story(routing, story("- call ends\n", HEAD + "line: mian\n"))
    assert not result.passed
    assert result.fault == 'no line is called "mian". Did you mean "main"?'


@pytest.mark.parametrize("outcome", PHONE_WORDS.values())
def test_every_way_a_ringing_can_end_can_be_told(routing: Routing, outcome: Outcome) -> None:
    word = next(word for word, known in PHONE_WORDS.items() if known is outcome)
    result = run_story(routing, story(f"- presses: 1\n- phone: {word}\n"))
    assert result.passed
    assert result.turns[-1].turn is not None


def test_everything_wrong_with_a_file_is_told_at_once_with_its_line() -> None:
    text = (
        "stori: x\nat: 2026-02-30 10:00\ncaller: known\nconversation:\n  - heers: x\n  - presses: 12\n"
        "  - phone: explodes\n  - hears: []\n  - says: ''\n  - presses: 1\n    says: x\n  - call ends now\n"
    )
    assert problems(text) == [
        "a.yaml: story: this is missing.",
        'a.yaml:1: stori: no such setting. Did you mean "story"?',
        "a.yaml:2: at: this is not a date and a time. Write them like 2026-11-24 10:00.",
        "a.yaml:3: caller: a caller can only be withheld here. Leave the setting out for a usual caller.",
        'a.yaml:5: conversation > 1: "heers" is nothing a story knows. Did you mean "hears"?',
        'a.yaml:6: conversation > 2: a key is one of 0 to 9, * and #. Write "*" and "#" between quotation marks.',
        "a.yaml:7: conversation > 3: a phone does none of that. There are: answers, no answer, busy, declined, failed.",
        "a.yaml:8: conversation > 4: a text was expected here.",
        "a.yaml:9: conversation > 5: a text was expected here.",
        'a.yaml:10: conversation > 6: one thing at a time was expected here. Begin each with "- ".',
        'a.yaml:12: conversation > 7: "call ends now" is nothing a story knows. Did you mean "call ends"?',
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "the file is empty"),
        ("- a\n", "must hold settings"),
        (HEAD, "conversation: a list was expected here."),
        (HEAD + "conversation: yes\n", "a.yaml:3: conversation: a list was expected here."),
        (HEAD + "conversation:\n  - presses: *\n", "a.yaml:4"),
        (HEAD + "conversation: &a [*a]\n", "aliases"),
        (HEAD + HEAD, "is given twice"),
    ],
)
def test_a_file_that_is_no_story_is_refused(text: str, found: str) -> None:
    assert any(found in problem for problem in problems(text))


LETTERS = st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))
TEXTS = st.text(LETTERS, min_size=1, max_size=25).map(lambda text: " ".join(text.split())).filter(bool)
LISTS = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
ITEMS: st.SearchStrategy[Action | Expectation] = st.one_of(
    st.builds(Presses, st.sampled_from("0123456789*#")),
    st.builds(Says, TEXTS),
    st.builds(PhoneDoes, st.sampled_from(list(PHONE_WORDS.values()))),
    st.builds(Hears, LISTS),
    st.builds(DoesNotHear, LISTS),
    st.builds(Rings, LISTS),
    st.builds(LandsIn, TEXTS),
    st.sampled_from([StaysSilent(), LeavesMessage(), LeavesNoMessage(), HangsUp(), CallEnds()]),
)


def test_every_kind_of_item_is_generated() -> None:
    assert len(get_args(Action)) + len(get_args(Expectation)) == 12


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.lists(ITEMS, min_size=1, max_size=6), st.booleans())
def test_what_is_written_reads_back_the_same(title: str, items: list[Action | Expectation], withheld: bool) -> None:
    at = datetime.fromisoformat("2026-11-24 10:00")
    wanted = Story("a.yaml", title, at, tuple(Entry(0, item) for item in items), "main", "es-US", withheld)
    read = read_story("a.yaml", write_story(wanted).encode(), Limits())
    assert isinstance(read, Story), [str(problem) for problem in read]
    assert [entry.item for entry in read.entries] == items
    assert (read.title, read.at, read.line, read.language) == (title, at, "main", "es-US")
    assert read.withheld is withheld
