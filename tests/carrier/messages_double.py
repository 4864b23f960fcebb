"""Twilio's Messages as far as we use them, over real HTTP on this machine, with their bad days.

Field names and statuses follow Twilio's published OpenAPI description of api.v2010, Message.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.carrier.twilio_double import ACCOUNT, NOT_KNOWN, Double
from tests.local_server import Quiet, playing

PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
HANG_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer with a status and one of Twilio's codes, and perhaps how long to wait."""

    status: int
    code: int
    retry_after: str = ""


NO_SUCH_NUMBER = Refusal(400, 21211)
Trouble = Refusal | str | Callable[[], None]


@dataclass(slots=True)
class Messages(Double):
    """What was taken (newest first), every form that was posted, and what goes wrong next.

    Besides refusals a trouble is "hang", "reset", "half", or "lost": taken, and the answer never came. One that can be
    called is called when the text is taken; then the answer never comes either. No text reaches anybody in `unknown`.
    """

    taken: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    list_troubles: list[Refusal | str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


def messages_double() -> AbstractContextManager[Messages]:
    """A double that listens until the end."""
    return playing(Messages(), BadDays)


class BadDays(Quiet):
    """Answers as Twilio does, but for the troubles that are next."""

    state: Messages
    resource = PATH

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.state.date or super().date_time_string(timestamp)

    def do_POST(self) -> None:
        self.state.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.state.posted.append((self.path, form))
        if not self._is_welcome():
            return None
        if form["To"] in self.state.unknown:
            return self._fail(NO_SUCH_NUMBER)
        trouble = self.state.troubles.pop(0) if self.state.troubles else None
        if isinstance(trouble, Refusal) or (isinstance(trouble, str) and trouble != "lost"):
            return self._fail(trouble)
        self.state.taken.insert(0, _message(form, len(self.state.taken)))
        if callable(trouble):
            trouble()
        return self._fail("reset") if trouble else self._send(201, self.state.taken[0])

    def do_GET(self) -> None:
        self.state.asked.append(f"GET {self.path}")
        if not self._is_welcome():
            return None
        if self.state.list_troubles:
            return self._fail(self.state.list_troubles.pop(0))
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        found = [each for each in self.state.taken if each["to"] == query["To"]]
        return self._send(200, {"messages": found, "next_page_uri": None, "page": 0, "page_size": 50})

    def _is_welcome(self) -> bool:
        """Whether the credentials and the address are right; what else Twilio answers is sent."""
        if not self.state.knows(self.headers.get("Authorization", "")):
            self._send(401, NOT_KNOWN)
        elif urlsplit(self.path).path != self.resource:
            self._send(404, {"code": 20404, "message": "not found", "status": 404})
        else:
            return True
        return False

    def _fail(self, trouble: Refusal | str) -> None:
        match trouble:
            case Refusal(status, code, wait):
                self._send(status, {"code": code, "message": "a bad day", "status": status}, wait)
            case "hang":
                self.state.closing.wait(HANG_SECONDS)
            case "half":
                self.send_response(201)
                self.send_header("Content-Length", "5000")
                self.end_headers()
                self.wfile.write(b'{"sid": "SM')
                self.connection.close()
            case _:
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

    def _send(self, status: int, body: object, wait: str = "") -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if wait:
            self.send_header("Retry-After", wait)
        self.end_headers()
        self.wfile.write(text)


def _message(form: dict[str, str], number: int) -> dict[str, Any]:
    return {
        "sid": f"SM{number:032x}",
        "account_sid": ACCOUNT,
        "to": form["To"],
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "body": form["Body"],
        "status": "queued",
        "direction": "outbound-api",
        "error_code": None,
        "date_created": format_datetime(datetime.now(UTC)),
        "date_sent": None,
        "num_segments": "1",
    }
