"""What the account itself may do: is it open and paid for, whom may it call, how many at once, who hears recordings?

Facts of the API: https://www.twilio.com/docs/iam/api/account,
https://www.twilio.com/docs/voice/api/dialingpermissions-country-resource and
https://www.twilio.com/docs/trust-hub/trusthub-rest-api/customer-profiles. How many calls an account may have at once
is in no API; without an approved business profile it is two or three legs (Twilio's help pages), and a caller who
talks with the clinic is two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from types import MappingProxyType

import requests
from twilio.rest import Client

from ivr.call_log.findings import Finding, Severity

from .asking import CarrierAway, tried
from .examined import Examined, PartlySeen, carrier_away
from .media import recording_address

ACCOUNT = "account"
LOW_BALANCE = 20  # in the account's currency, a few hours of a busy day
MOST_COUNTRIES = 400  # there are some 220
MOST_NAMED = 5
APPROVED = "twilio-approved"
HEAD_SECONDS = 5.0
CONSOLE = "in the Twilio console"
RECORDINGS = "whether recordings are protected"

Ask = Callable[[Client, Examined], list[Finding]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of Twilio, and the codes of all findings that the answer may make."""

    ask: Ask
    kinds: frozenset[str]


def check_account(examined: Examined) -> list[Finding]:
    """Each question by itself: what is not answered keeps no other from being asked. Raises PartlySeen."""
    client = examined.client
    if client is None:
        return []
    found: list[Finding] = []
    unseen: set[str] = set()
    away: dict[str, CarrierAway] = {}
    for what, question in QUESTIONS.items():
        try:
            found += question.ask(client, examined)
        except PartlySeen as partly:
            found += partly.found
            unseen |= partly.kinds
        except CarrierAway as fault:
            away[what] = fault
    found += [_not_told(what) for what, fault in away.items() if fault.refused]
    gone = {what: fault for what, fault in away.items() if not fault.refused}
    if gone:
        found.append(carrier_away(ACCOUNT, " and ".join(gone), next(iter(gone.values()))))
    # What these credentials may never ask would stand for ever; refused altogether, they are wrong at this moment.
    for what in away if len(away) == len(QUESTIONS) else gone:
        unseen |= QUESTIONS[what].kinds
    if unseen:
        raise PartlySeen(found, unseen)
    return found


def _state(client: Client, examined: Examined) -> list[Finding]:
    account = client.api.v2010.accounts(examined.settings.account_sid)
    told = tried(account.fetch, examined.pause)
    found: list[Finding] = []
    if told.status != "active":
        why = "Twilio takes no calls for this account: every caller hears that the number is out of service."
        mend = f"Open it again {CONSOLE}; a suspended account must be talked over with Twilio."
        found.append(_finding("not-active", Severity.ALARM, f"The account is {told.status}.", why, mend))
    if told.type == "Trial":
        why = "Callers hear Twilio's own words first, and only verified phones of the clinic ring."
        found.append(_finding("trial", Severity.ALARM, "The account is a trial.", why, f"Upgrade it {CONSOLE}."))
    return found


def _balance(client: Client, examined: Examined) -> list[Finding]:
    told = tried(client.balance.fetch, examined.pause)
    try:
        amount = Decimal(str(told.balance))
    except InvalidOperation:
        raise PartlySeen([_not_told("the balance")], {"balance"}) from None
    if amount >= LOW_BALANCE:
        return []
    why = "When it is used up, Twilio takes no calls: every caller hears that the number is out of service."
    what = f"The balance is {amount:.2f} {told.currency}."
    severity = Severity.ALARM if amount <= 0 else Severity.WARNING
    return [_finding("balance", severity, what, why, f"Pay in, and switch automatic payment on {CONSOLE}.")]


