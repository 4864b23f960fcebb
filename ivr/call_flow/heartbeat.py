"""When this service calls its own lines to hear whether they are answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .model import Routing

_HOURS = re.compile(r"([0-9]{1,2})h")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_TIMES = 24


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Test calls at these minutes after the clinic's midnight, or (`times` empty) every so many hours.

    `number` (E.164) is where they come from; "": our lines call one another.
    """

    times: tuple[int, ...] = ()
    every_hours: int = 0
    number: str = ""


def read_heartbeat(text: str, number: str = "") -> Heartbeat:
    """`6h`, or times of day like `8:30, 13:00`. Raises ValueError, which says what to write."""
    if (hours := _HOURS.fullmatch(text.strip())) and 1 <= int(hours[1]) <= 24:
        return Heartbeat(every_hours=int(hours[1]), number=number)
    parts = [_TIME.fullmatch(part.strip()) for part in text.split(",")]
    times = {int(part[1]) * 60 + int(part[2]) for part in parts if part and int(part[1]) < 24 and int(part[2]) < 60}
    if len(times) != len(parts) or len(parts) > MOST_TIMES:
        raise ValueError(f"write times of day like 8:30, 13:00 ({MOST_TIMES} at most), or 6h for every six hours")
    return Heartbeat(tuple(sorted(times)), number=number)


def is_own(number: str, routing: Routing, beat: Heartbeat | None) -> bool:
    """Whether a call from `number` (E.164, "" when withheld) is one of our test calls and so no patient's.

    Without test calls none is, and with a number of their own only those from there are: a desk phone that passes a
    patient on may show one of our lines' numbers.
    """
    if beat is None or not number:
        return False
    between_lines = beat.number in ("", *routing.line_of)
    return number in routing.line_of if between_lines else number == beat.number


def last_due(beat: Heartbeat, zone: ZoneInfo, now: datetime) -> datetime:
    """The newest moment, at or before `now` (aware), at which a test call was due. In UTC."""
    if beat.every_hours:
        every = timedelta(hours=beat.every_hours)
        return _EPOCH + (now - _EPOCH) // every * every
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    days = (midnight - timedelta(days=number) for number in range(2))
    moments = (
        (day + timedelta(minutes=each)).replace(tzinfo=zone).astimezone(UTC) for day in days for each in beat.times
    )
    return max(moment for moment in moments if moment <= now)
