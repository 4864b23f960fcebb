"""Twilio's REST API as far as we use it, over real HTTP on this machine, with its pages and its bad days.

account_double.py says what stands in the account beside calls and recordings. Field names, paging and the form of
moments follow Twilio's published OpenAPI description of api.v2010.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from tests.local_server import Quiet, playing

ACCOUNT = "AC" + "0" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
API = "https://api.twilio.com"
HANG_SECONDS = 30.0

NOT_KNOWN = {"code": 20003, "message": "Authenticate", "status": 401}
NO_URL = {"code": 21405, "message": "Cannot set VoiceFallbackUrl without setting Url", "status": 400}

Answering = dict[str, Any] | int | Callable[[dict[str, str]], dict[str, Any]]


def call_fields(sid: str, to: str, from_: str, started_at: datetime, seconds: int, **other: object) -> dict[str, Any]:
    """One call as Twilio lists it."""
    ended_at = datetime.fromtimestamp(started_at.timestamp() + seconds, UTC)
    return {
        "sid": sid,
        "account_sid": ACCOUNT,
        "to": to,
        "from": from_,
        "status": "completed",
        "start_time": format_datetime(started_at.astimezone(UTC)),
        "end_time": format_datetime(ended_at),
        "date_created": format_datetime(started_at.astimezone(UTC)),
        "duration": str(seconds),
        "direction": "inbound",
        "api_version": "2010-04-01",
        **other,
    }


def recording_fields(sid: str, call_sid: str, made_at: datetime, seconds: int, **other: object) -> dict[str, Any]:
    """One recording as Twilio lists it."""
    moment = format_datetime(made_at.astimezone(UTC))
    return {
        "sid": sid,
        "account_sid": ACCOUNT,
        "call_sid": call_sid,
        "status": "completed",
        "start_time": moment,
        "date_created": moment,
        "duration": str(seconds),
        **other,
    }


@dataclass(slots=True)
class Double:
    """What it holds, what it was asked, and what it does next: faults are used up one a request.

    A fault is a status such as 429, or "hang", "reset", "half", "nonsense". `resources` are answered by their path,
    with the host before it where it is not the first one: a body, a status, or what makes a body of the query. With
    `open_media` recordings are handed to anybody. `date` is what its clock says in answers, "" for the truth.
    `credentials` are users with their passwords: whoever shows others is refused before anything else.
    """

    calls: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, Any]] = field(default_factory=list)
    resources: dict[str, Answering] = field(default_factory=dict)
    posted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    open_media: bool = False
    date: str = ""
    faults: list[int | str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    page_size: int = 3
    credentials: dict[str, str] = field(default_factory=lambda: {ACCOUNT: TOKEN})
    port: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def knows(self, shown: str) -> bool:
        """Whether a request shows the account's token, or a key of it: an Authorization header."""
        pairs = [f"{user}:{password}".encode() for user, password in self.credentials.items()]
        return shown in [f"Basic {b64encode(pair).decode()}" for pair in pairs]

    def client(self, timeout: float = 5.0) -> TwilioHttpClient:
        """The SDK's own HTTP client, sent here instead of to Twilio."""
        return _Redirected(self.port, timeout)


class _Redirected(TwilioHttpClient):  # type: ignore[misc]  # the SDK carries no types here
    def __init__(self, port: int, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = f"http://127.0.0.1:{port}"

    def request(self, method: str, url: str, *others: Any, **named: Any) -> Response:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.hostname.endswith(".twilio.com")
        host = "" if url.startswith(API) else f"/{parts.hostname}"
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, self._base + host + parts.path + query, *others, **named)


def twilio_double() -> AbstractContextManager[Double]:
    """A double that listens until the end."""
    return playing(Double(), _Handler)


