"""Whether each line has a number to be test-called from."""

from __future__ import annotations

from dataclasses import replace

from ivr.app import fallback_writer
from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_flow.model import Routing
from ivr.carrier.check_heartbeat import calls_from, check_heartbeat
from ivr.carrier.examined import Examined
from ivr.services import Services
from ivr.settings import Settings
from tests.conftest import LINE, Clinic

OTHER = "+14805550199"


def found(clinic: Clinic, settings: Settings, routing: Routing) -> list[str]:
    examined = Examined(settings, routing, fallback_writer(settings), None, clinic.clock)
    return [each.code for each in check_heartbeat(examined)]


def test_no_line_calls_itself(clinic: Clinic) -> None:
    services: Services = clinic.app.extensions["ivr"]
    routing, off = services.live.routing(), services.settings
    alone = replace(off, heartbeat=Heartbeat(every_hours=6))
    named = replace(off, heartbeat=Heartbeat(every_hours=6, number=OTHER))
    second = replace(routing.main_line, name="second", number=OTHER)
    two = replace(routing, lines={**routing.lines, "second": second}, line_of={LINE: "main", OTHER: "second"})
    assert [found(clinic, each, routing) for each in (off, alone, named)] == [[], ["no-heartbeat"], []]
    assert found(clinic, alone, two) == []
    assert [calls_from(alone, two, line) for line in two.lines.values()] == [OTHER, LINE]
