"""Does Twilio's way to this service work? Asked through PUBLIC_URL itself, as far as that can be told from here.

The question is a status callback that says "ringing" of a call that is none. The door takes only a call's last words
for news, so it answers 204 and writes nothing down: no event, no call, no figure but that of a request. The same
question with one value changed after signing must be refused.

Where nobody listens, or a proxy has nobody behind it, the worker asks again some seconds later: a service that is
being started beside it is no finding.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
from twilio.request_validator import RequestValidator

from ivr.call_log.findings import Finding, Severity
from ivr.settings import Settings
from ivr.telemetry.unreached import why_unreached

from .examined import Examined, PartlySeen

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
SLOW_SECONDS = 2.0  # half of what the numbers grant an answer
TAKEN, FORBIDDEN, SERVER_FAULT = 204, 403, 500
BETWEEN_SECONDS = 5.0  # as long as a service takes to start
NO_CALL = "CA" + "0" * 32
SOON, VERY_SOON = timedelta(days=14), timedelta(days=3)

PLACE = "PUBLIC_URL"
CERTIFICATE, TAMPERING = "certificate", "tampering"
ANSWERED_KINDS = frozenset({"signature", "redirect", "wrong-answer", "slow", TAMPERING})
DOOR_KINDS = ANSWERED_KINDS | {"unreachable"}
NO_ANSWER = "Twilio hears nothing from us either: every caller gets the fallback, or an error."


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back. `fault` is why nothing did; `passing` that it may be another in some seconds."""

    status: int = 0
    seconds: float = 0.0
    fault: str = ""
    passing: bool = False

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300


def check_door(examined: Examined) -> list[Finding]:
    """A signed request must be taken, a tampered one refused, and quickly. Raises PartlySeen."""
    form = _form(examined.settings, "ringing")
    honest = _asked(examined, form)
    found = _of_honest(honest)
    if honest.fault:
        raise PartlySeen(found, ANSWERED_KINDS)
    tampered = _ask(examined, _form(examined.settings, "queued"), form)
    if not tampered.is_taken and tampered.status != FORBIDDEN:
        raise PartlySeen(found, {TAMPERING})  # neither let in nor refused: what was found before may still be so
    return found + _of_tampered(tampered)


def _asked(examined: Examined, form: dict[str, str]) -> _Answer:
    """The honest question's answer, the last of as many as are granted."""
    answer = _ask(examined, form, form)
    for _ in range(examined.door_tries - 1):
        if not answer.passing:
            break
        examined.pause(BETWEEN_SECONDS)
        answer = _ask(examined, form, form)
    return answer


def check_certificate(examined: Examined) -> list[Finding]:
    """The certificate behind an https PUBLIC_URL must be good, and stay so for a while. Raises PartlySeen."""
    parts = urlsplit(examined.settings.public_url)
    if parts.scheme != "https" or not parts.hostname:
        return []
    try:
        ends_at = certificate_ends_at(parts.hostname, parts.port or 443, examined.tls)
    except ssl.SSLCertVerificationError as fault:
        what = f"The certificate of PUBLIC_URL is not good: {fault.verify_message.rstrip('.')}."
        mend = "Renew it, and serve the whole chain; docs/going-live.md tells what Twilio wants."
        return [Finding(CERTIFICATE, PLACE, Severity.ALARM, what, NO_ANSWER, mend)]
    except OSError:
        raise PartlySeen([], {CERTIFICATE}) from None  # what cannot be reached at all is told by check_door
    left = ends_at - examined.now()
    if left > SOON:
        return []
    what = f"The certificate of PUBLIC_URL ends on {ends_at:%Y-%m-%d}."
    why = "From that moment Twilio does not trust the address, and callers are not answered."
    severity = Severity.ALARM if left < VERY_SOON else Severity.WARNING
    return [Finding(CERTIFICATE, PLACE, severity, what, why, "Renew it now, and see why it does not renew itself.")]


def certificate_ends_at(host: str, port: int, tls: ssl.SSLContext) -> datetime:
    """Until when the certificate served there is good. Raises OSError, of which SSLError is one."""
    with (
        socket.create_connection((host, port), CONNECT_SECONDS) as plain,
        tls.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        ends = (wrapped.getpeercert() or {}).get("notAfter", "")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)


def _form(settings: Settings, status: str) -> dict[str, str]:
    return {"AccountSid": settings.account_sid, "CallSid": NO_CALL, "CallStatus": status}


def _ask(examined: Examined, sent: dict[str, str], signed: dict[str, str]) -> _Answer:
    settings = examined.settings
    address = f"{settings.public_url}/voice/status"
    signature = RequestValidator(settings.auth_tokens[0]).compute_signature(address, signed)
    began = examined.timer()
    try:
        answer = requests.post(
            address,
            data=sent,
            headers={"X-Twilio-Signature": signature},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
    except requests.RequestException as fault:
        passing = not isinstance(fault, requests.exceptions.SSLError | requests.Timeout)
        return _Answer(fault=why_unreached(fault, PLACE), passing=passing)
    return _Answer(answer.status_code, examined.timer() - began, passing=answer.status_code >= SERVER_FAULT)


def _of_honest(answer: _Answer) -> list[Finding]:
    if answer.fault:
        what = f"PUBLIC_URL does not work from this machine: {answer.fault}."
        mend = "See that the service runs, that the proxy in front passes /voice/ on to it, and what the name leads to."
        return [Finding("unreachable", PLACE, Severity.ALARM, what, NO_ANSWER, mend)]
    if answer.status == FORBIDDEN:
        what = "A request signed as Twilio signs it is refused (403)."
        mend = (
            "PUBLIC_URL must be exactly the address that is called, TWILIO_AUTH_TOKEN the primary token on every host, "
            "and the proxy must change neither path nor body."
        )
        return [Finding("signature", PLACE, Severity.ALARM, what, "Every caller is refused alike.", mend)]
    if 300 <= answer.status < 400:
        what = f"PUBLIC_URL redirects ({answer.status})."
        why = "Twilio follows with a GET, which loses what the caller pressed and is not answered."
        return [Finding("redirect", PLACE, Severity.ALARM, what, why, "Set PUBLIC_URL to where it redirects to.")]
    if answer.status != TAKEN:
        what = f"PUBLIC_URL answers {answer.status} where this service answers {TAKEN}."
        mend = "Something else answers there, or the proxy cannot reach the service: see its log."
        return [Finding("wrong-answer", PLACE, Severity.ALARM, what, NO_ANSWER, mend)]
    if answer.seconds > SLOW_SECONDS:
        what = f"PUBLIC_URL took {answer.seconds:.1f} seconds to answer."
        why = "A caller hears silence for as long at every step, and Twilio gives up after four seconds."
        return [Finding("slow", PLACE, Severity.WARNING, what, why, "See the machine's load, and the proxy.")]
    return []


def _of_tampered(answer: _Answer) -> list[Finding]:
    """Only what is taken is an open door: a redirect, or a proxy without a service behind it, lets nobody in."""
    if not answer.is_taken:
        return []
    what = f"A request that was changed after signing is answered {answer.status}, not refused."
    why = "Anybody could make up calls and messages, and hear what only callers may hear."
    mend = "Nothing but this service may answer under PUBLIC_URL/voice/; no proxy may answer or sign in its place."
    return [Finding(TAMPERING, PLACE, Severity.ALARM, what, why, mend)]
