"""Texts through Twilio's SDK.

Twilio's API takes no key by which it would know a repeat. So when the outcome of an attempt is unknown, Twilio's own
list is asked for what is in no other text before it is sent again.

Facts: https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/api/errors (21610 opted
out, 21211 no such number, 21614 no mobile, 21408 country not permitted, 21612 no route, 21617 too long).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from requests import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from .parcel import Failed, Parcel, Refused, Result, Sent, Text
from .wording import mark_in_text, text_body

SERVICE = "MG"
LOOKED_THROUGH = 100
CLOCKS_DIFFER = timedelta(minutes=10)
TOO_MANY, SERVER_FAULT, BAD_REQUEST, UNKNOWN = 429, 500, 400, 401
OPTED_OUT = 21610
# A fault of our own settings: it is not the letter's, and somebody can mend it.
OURS = frozenset({21212, 21603, 21606, 21659, 21660, 21701, 21703})
LOST = frozenset({"failed", "undelivered", "canceled"})
BUSY_SECONDS = 30.0


class Texter:
    """Sends texts of one account. `sender` is a number of ours (E.164) or a messaging service (MG...).

    `client` must give up after some seconds. Errors of its that name a time to wait have `retry_after_seconds`.
    """

    def __init__(self, client: Client, sender: str) -> None:
        self._client = client
        self._from = {"messaging_service_sid" if sender.startswith(SERVICE) else "from_": sender}

    def __call__(self, given: Parcel) -> Result:
        """Hand a letter over. Never raises for anything that Twilio or the network does."""
        signs = (mark_in_text(given), given.clinic)
        return self.send(Text(given.to, text_body(given), signs, given.since, given.unsure))

    def send(self, given: Text) -> Result:
        """Hand a text over. Never raises for anything that Twilio or the network does."""
        try:
            if given.unsure and (known := self._found(given)):
                return known
        except (TwilioException, RequestException, ValueError, KeyError) as fault:
            # Until the list can be read nothing is sent: it may have arrived.
            return _failed(fault, unsure=True)
        try:
            made = self._client.messages.create(to=given.to, body=given.body, **self._from)
        except TwilioRestException as refusal:
            return _refused(refusal, _asked(refusal))
        except (TwilioException, RequestException, ValueError, KeyError) as fault:
            return _failed(fault, unsure=not isinstance(fault, ConnectTimeout))
        return Sent(str(made.sid or "")[:34])

    def _found(self, given: Text) -> Result | None:
        """What Twilio knows of this text. Its list has the newest first."""
        for message in self._client.messages.list(to=given.to, limit=LOOKED_THROUGH):
            if _made_before(message.date_created, given.since - CLOCKS_DIFFER):
                return None
            if all(sign in str(message.body or "") for sign in given.signs):
                if str(message.status) in LOST:
                    stopped = str(message.error_code) == str(OPTED_OUT)
                    return Refused(f"Twilio could not deliver it: error {message.error_code}", opted_out=stopped)
                return Sent(str(message.sid)[:34])
        return None


def _refused(refusal: TwilioRestException, asked: float) -> Result:
    code = int(refusal.code or refusal.status)
    if refusal.status >= SERVER_FAULT:
        return Failed(f"Twilio answered {refusal.status}", unsure=True, blocked=True, wait_seconds=asked)
    if code == OPTED_OUT:
        return Refused("this phone has answered STOP (Twilio error 21610)", opted_out=True)
    if refusal.status == BAD_REQUEST and code not in OURS:
        return Refused(f"Twilio refused it: error {code}")
    least = BUSY_SECONDS if refusal.status == TOO_MANY else 0.0
    cure = _cure(refusal.status, code)
    return Failed(f"Twilio answered {refusal.status}, error {code}{cure}", blocked=True, wait_seconds=max(asked, least))


def _cure(status: int, code: int) -> str:
    """Which setting is to be looked at, where one is."""
    if status == UNKNOWN:
        return ": see TWILIO_ACCOUNT_SID, and TWILIO_AUTH_TOKEN or the API key"
    return ": see TEXT_FROM" if code in OURS else ""


def _failed(fault: Exception, *, unsure: bool) -> Failed:
    why = f"Twilio gave no usable answer: {type(fault).__name__}"
    return Failed(why, unsure=unsure, blocked=True, wait_seconds=_asked(fault))


def _asked(fault: Exception) -> float:
    """For how long Twilio wants to be left alone, if it said so."""
    return float(getattr(fault, "retry_after_seconds", 0.0))


def _made_before(made_at: object, moment: datetime) -> bool:
    if not isinstance(made_at, datetime):
        return False
    return (made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)) < moment
