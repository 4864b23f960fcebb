"""When somebody is told, as staff write it: `at once`, `8:00, 17:00`; and hours such as `20:00-7:00`."""

from __future__ import annotations

import re

from . import hours_text
from .hours_text import Misread

AT_ONCE = "at once"
MOST_TIMES = 12
TIMES = "Write: at once, or times like 8:00, 17:00."
# Telemarketing rules allow 8:00 to 21:00 (47 CFR 64.1200(c)(1)); an hour is left for callers from further east.
EARLIEST, LATEST = 8 * 60, 20 * 60
_CLOCK = re.compile("([0-9]{1,2}):([0-9]{2})")


def times(text: str) -> tuple[int, ...]:
    """Minutes after midnight in order, none for `at once`. Raises `Misread`."""
    plain = " ".join(text.split()).casefold()
    if plain == AT_ONCE:
        return ()
    parts = [part.strip() for part in plain.split(",")]
    if len(parts) > MOST_TIMES:
        raise Misread("these are too many times.", f"Name at most {MOST_TIMES}, or write: at once.")
    return tuple(sorted({time_of_day(part, TIMES) for part in parts}))


def quiet_hours(text: str) -> tuple[int, int]:
    """First and last minute of the quiet hours; the last is over 1440 when it is on the next day. Raises `Misread`."""
    spans = hours_text.hours(text)
    if len(spans) != 1:
        raise Misread("quiet hours are one span.", "Write it like 20:00-7:00, or leave `quiet` out.")
    return spans[0].opens, spans[0].closes


def day_hours(text: str) -> tuple[int, int]:
    """First and last minute of one span by day, within 8:00 and 20:00. Raises `Misread`."""
    spans = hours_text.hours(text)
    if len(spans) != 1:
        raise Misread("this is one span.", "Write it like 9:00-19:00.")
    if spans[0].opens < EARLIEST or spans[0].closes > LATEST:
        raise Misread("nobody is texted so early or late.", "Stay within 8:00-20:00.")
    return spans[0].opens, spans[0].closes


def time_of_day(text: str, cure: str = "Write it like 8:00 or 17:30.") -> int:
    """Minutes after midnight of a time such as `8:00`. Raises `Misread`."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise Misread(f'"{text[:40]}" is not a time of day.', cure)
    return int(match[1]) * 60 + int(match[2])
