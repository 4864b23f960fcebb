"""From which number a line of ours is test-called, and whether there is one for each.

A number that calls itself is nothing Twilio describes, so the caller is always another one: a Twilio number of the
account or a verified one (https://www.twilio.com/docs/voice/api/call-resource, "From").
"""

from __future__ import annotations

from ivr.call_flow.model import Line, Routing
from ivr.call_log.findings import Finding, Severity
from ivr.settings import Settings

from .examined import Examined


def calls_from(settings: Settings, routing: Routing, line: Line) -> str:
    """The number (E.164) from which a line is called: the one in the settings, or another line's; "" when none is."""
    given = settings.heartbeat.number if settings.heartbeat else ""
    candidates = (given, *(each.number for each in routing.lines.values()))
    return next((number for number in candidates if number and number != line.number), "")


def check_heartbeat(examined: Examined) -> list[Finding]:
    """Test calls are asked for, but a line has no number to be called from."""
    settings, routing = examined.settings, examined.routing
    if settings.heartbeat is None:
        return []
    return [_finding(line) for line in routing.lines.values() if not calls_from(settings, routing, line)]


def _finding(line: Line) -> Finding:
    what = f"The line {line.name} gets no test calls: there is no second number to call it from."
    why = "IVR_HEARTBEAT is set, yet nobody would notice by it that patients do not get through."
    mend = "Set IVR_HEARTBEAT_FROM to another number of the account, or to a verified one."
    return Finding("no-heartbeat", line.name, Severity.WARNING, what, why, mend)
