"""Hears what Twilio's answers say about waiting: the SDK's own exceptions leave the header out.

Facts: https://www.twilio.com/docs/usage/rest-api-best-practices (429, Retry-After), RFC 9110, section 10.2.3.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response

LONGEST_HEARD_SECONDS = 3600.0
REFUSAL = 400


class ToldToWait(TwilioRestException):  # type: ignore[misc]  # the SDK carries no types here
    """An error that says for how many seconds Twilio wants to be left alone: `retry_after_seconds`, an hour at most."""

    def __init__(self, status: int, uri: str, code: int | None, retry_after_seconds: float) -> None:
        super().__init__(status, uri, "Twilio asks to wait", code)
        self.retry_after_seconds = retry_after_seconds


class Attentive(HttpClient):  # type: ignore[misc]  # as above
    """Passes requests on. An error that names a time to wait is raised at once, with the time."""

    def __init__(self, carries: HttpClient) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), False, carries.timeout)
        self._carries = carries

    def request(self, method: str, url: str, *others: Any, **named: Any) -> Response:
        answer = self._carries.request(method, url, *others, **named)
        seconds = _asked(answer) if answer.status_code >= REFUSAL else None
        if seconds is not None:
            raise ToldToWait(answer.status_code, url, _code(answer), seconds)
        return answer


def _asked(answer: Response) -> float | None:
    """The seconds in Retry-After: a number, or a date held against the answer's own; None without either."""
    headers = answer.headers or {}
    text = str(headers.get("Retry-After", "")).strip()
    if text.isascii() and text.isdigit():
        return LONGEST_HEARD_SECONDS if len(text) > 6 else min(float(text), LONGEST_HEARD_SECONDS)
    until, said = http_moment(text), http_moment(str(headers.get("Date", "")))
    if until is None or said is None:
        return None
    return min(max((until - said).total_seconds(), 0.0), LONGEST_HEARD_SECONDS)


def http_moment(text: str) -> datetime | None:
    """The moment (aware) that a header such as Date names; None when it names none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _code(answer: Response) -> int | None:
    """Twilio's own error code, where its answer holds one."""
    try:
        found = json.loads(answer.text)
    except (ValueError, RecursionError):
        return None
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, int) else None
