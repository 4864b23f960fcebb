"""The webhook through real HTTP: signed, recognisable when repeated, and what every bad answer means."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

import pytest

from ivr.notices.parcel import Failed, Refused, Sent
from ivr.notices.webhook import Hook
from tests.local_server import Quiet, listening, nobody

from .conftest import NOW, Clock, a_parcel

SECRET = "a secret between two programs"


@dataclass
class Receiver:
    """A program of the clinic's own."""

    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    silent: bool = False
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def hook(self, seconds: float = 5.0) -> Hook:
        return Hook(f"http://127.0.0.1:{self.port}/in", SECRET, Clock(), timeout=(seconds, seconds))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(Quiet):
        def do_POST(self) -> None:
            state.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            state.headers.append(dict(self.headers))
            if state.silent:
                state.closing.wait(20)
                return
            status, headers = state.answers.pop(0) if state.answers else (204, {})
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with listening(Handler) as state.port:
        yield state
        state.closing.set()


def test_the_body_is_signed_with_its_moment_and_says_what_and_how_many(receiver: Receiver) -> None:
    assert receiver.hook()(a_parcel("")) == Sent()
    (body,), (headers,) = receiver.bodies, receiver.headers
    moment = headers["Ivr-Timestamp"]
    assert int(moment) == int(NOW.timestamp())
    expected = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
    assert headers["Ivr-Signature"] == expected
    told = json.loads(body)
    assert told["notices"] == [
        {"kind": "message left", "location": "gilbert", "count": 1, "words": "1 new message for Gilbert"}
    ]
    assert set(told) == {"id", "clinic", "subject", "notices", "link", "made_at"}


def test_a_repeat_has_the_same_key(receiver: Receiver) -> None:
    for _ in range(2):
        receiver.hook()(a_parcel(""))
    assert [headers["Idempotency-Key"] for headers in receiver.headers] == ["12-0-abcdef"] * 2


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, Sent()),
        (410, {}, Refused("the webhook answered 410")),
        (422, {}, Refused("the webhook answered 422")),
        (401, {}, Failed("the webhook answered 401", blocked=True)),
        (302, {"Location": "http://127.0.0.1:1/"}, Failed("the webhook answered 302", blocked=True)),
        (500, {}, Failed("the webhook answered 500", blocked=True)),
        (429, {"Retry-After": "120"}, Failed("the webhook answered 429", blocked=True, wait_seconds=120)),
        (429, {"Retry-After": "99999999"}, Failed("the webhook answered 429", blocked=True, wait_seconds=3600)),
        (503, {"Retry-After": "soon"}, Failed("the webhook answered 503", blocked=True)),
    ],
)
def test_what_is_final_and_what_is_tried_again(
    receiver: Receiver, status: int, headers: dict[str, str], expected: object
) -> None:
    receiver.answers.append((status, headers))
    assert receiver.hook()(a_parcel("")) == expected
    assert len(receiver.bodies) == 1


def test_a_program_that_hangs_is_given_up_on(receiver: Receiver) -> None:
    receiver.silent = True
    result = receiver.hook(0.2)(a_parcel(""))
    assert result == Failed("the webhook gave no usable answer: it does not answer in time", unsure=True, blocked=True)


def test_a_program_that_is_not_there_is_told_by_its_setting() -> None:
    with nobody() as port:
        result = Hook(f"http://127.0.0.1:{port}/in", SECRET, Clock())(a_parcel(""))
    assert isinstance(result, Failed)
    assert result.why.endswith("nobody listens where NOTICE_WEBHOOK_URL says: see its host and port")
