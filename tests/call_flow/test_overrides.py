"""Overrides: which rule counts at a moment, until when, and that none outlives its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call_flow.hours import Because, is_open, look, opens_at
from ivr.call_flow.model import Closure, Interval, Location, Override, OverrideKind, Schedule
from ivr.call_flow.overrides import with_overrides

from .conftest import OPEN_AT, ZONE, location, phone, routing_of

K = OverrideKind
DAY = (Interval(9 * 60, 17 * 60),)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZONE)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def override(
    number: int, kind: OverrideKind, where: str = "front", begins: datetime = NOON, hours: int = 2
) -> Override:
    return Override(number, kind, where, begins, begins + hours * HOUR)


def overridden(*overrides: Override, closures: dict[date, Closure] | None = None) -> Schedule:
    """The schedule of the location "front", open from nine to five, under these overrides."""
    front = location("front", phone(1))
    front = replace(front, schedule=replace(front.schedule, closures=closures or {}))
    found = with_overrides(routing_of(front), overrides).destinations["front"]
    assert isinstance(found, Location)
    return found.schedule


PRECEDENCE = [
    ("weekly hours alone", (), {}, True, Because.HOURS),
    ("a holiday before the hours", (), {NOON.date(): Closure("Labor Day", holiday=True)}, False, Because.HOLIDAY),
    ("a closure before the hours", (), {NOON.date(): Closure("Painting")}, False, Because.CLOSURE),
    ("an override before the hours", (override(1, K.CLOSE),), {}, False, Because.OVERRIDE),
    ("before a closure", (override(1, K.OPEN),), {NOON.date(): Closure("Painting")}, True, Because.OVERRIDE),
    ("before a holiday", (override(1, K.OPEN),), {NOON.date(): Closure("x", holiday=True)}, True, Because.OVERRIDE),
    ("an emergency before an override", (override(1, K.EMERGENCY), override(2, K.OPEN)), {}, False, Because.EMERGENCY),
    ("an emergency everywhere", (override(1, K.EMERGENCY, ""), override(2, K.OPEN)), {}, False, Because.EMERGENCY),
    ("the later of two overrides", (override(2, K.OPEN), override(1, K.CLOSE)), {}, True, Because.OVERRIDE),
    ("the later, for all or for one", (override(1, K.OPEN), override(2, K.CLOSE, "")), {}, False, Because.OVERRIDE),
    ("not one of another location", (override(1, K.CLOSE, "other"),), {}, True, Because.HOURS),
    ("not one still to come", (override(1, K.CLOSE, begins=NOON + MINUTE),), {}, True, Because.HOURS),
    ("not one that is over", (override(1, K.CLOSE, begins=NOON - 2 * HOUR),), {}, True, Because.HOURS),
    ("a message decides no hours", (override(1, K.SAY), override(2, K.SEND)), {}, True, Because.HOURS),
]


@pytest.mark.parametrize(
    ("overrides", "closures", "opens", "because"), [row[1:] for row in PRECEDENCE], ids=[row[0] for row in PRECEDENCE]
)
def test_what_counts_before_what(
    overrides: tuple[Override, ...], closures: dict[date, Closure], opens: bool, because: Because
) -> None:
    schedule = overridden(*overrides, closures=closures)
    found = look(schedule, NOON)
    assert (found.open, found.because) == (opens, because)
    assert is_open(schedule, NOON) is opens
    assert (found.override is None) == (because in (Because.HOURS, Because.CLOSURE, Because.HOLIDAY))


def test_closed_early_it_opens_when_the_override_ends() -> None:
    schedule = overridden(override(1, K.CLOSE))
    assert opens_at(schedule, NOON) == look(schedule, NOON).until == NOON + 2 * HOUR


def test_closed_into_the_evening_it_opens_the_next_morning() -> None:
    schedule = overridden(override(1, K.CLOSE, hours=8))
    assert look(schedule, NOON).until == datetime(2026, 11, 25, 9, 0, tzinfo=ZONE)


def test_an_open_location_tells_of_an_override_to_come() -> None:
    schedule = overridden(override(1, K.CLOSE, begins=NOON + HOUR))
    assert look(schedule, NOON).until == NOON + HOUR


def test_kept_open_it_closes_when_the_override_ends() -> None:
    evening = datetime(2026, 11, 24, 16, 0, tzinfo=ZONE)
    assert look(overridden(override(1, K.OPEN, begins=evening, hours=3)), evening).until == evening + 3 * HOUR


def test_without_overrides_the_routing_is_the_same_object() -> None:
    routing = routing_of(location("front", phone(1)))
    assert with_overrides(routing, ()) is routing


spans = st.tuples(st.integers(-600, 1800), st.integers(1, 900)).map(
    lambda pair: (NOON + pair[0] * MINUTE, NOON + (pair[0] + pair[1]) * MINUTE)
)
drawn = st.lists(
    st.builds(
        lambda number, kind, where, span: Override(number, kind, where, *span),
        st.integers(1, 9),
        st.sampled_from(K),
        st.sampled_from(["", "front", "other"]),
        spans,
    ),
    max_size=4,
    unique_by=lambda each: each.id,
)


def decided(overrides: list[Override], at: datetime) -> bool:
    """The precedence as it is written down, worked out the plain way."""
    here = [each for each in overrides if each.location in ("", "front") and each.begins <= at < each.ends]
    if any(each.kind is K.EMERGENCY for each in here):
        return False
    deciders = [each for each in here if each.kind in (K.CLOSE, K.OPEN)]
    if deciders:
        return max(deciders, key=lambda each: each.id).kind is K.OPEN
    return 9 * 60 <= at.hour * 60 + at.minute < 17 * 60


@settings(max_examples=60)
@given(drawn, st.integers(-300, 900))
def test_at_any_moment_the_precedence_decides_and_until_is_the_next_change(
    overrides: list[Override], minutes: int
) -> None:
    schedule, now = overridden(*overrides), OPEN_AT + minutes * MINUTE
    found = look(schedule, now)
    assert found.open == is_open(schedule, now) == decided(overrides, now)
    change = next(at for step in range(1, 6000) if decided(overrides, at := now + step * MINUTE) != found.open)
    assert found.until == change
