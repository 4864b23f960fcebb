"""Which jobs a worker has, with and without each setting: what is not wired here is done by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, func, insert, select

from ivr.app import examiner, fallback_writer
from ivr.call_flow.events import CallArrived
from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_log.database import reading, writing
from ivr.call_log.findings import standing
from ivr.call_log.recorder import record
from ivr.call_log.rows import stub
from ivr.call_log.tables import CallRow, EventRow
from ivr.call_log.work_list import Sought, work_list
from ivr.journal.entry import entries_for
from ivr.services import Services
from ivr.settings_notices import MailServer, NoticeSettings
from ivr.worker.jobs import Brought, jobs
from ivr.worker.loop import Job
from tests.conftest import Clinic

OF_EVERYBODY = {
    "bring",
    "overrides",
    "retention",
    "open calls",
    "notices",
    "look",
    "look here",
    "clear notices",
    "texts",
}
OF_LIVE = {"reconcile", "doctor", "doctor here", "call back"}
OF_TEST_CALLS = {"test calls", "clear test calls"}
EACH_HOST_FOR_ITSELF = {"bring", "overrides", "look here", "doctor here", "call back"}
EVERYTHING = NoticeSettings(
    mail=MailServer("smtp", "127.0.0.1", 25),
    mail_from="desk@clinic.example",
    text_from="+14805550100",
    webhook_url="https://clinic.example/in",
    webhook_secret="a secret between two programs",
)


@pytest.fixture
def services(clinic: Clinic) -> Services:
    found: Services = clinic.app.extensions["ivr"]
    return found


def jobs_of(services: Services, log: Engine, **changes: object) -> dict[str, Job]:
    settings = replace(services.settings, **changes)  # type: ignore[arg-type]  # named settings
    brought = Brought(log, examiner(settings), fallback_writer(settings))
    found = jobs(replace(services, settings=settings), brought)
    by_name = {job.name: job for job in found}
    assert len(by_name) == len(found), "two jobs of one name would share a lease"
    return by_name


def test_in_practice_mode_nothing_asks_twilio_whatever_is_set(services: Services, log: Engine) -> None:
    assert set(jobs_of(services, log)) == OF_EVERYBODY
    beat = Heartbeat(times=(600,), number="+14805550199")
    assert set(jobs_of(services, log, notices=EVERYTHING, heartbeat=beat)) == OF_EVERYBODY


def test_a_live_service_also_compares_examines_and_calls_back(services: Services, log: Engine) -> None:
    assert set(jobs_of(services, log, practice=False)) == OF_EVERYBODY | OF_LIVE
    assert set(jobs_of(services, log, practice=False, notices=EVERYTHING)) == OF_EVERYBODY | OF_LIVE


def test_test_calls_are_made_where_they_are_set(services: Services, log: Engine) -> None:
    found = jobs_of(services, log, practice=False, heartbeat=Heartbeat(times=(600,)))
    assert set(found) == OF_EVERYBODY | OF_LIVE | OF_TEST_CALLS


def test_one_host_does_for_all_what_must_not_be_done_twice(services: Services, log: Engine) -> None:
    found = jobs_of(services, log, practice=False, heartbeat=Heartbeat(times=(600,)))
    assert {name for name, job in found.items() if job.lease_seconds is None} == EACH_HOST_FOR_ITSELF


def test_jobs_of_practice_mode_and_calls_back_run_on_an_empty_call_log(services: Services, log: Engine) -> None:
    practice, live = jobs_of(services, log), jobs_of(services, log, practice=False)
    for job in (*practice.values(), live["call back"]):
        job.run(lambda: True)
    assert standing(log) == []


def test_a_call_missing_from_what_is_open_is_put_there(services: Services, log: Engine) -> None:
    began = services.clock() - timedelta(days=1)
    row = {**stub("CA" + "1" * 32, began), "started_at": began, "disposition": "no answer"}
    with writing(log) as connection:
        connection.execute(insert(CallRow).values(row))
    sought = Sought(began)
    assert work_list(log, sought).total == 0
    jobs_of(services, log)["open calls"].run(lambda: True)
    assert work_list(log, sought).total == 1


def test_retention_stops_when_the_worker_ends_or_its_lease_is_lost(services: Services, log: Engine) -> None:
    batches = 0

    def count(_connection: object) -> None:
        nonlocal batches
        batches += 1

    event.listen(log, "begin", count)
    jobs_of(services, log)["retention"].run(lambda: False)
    event.remove(log, "begin", count)
    assert batches <= 2  # the newest call and the list of recordings are read, nothing is erased


@pytest.mark.parametrize(("days", "left"), [(366, 1), (6, 0)], ids=["a clock a year ahead", "a clock as it should be"])
def test_nothing_is_erased_on_the_first_day_when_the_newest_call_is_long_ago(
    services: Services, log: Engine, days: int, left: int
) -> None:
    now = services.clock()
    for sid, ago in (("CA" + "1" * 32, 4000), ("CA" + "2" * 32, days)):
        at = now - timedelta(days=ago)
        arrived = entries_for(sid, 0, at, "v1", [CallArrived("main", "en-US")])
        record(log, arrived, zone=ZoneInfo("America/Phoenix"), heard_at=at)
    jobs_of(services, log)["retention"].run(lambda: True)
    with reading(log) as connection:
        kept = connection.scalar(select(func.count()).where(EventRow.call_sid == "CA" + "1" * 32))
    assert kept == left
