"""The situations of the days ahead: which locations are open together, who is on call, and when for the first time.

Two moments at which every location is open or closed alike, for a reason that leads calls elsewhere or that some
language cannot say, and the same people are on call, are one situation. A call meets nothing else of the calendar,
save the times it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .duty import shifts
from .hours import Opening as Look
from .hours import look
from .model import MINUTES_A_DAY, ByHours, Location, Rota, Routing, Schedule, UrgentCall
from .overrides import noticed

DAYS_AHEAD = 400
_DAY = timedelta(days=1)

# Open?, and what else matters: the closure, the holiday, what is noticed of overrides. Of an urgent call: is anybody
# on call, and who.
Opening = tuple[bool, str]
_Change = tuple[datetime, Opening]


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """How every location and urgent call stands, by name, first met at the aware moment `at` (in the first zone)."""

    at: datetime
    openings: Mapping[str, Opening]


def situations(routing: Routing, since: datetime, days: int = DAYS_AHEAD) -> tuple[Situation, ...]:
    """Every situation from the aware moment `since` on, for `days` days, in the order in which they are first met.

    Exact: each location is asked at every instant at which its answer can change. Raises
    `zoneinfo.ZoneInfoNotFoundError` for a zone that the system does not know.
    """
    places = {place.name: place for place in routing.destinations.values() if isinstance(place, Location)}
    zone = ZoneInfo(next((place.schedule.zone for place in places.values()), "UTC"))
    since = since.astimezone(UTC).replace(second=0, microsecond=0)
    columns: dict[object, list[str]] = {}
    timelines: list[list[_Change]] = []
    for place in places.values():
        matter = names_that_matter(routing, place)
        schedule = place.schedule
        overrides = tuple(override.id for override in schedule.overrides)
        key = (schedule.zone, schedule.week, frozenset(schedule.closures.items()), overrides, matter)
        if key not in columns:
            timelines.append(list(_timeline(schedule, matter, since, since + days * _DAY)))
        columns.setdefault(key, []).append(place.name)
    for urgent in (place for place in routing.destinations.values() if isinstance(place, UrgentCall)):
        if urgent.rota.name not in columns:
            timelines.append(list(_duties(urgent.rota, since, since + days * _DAY)))
        columns.setdefault(urgent.rota.name, []).append(urgent.name)
    found: list[Situation] = []
    for at, openings in _together(timelines, since).items():
        named = zip(columns.values(), openings, strict=True)
        found.append(Situation(at.astimezone(zone), {name: opening for names, opening in named for name in names}))
    return tuple(found)


def names_that_matter(routing: Routing, location: Location) -> frozenset[str]:
    """Closures and holidays of a location that lead calls elsewhere, or that a language has no words for."""
    named = {closure.name for closure in location.schedule.closures.values()}
    switched = {
        name
        for place in routing.destinations.values()
        if isinstance(place, ByHours) and place.location == location.name
        for name in place.closures
    }
    _, *others = routing.languages.values()
    unspoken = {name for name in named for language in others if not language.names.get(name, "").strip()}
    return frozenset(switched | unspoken)


def _together(timelines: list[list[_Change]], since: datetime) -> dict[datetime, tuple[Opening, ...]]:
    """The combinations that occur, by the instant at which each first does."""
    changes = sorted((at, column, opening) for column, line in enumerate(timelines) for at, opening in line)
    now: list[Opening] = [(False, "")] * len(timelines)
    seen: dict[tuple[Opening, ...], datetime] = {} if timelines else {(): since}
    for number, (at, column, opening) in enumerate(changes):
        now[column] = opening
        if number + 1 == len(changes) or changes[number + 1][0] != at:
            seen.setdefault(tuple(now), at)
    return {at: openings for openings, at in seen.items()}


def _timeline(schedule: Schedule, matter: frozenset[str], since: datetime, end: datetime) -> Iterator[_Change]:
    """How a schedule answers at `since`, and each change until `end`."""
    looks = _toggles(schedule, since, end)
    for at in (*_edges_of_closures(schedule, since, end), *_edges_of_overrides(schedule, since, end)):
        looks.setdefault(at, look(schedule, at))
    last: Opening | None = None
    for at, found in sorted(looks.items(), key=lambda entry: entry[0]):
        named = found.name if not found.open and found.name in matter else ""
        told = (found.open, noticed(schedule, at) or named)
        if told != last:
            yield at, told
        last = told


def _duties(rota: Rota, since: datetime, end: datetime) -> Iterator[_Change]:
    """Who is on call at `since`, and each change until `end`."""
    yield from ((shift.begins, (bool(shift.name), shift.name)) for shift in shifts(rota, since, end))


def _toggles(schedule: Schedule, since: datetime, end: datetime) -> dict[datetime, Look]:
    """What is found at `since` and at each instant at which open turns to closed or back, changes of the clock too."""
    found: dict[datetime, Look] = {}
    at: datetime | None = since
    while at is not None and at < end:
        found[at] = look(schedule, at)
        until = found[at].until
        at = until and until.astimezone(UTC)
    return found


def _edges_of_closures(schedule: Schedule, since: datetime, end: datetime) -> Iterator[datetime]:
    """Where a closure begins and ends to be the reason: at midnight, or with a night shift that it takes away."""
    zone = ZoneInfo(schedule.zone)
    for day, closure in schedule.closures.items():
        if not since.date() - 3 * _DAY < day < end.date() + 3 * _DAY:
            continue
        spans = (*closure.hours, *schedule.week[day.weekday()])
        over = {span.closes - MINUTES_A_DAY for span in spans if span.closes > MINUTES_A_DAY}
        walls = [(day, 0), *((day + _DAY, minute) for minute in (0, *over))]
        yield from (at for wall in walls for at in _instants(*wall, zone) if since < at < end)


def _edges_of_overrides(schedule: Schedule, since: datetime, end: datetime) -> Iterator[datetime]:
    for override in schedule.overrides:
        yield from (edge.astimezone(UTC) for edge in (override.begins, override.ends) if since < edge < end)


def _instants(day: date, minute: int, zone: ZoneInfo) -> Iterator[datetime]:
    """When the clock on the wall shows this minute: two instants in the hour that autumn repeats."""
    for fold in (0, 1):
        wall = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
        yield wall.replace(fold=fold).astimezone(UTC)
