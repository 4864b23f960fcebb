"""Visits of menus as the map of the live routing tells them: of all versions together, as far as the live one has them.

A publish of other hours makes another version and leaves the menus as they are: what was counted before it still tells
how callers choose. Visits of menus and by keys that are gone have no place on the map; they are only said to be there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.call_flow.branches import ways_on
from ivr.call_flow.model import Menu, Routing
from ivr.call_log.funnel import MenuFunnel


@dataclass(frozen=True, slots=True)
class MenuVisits:
    """Visits by the menu's name. `gone` are those of menus or by keys that are no longer there: not among `menus`.

    `earlier`: versions other than the live one are among them.
    """

    menus: Mapping[str, MenuFunnel]
    gone: int
    earlier: bool


def visits_on_map(routing: Routing, counted: Iterable[MenuFunnel]) -> MenuVisits:
    """What all versions counted, for the menus and keys of this routing."""
    of_menu: defaultdict[str, list[MenuFunnel]] = defaultdict(list)
    gone = 0
    for each in counted:
        place = routing.destinations.get(each.menu)
        if isinstance(place, Menu):
            kept, lost = _with_keys(each, _keys_of(routing, place))
            of_menu[each.menu].append(kept)
            gone += lost
        else:
            gone += each.visits
    menus = {name: _summed(name, parts) for name, parts in of_menu.items()}
    earlier = any(part.version != routing.version and part.visits for parts in of_menu.values() for part in parts)
    return MenuVisits({name: each for name, each in menus.items() if each.visits}, gone, earlier)


def _keys_of(routing: Routing, menu: Menu) -> frozenset[str]:
    ways = (way for line in routing.lines.values() for way in ways_on(routing, line, menu))
    return frozenset(way.key for way in ways if way.key)


def _with_keys(funnel: MenuFunnel, keys: frozenset[str]) -> tuple[MenuFunnel, int]:
    """Without the visits that other keys ended, and how many those were."""
    kept = {key: visits for key, visits in funnel.keys.items() if key in keys}
    lost = sum(funnel.keys.values()) - sum(kept.values())
    return replace(funnel, visits=funnel.visits - lost, keys=kept, median_seconds=None), lost


def _summed(menu: str, parts: Sequence[MenuFunnel]) -> MenuFunnel:
    keys: Counter[str] = Counter()
    for part in parts:
        keys.update(part.keys)
    return MenuFunnel(
        menu=menu,
        version="",  # of all of them
        visits=sum(part.visits for part in parts),
        keys=dict(keys),
        hung_up=sum(part.hung_up for part in parts),
        no_input=sum(part.no_input for part in parts),
        wrong_key=sum(part.wrong_key for part in parts),
        otherwise=sum(part.otherwise for part in parts),
        median_seconds=None,  # medians cannot be summed
    )
