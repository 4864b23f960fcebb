"""Whether each line has a number to be test-called from, and Twilio lets it call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.app import fallback_writer
from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_flow.model import Routing
from ivr.carrier.check_heartbeat import calls_from, check_heartbeat
from ivr.carrier.client import account_client
from ivr.carrier.examined import Examined, PartlySeen
from ivr.services import Services
from ivr.settings import Settings
from tests.carrier.account_double import VERIFIED_PATH, number_fields
from tests.carrier.twilio_double import Double
from tests.conftest import LINE, Clinic

OTHER = "+14805550199"


def found(clinic: Clinic, settings: Settings, routing: Routing) -> list[str]:
    asked = Examined(settings, routing, fallback_writer(settings), None, clinic.clock)
    return [each.code for each in check_heartbeat(asked)]


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


@pytest.mark.parametrize(
    ("owned", "verified", "codes"),
    [
        ((), (), ["heartbeat-caller"]),
        ((OTHER,), (), []),
        ((), (OTHER,), []),
        ((), ("+14805550198",), ["heartbeat-caller"]),
    ],
)
def test_a_number_that_twilio_lets_nobody_call_from_is_found_before_a_test_call_fails(
    clinic: Clinic, twilio: Double, owned: tuple[str, ...], verified: tuple[str, ...], codes: list[str]
) -> None:
    twilio.numbers += [number_fields("PN" + "9" * 32, number) for number in owned]
    listed = [{"phone_number": number} for number in verified]
    twilio.resources[VERIFIED_PATH] = {"outgoing_caller_ids": listed, "next_page_uri": None, "page": 0}
    assert [each.code for each in check_heartbeat(examined(clinic, twilio))] == codes


def test_while_twilio_does_not_answer_nothing_is_said_of_the_number(clinic: Clinic, twilio: Double) -> None:
    twilio.resources[VERIFIED_PATH] = 503
    with pytest.raises(PartlySeen) as partly:
        check_heartbeat(examined(clinic, twilio))
    assert partly.value.kinds == {"heartbeat-caller"}


def examined(clinic: Clinic, twilio: Double) -> Examined:
    """Test calls are set up, and come from OTHER."""
    services: Services = clinic.app.extensions["ivr"]
    settings = replace(services.settings, heartbeat=Heartbeat(every_hours=6, number=OTHER))
    client, routing = account_client(settings, twilio.client()), services.live.routing()
    writer = fallback_writer(settings)
    return Examined(settings, routing, writer, client, clinic.clock, pause=lambda _seconds: None)
