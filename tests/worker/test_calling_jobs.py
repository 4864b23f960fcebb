"""From a press on the list to two people talking: the worker, Twilio's double, the voice door, the journal, the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from ivr.call_log.calling_back import Became, Wish, ask
from ivr.call_log.queries import Filters, newest
from ivr.worker.calling_jobs import calling_job
from tests.carrier.messages_double import Refusal
from tests.conftest import CALLER, LINE

from .house import WISH, House


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
    house.worker("killed").run()
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
