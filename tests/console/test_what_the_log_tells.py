"""What a console says when it is asked for what is not there, when it fails, and what stands in the log afterwards."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from types import ModuleType

import pytest

from ivr.accounts.people import invite
from ivr.accounts.roles import Role
from ivr.call_log.work_list import Sought, work_list
from ivr.console import call_back, sign_in, today
from ivr.telemetry.logs import show_logs, under_way
from tests.conftest import Clock

from .conftest import HTTPS, PASSWORD, Desk
from .practice import CALLERS

NOTE = "Prefers mornings, and wants Dr. Lee"
REASON = "The heating of Gilbert is broken"
FAULT = "the secret of patient Nguyen"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Whatever any logger of the process says, as it is written while the service runs; even what is not kept."""
    root, own = logging.getLogger(), logging.getLogger("ivr")
    before = root.handlers[:], root.level, own.level
    stream = io.StringIO()
    show_logs(stream)
    root.setLevel(logging.INFO)  # more than the service writes
    under_way.set(None)
    yield stream
    root.handlers[:], root.level, own.level = before


@pytest.mark.parametrize("address", ["/debug", "/.git/config", "/console", "/.env", "/clinic.yaml", "/assets/../app"])
@pytest.mark.parametrize("known", [False, True], ids=["a stranger", "an admin"])
def test_an_address_that_is_not_there_tells_nothing(desk: Desk, address: str, known: bool) -> None:
    guest = desk.signed_in() if known else desk.stranger()
    answer = guest.get(address)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for told in ("Traceback", "Werkzeug", "Flask", "[core]", f">{address}", f" {address}"):
        assert told not in answer.text


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PUT", "DELETE", "PROPFIND"])
def test_a_method_no_page_takes_is_refused_and_nothing_is_sent_back(desk: Desk, method: str) -> None:
    guest = desk.signed_in()
    headers = {"X-Secret": "repeat me"}
    answer = guest.client.open("/", method=method, base_url=HTTPS, headers=headers, data="repeat me")
    assert answer.status_code == 405
    assert "repeat me" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "room", "name"), [("/", today, "_found"), ("/sign-in", sign_in, "SignInForm")])
def test_a_fault_of_ours_shows_a_calm_page_and_is_told_without_its_words(
    desk: Desk, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, path: str, room: ModuleType, name: str
) -> None:
    guest = desk.signed_in() if path == "/" else desk.stranger()

    def fail(*_: object) -> None:
        raise ValueError(FAULT)

    monkeypatch.setattr(room, name, fail)
    answer = guest.get(path)
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for told in (FAULT, "ValueError", "Traceback"):
        assert told not in answer.text
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["exception"] for line in lines if "exception" in line] == ["ValueError"]
    assert FAULT not in log.getvalue()


def test_nothing_of_a_whole_session_is_in_the_log(
    busy_desk: Desk, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In by a link and by password, searched, revealed, noted, closed, and a fault whose words repeat it all."""
    desk = busy_desk
    token = invite(desk.engine, "olga", Role.MANAGER, actor="test", now=desk.clock())
    guest, link = desk.stranger(), f"/welcome/{token}"
    assert guest.post(link, {"password": PASSWORD, "again": PASSWORD, "name": "olga"}, on=link).status_code == 303
    assert desk.stranger().get(link).status_code == 404
    desk.stranger().sign_in("olga", "a wrong password of olga")
    guest.sign_in("olga")
    assert guest.post("/calls/search", {"number": CALLERS[0]}, on="/calls").status_code == 200
    assert guest.post("/calls/search", {"number": "Nguyen"}, on="/calls").status_code == 422
    waiting = work_list(desk.engine, Sought(Clock("2026-11-01 10:00")())).entries[0].call.sid
    entry = f"/call-back/{waiting}"
    for deed, form in (("claim", {}), ("number", {}), ("note", {"text": NOTE})):
        assert guest.post(f"{entry}/{deed}", form, on=entry).status_code in (200, 303), deed
    close = "/today/change/close/gilbert"
    made = guest.post(close, {"until": "2026-11-24T16:00", "reason": REASON, "make": "yes"}, on=close)
    assert made.status_code == 303
    assert NOTE in guest.get(entry).text

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"{NOTE} {CALLERS[0]} {token}")

    monkeypatch.setattr(call_back, "entry_of", fail)
    assert guest.get(entry).status_code == 500
    written = log.getvalue()
    assert "ValueError" in written, "the log was listened to"
    secrets = ("olga", PASSWORD, "a wrong password", token, "Nguyen", NOTE, "mornings", REASON, "heating")
    for secret in (*secrets, *CALLERS, *(caller[2:] for caller in CALLERS)):
        assert secret not in written, secret
