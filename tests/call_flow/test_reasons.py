"""Every event has a plain sentence, and no sentence holds what an event does not."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from ivr.call_flow.events import Event, FoundClosed, KeyChosen, Rang
from ivr.call_flow.model import Destination, Location, Routing, StaffMenu
from ivr.call_flow.reasons import CALLED, place, reason
from ivr.call_flow.standing import opening_sentence

SOME: dict[str, Any] = {
    "str": "main",
    "int": 3,
    "bool": True,
    "str | None": None,
    "int | None": 90,
    "tuple[str, ...]": ("A", "B"),
}
MOMENTS = {"ends": "2026-11-27T09:00:00-07:00"}


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: str(kind.__name__))
def test_every_event_has_a_sentence(kind: type[Event], routing: Routing) -> None:
    fields = {field.name: SOME[str(field.type)] for field in dataclasses.fields(kind)}
    event = kind(**fields | {name: moment for name, moment in MOMENTS.items() if name in fields})
    sentence = reason(routing, event)
    assert sentence.endswith(".")
    assert "None" not in sentence


def test_the_reason_for_a_closed_location_names_the_holiday_and_the_next_opening(routing: Routing) -> None:
    event = FoundClosed("gilbert", "holiday", "Thanksgiving Day", "2026-11-27T09:00:00-07:00")
    assert reason(routing, event) == (
        "Gilbert is closed: Thanksgiving Day. It opens again on Friday, November 27 at 9:00."
    )
    assert reason(routing, FoundClosed("gilbert", "hours", "", None)) == "Gilbert is closed: outside its hours."


def test_an_open_location_says_until_when(routing: Routing) -> None:
    gilbert = routing.destinations["gilbert"]
    assert isinstance(gilbert, Location)
    now = datetime(2026, 11, 27, 10, 0, tzinfo=ZoneInfo("America/Phoenix"))
    assert opening_sentence(gilbert, now) == (
        "Gilbert is open: Day After Thanksgiving. It closes on Friday, November 27 at 12:00."
    )


def test_one_phone_rings_and_several_ring_together(routing: Routing) -> None:
    assert reason(routing, Rang("x", ("A",), 20, 1)) == "A rings for up to 20 seconds."
    assert reason(routing, Rang("x", ("A", "B", "C"), 20, 1)) == "A, B and C ring together for up to 20 seconds."


def test_spoken_and_pressed_choices_read_differently(routing: Routing) -> None:
    assert reason(routing, KeyChosen("main", "1", "scottsdale")) == "Key 1 leads to Scottsdale."
    spoken = reason(routing, KeyChosen("main", "1", "scottsdale", 92))
    assert spoken == "The words mean key 1 (score 92 of 100), which leads to Scottsdale."


def test_every_kind_of_destination_has_a_word() -> None:
    assert {*CALLED, Location, StaffMenu} == set(get_args(Destination))


def test_every_destination_of_the_sample_has_a_name_people_use(routing: Routing) -> None:
    named = {place(routing, name) for name in routing.destinations}
    assert {"Scottsdale", "Gilbert", 'the menu "main"', 'the topic "depression"'} <= named
    assert len(named) == len(routing.destinations)
