"""The calendar shows each day's hours as they really apply, and never contradicts the rule that answers calls."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.call_flow.calendar import CalendarDay, calendar
from ivr.call_flow.hours import Because, is_open
from ivr.call_flow.model import Closure, Interval, Override, OverrideKind, Schedule

PHOENIX = ZoneInfo("America/Phoenix")
MONDAY = date(2026, 11, 23)
DAY_SHIFT = (Interval(8 * 60, 12 * 60), Interval(13 * 60, 17 * 60))
WEEK = (DAY_SHIFT,) * 5 + ((), ())


def at(day: int, clock: str, zone: ZoneInfo = PHOENIX) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02} {clock}").replace(tzinfo=zone)


def opened(day: CalendarDay) -> list[str]:
    return [f"{each.begins:%H:%M}-{each.ends:%H:%M}" for each in day.opened]


def test_a_plain_week_is_open_by_its_hours_and_closed_between() -> None:
    days = calendar(Schedule("America/Phoenix", WEEK), MONDAY, 7)
    assert [each.date for each in days] == [MONDAY + timedelta(days=number) for number in range(7)]
    assert [opened(day) for day in days] == [["08:00-12:00", "13:00-17:00"]] * 5 + [[], []]
    assert not any(day.names or day.changed for day in days)
    assert {each.because for day in days for each in day.stretches} == {Because.HOURS}


def test_closures_and_holidays_stand_on_their_days_by_name() -> None:
    closures = {
        date(2026, 11, 26): Closure("Thanksgiving Day", holiday=True),
        date(2026, 11, 27): Closure("Staff training", hours=(Interval(9 * 60, 12 * 60),)),
    }
    _, _, _, thursday, friday, saturday = calendar(Schedule("America/Phoenix", WEEK, closures), MONDAY, 6)
    assert (opened(thursday), thursday.names) == ([], ("Thanksgiving Day",))
    assert {each.because for each in thursday.stretches} == {Because.HOLIDAY}
    assert (opened(friday), friday.names) == (["09:00-12:00"], ("Staff training",))
    assert saturday.names == ()


def test_an_override_shows_where_it_decides_and_no_longer() -> None:
    early = Override(7, OverrideKind.CLOSE, "gilbert", at(24, "15:00"), at(25, "08:00"), "power outage")
    schedule = Schedule("America/Phoenix", WEEK, overrides=(early,))
    monday, tuesday, wednesday = calendar(schedule, MONDAY, 3)
    assert opened(tuesday) == ["08:00-12:00", "13:00-15:00"]
    assert [(f"{each.begins:%H:%M}", each.open) for each in tuesday.changed] == [("15:00", False)]
    assert [f"{each.ends:%H:%M}" for each in wednesday.changed] == ["08:00"]
    assert opened(wednesday) == ["08:00-12:00", "13:00-17:00"]
    assert monday.changed == ()


def test_opening_longer_joins_the_hours_that_touch_it() -> None:
    late = Override(8, OverrideKind.OPEN, "gilbert", at(24, "16:00"), at(24, "19:00"))
    (tuesday,) = calendar(Schedule("America/Phoenix", WEEK, overrides=(late,)), date(2026, 11, 24), 1)
    assert opened(tuesday) == ["08:00-12:00", "13:00-19:00"]
    assert [(f"{each.begins:%H:%M}", each.override) for each in tuesday.changed] == [("16:00", late)]


def test_calls_sent_across_are_told_though_the_hours_stay() -> None:
    send = Override(9, OverrideKind.SEND, "gilbert", at(24, "10:00"), at(24, "11:00"), to="scottsdale")
    (tuesday,) = calendar(Schedule("America/Phoenix", WEEK, overrides=(send,)), date(2026, 11, 24), 1)
    assert opened(tuesday) == ["08:00-12:00", "13:00-17:00"]
    assert [(f"{each.begins:%H:%M}", f"{each.ends:%H:%M}", each.sent) for each in tuesday.changed] == [
        ("10:00", "11:00", send)
    ]


def test_stretches_fill_each_day_without_a_gap_even_where_the_clock_changes() -> None:
    night = ((Interval(20 * 60, 30 * 60),),) * 7
    zone = ZoneInfo("America/New_York")
    for first in (date(2026, 10, 30), date(2026, 3, 6)):
        for day in calendar(Schedule("America/New_York", night), first, 5):
            lengths = [each.ends.astimezone(UTC) - each.begins.astimezone(UTC) for each in day.stretches]
            begin = datetime.combine(day.date, datetime.min.time(), zone).astimezone(UTC)
            end = datetime.combine(day.date + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
            assert sum(lengths, timedelta()) == end - begin
            for former, later in zip(day.stretches, day.stretches[1:], strict=False):
                assert former.ends == later.begins


def test_the_calendar_never_contradicts_the_rule_that_answers_calls() -> None:
    closures = {date(2026, 11, 26): Closure("Thanksgiving Day", holiday=True)}
    overrides = (
        Override(2, OverrideKind.EMERGENCY, "", at(25, "11:20"), at(25, "13:40")),
        Override(1, OverrideKind.OPEN, "gilbert", at(26, "09:10"), at(26, "10:50")),
    )
    schedule = Schedule("America/Phoenix", WEEK, closures, overrides)
    for day in calendar(schedule, MONDAY, 5):
        for each in day.stretches:
            moment = each.begins
            while moment < each.ends:
                assert is_open(schedule, moment) == each.open
                moment += timedelta(minutes=7)
