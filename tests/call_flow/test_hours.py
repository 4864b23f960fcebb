"""What the hours promise, case by case, with moments worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from ivr.call_flow.hours import Because, Opening, is_open, look, opens_at
from ivr.call_flow.model import Closure, Interval, Schedule

SPLIT = (Interval(8 * 60, 12 * 60), Interval(13 * 60, 17 * 60))
NIGHT = (Interval(22 * 60, 30 * 60),)
ALL_DAY = (Interval(0, 1440),)
NEVER = ((),) * 7
PHOENIX = "America/Phoenix"
NEW_YORK = "America/New_York"


def weekdays(hours: tuple[Interval, ...], zone: str = PHOENIX, **closures: Closure) -> Schedule:
    return Schedule(zone, (hours,) * 5 + ((), ()), dated(closures))


def daily(hours: tuple[Interval, ...], zone: str = PHOENIX, **closures: Closure) -> Schedule:
    return Schedule(zone, (hours,) * 7, dated(closures))


def dated(closures: dict[str, Closure]) -> dict[date, Closure]:
    """Keyword names such as on_2026_11_26 as dates."""
    return {date.fromisoformat(name.removeprefix("on_").replace("_", "-")): value for name, value in closures.items()}


def at(text: str, zone: str = PHOENIX) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def until(schedule: Schedule, now: datetime) -> datetime | None:
    """The instant of the next change in UTC: moments of one zone compare by wall clock, folds included."""
    change = look(schedule, now).until
    return None if change is None else change.astimezone(UTC)


# Weekly hours. -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23 07:59:59.999999", False),
        ("2026-11-23 08:00", True),
        ("2026-11-23 11:59:59.999999", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 12:59", False),
        ("2026-11-23 13:00", True),
        ("2026-11-23 17:00", False),
        ("2026-11-28 10:00", False),
    ],
)
def test_a_shift_holds_its_first_minute_and_not_its_last(now: str, expected: bool) -> None:
    assert is_open(weekdays(SPLIT), at(now)) is expected


def test_the_reason_of_an_ordinary_day_is_the_hours() -> None:
    assert look(weekdays(SPLIT), at("2026-11-23 12:30")) == Opening(
        open=False, because=Because.HOURS, name="", until=at("2026-11-23 13:00")
    )


def test_a_weekend_lasts_until_monday_morning() -> None:
    assert until(weekdays(SPLIT), at("2026-11-27 17:00")) == at("2026-11-30 08:00")


def test_a_night_shift_runs_past_midnight_and_ends_in_the_morning() -> None:
    schedule = weekdays(NIGHT)
    assert is_open(schedule, at("2026-11-28 05:59"))  # Saturday, from Friday
    assert not is_open(schedule, at("2026-11-28 06:00"))
    assert not is_open(schedule, at("2026-11-23 05:59"))  # Monday: no shift began on Sunday
    assert until(schedule, at("2026-11-27 22:00")) == at("2026-11-28 06:00")


def test_all_day_every_day_has_no_midnight() -> None:
    assert look(daily(ALL_DAY), at("2026-11-23 23:59")) == Opening(True, Because.HOURS, "", None)


@pytest.mark.parametrize("hours", [(), ALL_DAY, (Interval(0, 720), Interval(720, 2880))])
def test_changes_of_the_clock_do_not_interrupt_what_never_changes(hours: tuple[Interval, ...]) -> None:
    opening = look(daily(hours, NEW_YORK), utc("2026-10-31 12:00"))
    assert opening == Opening(bool(hours), Because.HOURS, "", None)


def test_days_that_touch_at_midnight_are_one_opening() -> None:
    schedule = Schedule(PHOENIX, (ALL_DAY, (Interval(0, 60),), *((),) * 5))
    assert until(schedule, at("2026-11-23 09:00")) == at("2026-11-24 01:00")


def test_shifts_that_touch_or_overlap_are_one_opening() -> None:
    schedule = daily((Interval(700, 800), Interval(480, 600), Interval(600, 660), Interval(650, 700)))
    assert until(schedule, at("2026-11-23 08:00")) == at("2026-11-23 13:20")


def test_no_hours_at_all_never_open() -> None:
    assert look(Schedule(PHOENIX, NEVER), at("2026-11-23 09:00")) == Opening(False, Because.HOURS, "", None)
    assert opens_at(Schedule(PHOENIX, NEVER), at("2026-11-23 09:00")) is None


def test_a_leap_day_is_a_day_like_any_other() -> None:
    only_tuesdays = Schedule(PHOENIX, ((), SPLIT, *((),) * 5))
    assert is_open(only_tuesdays, at("2028-02-29 09:00"))
    assert until(only_tuesdays, at("2028-02-28 09:00")) == at("2028-02-29 08:00")
    assert until(daily(NIGHT), at("2028-02-28 23:00")) == at("2028-02-29 06:00")


# Closures and holidays. ----------------------------------------------------------------------------------------------


def test_a_holiday_closes_the_day_and_gives_its_name() -> None:
    schedule = weekdays(SPLIT, on_2026_11_26=Closure("Thanksgiving Day", holiday=True))
    assert look(schedule, at("2026-11-26 10:00")) == Opening(
        False, Because.HOLIDAY, "Thanksgiving Day", at("2026-11-27 08:00")
    )


def test_a_short_day_is_open_by_its_own_hours_and_says_so() -> None:
    schedule = weekdays(SPLIT, on_2026_12_11=Closure("Staff training", hours=(Interval(8 * 60, 12 * 60),)))
    assert look(schedule, at("2026-12-11 09:00")) == Opening(
        True, Because.CLOSURE, "Staff training", at("2026-12-11 12:00")
    )
    assert look(schedule, at("2026-12-11 14:00")) == Opening(
        False, Because.CLOSURE, "Staff training", at("2026-12-14 08:00")
    )


def test_a_closure_can_open_a_day_that_the_week_closes() -> None:
    schedule = weekdays(SPLIT, on_2026_11_28=Closure("Flu clinic", hours=(Interval(9 * 60, 12 * 60),)))
    assert look(schedule, at("2026-11-28 10:00")).because is Because.CLOSURE
    assert until(schedule, at("2026-11-27 17:00")) == at("2026-11-28 09:00")


def test_a_range_of_closed_dates_over_the_year_end_is_one_closing() -> None:
    days = [date(2026, 12, 24) + timedelta(days=n) for n in range(10)]
    schedule = Schedule(PHOENIX, (SPLIT,) * 7, {day: Closure("Winter break") for day in days})
    assert look(schedule, at("2026-12-31 23:59")) == Opening(
        False, Because.CLOSURE, "Winter break", at("2027-01-03 08:00")
    )


def test_a_closure_cuts_off_the_night_shift_before_it() -> None:
    schedule = daily(NIGHT, on_2026_11_26=Closure("Thanksgiving Day", holiday=True))
    assert until(schedule, at("2026-11-25 23:00")) == at("2026-11-26 00:00")
    assert not is_open(schedule, at("2026-11-26 00:00"))


def test_the_small_hours_after_a_closure_are_closed_because_of_it() -> None:
    schedule = daily(NIGHT, on_2026_11_26=Closure("Thanksgiving Day", holiday=True))
    assert look(schedule, at("2026-11-27 05:59")) == Opening(
        False, Because.HOLIDAY, "Thanksgiving Day", at("2026-11-27 22:00")
    )
    assert look(schedule, at("2026-11-27 06:00")).because is Because.HOURS


def test_the_hours_of_a_closure_may_run_past_midnight() -> None:
    schedule = weekdays(SPLIT, on_2026_12_31=Closure("Late night", hours=(Interval(20 * 60, 26 * 60),)))
    assert look(schedule, at("2027-01-01 01:59")) == Opening(
        True, Because.CLOSURE, "Late night", at("2027-01-01 02:00")
    )
    assert look(schedule, at("2027-01-01 02:00")) == Opening(False, Because.HOURS, "", at("2027-01-01 08:00"))


def test_the_hours_of_the_day_itself_come_before_a_closure_of_the_day_before() -> None:
    late = Closure("Late night", hours=(Interval(20 * 60, 34 * 60),))
    schedule = weekdays(SPLIT, on_2026_12_31=late)
    assert look(schedule, at("2027-01-01 07:00")).because is Because.CLOSURE
    assert look(schedule, at("2027-01-01 09:00")) == Opening(True, Because.HOURS, "", at("2027-01-01 12:00"))


def test_of_two_closures_in_a_row_the_second_cuts_off_the_first() -> None:
    late = Closure("Late night", hours=(Interval(20 * 60, 26 * 60),))
    schedule = weekdays(SPLIT, on_2026_12_30=late, on_2026_12_31=Closure("Painting"))
    assert look(schedule, at("2026-12-31 00:30")) == Opening(False, Because.CLOSURE, "Painting", at("2027-01-01 08:00"))


# The change of the clock. --------------------------------------------------------------------------------------------


def test_the_skipped_hour_ends_an_opening_at_the_jump() -> None:
    schedule = daily((Interval(60, 150),), NEW_YORK)  # 1:00-2:30
    change = look(schedule, at("2027-03-14 01:30", NEW_YORK)).until
    assert change is not None
    assert change.isoformat() == "2027-03-14T03:00:00-04:00"


def test_an_opening_within_the_skipped_hour_does_not_happen() -> None:
    schedule = daily((Interval(120, 180),), NEW_YORK)  # 2:00-3:00
    assert until(schedule, at("2027-03-13 12:00", NEW_YORK)) == utc("2027-03-15 06:00")


def test_an_opening_that_began_in_the_skipped_hour_begins_at_the_jump() -> None:
    schedule = daily((Interval(150, 240),), NEW_YORK)  # 2:30-4:00
    assert until(schedule, at("2027-03-14 01:00", NEW_YORK)) == utc("2027-03-14 07:00")


def test_the_hour_that_comes_twice_is_open_twice() -> None:
    schedule = daily((Interval(0, 90),), NEW_YORK)  # 0:00-1:30
    assert until(schedule, utc("2026-11-01 04:30")) == utc("2026-11-01 05:30")
    assert until(schedule, utc("2026-11-01 05:45")) == utc("2026-11-01 06:00")
    assert until(schedule, utc("2026-11-01 06:10")) == utc("2026-11-01 06:30")
    again = opens_at(schedule, utc("2026-11-01 05:45"))
    assert again is not None
    assert (again.isoformat(), again.fold) == ("2026-11-01T01:00:00-05:00", 1)


def test_a_night_shift_is_an_hour_longer_when_the_clock_goes_back() -> None:
    schedule = daily(NIGHT, NEW_YORK)
    assert until(schedule, utc("2026-11-01 02:00")) == utc("2026-11-01 11:00")
    assert until(schedule, utc("2026-11-02 03:00")) == utc("2026-11-02 11:00")


def test_a_moment_that_the_clock_skips_is_read_as_the_one_that_follows() -> None:
    schedule = daily((Interval(120, 180),), NEW_YORK)
    skipped = at("2027-03-14 02:30", NEW_YORK)
    assert not is_open(schedule, skipped)
    assert until(schedule, skipped) == utc("2027-03-15 06:00")


def test_a_date_that_the_calendar_skips_does_not_open() -> None:
    # Samoa went from 29 to 31 December 2011; the 30th was a Friday.
    schedule = Schedule("Pacific/Apia", (*((),) * 4, ALL_DAY, (), SPLIT))
    assert until(schedule, utc("2011-12-30 09:00")) == utc("2011-12-31 18:00")  # Sunday 1 January, 8:00 at +14


def test_a_zone_without_daylight_saving_keeps_its_hours_all_year() -> None:
    for month in range(1, 13):
        now = datetime(2027, month, 14, 12, 30, tzinfo=UTC)
        assert until(daily(SPLIT), now) == now.replace(hour=15, minute=0)


# Moments in and out. -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [is_open, look, opens_at])
def test_a_naive_moment_is_refused(ask: Callable[[Schedule, datetime], object]) -> None:
    with pytest.raises(ValueError, match="aware"):
        ask(daily(SPLIT), datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001  the fault under test


@pytest.mark.parametrize("ask", [is_open, look, opens_at])
def test_a_zone_unknown_to_the_system_is_named(ask: Callable[[Schedule, datetime], object]) -> None:
    with pytest.raises(ZoneInfoNotFoundError, match="America/Scottsdale"):
        ask(daily(SPLIT, "America/Scottsdale"), utc("2026-11-23 16:00"))


def test_the_zone_of_the_question_does_not_matter_and_the_answer_is_in_the_schedules() -> None:
    for zone in ("UTC", "Asia/Kathmandu", NEW_YORK, PHOENIX):
        opening = look(daily(SPLIT), utc("2026-11-23 15:30").astimezone(ZoneInfo(zone)))
        assert opening.open
        assert opening.until == at("2026-11-23 12:00")
        assert opening.until.tzinfo is ZoneInfo(PHOENIX)


def test_an_open_location_opens_now() -> None:
    now = utc("2026-11-23 15:30:12")
    assert opens_at(daily(SPLIT), now) is now


def test_a_closed_location_opens_at_its_next_change() -> None:
    assert opens_at(weekdays(SPLIT), at("2026-11-28 10:00:30")) == at("2026-11-30 08:00")


def test_a_change_on_the_horizon_is_seen_and_one_beyond_it_is_not() -> None:
    now = at("2026-11-23 08:00")
    days = [date(2026, 11, 23) + timedelta(days=n) for n in range(400)]
    schedule = Schedule(PHOENIX, ((Interval(480, 1020),),) * 7, {day: Closure("Move") for day in days})
    assert until(schedule, now) == now + timedelta(days=400)
    assert until(schedule, now - timedelta(minutes=1)) is None


@pytest.mark.parametrize(
    "opening",
    [utc("2028-04-04 12:00"), utc("2027-11-24 13:00")],
    ids=["the wall gains an hour on the way", "the wall loses an hour on the way"],
)
def test_the_horizon_is_time_that_passes_and_not_what_the_wall_shows(opening: datetime) -> None:
    now = opening - timedelta(days=400)
    closed = {now.date() + timedelta(days=n): Closure("Move") for n in range(-1, 400)}
    schedule = Schedule(NEW_YORK, ((Interval(480, 1020),),) * 7, closed)  # opens at 8:00 on the 400th day
    assert until(schedule, now) == opening
    assert until(schedule, now - timedelta(minutes=1)) is None


@pytest.mark.parametrize("name", ["open", "because", "name", "until"])
def test_an_opening_cannot_be_changed(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(look(daily(SPLIT), utc("2026-11-23 16:00")), name, None)