class _Handler(Quiet):
    state: Double

    def do_GET(self) -> None:
        self._answer("GET")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_HEAD(self) -> None:
        """Media, without a password."""
        self.state.asked.append(f"HEAD {self.path}")
        self._send(200 if self.state.open_media else 401, None)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.state.date or super().date_time_string(timestamp)

    def _answer(self, method: str) -> None:
        self.state.asked.append(f"{method} {self.path}")
        if not self.state.knows(self.headers.get("Authorization", "")):
            return self._send(401, NOT_KNOWN)
        if self.state.faults:
            return self._fail(self.state.faults.pop(0))
        parts = urlsplit(self.path)
        root = f"/2010-04-01/Accounts/{ACCOUNT}/"
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path in self.state.resources and method == "GET":
            return self._resource(self.state.resources[parts.path], query)
        match method, parts.path.removeprefix(root):
            case "GET", "IncomingPhoneNumbers.json":
                digits = query.get("PhoneNumber", "")
                found = [each for each in self.state.numbers if digits in each["phone_number"]]
                self._page("incoming_phone_numbers", found, parts.path, query)
            case "POST", path if path.startswith("IncomingPhoneNumbers/"):
                self._set_number(path.removeprefix("IncomingPhoneNumbers/").removesuffix(".json"))
            case "GET", "Calls.json":
                wanted = [call for call in self.state.calls if call["to"] == query.get("To", call["to"])]
                self._page("calls", wanted, parts.path, query)
            case "GET", "Recordings.json":
                self._page("recordings", self.state.recordings, parts.path, query)
            case "DELETE", path if path.startswith("Recordings/"):
                self._delete(path.removeprefix("Recordings/").removesuffix(".json"))
            case _:
                self._send(404, {"code": 20404, "message": "not found", "status": 404})
        return None

    def _page(self, name: str, rows: list[dict[str, Any]], path: str, query: dict[str, str]) -> None:
        size = min(int(query.get("PageSize", 50)), self.state.page_size)
        number = int(query.get("Page", 0))
        more = len(rows) > (number + 1) * size
        asked = {name: text for name, text in query.items() if name not in ("PageSize", "Page", "PageToken")}
        next_page = {"PageSize": size, "Page": number + 1, "PageToken": f"PA{number}", **asked}
        following = f"{path}?{urlencode(next_page)}" if more else None
        body = {name: rows[number * size : (number + 1) * size], "next_page_uri": following, "page": number}
        self._send(200, {**body, "page_size": size})

    def _resource(self, answering: Answering, query: dict[str, str]) -> None:
        match answering:
            case int():
                self._send(answering, {"code": 20000 + answering, "message": "refused", "status": answering})
            case dict():
                self._send(200, answering)
            case _:
                self._send(200, answering(query))

    def _set_number(self, sid: str) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        self.state.posted.append((self.path, form))
        (number,) = [each for each in self.state.numbers if each["sid"] == sid]
        wanted = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): value for name, value in form.items()}
        after = {**number, **wanted}
        if after["voice_fallback_url"] and not after["voice_url"]:
            return self._send(400, NO_URL)
        number |= wanted
        return self._send(200, number)

    def _delete(self, sid: str) -> None:
        known = [each for each in self.state.recordings if each["sid"] == sid]
        if not known:
            return self._send(404, {"code": 20404, "message": "not found", "status": 404})
        self.state.recordings.remove(known[0])
        self.state.deleted.append(sid)
        return self._send(204, None)

    def _fail(self, fault: int | str) -> None:
        match fault:
            case int():
                self._send(fault, {"code": 20000 + fault, "message": "a bad day", "status": fault})
            case "hang":
                self.state.closing.wait(HANG_SECONDS)
            case "reset":
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            case "half":
                self.send_response(200)
                self.send_header("Content-Length", "5000")
                self.end_headers()
                self.wfile.write(b'{"calls": [')
                self.connection.close()
            case _:
                self._send(200, None, b"<html>out of order</html>")

    def _send(self, status: int, body: object, raw: bytes = b"") -> None:
        text = raw or (b"" if body is None else json.dumps(body).encode())
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
