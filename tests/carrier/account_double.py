"""An account at Twilio in good order, for the double to hold; tests put single things out of order.

Field names follow Twilio's published OpenAPI descriptions of api.v2010, voice.v1 and trusthub.v1.
"""

from __future__ import annotations

from typing import Any

from ivr.carrier.numbers import FIELDS, wanted
from ivr.settings import Settings
from tests.carrier.twilio_double import ACCOUNT, Double

ACCOUNT_PATH = f"/2010-04-01/Accounts/{ACCOUNT}.json"
BALANCE_PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Balance.json"
VERIFIED_PATH = f"/2010-04-01/Accounts/{ACCOUNT}/OutgoingCallerIds.json"
PROFILES_PATH = "/trusthub.twilio.com/v1/CustomerProfiles"
COUNTRIES_PATH = "/voice.twilio.com/v1/DialingPermissions/Countries"


def number_fields(sid: str, number: str, **other: object) -> dict[str, Any]:
    """A number as it was bought: nothing of ours is set."""
    unset = {"voice_application_sid": None, "trunk_sid": None, "voice_receive_mode": "voice"}
    methods = dict.fromkeys((name for name in FIELDS if name.endswith("method")), "POST")
    urls = dict.fromkeys((name for name in FIELDS if not name.endswith("method")), "")
    own = {"sid": sid, "account_sid": ACCOUNT, "phone_number": number, "friendly_name": number}
    return {**own, **unset, **methods, **urls, **other}


def country(code: str, *, low: bool = True, special: bool = False, fraud: bool = False) -> dict[str, Any]:
    """A country as the geo permissions list it."""
    return {
        "iso_code": code,
        "name": code,
        "low_risk_numbers_enabled": low,
        "high_risk_special_numbers_enabled": special,
        "high_risk_tollfraud_numbers_enabled": fraud,
    }


def listed(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One page, and the last, of a list in the newer APIs."""
    return {name: rows, "meta": {"key": name, "page": 0, "page_size": 50, "next_page_url": None}}


def allow_calls_to(twilio: Double, *countries: dict[str, Any]) -> None:
    """Let the account call these, and let the list be asked for by what is enabled."""
    flags = {
        "LowRiskNumbersEnabled": "low_risk_numbers_enabled",
        "HighRiskSpecialNumbersEnabled": "high_risk_special_numbers_enabled",
        "HighRiskTollfraudNumbersEnabled": "high_risk_tollfraud_numbers_enabled",
    }

    def answer(query: dict[str, str]) -> dict[str, Any]:
        asked = [name for flag, name in flags.items() if query.get(flag) == "true"]
        return listed("content", [each for each in countries if all(each[name] for name in asked)])

    twilio.resources[COUNTRIES_PATH] = answer


def open_account(twilio: Double, settings: Settings, lines: dict[str, str]) -> None:
    """An account in which nothing is wrong: `lines` are numbers by the lines' names."""
    twilio.numbers[:] = [
        number_fields(f"PN{at:032x}", number, **wanted(settings, name))
        for at, (name, number) in enumerate(lines.items(), start=1)
    ]
    twilio.resources[ACCOUNT_PATH] = {"sid": ACCOUNT, "status": "active", "type": "Full"}
    twilio.resources[BALANCE_PATH] = {"account_sid": ACCOUNT, "balance": "120.50", "currency": "USD"}
    twilio.resources[VERIFIED_PATH] = {"outgoing_caller_ids": [], "next_page_uri": None, "page": 0}
    twilio.resources[PROFILES_PATH] = listed("results", [{"sid": "BU" + "0" * 32, "status": "twilio-approved"}])
    allow_calls_to(twilio, country("US"))
