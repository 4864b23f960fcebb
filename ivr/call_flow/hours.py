"""Is a location open? Why, or why not? Until when? Pure: the schedule and the moment come in, nothing is read.

The wall clock of the schedule's zone decides. A location is open at civil date d, minute t after midnight, when

- d has a closure, and t lies in the same-day part of the closure's hours
  (so a closure also cuts off a night shift that began the day before);
- d has none, and t lies in the same-day part of the weekly hours of d, or in the part after midnight of what was in
  force the day before: that date's closure hours if it has a closure, else its weekly hours.

Intervals are half-open, `[opens, closes)`. A closing minute over 1440 lies in the next day, and ends there at the
latest. An hour that the wall clock shows twice in autumn counts both times; minutes that it skips in spring never
occur. A change of the clock can therefore itself open or close a location.

An override in force decides before all of these; see `overrides`.

All moments are aware. Two faults are left to the caller: a naive moment raises ValueError, and a zone that the system
does not know raises `zoneinfo.ZoneInfoNotFoundError`. The first and the last year of the calendar are out of reach.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from .model import MINUTES_A_DAY, Closure, Interval, Override, OverrideKind, Schedule
from .overrides import DECIDES_HOURS, deciding

HORIZON = timedelta(days=400)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Because(StrEnum):
    """Which kind of rule decides."""

    HOURS = "hours"
    CLOSURE = "closure"
    HOLIDAY = "holiday"
    OVERRIDE = "override"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Opening:
    """The state at a moment: `because` is the rule that decides it, `name` the closure's or holiday's, else empty.

    `until` is the first later instant, in the schedule's zone, at which open turns to closed or closed to open; None
    when that does not happen within `HORIZON`. `override` is the one that decides, if one does.
    """

    open: bool
    because: Because
    name: str
    until: datetime | None
    override: Override | None = None


def is_open(schedule: Schedule, now: datetime) -> bool:
    """Whether the location is open at the aware moment `now`. A few microseconds: it is on the call path."""
    wall = _wall(schedule, now)
    if schedule.overrides and (forced := deciding(schedule, now)):
        return forced.kind is OverrideKind.OPEN
    return _is_open_at(schedule, wall)


def look(schedule: Schedule, now: datetime) -> Opening:
    """Whether the location is open at the aware moment `now`, by which rule, and until when."""
    wall = _wall(schedule, now)
    is_open_now = is_open(schedule, now)
    until = _until(schedule, now, is_open_now)
    if forced := deciding(schedule, now):
        emergency = forced.kind is OverrideKind.EMERGENCY
        return Opening(is_open_now, Because.EMERGENCY if emergency else Because.OVERRIDE, "", until, forced)
    closure = _closure_in_force(schedule, wall)
    if closure is None:
        return Opening(is_open_now, Because.HOURS, "", until)
    because = Because.HOLIDAY if closure.holiday else Because.CLOSURE
    return Opening(is_open_now, because, closure.name, until)


def opens_at(schedule: Schedule, now: datetime) -> datetime | None:
    """When the location is next open: `now` itself if it is, None if that is further away than `HORIZON`."""
    if is_open(schedule, now):
        return now
    return _until(schedule, now, is_open_now=False)


def closed_until(schedule: Schedule, now: datetime) -> datetime | None:
    """Until when a location stays closed that closes at `now`: its next opening, the present one left out.

    None when it has no closing or no opening within `HORIZON`.
    """
    opening = look(schedule, now)
    if not opening.open:
        return opening.until
    return opens_at(schedule, opening.until) if opening.until else None


def _wall(schedule: Schedule, now: datetime) -> datetime:
    if now.utcoffset() is None:
        raise ValueError("the moment must be aware: it has no time zone")
    # By way of UTC, because a moment already in this zone would be taken as it stands, a skipped 2:30 included.
    return now.astimezone(UTC).astimezone(ZoneInfo(schedule.zone))


def _is_open_at(schedule: Schedule, wall: datetime) -> bool:
    day, minute = wall.date(), _minute_of(wall)
    closure = schedule.closures.get(day)
    if closure is not None:
        return _covers(closure.hours, minute)
    if _covers(schedule.week[day.weekday()], minute):
        return True
    return _covers(_hours_begun_on(schedule, day - _DAY), minute + MINUTES_A_DAY)


def _minute_of(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute


def _covers(hours: tuple[Interval, ...], minute: int) -> bool:
    return any(interval.opens <= minute < interval.closes for interval in hours)


def _hours_begun_on(schedule: Schedule, day: date) -> tuple[Interval, ...]:
    closure = schedule.closures.get(day)
    return schedule.week[day.weekday()] if closure is None else closure.hours


def _closure_in_force(schedule: Schedule, wall: datetime) -> Closure | None:
    """Today's closure, or yesterday's when its hours, or the night shift it took away, reach into this minute."""
    day, minute = wall.date(), _minute_of(wall)
    closure = schedule.closures.get(day)
    if closure is not None or _covers(schedule.week[day.weekday()], minute):
        return closure
    day, minute = day - _DAY, minute + MINUTES_A_DAY
    closure = schedule.closures.get(day)
    if closure is None or _covers(closure.hours, minute) or _covers(schedule.week[day.weekday()], minute):
        return closure
    return None


def _until(schedule: Schedule, now: datetime, is_open_now: bool) -> datetime | None:
    """The next change, by an override or by the schedule: looked for from one edge of an override to the next."""
    start = now
    for edge in _edges(schedule, now):
        forced = deciding(schedule, start)
        if forced is None and (change := _next_change(schedule, start, is_open_now)) and change < edge:
            return change
        if is_open(schedule, edge) != is_open_now:
            return edge.astimezone(ZoneInfo(schedule.zone))
        start = edge
    return _next_change(schedule, start, is_open_now)


def _edges(schedule: Schedule, now: datetime) -> list[datetime]:
    """Where an override that decides begins or ends, after `now`."""
    deciders = [override for override in schedule.overrides if override.kind in DECIDES_HOURS]
    return sorted({edge for override in deciders for edge in (override.begins, override.ends) if edge > now})


def _next_change(schedule: Schedule, now: datetime, is_open_now: bool) -> datetime | None:
    """Between two changes of the clock the wall runs evenly: search up to the next one, then again from there."""
    zone = ZoneInfo(schedule.zone)
    start = now.astimezone(UTC).replace(second=0, microsecond=0)
    last = start + HORIZON
    while True:
        minutes = _minutes_to(schedule, start.astimezone(zone), not is_open_now, (last - start) // _MINUTE)
        change = None if minutes is None else start + minutes * _MINUTE
        jump = _next_jump(zone, start, change or last)
        if jump is None:
            return change and change.astimezone(zone)
        start = jump


def _minutes_to(schedule: Schedule, wall: datetime, wanted: bool, most: int) -> int | None:
    """Minutes from `wall` to the first one that is open (or, not `wanted`, closed), were the clock never changed."""
    day, minute = wall.date(), _minute_of(wall)
    ahead = -minute
    while ahead <= most:
        found = _first_minute(_spans(schedule, day), minute, wanted)
        if found is not None:
            return ahead + found if ahead + found <= most else None
        day, minute, ahead = day + _DAY, 0, ahead + MINUTES_A_DAY
    return None


def _spans(schedule: Schedule, day: date) -> list[tuple[int, int]]:
    """The open minutes of one date as half-open pairs in order of opening.

    They may touch, overlap, be empty, or begin below 0, the day before.
    """
    spans = [(interval.opens, min(interval.closes, MINUTES_A_DAY)) for interval in _hours_begun_on(schedule, day)]
    if day not in schedule.closures:
        for interval in _hours_begun_on(schedule, day - _DAY):
            if interval.closes > MINUTES_A_DAY:
                closes = min(interval.closes - MINUTES_A_DAY, MINUTES_A_DAY)
                spans.append((interval.opens - MINUTES_A_DAY, closes))
    spans.sort()
    return spans


def _first_minute(spans: list[tuple[int, int]], minute: int, wanted: bool) -> int | None:
    """The first minute of the date, not before `minute`, that is open or, not `wanted`, closed; None if none is."""
    for opens, closes in spans:
        if max(opens, minute) >= closes:
            continue
        if wanted:
            return max(opens, minute)
        if opens > minute:
            return minute
        minute = closes
    return None if wanted or minute >= MINUTES_A_DAY else minute


def _next_jump(zone: ZoneInfo, start: datetime, end: datetime) -> datetime | None:
    """The first instant after `start`, up to `end`, with another UTC offset.

    Looks once a day, then halves: in the tz database (2026 release) no two changes since 2015 are within 20 days.
    """
    offset = start.astimezone(zone).utcoffset()

    def has_jumped(minutes: int) -> bool:
        return (start + minutes * _MINUTE).astimezone(zone).utcoffset() != offset

    most = (end - start) // _MINUTE
    for low in range(0, most, MINUTES_A_DAY):
        high = min(low + MINUTES_A_DAY, most)
        if has_jumped(high):
            return start + bisect_left(range(high), True, lo=low, key=has_jumped) * _MINUTE
    return None
