"""What the clinic may text to callers: plain data that a routing carries along. A call only asks whether it may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

AN_HOUR = 20


class TextKind(StrEnum):
    """What a caller may be texted; the value is how people read it."""

    GUIDE = "guide"
    MISSED_CALL = "missed call"


@dataclass(frozen=True, slots=True)
class TextRules:
    """`guide_link` (https) is where the guide is, "" when there is none. `an_hour` texts of a kind leave in an hour.

    With `missed_calls` a caller whom nobody answered gets one, in `missed_hours` alone: minutes of the clinic's day.
    """

    guide_link: str = ""
    an_hour: int = AN_HOUR
    missed_calls: bool = False
    missed_hours: tuple[int, int] = (9 * 60, 19 * 60)
