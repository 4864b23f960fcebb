"""Where calls can go: places no call reaches, rounds that never wait for the caller, and a person out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .findings import Findings
from .references import KINDS, places, references
from .shape import Shapes

_MOST_STEPS = 20_000
_MOST_SHOWN = 8


class Passing(NamedTuple):
    """A way on that the engine takes without waiting for the caller; only while `location` is open, or is not."""

    to: str
    location: str = ""
    open: bool = True


def check_reach(shapes: Shapes, findings: Findings) -> None:
    """Expects that every name leads somewhere."""
    _check_unreached(shapes, findings)
    _check_rounds(shapes, findings)
    _check_persons(shapes, findings)


def passing_ways(shapes: Shapes) -> dict[str, tuple[Passing, ...]]:
    """For each destination that does not wait for the caller: where a call may go on from it at once."""
    tree = shapes.menus.file
    ways: dict[str, tuple[Passing, ...]] = {}
    for name, announcement in tree.announcements.items():
        ways[name] = (Passing(announcement.then),)
    for name, group in tree.hunt_groups.items():
        ways[name] = (Passing(group.otherwise),)
    for name, request in tree.callback_requests.items():
        ways[name] = (Passing(request.otherwise),)  # at once, for callers who show no number
    for name, guide in tree.guides.items():
        ways[name] = (Passing(guide.then),)  # at once, for callers who cannot be sent a text
    for name, switch in tree.by_hours.items():
        closed = (switch.closed, *switch.closures.values())
        ways[name] = (
            Passing(switch.open, switch.location, open=True),
            *(Passing(to, switch.location, open=False) for to in closed),
        )
    for name, location in shapes.clinic.file.locations.items():
        if location.when_closed:
            ways[name] = (Passing(location.when_closed, name, open=False),)
    return ways


def _check_unreached(shapes: Shapes, findings: Findings) -> None:
    leads: dict[str, list[str]] = {}
    for reference in references(shapes):
        if reference.leads:
            leads.setdefault(reference.source, []).append(reference.to)
    reached: set[str] = set()
    waiting = list(leads.get("", ()))
    while waiting:
        place = waiting.pop()
        if place not in reached:
            reached.add(place)
            waiting.extend(leads.get(place, ()))
    for section, name in places(shapes):
        if name not in reached:
            file, kind = KINDS[section]
            findings.warn(file, (section, name), f"no call can reach this {kind}.")


def _check_rounds(shapes: Shapes, findings: Findings) -> None:
    ways = passing_ways(shapes)
    sections = {name: section for section, name in places(shapes)}
    search = _Search(ways, _MOST_STEPS)
    for knot in _knots(ways):
        found = search.round_in(knot)
        if found:
            first = min(found)
            file, _ = KINDS[sections[first]]
            turned = found[found.index(first) :] + found[: found.index(first)]
            shown = turned if len(turned) <= _MOST_SHOWN else [*turned[:_MOST_SHOWN], "..."]
            sentence = f"a call can go round here for ever: {' > '.join((*shown, first))}."
            cure = "Let one of them lead to a menu, a mailbox or a goodbye."
            findings.error(file, (sections[first], first), sentence, cure)


def _knots(ways: Mapping[str, Sequence[Passing]]) -> Iterator[list[str]]:
    """Groups of places that lead into each other (strongly connected, after Tarjan), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in ways:
        if root in index:
            continue
        walk = [(root, iter(ways[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while walk:
            place, onward = walk[-1]
            way = next(onward, None)
            if way is None:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[place])
                if low[place] == index[place]:
                    knot = _taken_until(place, stack, on_stack)
                    if len(knot) > 1 or any(way.to == place for way in ways[place]):
                        yield knot
            elif way.to in ways and way.to not in index:
                index[way.to] = low[way.to] = len(index)
                stack.append(way.to)
                on_stack.add(way.to)
                walk.append((way.to, iter(ways[way.to])))
            elif way.to in on_stack:
                low[place] = min(low[place], index[way.to])


def _taken_until(place: str, stack: list[str], on_stack: set[str]) -> list[str]:
    knot: list[str] = []
    while not knot or knot[-1] != place:
        knot.append(stack.pop())
        on_stack.discard(knot[-1])
    return knot


class _Search:
    """Looks for a round that a call can really take: no location is both open and closed on it.

    A switch by hours may lead to a location that, when closed, leads back to the switch: that ends at the second pass.
    `steps` bounds the whole search; when it is spent, a knot counts as a round.
    """

    def __init__(self, ways: Mapping[str, Sequence[Passing]], steps: int) -> None:
        self._ways = ways
        self._left = steps

    def round_in(self, knot: Sequence[str]) -> list[str]:
        inside = set(knot)
        for start in sorted(knot):
            found = self._round_from(start, inside)
            if found or self._left <= 0:
                return found or sorted(knot)
        return []

    def _round_from(self, start: str, inside: set[str]) -> list[str]:
        trail: dict[str, Mapping[str, bool]] = {start: {}}
        branches = [iter(self._ways[start])]
        while branches and self._left > 0:
            self._left -= 1
            known = trail[next(reversed(trail))]
            way = next(branches[-1], None)
            if way is None:
                branches.pop()
                trail.popitem()
            elif way.to in inside and (not way.location or known.get(way.location, way.open) == way.open):
                if way.to == start:
                    return list(trail)
                if way.to not in trail:
                    trail[way.to] = {**known, way.location: way.open} if way.location else known
                    branches.append(iter(self._ways[way.to]))
        return []


def _check_persons(shapes: Shapes, findings: Findings) -> None:
    persons = _places_with_a_person(shapes)
    for reference in references(shapes):
        if reference.path[-1] == "person" and reference.to not in persons:
            sentence = "no branch of this switch by hours leads to a person."
            findings.error(reference.file, reference.path, sentence, "Let one of them lead to a location.")


def _places_with_a_person(shapes: Shapes) -> set[str]:
    """Locations, hunt groups, and the switches by hours that lead to one of them."""
    leading_to: dict[str, list[str]] = {}
    for name, switch in shapes.menus.file.by_hours.items():
        for to in (switch.open, switch.closed, *switch.closures.values()):
            leading_to.setdefault(to, []).append(name)
    waiting = [*shapes.clinic.file.locations, *shapes.menus.file.hunt_groups]
    found = set(waiting)
    while waiting:
        new = [name for name in leading_to.get(waiting.pop(), ()) if name not in found]
        found.update(new)
        waiting.extend(new)
    return found
