"""From a caller's message to a colleague's mail, by the worker's whole way; and what it notices by looking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from ivr.call_flow.events import CallArrived, CallEnded, CameThroughFallback, Event, Rang, RingingEnded
from ivr.call_flow.model import OverrideKind
from ivr.call_flow.notice_rules import UNANSWERED_CALLS, URGENT_MINUTES, Way
from ivr.call_flow.wishes import UrgentConfirmed
from ivr.call_log.database import reading
from ivr.call_log.hosts import HostReport, report
from ivr.call_log.recorder import record
from ivr.journal.entry import entries_for
from ivr.notices.births import of_calls
from ivr.notices.parcel import Parcel, Result, Sent
from ivr.notices.tables import LetterRow, NoticeRow
from ivr.publishing.overrides import Wanted, make
from ivr.services import Services
from ivr.worker.loop import Job
from ivr.worker.notice_jobs import notice_jobs
from tests.conftest import ZONE, Clinic

from .conftest import Work, wait_until

NOTICES = """
notices:
  people:
    maria:
      mail: maria@example.com
  rules:
    - tell: maria
      about: everything
"""


@pytest.fixture
def config(config: Path) -> Path:
    with (config / "clinic.yaml").open("a") as file:
        file.write(NOTICES)
    return config


def the_jobs(clinic: Clinic, log: Engine, sent: list[Parcel]) -> Sequence[Job]:
    def mail(given: Parcel) -> Result:
        sent.append(given)
        return Sent()

    services: Services = clinic.app.extensions["ivr"]
    return notice_jobs(services, log, {Way.MAIL: mail})


def run(jobs: Sequence[Job], *names: str) -> None:
    for name in names:
        (job,) = [job for job in jobs if job.name == name]
        job.run(lambda: True)


def kinds(log: Engine) -> list[str]:
    with reading(log) as connection:
        return list(connection.scalars(select(NoticeRow.kind).order_by(NoticeRow.made_at, NoticeRow.key)))


def test_a_message_becomes_one_mail_that_names_nobody(clinic: Clinic, working: Work, log: Engine) -> None:
    clinic.clock.set("2026-11-24 22:00")
    sent: list[Parcel] = []
    telephone = clinic.telephone()
    telephone.dial()
    telephone.press("2")
    telephone.press("1")
    telephone.leave_message()
    with working(*the_jobs(clinic, log, sent)):
        wait_until(lambda: sent, "the mail")
    (mail,) = sent
    assert mail.to == "maria@example.com"
    assert mail.subject == "Sample Clinic: 1 new message for Gilbert"
    assert "4805550147" not in repr(mail)
    assert telephone.sid not in repr(mail)


def a_call(clinic: Clinic, log: Engine, number: int, *events: Event) -> None:
    """Into the log: one that came in some minutes ago, what happened in it, and its end."""
    at = clinic.clock() - timedelta(minutes=10) + timedelta(seconds=number)
    told = (CallArrived("main", "en-US"), *events, CallEnded("completed", 40))
    each_a_turn = [entries_for(f"CA{number:032x}", hop, at, "v1", (event,)) for hop, event in enumerate(told)]
    record(log, [entry for turn in each_a_turn for entry in turn], zone=ZONE, heard_at=clinic.clock(), follow=of_calls)


def test_an_urgent_call_that_nobody_took_is_told_and_again_after_a_while(clinic: Clinic, log: Engine) -> None:
    a_call(clinic, log, 1, UrgentConfirmed("urgent", "Dr. Lee", None))
    sent: list[Parcel] = []
    jobs = the_jobs(clinic, log, sent)
    for _ in range(2):
        run(jobs, "notices", "notices")
        clinic.clock.now += timedelta(minutes=URGENT_MINUTES)
    assert [mail.subject.partition(":")[2][:14] for mail in sent] == [" urgent call 1"] * 2


def test_phones_that_nobody_takes_and_calls_through_the_fallback_are_noticed_by_looking(
    clinic: Clinic, log: Engine
) -> None:
    for number in range(1, UNANSWERED_CALLS + 1):
        rang = Rang("gilbert", ("desk",), 20, 1, "gilbert", whisper=False)
        over = RingingEnded("gilbert", ("desk",), 1, "no answer", 20)
        a_call(clinic, log, number, rang, over)
    jobs = the_jobs(clinic, log, [])
    run(jobs, "look", "look")
    assert kinds(log).count("phones unanswered") == 1
    assert "fallback used" not in kinds(log)
    a_call(clinic, log, 9, CameThroughFallback("11205"))
    run(jobs, "look", "look")
    assert [kinds(log).count(kind) for kind in ("phones unanswered", "fallback used")] == [1, 1]


def test_what_nobody_reports_is_noticed_by_looking(clinic: Clinic, log: Engine) -> None:
    now = clinic.clock()
    report(log, HostReport("two", now - timedelta(minutes=5), None, 0, 0, "v1"))
    begins, ends = now - timedelta(hours=2), now + timedelta(minutes=10)
    make(log, Wanted(OverrideKind.CLOSE, "gilbert", begins, ends), actor="cli:test", now=now)
    sent: list[Parcel] = []
    jobs = the_jobs(clinic, log, sent)
    for _ in range(2):
        run(jobs, "look", "look here", "notices")
    assert sorted(kinds(log)) == ["override ending", "worker silent"]
    assert len(sent) == 2


def test_an_override_that_ended_is_told_however_many_were_made_after_it(clinic: Clinic, log: Engine) -> None:
    now = clinic.clock()
    begins = now - timedelta(days=2)
    for minutes in (-10, -60 * 25, *[60 * 24] * 60):
        wanted = Wanted(OverrideKind.CLOSE, "gilbert", begins, now + timedelta(minutes=minutes))
        make(log, wanted, actor="cli:test", now=begins)
    run(the_jobs(clinic, log, []), "look")
    with reading(log) as connection:
        assert connection.scalars(select(NoticeRow.about)).all() == ["override 1"]
    assert kinds(log) == ["override ended"]


def test_a_worker_that_was_stopped_for_a_while_does_not_call_itself_silent(clinic: Clinic, log: Engine) -> None:
    services: Services = clinic.app.extensions["ivr"]
    seen_at = clinic.clock() - timedelta(minutes=5)
    report(log, HostReport(services.settings.host_name, seen_at, None, 0, 0, "v1"))
    run(the_jobs(clinic, log, []), "look")
    assert kinds(log) == []


def test_a_refused_configuration_is_told_by_its_host(clinic: Clinic, log: Engine, config: Path) -> None:
    services: Services = clinic.app.extensions["ivr"]
    jobs = the_jobs(clinic, log, [])
    (config / "clinic.yaml").write_text("version: [")
    wait_until(lambda: services.live.refresh() or services.live.problems, "the refusal")
    run(jobs, "look here", "look here")
    assert kinds(log) == ["configuration refused"]


def test_letters_are_sent_by_one_host_at_a_time_and_old_ones_cleared_away(clinic: Clinic, log: Engine) -> None:
    jobs = {job.name: job for job in the_jobs(clinic, log, [])}
    assert {name for name, job in jobs.items() if job.lease_seconds is not None} == {"notices", "look", "clear notices"}
    run(list(jobs.values()), "clear notices")
    with reading(log) as connection:
        assert connection.execute(select(LetterRow.id)).all() == []
