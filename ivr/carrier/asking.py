"""Asks Twilio something, and asks again after a while when it is busy or does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import SystemRandom
from typing import TypeVar

from requests import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.response import Response

from .attention import ToldToWait

TRIES = 4
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0  # whoever asks holds a lease meanwhile
TOO_MANY, SERVER_FAULT = 429, 500
REFUSED = frozenset({401, 403})
OF_ONE_ACCOUNT = (
    "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET, of one account."
)

Pause = Callable[[float], None]
T = TypeVar("T")


class CarrierAway(Exception):
    """Twilio gave no usable answer; the text says what it answered, without anything of a call.

    `status` is that of its answer, None when there was none.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status

    @property
    def refused(self) -> bool:
        """Twilio knows the question and does not answer it to these credentials."""
        return self.status in REFUSED


def tried(ask: Callable[[], T], pause: Pause = time.sleep) -> T:
    """What `ask` gives. It is called again after a wait; harmless to repeat, then. Raises CarrierAway.

    `pause` waits so many seconds between tries: what Twilio asked for (Retry-After), a minute at most, or else twice as
    long each time and never the same for all. An answer that another try would not change ends it at once.
    """
    for number in range(TRIES):
        try:
            return ask()
        except (TwilioException, RequestException, ValueError) as error:
            status, wait = _status(error), _wait_seconds(number, error)
            fault = f"Twilio answered {status}" if status else f"Twilio gave no usable answer: {type(error).__name__}"
            if status and status != TOO_MANY and status < SERVER_FAULT:
                break
        if number + 1 < TRIES:
            pause(wait)
    raise CarrierAway(fault, status)


def _wait_seconds(number: int, error: Exception) -> float:
    if isinstance(error, ToldToWait) and error.retry_after_seconds > 0:
        return min(error.retry_after_seconds, LONGEST_WAIT_SECONDS)
    return float(FIRST_WAIT_SECONDS * 2**number * SystemRandom().uniform(0.5, 1.0))


def _status(error: Exception) -> int | None:
    """The HTTP status of the answer behind an exception; a list puts the whole answer among its arguments."""
    if isinstance(error, TwilioRestException):
        return int(error.status)
    return next((each.status_code for each in error.args if isinstance(each, Response)), None)
