"""How things stand at a moment, in a plain sentence: whether a location is open, and who is on call."""

from __future__ import annotations

from datetime import datetime

from .hours import Because, Opening, look
from .model import Location
from .moments import day_and_time


def opening_sentence(location: Location, now: datetime) -> str:
    """Whether a location is open at `now`, why not, and until when: "Gilbert is closed: Painting. It opens ..."."""
    opening = look(location.schedule, now)
    state = "open" if opening.open else "closed"
    named = f": {opening.name}" if opening.name else _by_override(opening)
    if opening.until is None:
        return f"{location.title} is {state}{named}."
    change = "It closes" if opening.open else "It opens again"
    return f"{location.title} is {state}{named}. {change} on {day_and_time(opening.until)}."


def on_call_sentence(whose: str, until: datetime | None) -> str:
    """Whose turn it is and until when: "Dr. Lee is on call until Monday, November 30 at 8:00."."""
    ends = f" until {day_and_time(until)}" if until else ""
    return f"{whose} is on call{ends}." if whose else f"Nobody is on call{ends}: the first of the rota rings."


def _by_override(opening: Opening) -> str:
    """The override that decides, with its reason and end."""
    if opening.override is None:
        return ""
    reason = f", {opening.override.reason}" if opening.override.reason else ""
    kind = "emergency" if opening.because is Because.EMERGENCY else "override"
    return f" by an {kind}{reason}"
