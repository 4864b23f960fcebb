"""Erases recordings at Twilio."""

from __future__ import annotations

from collections.abc import Callable

from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from ivr.settings import Settings

from .client import account_client

NOT_FOUND = 404


def usual_eraser(settings: Settings) -> Callable[[str], bool]:
    """Erases at the account in the settings. In practice mode there are recordings but in name."""
    if settings.practice:
        return lambda _recording: True
    return eraser(account_client(settings))


def eraser(client: Client) -> Callable[[str], bool]:
    """A function that erases the recording with an id and says whether Twilio confirmed it.

    True also when Twilio knows no such recording: it is gone. False for any other answer, or none in time.
    """

    def erase(recording: str) -> bool:
        try:
            return bool(client.recordings(recording).delete())
        except TwilioRestException as refusal:
            return bool(refusal.status == NOT_FOUND)
        except (TwilioException, RequestException):
            return False

    return erase
