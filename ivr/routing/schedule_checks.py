"""Hours, holidays and closures: what overlaps, what is never open, and which names exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from ivr.call_flow.model import MINUTES_A_DAY, Interval

from .findings import Findings, Path
from .holiday_names import dates_by_name, straight
from .hours_text import clock
from .problems import Spelling, quoted
from .references import CLINIC, MENUS
from .schema import DAYS, ClosureShape, LocationShape, WeekShape
from .shape import Shapes

MOST_CLOSED_DATES = 1_000
LONGEST_NIGHT_MINUTES = 16 * 60
# Whoever thinks in a clock of twelve hours writes 12:30-4:30 or 1:00-5:00 for an afternoon.
_LATE, _SMALL_HOURS, _HALF_DAY = 14 * 60, range(60, 7 * 60 + 1), 12 * 60
_WEEK_MINUTES = 7 * MINUTES_A_DAY


def check_schedules(shapes: Shapes, findings: Findings) -> None:
    """The week of every location, the holidays and closures, and the switches that name them."""
    spelling = Spelling(dates_by_name())
    listed = _check_holidays(shapes, spelling, findings)
    if shapes.clinic.is_broken("holidays"):
        listed |= set(dates_by_name())
    for name, location in shapes.clinic.file.locations.items():
        _check_week(name, location.hours, findings)
        _check_own_holidays(name, location, listed, spelling, findings)
    _check_closures(shapes, findings)
    _check_switches(shapes, listed, findings)


def closed_dates(closure: ClosureShape) -> Iterator[date]:
    """Every date of a closure, in order."""
    first, last = closure.date
    return (first + timedelta(days=days) for days in range((last - first).days + 1))


def _check_holidays(shapes: Shapes, spelling: Spelling, findings: Findings) -> set[str]:
    known, listed = dates_by_name(), set[str]()
    for index, given in enumerate(shapes.clinic.file.holidays):
        name = straight(given)
        if name not in known:
            findings.error(CLINIC, ("holidays", index), f"no holiday is called {quoted(name)}.", spelling.cure(name))
        elif name in listed:
            findings.warn(CLINIC, ("holidays", index), f"{quoted(name)} is in the list already.", "Keep it once.")
        listed.add(name)
    return listed


def _check_week(name: str, week: WeekShape, findings: Findings) -> None:
    spans = [(day, span) for day in range(7) for span in _of_day(week, day)]
    if not spans:
        findings.warn(CLINIC, ("locations", name, "hours"), "this location is never open.", "Is that meant?")
    for day, span in spans:
        _check_for_twelve_hours(span, _day_path(name, day), findings)
    for index, (day, span) in enumerate(spans):
        # The week is a ring: Sunday night may run into Monday. A span alone is followed by itself, a week later.
        again = index + 1 == len(spans)
        next_day, following = spans[0 if again else index + 1]
        ahead = (next_day - day) * MINUTES_A_DAY + following.opens + (_WEEK_MINUTES if again else 0)
        if ahead < span.closes:
            other = "" if next_day == day else f" on {DAYS[day]}"
            sentence = f"{_written(following)} overlaps with {_written(span)}{other}."
            findings.error(CLINIC, _day_path(name, next_day), sentence, "Let one end before the next begins.")


def _check_for_twelve_hours(span: Interval, path: Path, findings: Findings) -> None:
    long = span.closes - span.opens > LONGEST_NIGHT_MINUTES
    if span.closes > MINUTES_A_DAY and (long or span.opens < _LATE):
        hours = (span.closes - span.opens) // 60
        sentence = f"{_written(span)} runs over midnight, {hours} hours long."
        findings.warn(CLINIC, path, sentence, "If the afternoon is meant, use the 24-hour clock: 17:00.")
    elif span.opens in _SMALL_HOURS and span.closes in _SMALL_HOURS:
        meant = f"{clock(span.opens + _HALF_DAY)}-{clock(span.closes + _HALF_DAY)}"
        sentence = f"{_written(span)} is before the morning."
        findings.warn(CLINIC, path, sentence, f"If the afternoon is meant, use the 24-hour clock: {meant}.")


def _of_day(week: WeekShape, day: int) -> tuple[Interval, ...]:
    spans: tuple[Interval, ...] = getattr(week, DAYS[day])
    return spans


def _day_path(location: str, day: int) -> Path:
    return ("locations", location, "hours", DAYS[day])


def _written(span: Interval) -> str:
    return f"{clock(span.opens)}-{clock(span.closes)}"


def _check_own_holidays(
    name: str, location: LocationShape, listed: set[str], spelling: Spelling, findings: Findings
) -> None:
    for given, hours in location.holidays.items():
        holiday = straight(given)
        path = ("locations", name, "holidays", given)
        if holiday not in dates_by_name():
            findings.error(CLINIC, path, f"no holiday is called {quoted(holiday)}.", spelling.cure(holiday))
        elif hours is None and holiday not in listed and listed <= dates_by_name().keys():
            findings.warn(CLINIC, path, "the clinic does not close on this holiday, so this changes nothing.")


def _check_closures(shapes: Shapes, findings: Findings) -> None:
    locations, closures = shapes.clinic.file.locations, shapes.clinic.file.closures
    spelling = Spelling(locations)
    for index, closure in enumerate(closures):
        for place, location in enumerate(closure.locations or ()):
            if location not in locations and not shapes.is_broken("locations", location):
                sentence = f"no location is called {quoted(location)}."
                findings.error(CLINIC, ("closures", index, "locations", place), sentence, spelling.cure(location))
    if sum((closure.date[1] - closure.date[0]).days + 1 for closure in closures) > MOST_CLOSED_DATES:
        sentence = f"the closures cover more than {MOST_CLOSED_DATES:,} dates."
        findings.error(CLINIC, ("closures",), sentence, "Take out those that are over.")
        return
    _check_overlaps(closures, findings)


def _check_overlaps(closures: tuple[ClosureShape, ...], findings: Findings) -> None:
    """Two closures on one date for one location: the first in the file counts."""
    places = [None if closure.locations is None else frozenset(closure.locations) for closure in closures]
    by_date: dict[date, list[int]] = {}
    told: set[int] = set()
    for index, closure in enumerate(closures):
        for day in closed_dates(closure):
            others = by_date.setdefault(day, [])
            first = next((other for other in others if _meet(places[other], places[index])), None)
            if first is not None and index not in told:
                told.add(index)
                sentence = f"{quoted(closures[first].name)} covers {day} too, and counts since it comes first."
                findings.warn(CLINIC, ("closures", index), sentence, "Let their dates not overlap.")
            others.append(index)


def _meet(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return one is None or other is None or not one.isdisjoint(other)


def _check_switches(shapes: Shapes, listed: set[str], findings: Findings) -> None:
    clinic = shapes.clinic.file
    if shapes.clinic.is_broken("closures") or shapes.clinic.is_broken("holidays"):
        return
    everywhere, somewhere = _closure_names(clinic.closures)
    spellings: dict[str, Spelling] = {}
    for name, switch in shapes.menus.file.by_hours.items():
        location = clinic.locations.get(switch.location)
        if location is None or not switch.closures:
            continue
        own = {straight(holiday) for holiday in location.holidays} | somewhere.get(switch.location, set())
        for closure in switch.closures:
            if findings.is_full or any(straight(closure) in known for known in (listed, everywhere, own)):
                continue
            if switch.location not in spellings:
                spellings[switch.location] = Spelling((*listed, *everywhere, *own))
            sentence = f"{switch.location} has no closure or holiday called {quoted(closure)}."
            cure = spellings[switch.location].cure(closure)
            findings.error(MENUS, ("by_hours", name, "closures", closure), sentence, cure)


def _closure_names(closures: Iterable[ClosureShape]) -> tuple[set[str], dict[str, set[str]]]:
    """The names of closures that concern every location, and by location those that concern only some."""
    everywhere: set[str] = set()
    somewhere: dict[str, set[str]] = {}
    for closure in closures:
        if closure.locations is None:
            everywhere.add(straight(closure.name))
        for location in closure.locations or ():
            somewhere.setdefault(location, set()).add(straight(closure.name))
    return everywhere, somewhere
