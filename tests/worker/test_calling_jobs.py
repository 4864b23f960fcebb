"""From a press on the list to two people talking: the worker, Twilio's double, the voice door, the journal, the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from twilio.request_validator import RequestValidator

from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_log.calling_back import Became, CallBack, Wish, ask, calls_back
from ivr.call_log.database import reading
from ivr.call_log.heartbeats import Beat, newest_test_calls
from ivr.call_log.intake import Intake
from ivr.call_log.queries import Filters, newest
from ivr.carrier.calling import Dialler
from ivr.carrier.client import rest_client
from ivr.journal.drainer import Drainer
from ivr.notices.alarms import lasting
from ivr.services import Services
from ivr.worker.calling_jobs import Caller, calling_job
from ivr.worker.heartbeat_jobs import heartbeat_jobs
from tests.carrier.calls_double import Calls, calls_double
from tests.carrier.messages_double import Refusal
from tests.carrier.twilio_double import ACCOUNT, TOKEN
from tests.conftest import CALLER, LINE, ZONE, Clinic

WISH = Wish("Gilbert front desk", "main", "gilbert")
OTHER = "+14805550199"


@pytest.fixture(scope="module")
def double() -> Iterator[Calls]:
    with calls_double() as found:
        yield found


@pytest.fixture
def twilio(double: Calls) -> Calls:
    for kept in (double.placed, double.posted, double.asked, double.troubles):
        kept.clear()
    return double


class House:
    """A clinic, its call log, and workers that share it."""

    def __init__(self, clinic: Clinic, log: Engine, twilio: Calls) -> None:
        self.clinic, self.log, self.twilio = clinic, log, twilio
        self.services: Services = clinic.app.extensions["ivr"]
        self.drainer = Drainer(Path(clinic.settings.data) / "journal", self.intake().deliver, self.intake().note)

    def intake(self) -> Intake:
        return Intake(self.log, "one", lambda: ZoneInfo("America/Phoenix"), self.clinic.clock)

    def worker(self, name: str = "one", timeout: float = 5.0) -> Caller:
        return Caller(self.services, self.log, self.dialler(timeout), name)

    def dialler(self, timeout: float = 5.0) -> Dialler:
        return Dialler(rest_client(ACCOUNT, TOKEN, self.twilio.client(timeout)))

    def drain(self) -> None:
        while self.drainer.drain():
            pass

    def missed(self, caller: str = CALLER) -> str:
        """Somebody gives up; the call's id."""
        telephone = self.clinic.telephone(caller)
        telephone.dial()
        telephone.press("2")
        telephone.hang_up()
        self.drain()
        return telephone.sid

    def asked(self, caller: str = CALLER) -> str:
        sid = self.missed(caller)
        ask(self.log, sid, WISH, actor="maria", now=self.clinic.clock())
        return sid

    def only(self, sid: str) -> CallBack:
        (call,) = calls_back(self.log, sid)
        return call

    def twilio_asks(self, address: str, **form: str) -> str:
        fields = {"CallSid": self.twilio.sid(), "AccountSid": ACCOUNT, "From": LINE, "To": "+14805550121", **form}
        return self.clinic.send(address, fields, RequestValidator(TOKEN).compute_signature(address, fields))[1]


@pytest.fixture
def house(clinic: Clinic, log: Engine, twilio: Calls) -> House:
    return House(clinic, log, twilio)


def attribute(document: str, name: str) -> str:
    return document.partition(f'{name}="')[2].partition('"')[0]


def test_a_press_rings_the_desk_and_then_the_caller_and_the_log_tells_how_long_they_talked(house: House) -> None:
    sid = house.asked()
    for name in ("one", "two", "one"):
        house.worker(name).run()
    (placed,) = house.twilio.placed
    assert (placed["To"], placed["From"]) == ("+14805550121", LINE)
    assert house.only(sid).became is Became.RINGING
    to_key = attribute(house.twilio_asks(placed["Url"]), "action")
    document = house.twilio_asks(to_key, Digits="1")
    assert f"<Number>{CALLER}</Number>" in document
    house.drain()
    assert house.only(sid).became is Became.CALLING
    talked = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "180"}
    house.twilio_asks(attribute(document, "action"), **talked)
    house.twilio_asks(placed["StatusCallback"], CallStatus="completed", CallDuration="200")
    house.drain()
    assert (house.only(sid).became, house.only(sid).talk_seconds) == (Became.TALKED, 180)
    assert [call.sid for call in newest(house.log, Filters()).calls] == [sid]


