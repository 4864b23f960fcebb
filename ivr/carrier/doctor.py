"""The doctor: every check after the other, each by itself, and what they find as one list, the worst first.

It only ever asks. Nothing at Twilio is changed, and nothing is written into the call log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ivr.call_log.findings import Finding, Severity, worst_first

from .asking import CarrierAway
from .check_account import check_account
from .check_door import check_certificate, check_door
from .check_fallback import check_fallback
from .check_heartbeat import check_heartbeat
from .check_host import check_configuration, check_disk, check_fictional
from .check_numbers import check_numbers
from .check_rota import check_rota
from .examined import Check, Examined

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "the way from outside": check_door,
        "the certificate": check_certificate,
        "the numbers at Twilio": check_numbers,
        "the account at Twilio": check_account,
        "the fallback": check_fallback,
        "the test calls": check_heartbeat,
        "the configuration": check_configuration,
        "fictional numbers": check_fictional,
        "the disk": check_disk,
        "the rotas": check_rota,
    }
)


def examine(examined: Examined) -> list[Finding]:
    """All that is wrong, the worst first. A Twilio that does not answer is a finding like any other."""
    found: list[Finding] = []
    for name, check in CHECKS.items():
        try:
            found += check(examined)
        except CarrierAway as away:
            found.append(_away(name, away))
    return worst_first(found)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing needs mending; what could only not be looked at does not count."""
    return all(each.severity is Severity.NOTE for each in findings)


def _away(name: str, away: CarrierAway) -> Finding:
    if away.refused:
        what = f"Twilio refuses our credentials ({away.status})."
        why = "Numbers, recordings and missed calls cannot be looked at; with a wrong token callers are refused too."
        mend = "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET, of one account."
        return Finding("credentials", name, Severity.ALARM, what, why, mend)
    what = f"Twilio could not be asked about {name}: {away}."
    why = "What is wrong there stays unseen."
    return Finding("carrier-away", name, Severity.WARNING, what, why, "It is asked again; see status.twilio.com.")
