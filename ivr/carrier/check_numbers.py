"""Is every line's number ours, set as it should be, and free of what would lead its calls elsewhere?"""

from __future__ import annotations

from ivr.call_flow.desk_phones import hunt_group_of
from ivr.call_flow.model import CallerId, Routing, UrgentCall
from ivr.call_log.findings import Finding, Severity

from .examined import Examined
from .numbers import Change, LinePlan, Numbers, plan

ALARMING = frozenset({"voice_url", "voice_method"})
PROVISION = "python -m ivr provision"
WHY = {
    "voice_url": "Callers of this line do not reach this service.",
    "voice_method": "Twilio would ask without a form, and the caller is refused.",
    "voice_fallback_url": "When this service fails, callers hear an error and are cut off.",
    "voice_fallback_method": "When this service fails, its fallback may refuse to answer.",
    "status_callback": "Nobody is told how calls ended: the call log guesses, and lags.",
    "status_callback_method": "Nobody is told how calls ended: the call log guesses, and lags.",
}
NUMBER_KINDS = frozenset({"not-owned", "caller-id", "led-elsewhere", *(f"number-{field}" for field in WHY)})


def check_numbers(examined: Examined) -> list[Finding]:
    """Every line against Twilio. Raises CarrierAway."""
    if examined.client is None:
        return []
    numbers = Numbers(examined.client, examined.pause)
    found: list[Finding] = []
    for each in plan(examined.settings, examined.routing.lines.values(), numbers):
        if each.owned is None:
            found += _not_owned(each, shown=_is_shown(examined.routing) and not numbers.is_verified(each.number))
        else:
            found += [_wrong(each.line, change) for change in each.changes]
            found += [_led_elsewhere(each.line, hindrance) for hindrance in each.hindrances]
    return found


def _not_owned(planned: LinePlan, *, shown: bool) -> list[Finding]:
    what = f"The account does not own the number of the line {planned.line}."
    why = "Calls to it do not reach this service."
    mend = "Check the digits in clinic.yaml and TWILIO_ACCOUNT_SID, or move the number into this account at Twilio."
    found = [Finding("not-owned", planned.line, Severity.ALARM, what, why, mend)]
    if shown:
        what = f"The clinic's phones are shown the number of the line {planned.line}, which the account may not show."
        why = "Twilio refuses to ring the clinic's phones: no patient reaches a person."
        mend = "Own the number, verify it at Twilio, or write caller_id: caller in clinic.yaml."
        found.append(Finding("caller-id", planned.line, Severity.ALARM, what, why, mend))
    return found


def _wrong(line: str, change: Change) -> Finding:
    severity = Severity.ALARM if change.field in ALARMING else Severity.WARNING
    now = change.before.rpartition("@")[2] or "nothing"  # without a password that an address may hold
    what = f"At Twilio the field {change.field} of the line {line} is {now}, not {change.after}."
    return Finding(f"number-{change.field}", line, severity, what, WHY[change.field], f"Set it: {PROVISION}")


def _led_elsewhere(line: str, hindrance: str) -> Finding:
    what = f"At Twilio {hindrance} is set on the number of the line {line}."
    why = "It counts before all addresses: callers do not reach this service."
    mend = "Take it away in the Twilio console; provision never clears what it did not set."
    return Finding("led-elsewhere", line, Severity.ALARM, what, why, mend)


def _is_shown(routing: Routing) -> bool:
    """Whether any phone of the clinic is rung with the clinic's number shown; a withheld caller always is."""
    places = routing.destinations.values()
    groups = [group for place in places if (group := hunt_group_of(place))]
    on_call = any(isinstance(place, UrgentCall) for place in places)
    return on_call or any(group.caller_id is CallerId.CLINIC for group in groups)
