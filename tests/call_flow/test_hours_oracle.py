"""The hours against an oracle that shares no code with them: it paints a calendar and walks it minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call_flow.hours import is_open, look
from ivr.call_flow.model import Closure, Interval, Schedule

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
Instant = int  # minutes since 1970 in UTC, so that no rule of time zones can creep into the comparison
Wall = tuple[date, int]

YEARS = range(2026, 2037)
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Chatham", "America/Phoenix")
# Changes at midnight, by two hours, for Ramadan, and a zone off the hour.
ODD_ZONES = (
    "America/Santiago",
    "America/Havana",
    "Asia/Beirut",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "Asia/Kathmandu",
)


# The oracle. ---------------------------------------------------------------------------------------------------------


def paint(schedule: Schedule, first: date, last: date) -> dict[date, bytearray]:
    """A page of 1440 minutes for each date; walks every shift forward and marks what it covers."""
    pages = {first + n * DAY: bytearray(1440) for n in range((last - first).days + 1)}
    for day in [first - DAY, *pages]:
        closure = schedule.closures.get(day)
        for shift in closure.hours if closure else schedule.week[day.weekday()]:
            for minute in range(shift.opens, min(shift.closes, 2880)):
                if minute < 1440:
                    if day in pages:
                        pages[day][minute] = 1
                elif day + DAY in pages and day + DAY not in schedule.closures:
                    pages[day + DAY][minute - 1440] = 1
    return pages


def walls(zone: str, first: Instant, last: Instant) -> list[Wall]:
    """What the clock on the wall shows in each minute."""
    clock = ZoneInfo(zone)
    shown = [datetime.fromtimestamp(instant * 60, clock) for instant in range(first, last)]
    return [(wall.date(), wall.hour * 60 + wall.minute) for wall in shown]


def walk(schedule: Schedule, shown: list[Wall]) -> list[bool]:
    """Open or closed in each of these minutes."""
    days = [day for day, _ in shown]
    pages = paint(schedule, min(days), max(days))
    return [bool(pages[day][minute]) for day, minute in shown]


def next_changes(states: list[bool]) -> list[int | None]:
    """For each minute the index of the next one that differs, None when there is none."""
    found: list[int | None] = [None] * len(states)
    for index in range(len(states) - 2, -1, -1):
        found[index] = found[index + 1] if states[index] == states[index + 1] else index + 1
    return found


# Comparing. ----------------------------------------------------------------------------------------------------------


def moment(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant * 60, UTC)


def instant_of(at: datetime) -> Instant:
    minutes, rest = divmod(int(at.timestamp()), 60)
    assert rest == 0
    return minutes


def agree(schedule: Schedule, first: Instant, shown: list[Wall], every: int) -> list[str]:
    """The minutes of this stretch in which code and oracle differ; `until` is asked every so many, and at each edge."""
    states = walk(schedule, shown)
    changes = next_changes(states)
    faults = [
        f"{moment(first + index)} open is not {expected}"
        for index, expected in enumerate(states)
        if is_open(schedule, moment(first + index)) is not expected
    ]
    edges = {index + step for index in changes if index is not None for step in (-1, 0)}
    for index in sorted(edges | set(range(0, len(states), every))):
        opening = look(schedule, moment(first + index) + timedelta(seconds=index % 60))
        change = None if opening.until is None else instant_of(opening.until) - first
        expected_change = changes[index]
        if opening.open is not states[index]:
            faults.append(f"{moment(first + index)} look().open is not {states[index]}")
        if expected_change is None:
            if change is not None and change < len(states):
                faults.append(f"{moment(first + index)} changes at {moment(first + change)}, not after the stretch")
        elif change != expected_change:
            faults.append(f"{moment(first + index)} until is {opening.until}, not {moment(first + expected_change)}")
    return faults


@cache
def clock_changes(zone: str, years: range = YEARS) -> list[Instant]:
    """The first minute of each new UTC offset: days on which it differs at the end, then every minute of those."""
    clock = ZoneInfo(zone)

    def offset(instant: Instant) -> timedelta | None:
        return moment(instant).astimezone(clock).utcoffset()

    start, end = (instant_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (years.start, years.stop))
    days = [day for day in range(start, end, 1440) if offset(day) != offset(day + 1440)]
    return [next(minute for minute in range(day, day + 1441) if offset(minute) != offset(day)) for day in days]


def schedules_round(zone: str, day: date) -> dict[str, Schedule]:
    """One of each kind, with shifts that begin and end where clocks change and closures on that very day."""
    small_hours = (Interval(0, 90), Interval(105, 150), Interval(165, 180), Interval(185, 1380))
    night = (Interval(60, 61), Interval(22 * 60, 24 * 60 + 150))
    odd = (Interval(20 * 60, 1600), Interval(0, 100), Interval(90, 130), Interval(130, 165))
    week = (small_hours, (Interval(0, 1440),), (Interval(1350, 2880),), (), night, odd, night)
    short = Closure("Short day", hours=(Interval(60, 150), Interval(23 * 60, 26 * 60)))
    return {
        "split shifts": Schedule(zone, (small_hours,) * 7),
        "nights": Schedule(zone, (night,) * 7),
        "overlapping nights": Schedule(zone, (odd,) * 7),
        "every day different": Schedule(zone, week),
        "all day, closed on the day": Schedule(zone, ((Interval(0, 1440),),) * 7, {day: Closure("Holiday", True)}),
        "nights, closed on the day": Schedule(zone, (night,) * 7, {day: Closure("Closed")}),
        "short on the day": Schedule(zone, (odd,) * 7, {day: short}),
        "short on the day before": Schedule(zone, (night,) * 7, {day - DAY: short}),
        "closed for three days": Schedule(zone, week, {day + n * DAY: Closure("Range") for n in (-1, 0, 1)}),
        "always": Schedule(zone, ((Interval(0, 1440),),) * 7),
        "never": Schedule(zone, ((),) * 7),
    }


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_round_a_change_of_the_clock_is_the_oracles(zone: str) -> None:
    changes = clock_changes(zone)
    assert len(changes) == (0 if zone == "America/Phoenix" else 2 * len(YEARS))
    for turn, change in enumerate(changes):
        first = change - 1440
        shown = walls(zone, first, change + 1440)
        by_kind = schedules_round(zone, shown[1440][0])
        # Eleven kinds and eleven years with two changes: in each zone every kind meets one of either direction.
        kind = list(by_kind)[turn % len(by_kind)]
        assert agree(by_kind[kind], first, shown, every=61) == [], kind


@pytest.mark.parametrize("zone", ["America/Phoenix", "Europe/Berlin"])
@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2028, 2, 29), date(2028, 12, 31)], ids=str)
def test_every_minute_round_a_year_end_and_a_leap_day_is_the_oracles(zone: str, day: date) -> None:
    first = instant_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) - 720
    shown = walls(zone, first, first + 2 * 1440)
    for kind, schedule in schedules_round(zone, day).items():
        assert agree(schedule, first, shown, every=719) == [], kind


def test_a_change_months_away_is_found_to_the_minute() -> None:
    zone, start = "America/New_York", date(2026, 10, 20)
    split = (Interval(480, 720), Interval(780, 1020))
    schedule = Schedule(zone, (split,) * 7, {start + n * DAY: Closure("Move") for n in range(150)})
    first = instant_of(datetime(2026, 10, 20, 12, 0, tzinfo=UTC))
    last_days = first + 148 * 1440
    reopening = last_days + walk(schedule, walls(zone, last_days, last_days + 4 * 1440)).index(True)
    assert reopening > last_days + 1440
    for instant in range(first, reopening, 5 * 1440 + 7):
        until = look(schedule, moment(instant)).until
        assert until is not None
        assert instant_of(until) == reopening


# Random schedules. ---------------------------------------------------------------------------------------------------

quarters = st.integers(0, 95).map(lambda n: 15 * n)
opening_minutes = st.one_of(quarters, st.integers(0, 1439))
lengths = st.one_of(st.integers(1, 96).map(lambda n: 15 * n), st.integers(1, 1500))
shifts = st.one_of(
    st.builds(lambda opens, length: Interval(opens, min(opens + length, 2880)), opening_minutes, lengths),
    st.just(Interval(0, 1440)),
)
days_hours: st.SearchStrategy[tuple[Interval, ...]] = st.lists(shifts, max_size=3).map(tuple)
weeks = st.tuples(*[days_hours] * 7)
closures = st.builds(Closure, st.just("Closure"), st.booleans(), days_hours)
closures_near = st.dictionaries(st.integers(-2, 4), closures, max_size=3)


@st.composite
def places_in_time(draw: st.DrawFn) -> tuple[str, Instant]:
    """A zone and a minute, in most cases within the day before the clock changes there."""
    zone = draw(st.sampled_from(ZONES + ODD_ZONES))
    changes = clock_changes(zone, range(2027, 2029))
    is_near = draw(st.integers(0, 3)) > 0
    if changes and is_near:
        return zone, draw(st.sampled_from(changes)) - draw(st.integers(0, 1440))
    year_start = instant_of(datetime(2028, 1, 1, tzinfo=UTC))
    return zone, draw(st.integers(year_start - 3 * 1440, year_start + 366 * 1440))


@settings(max_examples=20, deadline=None)
@given(place=places_in_time(), week=weeks, near=closures_near)
def test_any_schedule_at_any_time_is_the_oracles(
    place: tuple[str, Instant], week: tuple[tuple[Interval, ...], ...], near: dict[int, Closure]
) -> None:
    zone, first = place
    shown = walls(zone, first, first + 1440)
    schedule = Schedule(zone, week, {shown[0][0] + n * DAY: closure for n, closure in near.items()})
    assert agree(schedule, first, shown, every=97) == []


@settings(max_examples=30, deadline=None)
@given(place=places_in_time(), week=weeks, near=closures_near)
def test_until_is_the_first_moment_of_the_other_state(
    place: tuple[str, Instant], week: tuple[tuple[Interval, ...], ...], near: dict[int, Closure]
) -> None:
    zone, instant = place
    today = moment(instant).date()
    schedule = Schedule(zone, week, {today + n * DAY: closure for n, closure in near.items()})
    opening = look(schedule, moment(instant))
    assert opening.open is is_open(schedule, moment(instant))
    if opening.until is None:
        assert all(is_open(schedule, moment(instant + n)) is opening.open for n in range(0, 9 * 1440, 11))
    else:
        change = opening.until.astimezone(UTC)
        assert is_open(schedule, change) is not opening.open
        assert is_open(schedule, change - MINUTE) is opening.open
        assert look(schedule, change - MINUTE).until == opening.until
