"""Test calls from the job to the alarm: each line is called, its greeting answers or does not, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.app import create_app
from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_log.database import reading
from ivr.call_log.heartbeats import Beat, begin, newest_test_calls
from ivr.call_log.queries import Filters, newest
from ivr.notices.alarms import lasting
from ivr.services import Services
from ivr.worker.heartbeat_jobs import heartbeat_jobs
from ivr.worker.loop import Job
from tests.carrier.messages_double import Refusal
from tests.conftest import CALLER, LINE, Clinic, Clock, settings_for

from .house import House

OTHER = "+14805550199"
AT_TEN = Heartbeat(times=(600,), number=OTHER)


@pytest.fixture
def clinic(tmp_path: Path, config: Path) -> Clinic:
    """The sample clinic on a Tuesday at ten, when its test calls are due."""
    settings = replace(settings_for(tmp_path, config), heartbeat=AT_TEN)
    clock = Clock("2026-11-24 10:00")
    return Clinic(create_app(settings, clock=clock, watch=False), settings, clock)


@pytest.fixture
def beat(house: House) -> Callable[[], None]:
    """A round of the job."""
    job, _ = jobs(house)
    return lambda: job.run(lambda: True)


def jobs(house: House, heartbeat: Heartbeat | None = AT_TEN) -> tuple[Job, ...]:
    settings = replace(house.services.settings, heartbeat=heartbeat)
    services: Services = replace(house.services, settings=settings)
    return heartbeat_jobs(services, house.log, house.dialler())


def alarms(house: House) -> list[str]:
    with reading(house.log) as connection:
        return lasting(connection, NoticeKind.TEST_CALL_UNHEARD)


def states(house: House) -> list[Beat]:
    return [call.state for call in newest_test_calls(house.log)]


def greet(house: House, caller: str) -> None:
    """The line is called from there, and answers."""
    house.clinic.telephone(caller).dial()
    house.drain()


def test_a_line_is_called_once_when_a_test_is_due_and_not_hearing_it_is_an_alarm_until_it_is_heard(
    house: House, beat: Callable[[], None]
) -> None:
    beat()
    beat()
    (placed,) = house.twilio.placed
    assert (placed["To"], placed["From"], "Url" in placed) == (LINE, OTHER, False)
    greet(house, CALLER)  # a patient's call is no test
    house.clinic.clock.now += timedelta(minutes=3)
    beat()
    assert states(house) == [Beat.UNHEARD]
    assert alarms(house) == ["main"]
    house.clinic.clock.set("2026-11-25 10:00")
    beat()
    greet(house, OTHER)
    beat()
    assert states(house) == [Beat.HEARD, Beat.UNHEARD]
    assert alarms(house) == []
    assert [call.draft for call in newest(house.log, Filters()).calls] == [True, False]


def test_a_call_that_twilio_refuses_is_an_alarm(house: House, beat: Callable[[], None]) -> None:
    house.twilio.troubles.append(Refusal(400, 21219))
    beat()
    house.clinic.clock.now += timedelta(minutes=4)
    beat()
    assert alarms(house) == ["main"]
    (call,) = newest_test_calls(house.log)
    assert call.fault == "Twilio refused it: error 21219, a trial account rings verified phones only"


def test_one_that_was_lost_with_its_worker_is_no_alarm_and_clears_none(house: House, beat: Callable[[], None]) -> None:
    """A worker killed between its row and Twilio: whether the phone rang is known to nobody."""
    begin(house.log, "main", house.clinic.clock(), house.clinic.clock())
    house.clinic.clock.now += timedelta(minutes=4)
    beat()
    assert (states(house), house.twilio.posted, alarms(house)) == ([Beat.LOST], [], [])


def test_a_busy_twilio_is_asked_again_for_five_minutes_and_that_is_an_alarm_in_the_end(
    house: House, beat: Callable[[], None]
) -> None:
    house.twilio.troubles += [Refusal(429, 20429)] * 9
    for _ in range(5):
        beat()
        assert states(house) == []
        house.clinic.clock.now += timedelta(minutes=1)
    beat()
    assert states(house) == [Beat.FAILED]
    house.clinic.clock.now += timedelta(minutes=4)
    beat()
    assert len(house.twilio.posted) == 6
    assert alarms(house) == ["main"]


def test_what_was_due_long_ago_and_a_line_that_would_call_itself_are_left_out(house: House) -> None:
    for heartbeat in (Heartbeat(times=(540,), number=OTHER), Heartbeat(times=(600,))):
        job, _ = jobs(house, heartbeat)
        job.run(lambda: True)
    assert house.twilio.posted == []
    assert jobs(house, None) == ()


def test_old_ones_are_cleared_away_and_one_host_calls_for_all(house: House, beat: Callable[[], None]) -> None:
    beat()
    calling, clearing = jobs(house)
    assert calling.lease_seconds
    assert clearing.lease_seconds
    for days, left in ((90, 1), (1, 0)):
        house.clinic.clock.now += timedelta(days=days)
        clearing.run(lambda: True)
        assert len(states(house)) == left


def test_a_call_from_the_number_of_test_calls_is_one_and_hears_what_all_hear(clinic: Clinic) -> None:
    calls = [clinic.telephone(number) for number in (OTHER, LINE, CALLER)]
    heard = {each.dial().words for each in calls}
    assert len(heard) == 1
    assert [clinic.entries(each.sid)[0].data["test"] for each in calls] == [True, False, False]
