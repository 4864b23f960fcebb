"""What only shows when somebody looks: hosts that are late or silent, locations where nobody takes a call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, case, func, select

from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_flow.turn import Outcome
from ivr.call_log.database import writing
from ivr.call_log.fallbacks import calls_through_fallback
from ivr.call_log.findings import Finding, Severity, Whose, everybodys, host_of
from ivr.call_log.hosts import HostReport
from ivr.call_log.tables import CallRow, LegRow

from .alarms import clear_alarm, hold_alarm, known_as, lasting, raise_alarm

LATE = timedelta(minutes=5)
SILENT = timedelta(minutes=2)
# A host that was silent for longer when it is first looked at was taken away, or this is an upgrade.
FORGOTTEN = timedelta(days=1)
LOOKED_BACK = timedelta(days=1)
FALLBACK_OVER = timedelta(hours=1)
GRAVE = ", an alarm by now"
# A caller who gave up first says nothing about the phones.
NOT_TAKEN = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED, Outcome.DECLINED)


def watch_hosts(engine: Engine, hosts: Sequence[HostReport], now: datetime, *, here: str = "") -> None:
    """Raise or clear the alarms of all hosts, by what they said last.

    `here` is the host that looks: it is not silent, though what it said before it was stopped may be old.
    """
    with writing(engine) as connection:
        for host in hosts:
            silence = abs(now - host.seen_at)  # seen later than now: silent since the clock was set back
            if silence > SILENT:
                if silence < FORGOTTEN and host.name != here:
                    raise_alarm(connection, NoticeKind.WORKER_SILENT, host.name, now)
                continue
            clear_alarm(connection, NoticeKind.WORKER_SILENT, host.name, now)
            if timedelta(seconds=host.behind_seconds) > LATE:
                raise_alarm(connection, NoticeKind.JOURNAL_BEHIND, host.name, now)
            else:
                clear_alarm(connection, NoticeKind.JOURNAL_BEHIND, host.name, now)


def watch_phones(engine: Engine, least: int, now: datetime) -> None:
    """Raise the alarm of each location where nobody took the last `least` calls; clear it when one was taken."""
    with writing(engine) as connection:
        for location, in_a_row in unanswered(connection, now).items():
            if in_a_row >= least:
                raise_alarm(connection, NoticeKind.PHONES_UNANSWERED, location, now, location=location)
            elif in_a_row == 0:
                clear_alarm(connection, NoticeKind.PHONES_UNANSWERED, location, now)


def unanswered(connection: Connection, now: datetime) -> dict[str, int]:
    """By location that rang within a day, how many calls nobody took there since the last one that somebody took.

    Raises SQLAlchemyError.
    """
    rang = _rang(connection, now)
    return {location: (taken.index(True) if True in taken else len(taken)) for location, taken in rang.items()}


def watch_configuration(engine: Engine, host: str, now: datetime, *, refused: bool) -> None:
    """Raise or clear the alarm that a host refuses what is on its disk."""
    with writing(engine) as connection:
        if refused:
            raise_alarm(connection, NoticeKind.CONFIGURATION_REFUSED, host, now)
        else:
            clear_alarm(connection, NoticeKind.CONFIGURATION_REFUSED, host, now)


def watch_database(engine: Engine, host: str, now: datetime, *, lost: bool) -> None:
    """Raise or clear the alarm that a host's damaged database was set aside."""
    with writing(engine) as connection:
        if lost:
            raise_alarm(connection, NoticeKind.DATABASE_LOST, host, now)
        else:
            clear_alarm(connection, NoticeKind.DATABASE_LOST, host, now)


def watch_fallback(engine: Engine, now: datetime) -> None:
    """Raise the alarm when a call came through the fallback; clear it after an hour in which none did."""
    came = calls_through_fallback(engine, now - FALLBACK_OVER)
    with writing(engine) as connection:
        if came:
            raise_alarm(connection, NoticeKind.FALLBACK_USED, "", now)
        else:
            clear_alarm(connection, NoticeKind.FALLBACK_USED, "", now)


def watch_test_call(engine: Engine, line: str, now: datetime, *, heard: bool) -> None:
    """Raise the alarm of a line whose greeting did not answer a test call; clear it when one was answered."""
    with writing(engine) as connection:
        if heard:
            clear_alarm(connection, NoticeKind.TEST_CALL_UNHEARD, line, now)
        else:
            raise_alarm(connection, NoticeKind.TEST_CALL_UNHEARD, line, now)


def watch_findings(engine: Engine, findings: Iterable[Finding], now: datetime, whose: Whose = everybodys) -> None:
    """Raise the alarm of each finding that needs mending; clear those that are not found any more.

    A finding is known by its kind and place: its sentence may change each hour, as a balance does. Who was told of a
    warning is told again when it has become an alarm. Only alarms are cleared that are `whose` the examination is.
    """
    wrong = [each for each in findings if each.severity is not Severity.NOTE]
    grave = {_known(each): _known(each, GRAVE) for each in wrong if each.severity is Severity.ALARM}
    names = {_known(each) for each in wrong}
    with writing(engine) as connection:
        for about in sorted(names):
            told = raise_alarm(connection, NoticeKind.DOCTOR_FINDING, about, now)
            if about in grave:
                tell = hold_alarm if told else raise_alarm
                tell(connection, NoticeKind.DOCTOR_FINDING, grave[about], now)
        for about in lasting(connection, NoticeKind.DOCTOR_FINDING):
            _, _, place = about.partition(" (")
            if about not in names.union(grave.values()) and whose(host_of(place)):
                clear_alarm(connection, NoticeKind.DOCTOR_FINDING, about, now)


def _known(finding: Finding, grown: str = "") -> str:
    """What a finding's alarm is known by. How bad it is stands first: the end of a long place is cut."""
    return known_as(f"{finding.code}{grown} ({finding.about})")


def _rang(connection: Connection, now: datetime) -> dict[str, list[bool]]:
    """By location, the last day's calls that rang there, the newest first: whether somebody took them."""
    taken = func.max(case((LegRow.outcome == Outcome.ANSWERED.value, 1), else_=0))
    not_taken = func.max(case((LegRow.outcome.in_([each.value for each in NOT_TAKEN]), 1), else_=0))
    query = (
        select(LegRow.location, taken.label("taken"))
        .join(CallRow, CallRow.sid == LegRow.call_sid)
        .where(CallRow.started_at > now - LOOKED_BACK, CallRow.draft.is_(False), CallRow.disposition != "")
        .where(LegRow.location != "")
        .group_by(LegRow.location, CallRow.sid, CallRow.started_at)
        .having((taken == 1) | (not_taken == 1))
        .order_by(CallRow.started_at.desc(), CallRow.sid)
    )
    found: dict[str, list[bool]] = {}
    for row in connection.execute(query):
        found.setdefault(row.location, []).append(bool(row.taken))
    return found
