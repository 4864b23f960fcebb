"""Facts of calls of ours come back from the journal as they went in, and damage is no fact and no fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.journal.called_out import CalledOut, What, of_entry, to_entry

FACT = CalledOut(7, "CA" + "1" * 32, What.DIALLED, datetime(2026, 11, 24, 17, tzinfo=UTC), "no answer", 12)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def test_a_fact_comes_back_as_it_went_in() -> None:
    assert of_entry(to_entry(FACT)) == FACT


@pytest.mark.parametrize("name", ["errand", "what", "outcome", "seconds"])
@given(value=ANYTHING)
def test_a_damaged_entry_is_no_fact_and_stops_nobody(name: str, value: object) -> None:
    entry = to_entry(FACT)
    found = of_entry(replace(entry, data={**entry.data, name: value}))  # type: ignore[dict-item]  # that is the damage
    assert found is None or isinstance(found, CalledOut)


@pytest.mark.parametrize("what", [[], {}, ["dialled"], None, 1, "rung"])
def test_what_is_no_word_of_ours_is_no_fact(what: object) -> None:
    entry = to_entry(FACT)
    assert of_entry(replace(entry, data={**entry.data, "what": what})) is None  # type: ignore[dict-item]
