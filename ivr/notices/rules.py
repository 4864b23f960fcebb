"""Who is told of a notice, by which way, and when: rules, digests and quiet hours by the clinic's clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, Rule, Way

WEBHOOK = ""  # the webhook tells no single person
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Telling:
    """Somebody to tell, by a way, from a moment on (aware, UTC). `passes`: it may neither wait nor be limited."""

    person: str
    way: Way
    due_at: datetime
    passes: bool


def tellings(rules: NoticeRules, kind: NoticeKind | str, location: str, zone: ZoneInfo, now: datetime) -> list[Telling]:
    """Whom the rules name for a notice made `now`; of several rules for the same person and way the earliest counts.

    A notice without a location concerns the whole clinic, and so everybody. A kind that is no NoticeKind is in no rule.
    """
    found: dict[tuple[str, Way], Telling] = {}
    for telling in _all(rules, kind, location, zone, now):
        other = found.get((telling.person, telling.way))
        if other is None or (telling.due_at, not telling.passes) < (other.due_at, not other.passes):
            found[telling.person, telling.way] = telling
    return list(found.values())


def may_leave_at(
    rules: NoticeRules, to: tuple[str, Way], told: Iterable[tuple[NoticeKind | str, str]], zone: ZoneInfo, now: datetime
) -> datetime:
    """When a letter to a person by a way may leave: now, or after the quiet hours that last now.

    `told` are the kinds and locations of its notices; one that may pass takes the others along.
    """
    for kind, location in told:
        found = _all(rules, kind, location, zone, now)
        if any(telling.passes and (telling.person, telling.way) == to for telling in found):
            return now
    return after_quiet(quiet_of(rules, to[0]), now, zone)


def quiet_of(rules: NoticeRules, person: str) -> tuple[int, int] | None:
    """Somebody's quiet hours; None for the webhook and for people that are not named any more."""
    told = rules.people.get(person)
    return None if told is None else told.quiet


def after_quiet(quiet: tuple[int, int] | None, moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in. In UTC."""
    if quiet is None:
        return moment
    local = moment.astimezone(zone).replace(tzinfo=None)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight, midnight - A_DAY):
        begins, ends = (day + timedelta(minutes=minutes) for minutes in quiet)
        if begins <= local < ends:
            return ends.replace(tzinfo=zone).astimezone(UTC)
    return moment


def next_time(times: tuple[int, ...], moment: datetime, zone: ZoneInfo) -> datetime:
    """The first of these times of day (minutes after midnight) that comes after a moment. In UTC."""
    local = moment.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    days = (midnight + A_DAY * number for number in range(3))
    coming = ((day + timedelta(minutes=each)).replace(tzinfo=zone).astimezone(UTC) for day in days for each in times)
    return next(each for each in coming if each > moment)


def _all(rules: NoticeRules, kind: NoticeKind | str, location: str, zone: ZoneInfo, now: datetime) -> Iterator[Telling]:
    for rule in rules.rules:
        if kind not in rule.kinds or not _concerns(rule, location):
            continue
        urgent = kind is NoticeKind.URGENT_CALL  # it waits for no digest and no morning
        passes = rule.despite_quiet or urgent
        due_at = next_time(rule.times, now, zone) if rule.times and not urgent else now
        for way in rule.ways:
            if way is Way.WEBHOOK:
                yield Telling(WEBHOOK, way, due_at, passes)
                continue
            for name in rule.people:
                quiet = None if passes else quiet_of(rules, name)
                yield Telling(name, way, after_quiet(quiet, due_at, zone), passes)


def _concerns(rule: Rule, location: str) -> bool:
    return not rule.locations or not location or location in rule.locations
