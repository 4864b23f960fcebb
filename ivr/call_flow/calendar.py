"""The hours of a location as they will really apply, day by day: weekly hours, closures, holidays and overrides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .hours import Because, look
from .model import Override, Schedule
from .overrides import sending

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a day in which one rule holds, `[begins, ends)`, both aware, in the schedule's zone.

    `because` is the rule that decides whether it is `open`, `name` the closure's or holiday's, else empty; `override`
    the one that decides, if one does. `sent`: calls go to another location meanwhile.
    """

    begins: datetime
    ends: datetime
    open: bool
    because: Because
    name: str
    override: Override | None = None
    sent: Override | None = None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One date and its stretches, which follow one another without a gap from midnight to midnight."""

    date: date
    stretches: tuple[Stretch, ...]

    @property
    def opened(self) -> tuple[Stretch, ...]:
        """The open stretches; those that touch are one, whatever their rules."""
        found: list[Stretch] = []
        for each in self.stretches:
            if each.open and found and found[-1].ends == each.begins:
                found[-1] = replace(found[-1], ends=each.ends)
            elif each.open:
                found.append(each)
        return tuple(found)

    @property
    def names(self) -> tuple[str, ...]:
        """The closures and holidays that decide here, each once."""
        return tuple(dict.fromkeys(each.name for each in self.stretches if each.name))

    @property
    def changed(self) -> tuple[Stretch, ...]:
        """The stretches that an override decides, or in which one sends calls to another location."""
        return tuple(each for each in self.stretches if each.override or each.sent)


def calendar(schedule: Schedule, first: date, days: int) -> tuple[CalendarDay, ...]:
    """`days` days from `first` on, as the schedule and its overrides have them. Pure."""
    return tuple(CalendarDay(day, tuple(_joined(schedule, day))) for day in (first + n * _DAY for n in range(days)))


def _joined(schedule: Schedule, day: date) -> Iterator[Stretch]:
    """The stretches of a day; neighbours under the same rule are one."""
    last: Stretch | None = None
    for each in _stretches(schedule, day):
        if last and replace(last, begins=each.begins, ends=each.ends) == each:
            last = replace(last, ends=each.ends)
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


def _stretches(schedule: Schedule, day: date) -> Iterator[Stretch]:
    """From the day's begin to its end, from one change of the state or edge of an override to the next."""
    zone = ZoneInfo(schedule.zone)
    now, end = (datetime.combine(each, time.min, zone).astimezone(UTC) for each in (day, day + _DAY))
    edges = sorted({edge for each in schedule.overrides for edge in (each.begins, each.ends)})
    while now < end:
        found = look(schedule, now)
        later = [edge for edge in (found.until, *edges) if edge is not None and edge > now]
        until = min([end, *later]).astimezone(UTC)
        yield Stretch(
            now.astimezone(zone),
            until.astimezone(zone),
            found.open,
            found.because,
            found.name,
            found.override,
            sending(schedule, now),
        )
        now = until
