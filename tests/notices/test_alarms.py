"""Alarms are told once while they last, by however many hosts; what nobody reports is seen by looking."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from ivr.call_flow.events import CallArrived, CallEnded, CameThroughFallback, Event, Rang, RingingEnded
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_flow.turn import Outcome
from ivr.call_log.database import reading, writing
from ivr.call_log.findings import Finding, Severity, on_host
from ivr.call_log.hosts import HostReport
from ivr.call_log.recorder import record
from ivr.journal.entry import entries_for
from ivr.notices.alarms import clear_alarm, lasting, raise_alarm
from ivr.notices.tables import NoticeRow
from ivr.notices.watching import (
    watch_configuration,
    watch_database,
    watch_fallback,
    watch_findings,
    watch_hosts,
    watch_phones,
)
from tests.conftest import ZONE

from .conftest import NOW

KIND = NoticeKind.DOCTOR_FINDING
MINUTE = timedelta(minutes=1)


def told(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        rows = connection.execute(select(NoticeRow.kind, NoticeRow.about).order_by(NoticeRow.made_at))
        return [(row.kind, row.about) for row in rows]


def say(engine: Engine, now: datetime = NOW, about: str = "the certificate expires in 9 days") -> bool:
    with writing(engine) as connection:
        return raise_alarm(connection, KIND, about, now)


def clear(engine: Engine, now: datetime) -> None:
    with writing(engine) as connection:
        clear_alarm(connection, KIND, "the certificate expires in 9 days", now)


def test_an_alarm_that_lasts_is_told_once(database: Engine) -> None:
    assert say(database)
    assert not say(database, NOW + timedelta(days=3))
    assert told(database) == [(KIND, "the certificate expires in 9 days")]


def test_one_that_was_cleared_and_comes_back_is_told_again_but_not_every_few_minutes(database: Engine) -> None:
    say(database)
    clear(database, NOW + 5 * MINUTE)
    assert not say(database, NOW + 10 * MINUTE)
    assert say(database, NOW + 61 * MINUTE)
    assert len(told(database)) == 2


def test_hosts_that_say_it_at_the_same_moment_make_one_notice(database: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: say(database), range(8))) == 1
    assert len(told(database)) == 1


def test_a_long_finding_is_cut_and_still_told_once(outbox: Engine) -> None:
    assert say(outbox, about="x" * 500)
    assert not say(outbox, about="x" * 500)
    assert told(outbox) == [(KIND, "x" * 100)]


def host(name: str, seen_ago: timedelta, behind_seconds: int = 0) -> HostReport:
    return HostReport(name, NOW - seen_ago, None, 0, behind_seconds, "v1")


def test_a_silent_worker_is_told_by_another_host_and_a_host_of_long_ago_is_not(database: Engine) -> None:
    hosts = [host("one", MINUTE), host("two", 5 * MINUTE), host("gone", timedelta(days=9))]
    watch_hosts(database, hosts, NOW)
    watch_hosts(database, hosts, NOW)
    assert told(database) == [(NoticeKind.WORKER_SILENT, "two")]


def test_a_journal_that_is_late_is_told_until_it_is_drained(outbox: Engine) -> None:
    watch_hosts(outbox, [host("one", MINUTE, 299)], NOW)
    assert told(outbox) == []
    watch_hosts(outbox, [host("one", MINUTE, 301)], NOW)
    watch_hosts(outbox, [host("one", MINUTE, 400)], NOW)
    assert told(outbox) == [(NoticeKind.JOURNAL_BEHIND, "one")]


def test_a_refused_configuration_is_told_once_by_each_host(outbox: Engine) -> None:
    for name in ("one", "two", "one"):
        watch_configuration(outbox, name, NOW, refused=True)
    assert sorted(about for _, about in told(outbox)) == ["one", "two"]


def test_a_lost_database_is_told_once_and_says_what_does_not_come_back(outbox: Engine) -> None:
    for _ in range(2):
        watch_database(outbox, "one", NOW, lost=True)
    assert told(outbox) == [(NoticeKind.DATABASE_LOST, "one")]
    watch_database(outbox, "one", NOW, lost=False)
    with reading(outbox) as connection:
        assert lasting(connection, NoticeKind.DATABASE_LOST) == []


def a_call(engine: Engine, number: int, outcome: Outcome, location: str = "gilbert") -> None:
    sid, began = f"CA{number:032x}", NOW - timedelta(hours=2) + number * MINUTE
    facts: list[tuple[int, int, Event, str]] = [
        (0, 0, CallArrived("main", "en-US"), ""),
        (1, 5, Rang(location, ("desk",), 20, 1, location, False), ""),
        (2, 30, RingingEnded(location, ("desk",), 1, outcome, 10), ""),
        (0, 40, CallEnded("completed", 40), "completed:"),
    ]
    entries = [
        entry
        for hop, seconds, event, tag in facts
        for entry in entries_for(sid, hop, began + timedelta(seconds=seconds), "v1", (event,), tag)
    ]
    record(engine, entries, zone=ZONE, heard_at=NOW)


def test_a_location_whose_phones_nobody_took_for_three_calls_is_told_once(database: Engine) -> None:
    a_call(database, 1, Outcome.ANSWERED)
    a_call(database, 2, Outcome.NO_ANSWER)
    a_call(database, 3, Outcome.BUSY)
    watch_phones(database, 3, NOW)
    assert told(database) == []
    a_call(database, 4, Outcome.FAILED)
    watch_phones(database, 3, NOW)
    a_call(database, 5, Outcome.NO_ANSWER)
    watch_phones(database, 3, NOW + MINUTE)
    assert told(database) == [(NoticeKind.PHONES_UNANSWERED, "gilbert")]


def test_callers_who_gave_up_say_nothing_about_the_phones_and_other_locations_neither(outbox: Engine) -> None:
    for number in range(1, 6):
        a_call(outbox, number, Outcome.CALLER_LEFT)
    a_call(outbox, 6, Outcome.NO_ANSWER)
    a_call(outbox, 7, Outcome.NO_ANSWER, "scottsdale")
    a_call(outbox, 8, Outcome.NO_ANSWER)
    watch_phones(outbox, 3, NOW)
    assert told(outbox) == []


def test_once_somebody_took_a_call_a_new_row_of_them_is_told_anew(outbox: Engine) -> None:
    for number in range(1, 4):
        a_call(outbox, number, Outcome.NO_ANSWER)
    watch_phones(outbox, 3, NOW)
    a_call(outbox, 4, Outcome.ANSWERED)
    watch_phones(outbox, 3, NOW + 20 * MINUTE)
    for number in range(5, 8):
        a_call(outbox, number, Outcome.NO_ANSWER)
    watch_phones(outbox, 3, NOW + 90 * MINUTE)
    assert len(told(outbox)) == 2


def test_a_call_through_the_fallback_is_told_once_until_an_hour_without_one(database: Engine) -> None:
    watch_fallback(database, NOW)
    assert told(database) == []
    for number in (1, 2):
        event = entries_for(f"CA{number:032x}", 0, NOW - MINUTE, "v1", (CameThroughFallback("11200"),))
        record(database, event, zone=ZONE, heard_at=NOW)
        watch_fallback(database, NOW)
    assert told(database) == [(NoticeKind.FALLBACK_USED, "")]
    watch_fallback(database, NOW + 61 * MINUTE)
    again = entries_for(f"CA{3:032x}", 0, NOW + 62 * MINUTE, "v1", (CameThroughFallback(),))
    record(database, again, zone=ZONE, heard_at=NOW + 62 * MINUTE)
    watch_fallback(database, NOW + 63 * MINUTE)
    assert len(told(database)) == 2


def finding(code: str, severity: Severity = Severity.WARNING, what: str = "It is low.") -> Finding:
    return Finding(code, "account", severity, what, "Calls end.", "Pay in.")


def test_what_the_doctor_finds_is_told_once_whatever_its_sentence_says_and_again_when_it_comes_back(
    database: Engine,
) -> None:
    found = [finding("balance"), finding("not-told", Severity.NOTE), finding("trial", Severity.ALARM)]
    watch_findings(database, found, NOW)
    watch_findings(database, [finding("balance", what="It is lower."), *found[1:]], NOW + 60 * MINUTE)
    assert sorted(told(database)) == [
        (NoticeKind.DOCTOR_FINDING, "balance (account)"),
        (NoticeKind.DOCTOR_FINDING, "trial (account)"),
    ]
    watch_findings(database, found[1:], NOW + 120 * MINUTE)
    watch_findings(database, found, NOW + 180 * MINUTE)
    assert [about for _, about in told(database)].count("balance (account)") == 2
    assert [about for _, about in told(database)].count("trial (account)") == 1


def test_a_finding_that_grows_worse_is_told_again_once_and_not_when_it_grows_better(database: Engine) -> None:
    low, gone = finding("balance"), finding("balance", Severity.ALARM, "It is below nothing.")
    first, worse = (KIND, "balance (account)"), (KIND, "balance, an alarm by now (account)")
    expected = [[first], [first, worse], [first, worse], [first, worse], [first, worse, worse]]
    for hours, (each, so_far) in enumerate(zip([low, gone, gone, low, gone], expected, strict=True)):
        watch_findings(database, [each], NOW + hours * 60 * MINUTE)
        assert told(database) == so_far
    watch_findings(database, [], NOW + 300 * MINUTE)
    with reading(database) as connection:
        assert lasting(connection, KIND) == []


def test_what_is_an_alarm_from_the_first_is_told_once_and_anew_when_it_comes_back(database: Engine) -> None:
    bad = finding("trial", Severity.ALARM)
    for hours, found in enumerate([[bad], [bad], [], [bad], [bad]]):
        watch_findings(database, found, NOW + hours * 60 * MINUTE)
    assert told(database) == [(KIND, "trial (account)")] * 2


def test_a_long_place_hides_neither_that_a_finding_grew_worse_nor_whose_it_is(database: Engine) -> None:
    place = on_host("front2", "/configuration" * 10)
    for hours, severity in enumerate([Severity.WARNING, Severity.ALARM, Severity.ALARM]):
        each = Finding("configuration", place, severity, "It is refused.", "-", "-")
        watch_findings(database, [each], NOW + hours * 60 * MINUTE)
    assert len(told(database)) == 2
    watch_findings(database, [], NOW + 180 * MINUTE, lambda host: host == "front1")
    with reading(database) as connection:
        assert len(lasting(connection, KIND)) == 2
