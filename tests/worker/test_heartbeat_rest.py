"""A test call that Twilio was too busy for waits as long as Twilio asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine

from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_log.heartbeats import Beat, newest_test_calls
from ivr.carrier.calling import Dialler
from ivr.carrier.client import rest_client
from ivr.services import Services
from ivr.worker.heartbeat_jobs import heartbeat_jobs
from tests.carrier.calls_double import calls_double
from tests.carrier.messages_double import Refusal
from tests.carrier.twilio_double import ACCOUNT, TOKEN
from tests.conftest import Clinic


def test_a_test_call_that_twilio_is_too_busy_for_is_tried_again_when_it_said(clinic: Clinic, log: Engine) -> None:
    usual: Services = clinic.app.extensions["ivr"]
    beat = Heartbeat(times=(600,), number="+14805550199")
    services = replace(usual, settings=replace(usual.settings, heartbeat=beat))
    asked = []
    with calls_double() as twilio:
        twilio.troubles.append(Refusal(429, 20429, "90"))
        job, _ = heartbeat_jobs(services, log, Dialler(rest_client(ACCOUNT, TOKEN, twilio.client())))
        for seconds in (0, 60, 30):
            clinic.clock.now += timedelta(seconds=seconds)
            job.run(lambda: True)
            asked.append(len(twilio.posted))
    assert asked == [1, 1, 2]
    assert [call.state for call in newest_test_calls(log)] == [Beat.PLACED]