def test_the_job_of_every_worker_looks_each_second_and_places_what_waits(house: House) -> None:
    sid = house.asked()
    job = calling_job(house.services, house.log, house.dialler())
    assert (job.every_seconds, job.lease_seconds) == (1.0, None)
    job.run(lambda: False)
    assert house.twilio.placed == []
    job.run(lambda: True)
    assert house.only(sid).became is Became.RINGING


def test_no_number_of_the_caller_stands_in_what_twilio_is_sent_but_where_it_must(house: House) -> None:
    house.asked()
    house.worker().run()
    (placed,) = house.twilio.placed
    assert all(CALLER[1:] not in value for value in placed.values())
    assert urlsplit(placed["Url"]).query == ""


def test_a_worker_killed_while_twilio_was_asked_rings_nobody_twice(house: House) -> None:
    sid = house.asked()
    house.twilio.troubles.append("lost")
    house.worker("killed", timeout=0.4).run()
    for minutes in (1, 2, 10):
        house.clinic.clock.now += timedelta(minutes=minutes)
        house.worker("two").run()
    assert len(house.twilio.placed) == 1
    assert house.only(sid).became is Became.UNKNOWN


def test_a_busy_twilio_is_asked_again_when_it_said(house: House) -> None:
    sid = house.asked()
    house.twilio.troubles.append(Refusal(429, 20429, "20"))
    for seconds in (0, 10, 10):
        house.clinic.clock.now += timedelta(seconds=seconds)
        house.worker().run()
    assert [len(house.twilio.posted), len(house.twilio.placed)] == [2, 1]
    assert house.only(sid).became is Became.RINGING


@pytest.mark.parametrize(
    ("caller", "wish", "why"),
    [
        ("+447911123456", WISH, "another country"),
        ("+19005550147", WISH, "premium"),
        (CALLER, replace(WISH, phone="Tempe desk"), "no phone Tempe desk"),
    ],
)
def test_no_costly_or_foreign_number_and_no_phone_that_is_not_configured_is_called(
    house: House, caller: str, wish: Wish, why: str
) -> None:
    """A caller's number can be made up: whoever makes it up must not be paid for our call."""
    sid = house.missed(caller)
    ask(house.log, sid, wish, actor="maria", now=house.clinic.clock())
    house.worker().run()
    assert house.twilio.posted == []
    assert why in house.only(sid).fault
    assert caller not in house.only(sid).fault


# Test calls. ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def beat(house: House) -> Callable[[], None]:
    """A round of the job, with test calls at ten."""
    settings = replace(house.services.settings, heartbeat=Heartbeat(times=(600,), number=OTHER))
    job, _ = heartbeat_jobs(replace(house.services, settings=settings), house.log, house.dialler())
    return lambda: job.run(lambda: True)


def alarms(house: House) -> list[str]:
    with reading(house.log) as connection:
        return lasting(connection, NoticeKind.TEST_CALL_UNHEARD)


def greet(house: House, caller: str = LINE) -> None:
    """The line is called from there, and answers. The sample clinic knows its own line as a number of ours."""
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
    assert [call.state for call in newest_test_calls(house.log)] == [Beat.UNHEARD]
    assert alarms(house) == ["main"]
    house.clinic.clock.set("2026-11-25 10:00")
    beat()
    beats = replace(house.services.settings, heartbeat=Heartbeat(times=(600,), number=OTHER))
    object.__setattr__(house.services, "settings", beats)
    greet(house, OTHER)
    beat()
    assert [call.state for call in newest_test_calls(house.log)] == [Beat.HEARD, Beat.UNHEARD]
    assert alarms(house) == []
    assert [call.draft for call in newest(house.log, Filters()).calls] == [True, False]


def test_a_call_that_twilio_refuses_is_an_alarm_and_one_lost_with_its_worker_is_none(
    house: House, beat: Callable[[], None]
) -> None:
    house.twilio.troubles.append(Refusal(400, 21219))
    beat()
    house.clinic.clock.now += timedelta(minutes=4)
    beat()
    assert alarms(house) == ["main"]
    (call,) = newest_test_calls(house.log)
    assert call.fault == "Twilio refused it: error 21219"


def test_what_was_due_long_ago_and_a_line_that_would_call_itself_are_left_out(house: House) -> None:
    early = replace(house.services.settings, heartbeat=Heartbeat(times=(540,), number=OTHER))
    alone = replace(house.services.settings, heartbeat=Heartbeat(times=(600,)))
    for settings in (early, alone):
        job, _ = heartbeat_jobs(replace(house.services, settings=settings), house.log, house.dialler())
        job.run(lambda: True)
    assert house.twilio.posted == []
    assert heartbeat_jobs(house.services, house.log, house.dialler()) == ()
    assert ZONE.key == "America/Phoenix"
