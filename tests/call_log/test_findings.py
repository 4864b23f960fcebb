"""Findings stand until an examination does not make them any more; what is new and what is mended is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from ivr.call_log.database import writing
from ivr.call_log.findings import Changed, Finding, Severity, keep, on_host, standing

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DISK = Finding("disk", "the disk", Severity.WARNING, "It fills up.", "Events are lost.", "Make room.")
PROFILE = Finding("profile", "account", Severity.ALARM, "There is none.", "Callers hear busy.", "Hand one in.")


def test_what_is_new_is_told_once_and_keeps_its_since(database: Engine) -> None:
    assert keep(database, [DISK, PROFILE], NOW) == Changed((DISK, PROFILE), ())
    assert keep(database, [DISK, PROFILE], LATER) == Changed((), ())
    assert [(each.finding, each.since) for each in standing(database)] == [(PROFILE, NOW), (DISK, NOW)]


def test_what_is_mended_is_gone_and_new_when_it_comes_back(database: Engine) -> None:
    keep(database, [DISK], NOW)
    assert keep(database, [], LATER) == Changed((), (DISK,))
    assert standing(database) == []
    assert keep(database, [DISK], LATER).new == (DISK,)


def test_what_could_not_be_looked_for_stays_and_is_not_new_afterwards(database: Engine) -> None:
    keep(database, [DISK, PROFILE], NOW)
    assert keep(database, [], LATER, unseen={"profile"}) == Changed((), (DISK,))
    assert keep(database, [PROFILE], LATER) == Changed((), ())
    assert [(each.finding, each.since) for each in standing(database)] == [(PROFILE, NOW)]


def test_a_finding_that_grows_worse_is_told_anew_and_stays_since_when_it_began(database: Engine) -> None:
    keep(database, [DISK], NOW)
    worse = replace(DISK, severity=Severity.ALARM, what="It is full.")
    assert keep(database, [worse], LATER) == Changed((worse,), ())
    assert [(each.finding, each.since) for each in standing(database)] == [(worse, NOW)]
    assert keep(database, [worse], LATER) == Changed((), ())


def test_a_finding_that_grows_better_or_changes_its_sentence_is_not_told_anew(database: Engine) -> None:
    keep(database, [PROFILE], NOW)
    better = replace(PROFILE, severity=Severity.WARNING)
    assert keep(database, [better], LATER) == Changed((), ())
    assert keep(database, [replace(better, what="There is half of one.")], LATER) == Changed((), ())


def test_the_same_kind_in_two_places_is_two_findings(database: Engine) -> None:
    other = replace(DISK, about="another disk")
    assert keep(database, [DISK, other], NOW).new == (DISK, other)
    assert keep(database, [other], LATER).gone == (DISK,)


def test_a_host_replaces_its_own_findings_alone(database: Engine) -> None:
    one, two = (replace(DISK, about=on_host(host, "the disk")) for host in ("one", "two"))
    keep(database, [one], NOW, lambda host: host == "one")
    keep(database, [two], NOW, lambda host: host == "two")
    keep(database, [PROFILE], NOW, lambda host: host == "")
    assert keep(database, [], LATER, lambda host: host == "two") == Changed((), (two,))
    assert [each.finding for each in standing(database)] == [PROFILE, one]


def test_a_severity_of_a_newer_release_is_shown_as_a_warning(database: Engine) -> None:
    keep(database, [DISK], NOW)
    with writing(database) as connection:
        connection.execute(text("UPDATE finding SET severity = 'catastrophe'"))
    assert [each.finding.severity for each in standing(database)] == [Severity.WARNING]
