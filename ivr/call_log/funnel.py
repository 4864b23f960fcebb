"""What callers do in each menu, of each version of the routing; read from the roll-ups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from .counts import weighted_median
from .database import reading
from .days import Days
from .tables import MenuCount

# The outcomes of a visit, as ivr.call_flow.way writes them.
KEY = "key:"
HUNG_UP, NO_INPUT, WRONG_KEY = "hung up", "no input", "wrong key"


@dataclass(frozen=True, slots=True)
class MenuFunnel:
    """Visits of one menu in one version. `keys` maps a key to how many chose it; each visit has one outcome.

    `otherwise` is left without any of these (say, sent to a person for the hops); `median_seconds` is how long callers
    stayed in the menu.
    """

    menu: str
    version: str
    visits: int
    keys: Mapping[str, int]
    hung_up: int
    no_input: int
    wrong_key: int
    otherwise: int
    median_seconds: float | None


def funnels(engine: Engine, days: Days, *, menu: str = "") -> tuple[MenuFunnel, ...]:
    """Every menu that callers came to in `days` (or the one named), the most visited first."""
    first, last = days.texts()
    what = MenuCount.menu, MenuCount.version, MenuCount.outcome, MenuCount.seconds
    query = (
        select(*what, func.sum(MenuCount.visits))
        .where(MenuCount.day >= first, MenuCount.day <= last, *([MenuCount.menu == menu] if menu else []))
        .group_by(*what)
    )
    outcomes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    seconds: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    with reading(engine) as connection:
        for name, version, outcome, stay, visits in connection.execute(query):
            outcomes[name, version][outcome] += int(visits)
            seconds[name, version][stay] += int(visits)
    found = [_funnel(name, version, outcomes[name, version], seconds[name, version]) for name, version in outcomes]
    return tuple(sorted(found, key=lambda each: (-each.visits, each.menu, each.version)))


def _funnel(menu: str, version: str, outcomes: Counter[str], seconds: Counter[int]) -> MenuFunnel:
    keys = {name.removeprefix(KEY): visits for name, visits in sorted(outcomes.items()) if name.startswith(KEY)}
    visits = outcomes.total()
    named = {name: outcomes[name] for name in (HUNG_UP, NO_INPUT, WRONG_KEY)}
    return MenuFunnel(
        menu=menu,
        version=version,
        visits=visits,
        keys=keys,
        hung_up=named[HUNG_UP],
        no_input=named[NO_INPUT],
        wrong_key=named[WRONG_KEY],
        otherwise=visits - sum(keys.values()) - sum(named.values()),
        median_seconds=weighted_median(seconds),
    )
