"""Which phone numbers a call may be sent to: ordinary, full numbers in the configured countries, nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.call_flow.addresses import E164

_NORTH_AMERICA = re.compile(r"\+1([0-9]{3})([0-9]{3})[0-9]{4}")
_EMERGENCY = {"911", "988", "112", "999", "9911", "+911", "+988", "+1911", "+1988"}
_MOST_TRIED = 5
_NO_SUCH = ("no such phone number exists.", "Count the digits and check the area code.")
_COSTLY = {
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.PAGER,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
}
_TEXTABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def known_countries() -> Collection[str]:
    """The two-letter country codes the rules know."""
    found: Collection[str] = phonenumbers.SUPPORTED_REGIONS
    return found


def fault(text: str, countries: Collection[str]) -> tuple[str, str] | None:
    """Why this number may not be dialled, and the cure; None when it may.

    E.164 form, as Twilio's error 13224 demands; no emergency or service code, no premium rate (900, 976), no number
    that its plan does not allow, no country but those given.
    """
    if "".join(text.split()) in _EMERGENCY:
        return "an emergency number is never dialled for a caller.", "Callers are told to dial it themselves."
    if not E164.fullmatch(text):
        return "this is not a full phone number.", _as_e164(text, countries)
    if found := _north_american(text):
        return found
    number = _parsed(text)
    region = phonenumbers.region_code_for_number(number) if number else None
    if number is None or region is None:
        return _NO_SUCH
    if region not in countries:
        return f"this number is in another country ({region}).", f"Allowed: {', '.join(sorted(countries))}."
    if phonenumbers.number_type(number) in _COSTLY:
        return "this number costs extra to call.", "Use an ordinary number."
    return None


def can_be_texted(text: str, countries: Collection[str]) -> bool:
    """Whether a caller's number may get a text: an ordinary one of these countries that can be a mobile phone.

    North America's plan does not tell mobile phones from landlines, so there this says perhaps (phonenumbers,
    FIXED_LINE_OR_MOBILE); toll-free, premium and other numbers are out.
    """
    if fault(text, countries):
        return False
    number = _parsed(text)
    return number is not None and phonenumbers.number_type(number) in _TEXTABLE


def is_fictional(number: str) -> bool:
    """True for the 555 exchange of North America, which no telephone answers and Twilio refuses to dial."""
    match = _NORTH_AMERICA.fullmatch(number)
    return match is not None and match.group(2) == "555"


def _north_american(text: str) -> tuple[str, str] | None:
    match = _NORTH_AMERICA.fullmatch(text)
    if match is None:
        return None
    area, exchange = match.groups()
    if area == "900" or exchange == "976":
        return "this number costs extra to call (900 and 976 are premium rate).", "Use an ordinary number."
    if "11" in (area[1:], exchange[1:]):
        return "this number holds a service code such as 911 where none can be.", "Check the digits."
    if area[0] in "01" or exchange[0] in "01":
        return _NO_SUCH
    return None


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    if _NORTH_AMERICA.fullmatch(text):  # most numbers by far, and their parts need no search
        return phonenumbers.PhoneNumber(country_code=1, national_number=int(text[2:]))
    try:
        return phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None


def _as_e164(text: str, countries: Collection[str]) -> str:
    example = "Write it like +14805550100: a plus, the country code, no spaces."
    if len(text) > 40:
        return example
    for country in sorted(countries, key=lambda code: code != "US")[:_MOST_TRIED]:
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return f"Write it like this: {phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}"
    return example
