"""Overrides in plain words, and what callers hear because of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.call_flow.engine import MOST_LINKS, arrival, enter
from ivr.call_flow.model import Override, OverrideKind, Routing
from ivr.call_flow.scene import Go, Scene
from ivr.call_flow.turn import Step
from ivr.call_flow.walks import day_and_time

from .overrides import titles_of


def told(routing: Routing, override: Override, zone: ZoneInfo, now: datetime) -> str:
    """What it does and for how long: "Gilbert is closed until Tue 24 Nov 2026 08:00: power outage."."""
    begins = "" if override.begins <= now else f" from {day_and_time(override.begins.astimezone(zone))}"
    ends = day_and_time(override.ends.astimezone(zone))
    reason = f": {override.reason.rstrip('.')}." if override.reason else "."
    return f"{does(routing, override)}{begins} until {ends}{reason}"


def does(routing: Routing, override: Override) -> str:
    """What it does, without its time: "Gilbert is closed"."""
    titles = titles_of(routing)
    where = titles.get(override.location, override.location) or "Every location"
    match override.kind:
        case OverrideKind.EMERGENCY:
            return f"{where} is closed for an emergency"
        case OverrideKind.CLOSE:
            return f"{where} is closed"
        case OverrideKind.OPEN:
            return f"{where} is open"
        case OverrideKind.SEND:
            return f"{where}: calls go to {titles.get(override.to, override.to)}"
        case OverrideKind.SWAP:
            return f"{override.to} is on call in the rota {override.location}"
        case OverrideKind.SAY:
            return (
                f"{where}: callers hear a message first" if override.location else "Every caller hears a message first"
            )


def callers_hear(routing: Routing, location: str, language: str, at: datetime) -> tuple[str, ...]:
    """The words a caller hears who comes to a location at a moment, in one language, until somebody must act."""
    state = replace(arrival(routing, routing.main_line.number, withheld=False), language=language)
    scene = Scene(routing, state, at)
    step: Step | Go = Go(location)
    for _ in range(MOST_LINKS):
        if not isinstance(step, Go):
            said = scene.turn(step).say
            return tuple(phrase for say in said for phrase in say.phrases if isinstance(phrase, str))
        step = enter(scene, step.to)
    return ()
