"""Overrides: changes that end by themselves. Which one counts at a moment, and where.

An emergency closure counts before everything else. Of the others the one made last counts, for a location by name or
for all alike. Each is in force in `[begins, ends)`, whoever asks; nothing has to take it away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from .model import Destination, Location, Override, OverrideKind, Routing, Schedule, UrgentCall

DECIDES_HOURS = frozenset((OverrideKind.EMERGENCY, OverrideKind.CLOSE, OverrideKind.OPEN))
LEADS_CALLS = frozenset((OverrideKind.EMERGENCY, OverrideKind.SEND))
SPEAKS = frozenset((OverrideKind.SAY,))


def with_overrides(routing: Routing, overrides: tuple[Override, ...]) -> Routing:
    """The routing with these overrides, each at its time. The same routing when there are none."""
    if not overrides:
        return routing
    return _having(routing, tuple(sorted(overrides, key=_rank)))


def without_overrides(routing: Routing) -> Routing:
    """The routing as if nothing were changed for a while. The same routing when nothing is."""
    return _having(routing, ()) if routing.overrides else routing


def deciding(schedule: Schedule, now: datetime) -> Override | None:
    """The override that decides whether a location is open at `now`, if one does."""
    return _first(schedule.overrides, now, DECIDES_HOURS)


def sending(schedule: Schedule, now: datetime) -> Override | None:
    """The override that sends a location's calls to another at `now`; none while an emergency closes it."""
    found = _first(schedule.overrides, now, LEADS_CALLS)
    return found if found and found.kind is OverrideKind.SEND else None


def message_at(location: Location, now: datetime) -> Override | None:
    """The message to play first to whoever reaches this location at `now`."""
    return _first([each for each in location.schedule.overrides if each.location], now, SPEAKS)


def message_for_all(routing: Routing, now: datetime) -> Override | None:
    """The message to play first to every caller at `now`."""
    return _first([each for each in routing.overrides if not each.location], now, SPEAKS)


def noticed(schedule: Schedule, now: datetime) -> str:
    """What callers notice of the overrides besides open and closed: where they are sent, and whose words they hear."""
    sent = sending(schedule, now)
    speaking = [str(override.id) for override in in_force(schedule.overrides, now) if override.say]
    return " ".join([*([f"sent to {sent.to}"] if sent else []), *(f"words of {number}" for number in speaking)])


def in_force(overrides: Iterable[Override], now: datetime) -> tuple[Override, ...]:
    """Those in force at `now`, the one that counts most first."""
    return tuple(override for override in overrides if override.begins <= now < override.ends)


def _having(routing: Routing, ranked: tuple[Override, ...]) -> Routing:
    """The routing with exactly these overrides, each location and rota with those that are its own."""
    places = {name: _with(place, ranked) for name, place in routing.destinations.items()}
    return replace(routing, destinations=places, overrides=ranked)


def _with(place: Destination, ranked: tuple[Override, ...]) -> Destination:
    match place:
        case Location(name, schedule=schedule):
            return replace(place, schedule=replace(schedule, overrides=_of(ranked, name)))
        case UrgentCall(rota=rota):
            swaps = tuple(each for each in ranked if each.kind is OverrideKind.SWAP and each.location == rota.name)
            return replace(place, rota=replace(rota, swaps=swaps))
        case _:
            return place


def _first(overrides: Iterable[Override], now: datetime, kinds: frozenset[OverrideKind]) -> Override | None:
    for override in overrides:
        if override.kind in kinds and override.begins <= now < override.ends:
            return override
    return None


def _of(ranked: tuple[Override, ...], location: str) -> tuple[Override, ...]:
    """Those of a location; the names of rotas are none of its business."""
    return tuple(each for each in ranked if each.location in ("", location) and each.kind is not OverrideKind.SWAP)


def _rank(override: Override) -> tuple[bool, int]:
    return override.kind is not OverrideKind.EMERGENCY, -override.id
