"""`python -m ivr demo`: practice logs are filled, once, and a live service is left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conftest import Type

LIVE = {
    "TWILIO_ACCOUNT_SID": f"AC{1:032x}",
    "TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
    "PUBLIC_URL": "https://ivr.example.com",
    "SECRET_KEY": "a secret of these tests",
}


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.db")


def test_an_empty_practice_log_is_filled_and_can_be_read_at_once(command_line: Type) -> None:
    typed = command_line("demo")
    assert typed.code == 0, typed.err
    assert re.match(r"[0-9]{3} imagined calls from ", typed.out)
    assert "python -m ivr serve" in typed.out
    assert command_line("calls").out.count("\n") > 20
    assert "answered" in command_line("report").out


def test_running_twice_is_refused_unless_more_is_asked_for(command_line: Type) -> None:
    assert command_line("demo").code == 0
    again = command_line("demo")
    assert again.code == 1
    assert "holds calls already" in again.err
    assert "demo --more" in again.err
    assert command_line("demo", "--more", "--seed", "2").code == 0


def test_a_live_service_refuses_with_the_way_out(
    command_line: Type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in LIVE.items():
        monkeypatch.setenv(name, value)
    typed = command_line("demo")
    assert typed.code == 1
    assert "This service is live" in typed.err
    assert "IVR_PRACTICE=1" in typed.err
    assert not (tmp_path / "log.db").exists()
