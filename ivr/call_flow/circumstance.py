"""What a walked call brings with it besides its state, and how much of that a turn can see."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Guide, Routing
from .situations import Situation

RINGING = ""  # among the places that a turn looks up: the ringing used up


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What a call brings with it besides its state: the hours, whether a number is shown and can be texted, the guide
    too, and the ringing used up."""

    situation: Situation
    withheld: bool
    rung_seconds: int = 0
    textable: bool = False
    guide_full: bool = False


def callers(routing: Routing) -> tuple[tuple[bool, bool, bool], ...]:
    """Who may call: number withheld or not; where that makes a difference able to get texts, and the guide, or not."""
    guide = any(isinstance(place, Guide) for place in routing.destinations.values())
    texted = [(False, True, False)] if guide or routing.texts else []
    full = [(False, True, True)] if guide and routing.texts and routing.texts.missed_calls else []
    return ((False, False, False), (True, False, False), *texted, *full)


def view(now: Circumstance, asked: tuple[str, ...]) -> tuple[object, ...]:
    """All that a turn can see of a circumstance when it looks up the locations `asked`."""
    openings = now.situation.openings
    caller = now.withheld, now.textable, now.guide_full
    return (*caller, *(openings[name] if name else now.rung_seconds for name in asked))
