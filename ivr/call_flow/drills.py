"""Overrides that nobody has made: the ones a clinic may make any day, for the proof to walk.

Each stands alone in a minute of its own on the last day that is proved, with every location open but for it. So the
walk meets each location closed while the others are open, all closed, all open at any hour, and each location's calls
sent to another that is open, and to one that is closed. While all are closed, whoever has no turn of their own on a
rota is swapped in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .duty import rotas_of
from .model import Location, Override, OverrideKind, Routing

MOST_LOCATIONS = 20  # of more, the first are drilled; overrides treat all locations alike
_MINUTE = timedelta(minutes=1)

_Change = tuple[OverrideKind, str, str, str]  # what, at which location, to which, and in words


def drills(routing: Routing, end: datetime) -> tuple[Override, ...]:
    """The drills of a routing, before the aware moment `end`."""
    at = end.replace(second=0, microsecond=0)
    found: list[Override] = []
    for changes in _drills(routing):
        at -= 2 * _MINUTE
        words = " and ".join(words for *_, words in changes if words)
        for kind, location, to, _ in changes:
            found.append(Override(len(found) + 1, kind, location, at, at + _MINUTE, words, {}, to))
    return tuple(found)


def _drills(routing: Routing) -> Iterator[tuple[_Change, ...]]:
    """What is changed together, the later before the earlier."""
    places = [place for place in routing.destinations.values() if isinstance(place, Location)][:MOST_LOCATIONS]
    if not places:
        return
    all_open: _Change = (OverrideKind.OPEN, "", "", "")
    yield ((OverrideKind.OPEN, "", "", "every location is opened"),)
    yield ((OverrideKind.EMERGENCY, "", "", "an emergency closes every location"),)
    all_closed: _Change = (OverrideKind.CLOSE, "", "", "")
    for rota in rotas_of(routing).values():
        for person in rota.people:
            if person.name not in {*rota.weeks, *rota.dates.values()}:
                yield all_closed, (OverrideKind.SWAP, rota.name, person.name, f"{person.name} is on call")
    for place, other in zip(places, (*places[1:], places[0]), strict=True):
        yield all_open, (OverrideKind.CLOSE, place.name, "", f"{place.title} is closed")
        if other is place:
            continue
        sent: _Change = (OverrideKind.SEND, place.name, other.name, f"{place.title} sends its calls to {other.title}")
        yield all_open, sent
        yield all_open, (OverrideKind.CLOSE, other.name, "", f"{other.title} is closed"), sent
