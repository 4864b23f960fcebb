"""What needs a look now, a sentence each with what to do: shown on Today and on Health."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.accounts.people import Person
from ivr.accounts.roles import Right
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_log.database import reading
from ivr.call_log.days import begin_of
from ivr.call_log.fallbacks import calls_through_fallback
from ivr.call_log.findings import Severity, standing
from ivr.call_log.heartbeats import TestCall, newest_settled
from ivr.call_log.hosts import overview
from ivr.call_log.story import span
from ivr.journal.drainer import lag_of
from ivr.notices.alarms import lasting
from ivr.notices.set_up import missing
from ivr.notices.shown import given_up
from ivr.notices.urgent import how_many_wait
from ivr.notices.watching import unanswered
from ivr.publishing.overrides import titles_of
from ivr.telemetry.worker_file import read_worker_file

from .door import Door

LATE_SECONDS = 60
GIVEN_UP_LATELY = timedelta(days=3)
TAKE_IT = "Take it under To call back, or call back if it is yours already: then nobody is told again."
UNHEARD = "Call it yourself; then see Health, and: python -m ivr doctor"
NOT_PLACED = "Call it yourself: nobody knows whether it answers. Then: python -m ivr doctor"
LOOK_AT_PHONES = "See whether its phones ring: they may be unplugged, or nobody is there."
SEND_ACROSS = f"{LOOK_AT_PHONES} Until they are answered, send its calls across: on Today, under its name."
TELL = "Please tell your manager, or whoever looks after this service."


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, what it means for callers, and the cure: for whoever has the `right` to it, others tell one."""

    what: str
    cure: str
    right: Right = Right.HEALTH


def alarms(door: Door, person: Person) -> list[Alarm]:
    """All that is wrong at this moment, as far as this host and the database know, with what `person` can do."""
    return [each if person.may(each.right) else replace(each, cure=TELL) for each in _alarms(door)]


def _alarms(door: Door) -> list[Alarm]:
    now = door.services.clock()
    ours = [*_of_routing(door), *_of_journal(door, now), *_of_worker(door, now), *_of_jobs(door, now)]
    found = [*_of_urgent(door), *_of_phones(door, now), *ours, *_of_test_calls(door), *_of_fallback(door)]
    return [*found, *_of_doctor(door), *_of_notices(door, now)]


def _of_urgent(door: Door) -> list[Alarm]:
    count = how_many_wait(door.engine)
    if not count:
        return []
    what = "An urgent call waits" if count == 1 else f"{count} urgent calls wait"
    return [Alarm(f"{what}: nobody on call took it.", TAKE_IT, Right.WORK)]


def _of_phones(door: Door, now: datetime) -> list[Alarm]:
    """Locations where nobody takes the calls. One that is no longer in the routing rings nowhere."""
    titles = titles_of(door.routing)
    with reading(door.engine) as connection:
        places = [name for name in lasting(connection, NoticeKind.PHONES_UNANSWERED) if name in titles]
        counts = unanswered(connection, now) if places else {}
    cure = SEND_ACROSS if len(titles) > 1 else LOOK_AT_PHONES
    return [Alarm(_untaken(titles[name], counts.get(name, 0)), cure, Right.OVERRIDE) for name in places]


def _untaken(title: str, count: int) -> str:
    """`count` is 0 when the last of those calls is more than a day ago."""
    which = f"the last {count}" if count > 1 else "the last ones"
    return f"Nobody takes the calls at {title}: {which} went unanswered."


def _of_routing(door: Door) -> list[Alarm]:
    live = door.services.live
    if not live.problems and not live.trouble:
        return []
    what = "The configuration on disk is not in use: callers hear the last good one."
    first = live.problems[0] if live.problems else str(live.trouble)
    return [Alarm(what, f"{first} All of it: python -m ivr check")]


def _of_journal(door: Door, now: datetime) -> list[Alarm]:
    lag = lag_of(door.services.settings.data / "journal", now)
    found = []
    if lag.seconds > LATE_SECONDS:
        what = f"The call log is {span(lag.seconds)} behind. Calls are answered, but do not show here yet."
        found.append(Alarm(what, "Start the worker, or look at its log: python -m ivr worker"))
    if door.services.journal.trouble:
        found.append(Alarm("What happens in calls cannot be written down on this host.", "Look at its disk."))
    return found


def _of_worker(door: Door, now: datetime) -> list[Alarm]:
    worker = read_worker_file(door.services.settings.data)
    if worker is not None and not worker.is_silent(now):
        return []
    return [Alarm("No worker runs on this host: the call log stands still.", "Start it: python -m ivr worker")]


def _of_fallback(door: Door) -> list[Alarm]:
    today = begin_of(door.now().date(), door.zone)
    count = calls_through_fallback(door.engine, today)
    if not count:
        return []
    calls = "1 call of today" if count == 1 else f"{count} calls of today"
    what = f"{calls} came through the fallback: the service did not answer Twilio in time."
    return [Alarm(what, "See the service's log at those times, and: python -m ivr doctor")]


def _of_test_calls(door: Door) -> list[Alarm]:
    with reading(door.engine) as connection:
        lines = lasting(connection, NoticeKind.TEST_CALL_UNHEARD)
    calls = newest_settled(door.engine) if lines else {}
    return [_unheard(line, calls.get(line)) for line in lines]


def _unheard(line: str, call: TestCall | None) -> Alarm:
    """Where the newest test call says why it could not be placed, the line itself may be well."""
    if call is None or not call.fault:
        return Alarm(f"A test call to the line “{line}” was not answered with its greeting.", UNHEARD)
    placed = "may not have been placed" if call.unsure else "could not be placed"
    return Alarm(f"The test call to the line “{line}” {placed}: {call.fault}.", NOT_PLACED)


def _of_doctor(door: Door) -> list[Alarm]:
    """What the hourly examination found; what it could only not look at stands on Health alone."""
    found = [each.finding for each in standing(door.engine) if each.finding.severity is not Severity.NOTE]
    return [Alarm(f"{each.what} {each.why}", each.mend) for each in found]


def _of_jobs(door: Door, now: datetime) -> list[Alarm]:
    found = overview(door.engine)
    failing = [
        Alarm(f"The job “{lease.job}” fails: {lease.fault}", "It is tried again by itself; see Health.")
        for lease in found.leases
        if lease.fault
    ]
    aside = sum(found.set_aside.values())
    if aside:
        what = f"{aside} journal lines could not be read and were set aside."
        failing.append(Alarm(what, "They are kept; docs/operations.md tells what to do with them."))
    return failing


def _of_notices(door: Door, now: datetime) -> list[Alarm]:
    """Letters given up lately; older ones are on the page Notices."""
    found = [Alarm(each, "See docs/notices.md.") for each in missing(door.services.settings, door.routing)]
    dead = given_up(door.engine, now - GIVEN_UP_LATELY)
    if dead:
        what = f"{dead} notice{'' if dead == 1 else 's'} could not be sent: somebody was not told."
        found.append(Alarm(what, "Notices says whom and why, and sends again."))
    return found
