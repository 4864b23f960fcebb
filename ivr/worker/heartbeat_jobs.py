"""Test calls: one host calls each line when one is due, and looks whether its greeting answered."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ivr.call_flow.heartbeat import last_due
from ivr.call_log.heartbeats import Beat, begin, forget_test_calls, judge, settle
from ivr.call_log.leases import GoOn
from ivr.call_log.placing import Later
from ivr.carrier.calling import Dialler, Leg
from ivr.carrier.check_heartbeat import calls_from
from ivr.notices.watching import watch_test_call
from ivr.routing.zone import clinic_zone
from ivr.services import Services

from .loop import Job

LOOK_SECONDS, LEASE_SECONDS, A_DAY = 30.0, 120.0, 24 * 3600.0
RING_SECONDS = 20
TOO_LATE = timedelta(minutes=10)  # what was due while no worker ran is left out

log = logging.getLogger("ivr.worker")


def heartbeat_jobs(services: Services, engine: Engine, dialler: Dialler) -> tuple[Job, ...]:
    """None without IVR_HEARTBEAT."""
    beat = services.settings.heartbeat
    if beat is None:
        return ()

    rest_until = datetime.min.replace(tzinfo=UTC)  # Twilio asked for it; a new worker asks anew

    def run(go_on: GoOn) -> None:
        nonlocal rest_until
        routing = services.live.routing()
        due_at = last_due(beat, clinic_zone(routing), services.clock())
        for line in routing.lines.values():
            number = calls_from(services.settings, routing, line)
            if not number or not go_on():
                continue
            now = services.clock()
            if now - due_at < TOO_LATE and now >= rest_until and begin(engine, line.name, due_at, now):
                result = dialler.listen(Leg(line.number, number, RING_SECONDS))
                settle(engine, line.name, due_at, result, services.clock())
                if isinstance(result, Later):
                    rest_until = now + timedelta(seconds=result.seconds)
            _judge(services, engine, line.name, number)

    def clear(_go_on: GoOn) -> None:
        forget_test_calls(engine, services.clock())

    return (
        Job("test calls", LOOK_SECONDS, run, lease_seconds=LEASE_SECONDS),
        Job("clear test calls", A_DAY, clear, lease_seconds=600.0),
    )


def _judge(services: Services, engine: Engine, line: str, number: str) -> None:
    now = services.clock()
    for call in judge(engine, line, services.seal.indexes(number), now):
        match call.state:
            case Beat.HEARD:
                watch_test_call(engine, line, now, heard=True)
            case Beat.UNHEARD:
                log.error("the test call to the line %s was not heard: %s", line, call.fault or "nothing came in")
                watch_test_call(engine, line, now, heard=False)
            case Beat.PLACING | Beat.PLACED | Beat.FAILED | Beat.LOST:
                log.warning("whether the line %s answers is not known this time", line)
