"""`call`: a practice telephone against a service that really listens."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from ivr.app import create_app
from ivr.journal.reader import read
from ivr.settings import read_settings

from .conftest import Type

OPEN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # ten o'clock on a Tuesday in Phoenix
NIGHT = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)

Serve = Callable[[datetime], None]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def serve(command_line: Type, monkeypatch: pytest.MonkeyPatch, config: Path, tmp_path: Path) -> Iterator[Serve]:
    """Starts the service in practice mode at a moment that stands still; the command finds it by PORT."""
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    stop: list[Callable[[], None]] = []

    def started(now: datetime) -> None:
        settings = read_settings({"PORT": str(port), "IVR_CONFIG": str(config), "IVR_DATA": str(tmp_path / "var")})
        server = make_server("127.0.0.1", port, create_app(settings, clock=lambda: now, watch=False), threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        stop.extend((server.shutdown, thread.join, server.server_close))

    yield started
    for end in stop:
        end()


def test_a_call_is_walked_to_a_person(command_line: Type, serve: Serve) -> None:
    serve(OPEN)
    typed = command_line("call", keys="1\nb\na\n")
    assert typed.code == 0, typed.err
    assert "en-US   If this is an emergency, hang up and dial 911." in typed.out
    assert "es-US   Para español, oprima el 9." in typed.out
    assert "rings   Scottsdale front desk, +14805550111, for up to 20 seconds" in typed.out
    assert "The phone is busy." in typed.out
    assert "rings   Scottsdale back office, +14805550112" in typed.out
    assert "The clinic answers." in typed.out
    assert "Goodbye." in typed.out
    assert typed.out.rstrip().endswith("the call is over")


def test_a_voicemail_does_not_swallow_the_call(command_line: Type, serve: Serve) -> None:
    serve(OPEN)
    out = command_line("call", keys="2\nz\nv3\nv2\na\n").out
    assert out.count("Please answer a, n, b, v, f or h.") == 2
    assert "2. Gilbert nurse, +14805550122" in out
    assert "A voicemail picks up and presses no key." in out
    assert "Now we are trying Scottsdale." in out


def test_with_press_nothing_is_asked(command_line: Type, serve: Serve) -> None:
    serve(NIGHT)
    typed = command_line("call", "--press", "#,-,1,1")
    assert typed.code == 0
    assert "Key (" not in typed.out
    assert "The caller stays silent." in typed.out
    assert "records a spoken message of at most 120 seconds" in typed.out
    assert "We have your message." in typed.out


def test_when_the_keys_are_used_up_the_caller_is_silent_and_nobody_answers(command_line: Type, serve: Serve) -> None:
    serve(OPEN)
    out = command_line("call", "--press", "1").out
    assert out.count("Nobody answers.") == 3
    assert out.count("The caller stays silent.") == 2
    assert "You can call us at" in out


def test_words_are_spoken_where_the_menu_listens(command_line: Type, serve: Serve) -> None:
    serve(OPEN)
    out = command_line("call", keys="gilbert please\nh\n").out
    assert 'The caller says "gilbert please".' in out
    assert "Gilbert front desk" in out
    assert out.rstrip().endswith("the call is over")


def test_a_call_back_reads_the_callers_own_digits(command_line: Type, serve: Serve) -> None:
    serve(OPEN)
    out = command_line("call", "--from", "+14805550123", "--press", "4,1").out
    assert "0, 1, 2, 3" in out
    assert "We have noted" in out


def test_a_withheld_number_is_offered_no_call_back(command_line: Type, serve: Serve) -> None:
    serve(OPEN)
    assert "does not show us its number" in command_line("call", "--withheld", "--press", "4").out


def test_a_message_may_be_left_or_not(command_line: Type, serve: Serve) -> None:
    serve(NIGHT)
    out = command_line("call", keys="1\n1\nn\n1\nh\n").out
    assert "The caller leaves no message." in out
    assert out.rstrip().endswith("the call is over")


def test_the_service_writes_a_practice_call_down(command_line: Type, serve: Serve, tmp_path: Path) -> None:
    serve(OPEN)
    command_line("call", keys="1\na\n")
    kinds = {entry.kind for entry in read(tmp_path / "var" / "journal")}
    assert {"CallArrived", "KeyChosen", "Rang", "CallAccepted", "CallEnded"} <= kinds


def test_no_service_is_told_with_the_cure(command_line: Type) -> None:
    typed = command_line("call", "--url", f"http://127.0.0.1:{free_port()}")
    assert typed.code == 1
    assert "Start the service in another window with: make run" in typed.err


def test_a_refused_signature_is_told_with_the_cure(
    command_line: Type, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve(OPEN)
    monkeypatch.setenv("IVR_DATA", str(tmp_path / "elsewhere"))
    typed = command_line("call", "--press", "1")
    assert typed.code == 1
    assert "refused the call's signature (403)" in typed.err
    assert "IVR_DATA" in typed.err


def test_another_address_can_be_called_than_is_signed_for(command_line: Type, serve: Serve) -> None:
    serve(OPEN)
    typed = command_line("call", "--url", f"http://localhost:{os.environ['PORT']}/", "--press", "1")
    assert typed.code == 0, typed.err


def test_a_live_service_gets_no_practice_calls(command_line: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "0" * 32)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("PUBLIC_URL", "https://ivr.example.com")
    monkeypatch.setenv("SECRET_KEY", "a long secret of the tests")
    typed = command_line("call")
    assert typed.code == 1
    assert "IVR_PRACTICE=1" in typed.err


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--url", "http://example.com"), "stay on this machine"),
        (("--url", "ftp://127.0.0.1"), "stay on this machine"),
        (("--from", "anonymous"), "+14805550199"),
        (("--press", "11"), '"11" is no key'),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(command_line: Type, words: tuple[str, ...], fault: str) -> None:
    typed = command_line("call", *words)
    assert typed.code == 2
    assert fault in typed.err


def test_bad_settings_are_all_named(command_line: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("IVR_PRACTICE", "perhaps")
    typed = command_line("call")
    assert typed.code == 1
    assert "PORT must be" in typed.err
    assert "IVR_PRACTICE must be" in typed.err