def _profile(client: Client, examined: Examined) -> list[Finding]:
    ask = partial(client.trusthub.v1.customer_profiles.list, status=APPROVED, limit=1)
    if tried(ask, examined.pause):
        return []
    what = "The account has no approved business profile."
    why = (
        "Twilio then lets two or three legs run at once, and a caller who talks with the clinic is two: the second "
        "caller hears a busy signal."
    )
    mend = f"Hand one in {CONSOLE}, Trust Hub; people look at it, which takes days."
    return [_finding("profile", Severity.WARNING, what, why, mend)]


def _countries(client: Client, examined: Examined) -> list[Finding]:
    wanted = set(examined.routing.countries)
    listed = client.voice.v1.dialing_permissions.countries.list

    def enabled(**kind: bool) -> set[str]:
        return {str(each.iso_code) for each in tried(partial(listed, limit=MOST_COUNTRIES, **kind), examined.pause)}

    ordinary = enabled(low_risk_numbers_enabled=True)
    risky = enabled(high_risk_special_numbers_enabled=True) | enabled(high_risk_tollfraud_numbers_enabled=True)
    found: list[Finding] = []
    if missing := wanted - ordinary:
        what = f"The account may not call numbers in {_named(missing)}."
        why = "The clinic's phones there do not ring."
        found.append(_finding("countries-missing", Severity.ALARM, what, why, f"Allow it {CONSOLE}, geo permissions."))
    if wider := ordinary - wanted:
        what = f"The account may call {_named(wider)}; the clinic needs {_named(wanted)}."
        why = "Should anybody ever get at the account, calls abroad use up its balance, and callers are not served."
        mend = f"Take them away {CONSOLE}, geo permissions, or name them in clinic.yaml."
        found.append(_finding("countries-wider", Severity.WARNING, what, why, mend))
    if risky:
        what = f"The account may call costly numbers in {_named(risky)}."
        why = "This is where toll fraud happens: the balance is gone within hours, and callers are not served."
        mend = f"Take away what is of high risk {CONSOLE}, geo permissions."
        found.append(_finding("countries-risky", Severity.WARNING, what, why, mend))
    return found


def _recordings(client: Client, examined: Examined) -> list[Finding]:
    """One recording is asked for without a password, by its head alone: not a second of it comes here."""
    made = tried(partial(client.recordings.list, limit=1), examined.pause)
    if not made:
        return [_not_told(f"{RECORDINGS}, since there is none yet")]
    address = recording_address(examined.api, examined.settings.account_sid, str(made[0].sid))
    try:
        status = requests.head(address, timeout=HEAD_SECONDS, allow_redirects=False).status_code
    except requests.RequestException:
        raise PartlySeen([_not_told(RECORDINGS)], {"recordings-open"}) from None
    if status >= 400:
        return []
    what = "Recordings can be heard by anybody who has their address."
    why = "What a patient said may be heard by strangers."
    mend = f"Require HTTP authentication for media {CONSOLE}, voice settings."
    return [_finding("recordings-open", Severity.ALARM, what, why, mend)]


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "the state of the account": Question(_state, frozenset({"not-active", "trial"})),
        "the balance": Question(_balance, frozenset({"balance"})),
        "the business profile": Question(_profile, frozenset({"profile"})),
        "the countries that may be called": Question(
            _countries, frozenset({"countries-missing", "countries-wider", "countries-risky"})
        ),
        RECORDINGS: Question(_recordings, frozenset({"recordings-open"})),
    }
)
ACCOUNT_KINDS = frozenset[str]().union(*(question.kinds for question in QUESTIONS.values()))


def _not_told(what: str) -> Finding:
    why = "It is looked at again each time; until then a person must look."
    return Finding("not-told", what, Severity.NOTE, f"Twilio does not tell us {what}.", why, f"Look {CONSOLE}.")


def _finding(code: str, severity: Severity, what: str, why: str, mend: str) -> Finding:
    return Finding(code, ACCOUNT, severity, what, why, mend)


def _named(countries: Iterable[str]) -> str:
    """US, CA and 3 more."""
    known = sorted(countries)
    shown = ", ".join(known[:MOST_NAMED])
    return f"{shown} and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else shown
