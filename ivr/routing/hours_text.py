"""Opening hours and dates as staff write them: `8:00-12:00, 13:00-17:00`, `closed`, `2026-12-24 to 2026-12-26`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ivr.call_flow.model import MINUTES_A_DAY, Interval

LONGEST_RANGE_DAYS = 366
_NOON = 12 * 60
_TIME = r"([0-9]{1,2})(?::([0-9]{2}))?\s*([ap])?\.?(?:m\.?)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:[-\u2013\u2014]|to)\s*{_TIME}", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LONGEST_TEXT = 200


class Misread(Exception):
    """A text that is not what it should be: a sentence for staff, and its cure."""

    def __init__(self, sentence: str, cure: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cure = cure


def hours(text: str) -> tuple[Interval, ...]:
    """The open spans of one day in order, none for `closed`. Raises `Misread`."""
    plain = text.strip()
    if plain.casefold() == "closed":
        return ()
    if not plain or len(plain) > _LONGEST_TEXT:
        raise Misread("these are not hours.", "Write them like 8:00-12:00, 13:00-17:00, or closed.")
    spans = [_span(part.strip()) for part in plain.split(",")]
    return tuple(sorted(spans, key=lambda span: (span.opens, span.closes)))


def dates(text: str) -> tuple[date, date]:
    """First and last day of `2026-12-24` or `2026-12-24 to 2026-12-26`. Raises `Misread`."""
    parts = [part.strip() for part in re.split(r"\bto\b", text, maxsplit=1)]
    first, last = _date(parts[0]), _date(parts[-1])
    if last < first:
        raise Misread(f"{last} comes before {first}.", "Write the earlier date first.")
    if last - first >= timedelta(days=LONGEST_RANGE_DAYS):
        raise Misread(f"from {first} to {last} is over a year.", "Use shorter ranges.")
    return first, last


def day(text: str) -> date:
    """One day such as `2026-12-24`. Raises `Misread`."""
    return _date(text.strip())


def clock(minutes: int) -> str:
    """Minutes after midnight as staff would write them: 750 is 12:30."""
    within = minutes if minutes == MINUTES_A_DAY else minutes % MINUTES_A_DAY
    return f"{within // 60}:{within % 60:02}"


def _span(text: str) -> Interval:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Misread(f'"{text[:40]}" is not a span of hours.', "Write it like 8:00-12:00.")
    opens_hour, opens_minute, opens_half, closes_hour, closes_minute, closes_half = match.groups()
    if bool(opens_half) != bool(closes_half):
        raise Misread(f'"{text}" says am or pm only once.', "Write both, or use the 24-hour clock: 8:00-17:00.")
    if not opens_half and (opens_minute is None or closes_minute is None):
        raise Misread(f'"{text}" has no minutes.', "Write it like 8:00-17:00.")
    opens = _minutes(text, opens_hour, opens_minute, opens_half)
    closes = _minutes(text, closes_hour, closes_minute, closes_half)
    if opens == MINUTES_A_DAY:
        raise Misread(f'"{text}" opens at the end of the day.', "Write 0:00 on the next day instead.")
    if opens == closes:
        raise Misread(f'"{text}" opens and closes at the same time.', "For the whole day write 0:00-24:00.")
    return Interval(opens, closes if closes > opens else closes + MINUTES_A_DAY)


def _minutes(text: str, hour: str, minute: str | None, half: str | None) -> int:
    hours_, minutes = int(hour), int(minute or 0)
    if half and not 1 <= hours_ <= _NOON // 60:
        raise Misread(f'"{text}": with am or pm the hour is 1 to 12.', "Write it like 8:00-17:00.")
    if half:
        hours_ = hours_ % 12 + (12 if half.casefold() == "p" else 0)
    total = hours_ * 60 + minutes
    if minutes > 59 or total > MINUTES_A_DAY:
        raise Misread(f'"{text}": there is no such time of day.', "Hours are 0:00 to 24:00.")
    return total


def _date(text: str) -> date:
    match = _DATE.fullmatch(text)
    if match is None:
        raise Misread(f'"{text[:40]}" is not a date.', "Write it like 2026-12-24, or 2026-12-24 to 2026-12-26.")
    year, month, day = (int(part) for part in match.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        raise Misread(f"there is no {text} in the calendar.", "Look the date up again.") from None
    if not 2020 <= year <= 2099:
        raise Misread(f"the year {year} cannot be right.", "Write a date from 2020 to 2099.")
    return found
