"""Whose turn it is to be on call: by a swap, by a date, by the week. Pure; the moment is an argument.

A day of the rota begins when the clock on the wall first shows the hand-over time or a later one on its date, and lasts
until the next one begins; so a clock that is put back gives nobody's turn a second time, and one that is put forward
over the hand-over leaves nobody out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .model import Phone, Rota, Routing, UrgentCall

FAR_DAYS = 60
ROTA_NOTICE = timedelta(days=28)  # a rota of dates need not be written further ahead
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's time on call, `[begins, ends)` in UTC; `name` "" is nobody's."""

    name: str
    begins: datetime
    ends: datetime


def on_call(rota: Rota, now: datetime) -> str:
    """Whose turn it is at the aware moment `now`, "" when it is nobody's. Microseconds: it is on the call path.

    In the turn of somebody who is out this is who rings in their place, so that nobody is named who is never rung.
    """
    whose = _swapped(rota, now) or _of_day(rota, _day_at(rota, now))
    if not whose:
        return ""
    return next((person.name for person in in_order(rota, number_of(rota, whose))), whose)


def lasts_until(rota: Rota, now: datetime, days: int = FAR_DAYS) -> datetime | None:
    """When another's turn begins, or nobody's, in the rota's zone; None when that is more than `days` away."""
    whose, zone = on_call(rota, now), ZoneInfo(rota.zone)
    for at in _changes(rota, now, now + days * _DAY):
        if on_call(rota, at) != whose:
            return at.astimezone(zone)
    return None


def shifts(rota: Rota, since: datetime, end: datetime) -> Iterator[Shift]:
    """The shifts from one aware moment to another, without a gap between them. The first may have begun before."""
    begins, whose = since.astimezone(UTC), on_call(rota, since)
    for at in _changes(rota, since, end):
        if (name := on_call(rota, at)) != whose:
            yield Shift(whose, begins, at)
            begins, whose = at, name
    yield Shift(whose, begins, end.astimezone(UTC))


def over_at(rota: Rota) -> datetime | None:
    """When the last turn that is written down ends, in UTC; None when the weeks go on for ever or there is no turn."""
    if (rota.weeks and rota.starting) or not rota.dates:
        return None
    return _begins(rota, max(rota.dates) + _DAY)


def in_order(rota: Rota, first: int) -> tuple[Phone, ...]:
    """Who is rung, one after another: from person number `first` once round, those who are out left out."""
    people = (*rota.people[first:], *rota.people[:first])
    return tuple(person for person in people if person.enabled)


def number_of(rota: Rota, name: str) -> int:
    """The number of a person, 0 for the first; the first stands for nobody, since somebody must ring."""
    return next((number for number, person in enumerate(rota.people) if person.name == name), 0)


def rotas_of(routing: Routing) -> dict[str, Rota]:
    """Every rota that urgent calls ring, by its name."""
    return {place.rota.name: place.rota for place in routing.destinations.values() if isinstance(place, UrgentCall)}


def _swapped(rota: Rota, now: datetime) -> str:
    people = {person.name for person in rota.people}
    return next((each.to for each in rota.swaps if each.begins <= now < each.ends and each.to in people), "")


def _of_day(rota: Rota, day: date) -> str:
    if day in rota.dates:
        return rota.dates[day]
    if not rota.weeks or rota.starting is None or day < rota.starting:
        return ""
    return rota.weeks[(day - rota.starting).days // _WEEK_DAYS % len(rota.weeks)]


def _day_at(rota: Rota, now: datetime) -> date:
    """The day of the rota at `now`: today once its hand-over has been, else yesterday."""
    zone = ZoneInfo(rota.zone)
    wall = now.astimezone(UTC).astimezone(zone)  # by way of UTC, so that a moment of this zone that was skipped counts
    today = wall.date()
    shown = wall.hour * 60 + wall.minute >= rota.hand_over
    # In the hour that autumn repeats the hand-over may have been in its first pass.
    return today if shown or now >= _wall(today, rota.hand_over, zone) else today - _DAY


def _wall(day: date, minute: int, zone: ZoneInfo, fold: int = 0) -> datetime:
    wall = datetime.combine(day, time(minute // 60, minute % 60, fold=fold), zone)
    return wall.astimezone(UTC)


def _begins(rota: Rota, day: date) -> datetime:
    """The instant at which a day of the rota begins, in UTC."""
    zone = ZoneInfo(rota.zone)
    at = _wall(day, rota.hand_over, zone)
    wall = at.astimezone(zone)
    if wall.hour * 60 + wall.minute == rota.hand_over:
        return at
    # That time is skipped on this date: the first minute after the jump, which lies between the two readings.
    before = _wall(day, rota.hand_over, zone, fold=1)
    most = (at - before) // _MINUTE

    def has_begun(minutes: int) -> bool:
        return _day_at(rota, before + minutes * _MINUTE) >= day

    return before + bisect_left(range(most), True, key=has_begun) * _MINUTE


def _changes(rota: Rota, since: datetime, end: datetime) -> list[datetime]:
    """Every instant after `since` and before `end` at which another's turn can begin, in UTC and in order."""
    first, last = since.astimezone(UTC).date() - _DAY, end.astimezone(UTC).date() + _DAY
    days = {day + each for day in rota.dates for each in (timedelta(0), _DAY)}
    if rota.weeks and rota.starting:
        first_week = max(rota.starting, first - (first - rota.starting) % (_WEEK_DAYS * _DAY))
        weeks = max(0, (last - first_week).days // _WEEK_DAYS + 1)
        days |= {first_week + number * _WEEK_DAYS * _DAY for number in range(weeks)}
    found = {_begins(rota, day) for day in days if first <= day <= last}
    found |= {edge.astimezone(UTC) for each in rota.swaps for edge in (each.begins, each.ends)}
    return sorted(at for at in found if since < at < end)
