"""Small routings as values, for the proof: whatever a hand or hypothesis puts together, sound or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.call_flow.model import (
    Budgets,
    CallbackRequest,
    CallerId,
    Choice,
    Destination,
    HuntGroup,
    Information,
    Interval,
    Language,
    Line,
    Location,
    Mailbox,
    Menu,
    Order,
    Phone,
    Routing,
    Schedule,
)
from ivr.call_flow.phrases import GuidePhrase, Phrase, UrgentPhrase

ZONE = ZoneInfo("America/Phoenix")
OPEN_AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
CLOSED_AT = datetime(2026, 11, 24, 20, 0, tzinfo=ZONE)
OWN_WORDS = ("hello", "label", "part_1", "part_2", "greeting", "note")
_DAY = (Interval(9 * 60, 17 * 60),)


def prompts(code: str, *left_out: str) -> dict[str, str]:
    """A sentence for every name, which tells its language and its name."""
    return {
        name: f"{code}:{name}" for name in (*Phrase, *GuidePhrase, *UrgentPhrase, *OWN_WORDS) if name not in left_out
    }


def phone(number: int, *, enabled: bool = True) -> Phone:
    return Phone(f"Phone {number}", f"+1480555{1000 + number}", 20, enabled)


def group(name: str, *phones: Phone, otherwise: str) -> HuntGroup:
    return HuntGroup(name, phones, Order.IN_TURN, True, CallerId.CLINIC, otherwise)


def location(name: str, *phones: Phone, mailbox: str = "mailbox", when_closed: str = "") -> Location:
    """A location that is open from nine to five, every day."""
    schedule = Schedule("America/Phoenix", (_DAY,) * 7)
    hunt = group(name, *phones, otherwise=mailbox)
    return Location(name, name.title(), schedule, hunt, (), mailbox, when_closed or mailbox)


def menu(name: str, *leads_to: str, person: str | None = None) -> Menu:
    choices = {str(key): Choice(str(key), "label", to) for key, to in enumerate(leads_to, 1)}
    return Menu(name, "hello", choices, person)


def routing_of(*places: Destination, left_out: Mapping[str, tuple[str, ...]] | None = None) -> Routing:
    """English and Spanish, one line that starts at `main`, whose person is `front`."""
    left_out = left_out or {}
    languages = {
        code: Language(code, "Polly.Joanna-Neural", "9", prompts(code, *left_out.get(code, ())))
        for code in ("en-US", "es-US")
    }
    line = Line("main", "+14805550100", "main", "front", "en-US")
    destinations = {place.name: place for place in places}
    return Routing("v1", "Clinic", languages, {"main": line}, {line.number: "main"}, destinations, Budgets(60, 20))


@pytest.fixture
def small() -> Routing:
    """A menu, a topic, a location with its mailbox, and a call back."""
    return routing_of(
        menu("main", "front", "topic", "callback"),
        Information("topic", ("part_1", "part_2"), "main"),
        location("front", phone(1), phone(2)),
        Mailbox("mailbox", "greeting", 60, "callback"),
        CallbackRequest("callback", "mailbox"),
    )


def with_place(routing: Routing, place: Destination) -> Routing:
    """The routing with one destination changed or added."""
    return replace(routing, destinations={**routing.destinations, place.name: place})
