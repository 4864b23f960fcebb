"""The hourly examination: what it finds stands in the call log, and only what is new raises the alarm."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from ivr.app import examiner, fallback_writer
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_log.database import reading
from ivr.call_log.findings import Finding, Severity, keep, on_host, standing
from ivr.call_log.hosts import HostReport, report
from ivr.carrier.client import account_client
from ivr.notices.alarms import lasting
from ivr.notices.tables import NoticeRow
from ivr.services import Services
from ivr.worker.jobs import Brought, doctor, doctor_here, jobs
from tests.carrier.account_double import BALANCE_PATH
from tests.carrier.conftest import twilio
from tests.carrier.static_host import static_host
from tests.carrier.twilio_double import Double
from tests.conftest import Clinic
from tests.local_server import nobody

__all__ = ["twilio"]


@pytest.fixture
def services(clinic: Clinic) -> Iterator[Services]:
    """As the clinic's, where nothing answers at PUBLIC_URL."""
    usual: Services = clinic.app.extensions["ivr"]
    with nobody() as port:
        yield replace(usual, settings=replace(usual.settings, public_url=f"http://127.0.0.1:{port}"))


def brought(services: Services, log: Engine) -> Brought:
    return Brought(log, examiner(services.settings), fallback_writer(services.settings), lambda _seconds: None)


def test_only_what_is_new_raises_the_alarm(services: Services, log: Engine, caplog: pytest.LogCaptureFixture) -> None:
    doctor(services, brought(services, log), None, lambda: True)
    told = [record for record in caplog.records if "unreachable" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.ERROR]
    found = {each.finding.code: each.finding.severity for each in standing(log)}
    assert found["unreachable"] is Severity.ALARM
    caplog.clear()
    doctor(services, brought(services, log), None, lambda: True)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_service_that_is_being_started_beside_the_worker_is_not_told(services: Services, log: Engine) -> None:
    with static_host() as host:
        host.posted = 502
        here = replace(services, settings=replace(services.settings, public_url=host.url))

        def pause(_seconds: float) -> None:
            host.posted = 204

        doctor(here, replace(brought(here, log), pause=pause), None, lambda: True)
    assert not {"wrong-answer", "unreachable"} & {each.finding.code for each in standing(log)}


def test_what_is_mended_is_told(services: Services, log: Engine, caplog: pytest.LogCaptureFixture) -> None:
    doctor(services, brought(services, log), None, lambda: True)
    with static_host() as host, caplog.at_level(logging.INFO, "ivr.worker"):
        host.posted = 403
        here = replace(services, settings=replace(services.settings, public_url=host.url))
        doctor(here, brought(here, log), None, lambda: True)
    assert "the doctor found unreachable (PUBLIC_URL) mended" in caplog.messages


def test_an_hour_in_which_twilio_is_away_mends_nothing_and_tells_nobody_anew(
    services: Services, log: Engine, twilio: Double, caplog: pytest.LogCaptureFixture
) -> None:
    def hour(answer: dict[str, str] | int) -> list[str]:
        twilio.resources[BALANCE_PATH] = answer
        doctor(services, brought(services, log), account_client(services.settings, twilio.client()), lambda: True)
        with reading(log) as connection:
            return lasting(connection, NoticeKind.DOCTOR_FINDING)

    low: dict[str, str] = {"balance": "3", "currency": "USD"}
    assert "balance (account)" in hour(low)
    caplog.clear()
    with caplog.at_level(logging.INFO, "ivr.worker"):
        assert "balance (account)" in hour(404)
        assert "balance" in {each.finding.code for each in standing(log)}
        hour(low)
    assert [told for told in caplog.messages if "balance (account)" in told] == []


def test_a_balance_that_falls_further_is_logged_and_told_again(
    services: Services, log: Engine, twilio: Double, caplog: pytest.LogCaptureFixture
) -> None:
    def hour(balance: str) -> tuple[list[int], int]:
        caplog.clear()
        twilio.resources[BALANCE_PATH] = {"balance": balance, "currency": "USD"}
        doctor(services, brought(services, log), account_client(services.settings, twilio.client()), lambda: True)
        with reading(log) as connection:
            told = connection.scalars(select(NoticeRow.about).where(NoticeRow.about.startswith("balance"))).all()
        return [each.levelno for each in caplog.records if "found balance" in each.getMessage()], len(told)

    assert hour("19") == ([logging.ERROR], 1)
    assert hour("18") == ([], 1)
    assert hour("-1") == ([logging.ERROR], 2)
    assert hour("-2") == ([], 2)


def test_what_a_host_sees_of_itself_stands_until_that_host_sees_it_mended(services: Services, log: Engine) -> None:
    hosts = {
        name: replace(services, settings=replace(services.settings, host_name=name)) for name in ("front1", "front2")
    }
    clinic = services.settings.config / "clinic.yaml"
    as_live = clinic.read_bytes()

    def found() -> list[str]:
        return [each.finding.about for each in standing(log) if each.finding.code == "configuration"]

    def alarms() -> list[str]:
        with reading(log) as connection:
            return lasting(connection, NoticeKind.DOCTOR_FINDING)

    for host in hosts.values():
        report(log, HostReport(host.settings.host_name, host.clock(), None, 0, 0, ""))
    clinic.write_text("clinic: [")
    doctor_here(hosts["front2"], brought(services, log), None, lambda: True)
    clinic.write_bytes(as_live)
    for examination in (doctor_here, doctor):
        examination(hosts["front1"], brought(services, log), None, lambda: True)
    assert found() == [f"front2: {services.settings.config}"]
    assert any(about.startswith("configuration (front2: ") for about in alarms())
    doctor_here(hosts["front2"], brought(services, log), None, lambda: True)
    assert found() == []
    assert not any(about.startswith("configuration") for about in alarms())


def test_what_was_found_on_a_host_that_was_taken_away_goes_with_it(services: Services, log: Engine) -> None:
    gone = on_host("front9", "the disk")
    keep(log, [Finding("disk", gone, Severity.ALARM, "It is full.", "-", "-")], services.clock())
    for days, stays in ((0.5, True), (1.5, False)):
        report(log, HostReport("front9", services.clock() - timedelta(days=days), None, 0, 0, ""))
        doctor(services, brought(services, log), None, lambda: True)
        assert (gone in [each.finding.about for each in standing(log)]) is stays


def test_what_needs_mending_becomes_a_notice_and_what_is_mended_may_become_one_again(
    services: Services, log: Engine
) -> None:
    with static_host() as host:
        host.posted = 403
        here = replace(services, settings=replace(services.settings, public_url=host.url))
        for each, raised in ((services, True), (here, False)):
            doctor(each, brought(each, log), None, lambda: True)
            with reading(log) as connection:
                about = lasting(connection, NoticeKind.DOCTOR_FINDING)
            assert ("unreachable (PUBLIC_URL)" in about) is raised
            assert not [name for name in about if name.startswith("fictional")]  # a note wakes nobody


def test_only_a_live_service_is_examined_by_itself(services: Services, log: Engine) -> None:
    assert "doctor" not in [job.name for job in jobs(services, brought(services, log))]
    live = replace(services, settings=replace(services.settings, practice=False))
    job, here = [job for job in jobs(live, brought(live, log)) if job.name.startswith("doctor")]
    assert job.every_seconds == here.every_seconds == 3600
    assert job.lease_seconds
    assert here.lease_seconds is None
