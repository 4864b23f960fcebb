"""Moments as people say them: `now`, `today 17:05`, `tomorrow 8:00`, `Thursday 17:05`, `2026-11-26 10:00`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*(am|pm)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURE = 'Write it like "2026-11-26 10:00", "today 17:05", "tomorrow 8:00", "Thursday 17:05" or now.'


class UnclearMoment(ValueError):
    """The text names no moment; it says why and what to write instead."""


def read_moment(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The aware moment that `text` means in `zone`, whole minutes. `now` is aware. Raises UnclearMoment.

    A weekday means the next such day; today counts while the time is still to come.
    """
    here = now.astimezone(zone).replace(second=0, microsecond=0)
    words = text.strip().casefold()
    if words == "now":
        return here
    day, _, clock = words.partition(" ")
    at = _clock(clock.strip(), text)
    found = datetime.combine(_date(day, at, here, text), at, zone)
    if found.astimezone(UTC).astimezone(zone).time() != at:
        raise UnclearMoment(f"{text}: the clocks are put forward then, so there is no such time.")
    return found


def day_and_time(moment: datetime) -> str:
    """Monday, November 30 at 8:00."""
    return f"{moment:%A, %B} {moment.day} at {moment.hour}:{moment:%M}"


def full_date(moment: datetime) -> str:
    """Monday, November 30, 2026 at 8:00."""
    return f"{moment:%A, %B} {moment.day}, {moment.year} at {moment.hour}:{moment:%M}"


def _clock(clock: str, text: str) -> time:
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise UnclearMoment(f'"{text}" is not a day and a time. {_CURE}')
    hour, minute, half = int(match[1]), int(match[2]), match[3]
    if half and not 1 <= hour <= 12:
        raise UnclearMoment(f'"{text}": with am or pm the hour is 1 to 12.')
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise UnclearMoment(f'"{text}": there is no such time of day.')
    return time(hour, minute)


def _date(day: str, at: time, here: datetime, text: str) -> date:
    if day == "today":
        return here.date()
    if day == "tomorrow":
        return here.date() + timedelta(days=1)
    if day in DAYS:
        ahead = (DAYS.index(day) - here.weekday()) % 7
        return here.date() + timedelta(days=7 if ahead == 0 and at < here.time() else ahead)
    if not _DATE.fullmatch(day):
        raise UnclearMoment(f'"{text}" names no day. {_CURE}')
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise UnclearMoment(f"there is no {day} in the calendar.") from None
    if not 2000 <= found.year <= 2999:
        raise UnclearMoment(f"the year {found.year} cannot be right.")
    return found
