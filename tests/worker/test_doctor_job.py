"""The hourly examination: what it finds stands in the call log, and only what is new raises the alarm."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from ivr.app import examiner, fallback_writer
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_log.database import reading
from ivr.call_log.findings import Severity, standing
from ivr.notices.alarms import lasting
from ivr.services import Services
from ivr.worker.jobs import Brought, doctor, jobs
from tests.carrier.static_host import static_host
from tests.conftest import Clinic
from tests.local_server import nobody


@pytest.fixture
def services(clinic: Clinic) -> Iterator[Services]:
    """As the clinic's, where nothing answers at PUBLIC_URL."""
    usual: Services = clinic.app.extensions["ivr"]
    with nobody() as port:
        yield replace(usual, settings=replace(usual.settings, public_url=f"http://127.0.0.1:{port}"))


def brought(services: Services, log: Engine) -> Brought:
    return Brought(log, examiner(services.settings), fallback_writer(services.settings))


def test_only_what_is_new_raises_the_alarm(services: Services, log: Engine, caplog: pytest.LogCaptureFixture) -> None:
    doctor(services, brought(services, log), None, lambda: True)
    told = [record for record in caplog.records if "unreachable" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.ERROR]
    found = {each.finding.code: each.finding.severity for each in standing(log)}
    assert found["unreachable"] is Severity.ALARM
    caplog.clear()
    doctor(services, brought(services, log), None, lambda: True)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_what_is_mended_is_told(services: Services, log: Engine, caplog: pytest.LogCaptureFixture) -> None:
    doctor(services, brought(services, log), None, lambda: True)
    with static_host() as host, caplog.at_level(logging.INFO, "ivr.worker"):
        host.posted = 403
        here = replace(services, settings=replace(services.settings, public_url=host.url))
        doctor(here, brought(here, log), None, lambda: True)
    assert "the doctor found unreachable (PUBLIC_URL) mended" in caplog.messages


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
    (job,) = [job for job in jobs(live, brought(live, log)) if job.name == "doctor"]
    assert job.every_seconds == 3600
    assert job.lease_seconds
