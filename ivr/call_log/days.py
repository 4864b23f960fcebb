"""Whole days of the clinic's calendar, and the moments at which they begin and end there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days, both ends included. ValueError when `last` is before `first`."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From the first moment (included) to the last (excluded), in UTC. A day may have 23, 24 or 25 hours."""
        return begin_of(self.first, zone), begin_of(self.last + ONE_DAY, zone)

    def texts(self) -> tuple[str, str]:
        """Both ends as the roll-up tables write them: 2026-11-24."""
        return self.first.isoformat(), self.last.isoformat()


def days_until(now: datetime, zone: ZoneInfo, count: int) -> Days:
    """The `count` days that end with today in `zone`; `now` is aware."""
    today = now.astimezone(zone).date()
    return Days(today - timedelta(days=count - 1), today)


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which `day` begins in `zone`, in UTC; where midnight is skipped, the moment of the skip."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
