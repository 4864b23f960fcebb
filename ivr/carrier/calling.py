"""Places calls through Twilio's SDK, each at most once: what may have been placed is never placed again.

Twilio's API takes no key by which it would know a repeat, so only what it refused, or what never left this machine, may
be tried again. Facts: https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource and
https://www.twilio.com/docs/api/errors (20429: too many requests; those of WHY_REFUSED).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from requests import ConnectTimeout, RequestException
from requests.exceptions import ConnectionError as NoConnection
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from ivr.call_log.placing import Later, NotPlaced, Placed, Result, Unsure

TOO_MANY, SERVER_FAULT = 429, 500
BUSY_SECONDS = 5.0
WHY_REFUSED: Mapping[int, str] = MappingProxyType(
    {
        20003: "the service's credentials are not accepted",
        21210: "the account may not call from that number",
        21212: "the account may not call from that number",
        21211: "there is no such number",
        21214: "that number cannot be reached",
        21215: "the account may not call that country",
        21219: "a trial account rings verified phones only",
    }
)
POST = "POST"
# Long enough for the greeting to be asked for and begun; nobody is there to listen to more of it.
LISTEN = '<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="10"/><Hangup/></Response>'
LISTEN_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Leg:
    """A call to place: E.164 numbers, and for how many seconds it rings."""

    to: str
    shown: str
    seconds: int


class Dialler:
    """Places calls of one account. `client` gives up after some seconds."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ring(self, leg: Leg, *, answered: str, over: str) -> Result:
        """Ring a phone; what happens then is asked for at `answered`, and its end told to `over`. Never raises."""
        return self._create(
            leg,
            url=answered,
            method=POST,
            status_callback=over,
            status_callback_method=POST,
            status_callback_event=["completed"],
        )

    def listen(self, leg: Leg) -> Result:
        """Call a number, be silent for ten seconds, hang up. Never raises."""
        return self._create(leg, twiml=LISTEN, time_limit=LISTEN_LIMIT_SECONDS)

    def _create(self, leg: Leg, **more: Any) -> Result:
        try:
            made = self._client.calls.create(to=leg.to, from_=leg.shown, timeout=leg.seconds, **more)
            return Placed(str(made.sid or "")[:34])
        except TwilioRestException as refusal:
            return _refused(refusal)
        except (TwilioException, RequestException, ValueError, KeyError, TypeError) as fault:
            if _never_left(fault):
                return Later(BUSY_SECONDS)
            return Unsure(f"Twilio gave no usable answer: {type(fault).__name__}")


def _refused(refusal: TwilioRestException) -> Result:
    """No text of Twilio's: it may repeat the number."""
    if refusal.status == TOO_MANY:
        return Later(max(getattr(refusal, "retry_after_seconds", 0.0), BUSY_SECONDS))
    if refusal.status >= SERVER_FAULT:
        return Unsure(f"Twilio answered {refusal.status}")
    code = int(refusal.code or refusal.status)
    why = WHY_REFUSED.get(code, "")
    return NotPlaced(f"Twilio refused it: error {code}{f', {why}' if why else ''}")


def _never_left(fault: Exception) -> bool:
    """Whether no connection came about at all."""
    if isinstance(fault, ConnectTimeout):
        return True
    cause = fault.args[0] if isinstance(fault, NoConnection) and fault.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
