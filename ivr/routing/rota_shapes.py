"""From a rota as staff write it to the one that calls read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ivr.call_flow.model import Phone, Rota

from . import hours_text
from .schema import RotaShape


def rota_of(name: str, shape: RotaShape, zone: str) -> Rota:
    """The rota of a shape in which no problem was found; `zone` is the clinic's. Raises `Misread` for a bad date."""
    people = tuple(Phone(one.name, one.number, one.ring_seconds, one.enabled) for one in shape.people)
    dates = {day: who for text, who in shape.dates.items() for day in days_of(text)}
    return Rota(name, zone, shape.hand_over, people, shape.mailbox, shape.starting, shape.weeks, dates)


def days_of(text: str) -> Iterator[date]:
    """Every day of `2026-12-24` or `2026-12-24 to 2026-12-26`. Raises `Misread`."""
    first, last = hours_text.dates(text)
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
