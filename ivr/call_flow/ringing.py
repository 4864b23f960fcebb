"""What all ringing shares: how long phones may still ring for this caller, and what the end of a leg means."""

from __future__ import annotations

from dataclasses import replace

from .closing import part_well
from .scene import Scene
from .turn import HangUp, Outcome

SHORTEST_RING_SECONDS = 5  # Twilio's smallest Dial timeout


def granted(scene: Scene, seconds: int) -> int:
    """Of the `seconds` that somebody wants to ring those that are left of the call's ring budget; not below 0."""
    return max(0, min(seconds, scene.routing.budgets.ring_seconds - scene.state.rung_seconds))


def end_leg(scene: Scene, outcome: Outcome, seconds: int) -> HangUp | None:
    """The call is over, or None: others may ring. `seconds` is what the leg would ring for, 0 when nobody rang."""
    match outcome:
        case Outcome.ANSWERED:
            return part_well(scene, "talked")
        case Outcome.CALLER_LEFT:
            return HangUp()
        case Outcome.NO_ANSWER | Outcome.DECLINED:
            rung = scene.state.rung_seconds + granted(scene, seconds)
            scene.state = replace(scene.state, rung_seconds=rung)
        case Outcome.BUSY | Outcome.FAILED:
            pass  # nobody waited for a ring
    return None
