"""Where the time of one turn goes: each step of it alone, in one process without a network."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask
from twilio.request_validator import RequestValidator

from ivr.app import create_app
from ivr.call_flow.turn import Pressed
from ivr.journal.entry import entries_for, lines_for
from ivr.journal.writer import Journal
from ivr.routing.listening import converse
from ivr.services import Services
from ivr.settings import read_settings
from ivr.voice.door import Request, VoiceDoor
from ivr.voice.links import read_state
from ivr.voice.requests import Form, read_call, read_heard
from ivr.voice.signature import SignatureCheck
from ivr.voice.twiml import Sheet, render
from tests.bench.calls import ACCOUNT, ARRIVAL, FORM, PUBLIC_URL, TOKEN, Caller, next_target
from tests.bench.configurations import sample, write_always_open
from tests.bench.constant_app import create_app as create_constant_app
from tests.bench.prepared import Prepared
from tests.bench.server import ROOT, BenchFault

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

BURST_SECONDS = 0.001
SECONDS = 0.5
LEAST_BURSTS = 20
TOPICS = "3"

Part = tuple[str, Callable[[], object]]


def parts_table() -> str:
    """Microseconds of each part of one turn (a key that leads from the main menu to the topics), as Markdown."""
    disk = ROOT / "var"
    disk.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=disk) as folder:
        rows = [_row(what, act) for what, act in _parts(Path(folder))]
    return "\n".join(["| Part of a turn | CPU us | Passed us |", "| --- | --: | --: |", *rows])


def _row(what: str, act: Callable[[], object]) -> str:
    return f"| {what} | {microseconds(act, time.process_time):,.1f} | {microseconds(act, time.perf_counter):,.1f} |"


def microseconds(act: Callable[[], object], clock: Callable[[], float]) -> float:
    """The time `act` takes by `clock`: the least of many short bursts, because noise only ever adds."""
    least = min(_burst(act, 1, time.perf_counter) for _ in range(LEAST_BURSTS))
    count = max(1, int(BURST_SECONDS / max(least, 1e-7)))
    until = time.perf_counter() + SECONDS
    bursts = [_burst(act, count, clock) for _ in range(LEAST_BURSTS)]
    while time.perf_counter() < until:
        bursts.append(_burst(act, count, clock))
    return min(bursts) * 1e6


def _burst(act: Callable[[], object], count: int, clock: Callable[[], float]) -> float:
    started = clock()
    for _ in range(count):
        act()
    return (clock() - started) / count


def _parts(folder: Path) -> list[Part]:
    write_always_open(sample(), folder / "config")
    settings = read_settings(
        {
            "IVR_PRACTICE": "1",
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "PUBLIC_URL": PUBLIC_URL,
            "SECRET_KEY": TOKEN,
            "IVR_CONFIG": str(folder / "config"),
            "IVR_DATA": str(folder / "data"),
        }
    )
    app = create_app(settings, watch=False)
    services: Services = app.extensions["ivr"]
    caller, door = Caller(), VoiceDoor(services)
    turn = replace(ARRIVAL, adds={"Digits": TOPICS, "FinishedOnKey": "", "msg": "Gather End"})
    arrived = door.answer(_request(caller.signed(ARRIVAL, caller.call())))
    signed = caller.signed(replace(turn, target=next_target(arrived.body, ARRIVAL)), caller.call())
    environ, body = _environ(signed), signed.body.encode()
    constant = create_constant_app()
    whole = [
        ("a turn through Flask, journal synced", lambda: _through(app, environ, body)),
        ("the same without Flask", lambda: door.answer(_request(signed))),
        ("a constant answer through Flask", lambda: _through(constant, environ, body)),
    ]
    return [*whole, *_inside(services, signed), *_journal(services, folder), *_of_the_sdk(signed)]


def _inside(services: Services, signed: Prepared) -> list[Part]:
    body, signature = signed.body.encode(), signed.headers["X-Twilio-Signature"]
    form = Form.read(body)
    check = SignatureCheck((TOKEN,), PUBLIC_URL)
    segments = signed.target.removeprefix("/voice/turn/").split("/")
    version, state = read_state(segments)
    routing, now = services.live.pinned(version), services.clock()
    turn = converse(routing, state, Pressed(TOPICS), now)
    sheet = Sheet(PUBLIC_URL, version, routing.languages)
    return [
        ("form", lambda: Form.read(body)),
        ("signature", lambda: check.matches(signed.target, form.pairs, signature)),
        ("who calls and what was heard", lambda: (read_call(form), read_heard(form))),
        ("state from the address", lambda: read_state(segments)),
        ("engine", lambda: converse(routing, state, Pressed(TOPICS), now)),
        ("TwiML", lambda: render(turn, sheet)),
    ]


def _journal(services: Services, folder: Path) -> list[Part]:
    version, now = services.live.version, services.clock()
    routing = services.live.routing()
    state = read_state(f"1/{version}/main/{routing.main_line.start}/0/0/0/en-US/normal/0/shown".split("/"))[1]
    events = converse(routing, state, Pressed(TOPICS), now).events
    entries = entries_for("CA" + "0" * 32, 1, now, version, events)
    unsynced = Journal(folder / "unsynced", sync=lambda _descriptor: None)
    synced = Journal(folder / "synced")
    descriptor = os.open(folder / "alone", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append_alone() -> None:
        os.write(descriptor, b"x" * 300)
        os.fdatasync(descriptor)

    return [
        (f"journal lines ({len(entries)} of them)", lambda: lines_for("CA", 1, now, version, events)),
        ("journal append with lines, not synced", lambda: unsynced.append(entries)),
        ("journal append with lines, synced", lambda: synced.append(entries)),
        ("a bare write and fdatasync of this disk", append_alone),
        ("a caller's number sealed (arrival only)", lambda: services.seal.seal("+14805550147")),
    ]


def _of_the_sdk(signed: Prepared) -> list[Part]:
    """For comparison."""
    url, signature = PUBLIC_URL + signed.target, signed.headers["X-Twilio-Signature"]
    fields = dict(parse_qsl(signed.body, keep_blank_values=True))
    validate = RequestValidator(TOKEN).validate
    return [("the SDK's signature check", lambda: validate(url, fields, signature))]


def _request(signed: Prepared) -> Request:
    return Request(signed.target, FORM, signed.body.encode(), signed.headers["X-Twilio-Signature"])


def _through(app: Flask, environ: WSGIEnvironment, body: bytes) -> bytes:
    return b"".join(app.wsgi_app({**environ, "wsgi.input": io.BytesIO(body)}, _started))


def _started(status: str, _headers: list[tuple[str, str]], _fault: object = None, /) -> Callable[[bytes], object]:
    if not status.startswith("200"):
        raise BenchFault(f"a turn was answered {status}")
    return lambda _text: None


def _environ(signed: Prepared) -> WSGIEnvironment:
    """What gunicorn would hand over for this request, as far as the application looks at it."""
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": signed.target,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "ivr.example.com",
        "HTTP_X_TWILIO_SIGNATURE": signed.headers["X-Twilio-Signature"],
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(signed.body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
