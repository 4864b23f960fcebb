"""How a location's hours differ: by weekday, by closure, and on which of the next days that is felt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.call_flow.model import MINUTES_A_DAY, Closure, Interval, Location, Routing, Schedule

from .changed import Change, spoken_name

DAYS_AHEAD = 14
MOST_DATES = 3
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Intervals = tuple[Interval, ...]


def hours(place: str, old: Location, new: Location, routing: Routing, now: datetime) -> Iterator[Change]:
    """What changes in the hours of a location; `routing` is the new one, `now` an aware moment."""
    before, after = old.schedule, new.schedule
    today = now.astimezone(ZoneInfo(after.zone)).date()
    if before.zone != after.zone:
        yield Change(place, f"keeps the time of {after.zone} instead of {before.zone}.")
    for day, name in enumerate(DAYS):
        if before.week[day] != after.week[day]:
            felt = _felt(before, after, day, today)
            whither = _whither(before.week[day], after.week[day], new, routing) if felt else ""
            yield Change(
                f"{place}, {name}", f"{_instead(after.week[day], before.week[day])}.{_affected(felt)}{whither}"
            )
    yield from _closures(place, before, after, today)


def _felt(before: Schedule, after: Schedule, weekday: int, today: date) -> list[date]:
    """The next days of that weekday on which the weekly hours count."""
    ahead = (today + timedelta(days=number) for number in range(DAYS_AHEAD))
    return [day for day in ahead if day.weekday() == weekday and not (day in after.closures and day in before.closures)]


def _affected(days: list[date]) -> str:
    if not days:
        return f" No day of the next {DAYS_AHEAD} is affected."
    return f" In the next {DAYS_AHEAD} days this affects {_listed([_short(day) for day in days])}."


def _whither(before: Intervals, after: Intervals, location: Location, routing: Routing) -> str:
    """Where calls go in the time that was open and is not any more."""
    if _minutes(after) >= _minutes(before):
        return ""
    to = routing.destinations.get(location.when_closed)
    title = to.title if isinstance(to, Location) else spoken_name(location.when_closed)
    return f" Calls then go to {title}."


def _instead(after: Intervals, before: Intervals) -> str:
    """The change in the fewest words: closes, opens, is closed, or all hours."""
    if not after:
        return f"closed instead of {_span(before)}"
    if not before:
        return f"open {_span(after)} instead of closed"
    if len(after) == len(before) == 1:
        (new,), (old,) = after, before
        if new.opens == old.opens:
            return f"closes {_clock(new.closes)} instead of {_clock(old.closes)}"
        if new.closes == old.closes:
            return f"opens {_clock(new.opens)} instead of {_clock(old.opens)}"
    return f"open {_span(after)} instead of {_span(before)}"


def _closures(place: str, before: Schedule, after: Schedule, today: date) -> Iterator[Change]:
    """By name and kind of change: a holiday stands on dozens of dates, all told in one sentence."""
    told: dict[str, list[date]] = {}
    for day in sorted({*before.closures, *after.closures}):
        old, new = before.closures.get(day), after.closures.get(day)
        if old != new:
            told.setdefault(_closure(old, new), []).append(day)
    for words, days in told.items():
        ahead = [day for day in days if day >= today]
        when = _dates(ahead) if ahead else f"{_dates(days)}, all of them over"
        yield Change(place, f"{words}: {when}.")


def _closure(old: Closure | None, new: Closure | None) -> str:
    match old, new:
        case None, Closure():
            return _day(new)
        case Closure(), None:
            return f"no longer {_day(old)}"
        case Closure(), Closure():
            return f"{_day(new)} instead of {_day(old)}"
        case _:
            return ""


def _day(closure: Closure) -> str:
    kind = "the holiday" if closure.holiday else "the closure"
    if closure.hours:
        return f'open {_span(closure.hours)} for {kind} "{closure.name}"'
    return f'closed for {kind} "{closure.name}"'


def _dates(days: list[date]) -> str:
    shown = [f"{_short(day)} {day.year}" for day in days[:MOST_DATES]]
    more = len(days) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _span(intervals: Intervals) -> str:
    return ", ".join(f"{_clock(each.opens)}-{_clock(each.closes)}" for each in intervals) or "closed"


def _clock(minutes: int) -> str:
    """15:00; midnight at the end of a day is 24:00, and later times are of the next day."""
    hour, minute = divmod(minutes, 60)
    if minutes <= MINUTES_A_DAY:
        return f"{hour}:{minute:02}"
    return f"{hour - 24}:{minute:02} (next day)"


def _minutes(intervals: Intervals) -> int:
    return sum(each.closes - each.opens for each in intervals)


def _short(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
