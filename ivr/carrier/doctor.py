"""The doctor: every check after the other, each by itself, and what they find as one list, the worst first.

It only ever asks. Nothing at Twilio is changed, and nothing is written into the call log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ivr.call_log.findings import Finding, Severity, on_host, worst_first

from .asking import OF_ONE_ACCOUNT, CarrierAway
from .check_account import ACCOUNT_KINDS, check_account
from .check_door import CERTIFICATE, DOOR_KINDS, check_certificate, check_door
from .check_fallback import FALLBACK_KINDS, check_fallback
from .check_heartbeat import HEARTBEAT_KINDS, check_heartbeat
from .check_host import check_clock, check_configuration, check_disk, check_fictional
from .check_numbers import NUMBER_KINDS, check_numbers
from .check_rota import check_rota
from .check_token import TOKEN_KIND, check_token
from .examined import Examined, Part, PartlySeen, carrier_away

# What is the same wherever it is looked at from; then what each host sees of itself alone.
CHECKS_FOR_ALL: Mapping[str, Part] = MappingProxyType(
    {
        "the way from outside": Part(check_door, DOOR_KINDS),
        "the certificate": Part(check_certificate, frozenset({CERTIFICATE})),
        "the numbers at Twilio": Part(check_numbers, NUMBER_KINDS),
        "the account at Twilio": Part(check_account, ACCOUNT_KINDS),
        "the auth token": Part(check_token, frozenset({TOKEN_KIND})),
        "the fallback": Part(check_fallback, FALLBACK_KINDS),
        "the test calls": Part(check_heartbeat, HEARTBEAT_KINDS),
        "fictional numbers": Part(check_fictional, frozenset({"fictional"})),
        "the rotas": Part(check_rota, frozenset({"nobody-on-call"})),
    }
)
CHECKS_HERE: Mapping[str, Part] = MappingProxyType(
    {
        "the configuration": Part(check_configuration, frozenset({"configuration"}), of_host=True),
        "the disk": Part(check_disk, frozenset({"disk"}), of_host=True),
        "the clock": Part(check_clock, frozenset({"clock"}), of_host=True),
    }
)
CHECKS: Mapping[str, Part] = MappingProxyType({**CHECKS_FOR_ALL, **CHECKS_HERE})


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, the worst first, and the codes of findings that could not be looked for: they may still stand."""

    findings: tuple[Finding, ...]
    unseen: frozenset[str] = frozenset()


def examine(examined: Examined, checks: Mapping[str, Part] = CHECKS) -> Examination:
    """All that is wrong. A Twilio that does not answer is a finding like any other, and so is a check that fails."""
    found: list[Finding] = []
    unseen: set[str] = set()
    for name, part in checks.items():
        try:
            found += part.check(examined)
        except PartlySeen as partly:
            found += partly.found
            unseen |= partly.kinds
        except Exception as fault:  # one check that fails must not hide what the others find
            about = on_host(examined.settings.host_name, name) if part.of_host else name
            found.append(_not_looked_at(name, about, fault))
            unseen |= part.kinds
    return Examination(tuple(worst_first(found)), frozenset(unseen))


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing needs mending; what could only not be looked at does not count."""
    return all(each.severity is Severity.NOTE for each in findings)


def _not_looked_at(name: str, about: str, fault: Exception) -> Finding:
    if not isinstance(fault, CarrierAway):
        # By the kind of fault alone: its text may hold anything.
        what = f"Looking at {name} failed ({type(fault).__name__})."
        mend = "It is looked at again each time. Should it stay, it is a fault of this service: report it."
        return Finding("check-failed", about, Severity.WARNING, what, "What is wrong there stays unseen.", mend)
    if not fault.refused:
        return carrier_away(about, name, fault)
    what = f"Twilio refuses our credentials ({fault.status})."
    why = "Numbers, recordings and missed calls cannot be looked at; with a wrong token callers are refused too."
    return Finding("credentials", about, Severity.ALARM, what, why, OF_ONE_ACCOUNT)
