"""Notices to a program of the clinic's own: one POST of JSON, signed.

At least once: `Idempotency-Key` is the same at each attempt, so the program can know a repeat. The signature is
HMAC-SHA256, in hexadecimal, over the timestamp, a dot and the body; a receiver refuses old timestamps.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

import requests

from ivr.telemetry.unreached import why_unreached

from .parcel import Failed, Parcel, Refused, Result, Sent

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
TAKEN = range(200, 300)
TRY_AGAIN = frozenset({401, 403, 404, 408, 409, 425, 429})  # what somebody can mend, and what passes by itself
CLIENT_FAULTS = range(400, 500)
LONGEST_ASKED_SECONDS = 3600


class Hook:
    """Posts to one address. `clock` gives the moment (aware) that is signed."""

    def __init__(
        self,
        address: str,
        secret: str,
        clock: Callable[[], datetime],
        *,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self._address = address
        self._secret = secret.encode()
        self._clock = clock
        self._timeout = timeout

    def __call__(self, given: Parcel) -> Result:
        """Hand a letter over. Never raises for anything that the program or the network does."""
        body = json.dumps(_content(given), ensure_ascii=False).encode()
        moment = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": given.reference,
            "Ivr-Timestamp": moment,
            "Ivr-Signature": signature(self._secret, moment, body),
        }
        try:
            with requests.post(
                self._address, data=body, headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
            ) as answer:
                return _result(answer.status_code, answer.headers)
        except (requests.RequestException, OSError) as fault:
            why = f"the webhook gave no usable answer: {why_unreached(fault, 'NOTICE_WEBHOOK_URL')}"
            return Failed(why, unsure=not isinstance(fault, requests.ConnectTimeout), blocked=True)


def signature(secret: bytes, moment: str, body: bytes) -> str:
    """What a receiver compares: over the timestamp as sent, a dot, and the body byte by byte."""
    return hmac.new(secret, moment.encode() + b"." + body, sha256).hexdigest()


def _content(given: Parcel) -> Mapping[str, object]:
    return {
        "id": given.reference,
        "clinic": given.clinic,
        "subject": given.subject,
        "notices": [asdict(item) for item in given.items],
        "link": given.link,
        "made_at": given.since.isoformat(),
    }


def _result(status: int, headers: Mapping[str, str]) -> Result:
    why = f"the webhook answered {status}"
    if status in TAKEN:
        return Sent()
    if status in CLIENT_FAULTS and status not in TRY_AGAIN:
        return Refused(why)
    asked = headers.get("Retry-After", "")
    seconds = min(int(asked), LONGEST_ASKED_SECONDS) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
    return Failed(why, blocked=True, wait_seconds=float(seconds))
