"""From which number a line of ours is test-called, whether there is one for each, and whether it may call at all.

A number that calls itself is nothing Twilio describes, so the caller is always another one: a Twilio number of the
account or a verified one (https://www.twilio.com/docs/voice/api/call-resource, "From").
"""

from __future__ import annotations

from ivr.call_flow.model import Line, Routing
from ivr.call_log.findings import Finding, Severity
from ivr.settings import Settings

from .asking import CarrierAway
from .examined import Examined, PartlySeen
from .numbers import Numbers

HEARTBEAT_KINDS = frozenset({"no-heartbeat", "heartbeat-caller"})


def calls_from(settings: Settings, routing: Routing, line: Line) -> str:
    """The number (E.164) from which a line is called: the one in the settings, or another line's; "" when none is."""
    given = settings.heartbeat.number if settings.heartbeat else ""
    candidates = (given, *(each.number for each in routing.lines.values()))
    return next((number for number in candidates if number and number != line.number), "")


def check_heartbeat(examined: Examined) -> list[Finding]:
    """Test calls are asked for, but nobody may call a line. Raises PartlySeen."""
    settings, routing = examined.settings, examined.routing
    if settings.heartbeat is None:
        return []
    found = [_finding(line) for line in routing.lines.values() if not calls_from(settings, routing, line)]
    try:
        return found if _may_call(examined, settings.heartbeat.number) else [*found, _not_ours()]
    except CarrierAway:  # that it does not answer is told by what asks for more
        raise PartlySeen(found, {"heartbeat-caller"}) from None


def _may_call(examined: Examined, number: str) -> bool:
    """Whether Twilio lets us call from there; the numbers of our lines are looked at for their own sake."""
    if examined.client is None or not number or number in examined.routing.line_of:
        return True
    numbers = Numbers(examined.client, examined.pause)
    return numbers.find(number) is not None or numbers.is_verified(number)


def _not_ours() -> Finding:
    what = "The account neither owns nor has verified the number in IVR_HEARTBEAT_FROM."
    why = "Twilio refuses every test call, so nobody would notice by them that patients do not get through."
    mend = "Set IVR_HEARTBEAT_FROM to another number of the account, or verify that one in the Twilio console."
    return Finding("heartbeat-caller", "test calls", Severity.WARNING, what, why, mend)


def _finding(line: Line) -> Finding:
    what = f"The line {line.name} gets no test calls: there is no second number to call it from."
    why = "IVR_HEARTBEAT is set, yet nobody would notice by it that patients do not get through."
    mend = "Set IVR_HEARTBEAT_FROM to another number of the account, or to a verified one."
    return Finding("no-heartbeat", line.name, Severity.WARNING, what, why, mend)
