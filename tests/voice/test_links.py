"""A call's state survives the way through an address, and nothing else gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call_flow.turn import CallState, Pace
from ivr.voice.links import UnreadableLink, read_state, write_state

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
COUNTS = st.integers(0, 9999)
STATES = st.builds(
    CallState,
    line=NAMES,
    place=NAMES,
    part=COUNTS,
    hop=COUNTS,
    silences=COUNTS,
    wrong_keys=COUNTS,
    language=st.sampled_from(["en-US", "es-US"]),
    pace=st.sampled_from(Pace),
    rung_seconds=COUNTS,
    withheld=st.booleans(),
    textable=st.booleans(),
    guide_full=st.booleans(),
).filter(lambda state: not (state.withheld and state.textable) and state.textable >= state.guide_full)


@given(state=STATES)
def test_what_is_written_is_read_again(state: CallState) -> None:
    assert read_state(write_state("abc123", state).split("/")) == ("abc123", state)


@pytest.mark.parametrize("word", ["shown", "withheld", "textable"])
def test_an_address_of_the_release_before_is_read_as_it_was_meant(word: str) -> None:
    segments = ["3", "abc123", "main", "menu", "0", "0", "0", "en-US", "normal", "0", word]
    _, state = read_state(segments)
    assert (state.withheld, state.textable, state.gets_guide) == (word == "withheld", *[word == "textable"] * 2)


@given(path=st.text(max_size=80))
def test_any_other_path_is_unreadable_and_never_an_error(path: str) -> None:
    with pytest.raises(UnreadableLink):
        read_state(path.split("/"))


@pytest.mark.parametrize("count", ["²", "１", "1_0", "-1", "", "9" * 5000, " 1", "0x1"])
def test_a_counter_is_plain_digits(count: str) -> None:
    segments = write_state("v", CallState("main", "main", language="en-US")).split("/")
    segments[4] = count
    with pytest.raises(UnreadableLink):
        read_state(segments)
