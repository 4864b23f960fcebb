"""Holidays by name: the federal ones of the United States and the common days around them, from the `holidays` package.

The years are fixed, so that compiling the same files gives the same routing on any day.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from holidays.countries.united_states import UnitedStates

FIRST_YEAR = 2024
LAST_YEAR = 2054
_OBSERVED = " (observed)"
# Not federal and not in the common days: taken from the one calendar of a state that has it.
_OF_CALIFORNIA = "Day After Thanksgiving"
_ALSO_CALLED = {
    "Presidents' Day": "Washington's Birthday",
    "Juneteenth": "Juneteenth National Independence Day",
    "Martin Luther King Day": "Martin Luther King Jr. Day",
    "Indigenous Peoples' Day": "Columbus Day",
    "Thanksgiving": "Thanksgiving Day",
    "Christmas": "Christmas Day",
}


@cache
def dates_by_name() -> Mapping[str, frozenset[date]]:
    """Every known holiday's dates from 2024 to 2054, the days on which it is observed included."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    found: dict[str, set[date]] = {}
    united_states = _united_states()
    for day, names in united_states(years=years, categories=("public", "unofficial")).items():
        for name in names.split("; "):
            found.setdefault(name.removesuffix(_OBSERVED), set()).add(day)
    state = united_states(subdiv="CA", years=years)
    found[_OF_CALIFORNIA] = {day for day, names in state.items() if _OF_CALIFORNIA in names.split("; ")}
    for other, name in _ALSO_CALLED.items():
        found[other] = found[name]
    return {name: frozenset(days) for name, days in sorted(found.items())}


def straight(name: str) -> str:
    """The name with the apostrophe of the calendar, whichever apostrophe the keyboard made."""
    return name.strip().replace("\u2019", "'")


def _united_states() -> type[UnitedStates]:
    """The calendar by its file: imported by its name it brings 250 countries along, a third of a second a process."""
    name = "holidays_of_the_united_states"
    path = Path(holidays.__file__).parent / "countries" / "united_states.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    calendar: type[UnitedStates] = module.UnitedStates
    return calendar
