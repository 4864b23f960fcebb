"""`doctor` at the keyboard, against the double of Twilio: sentences, JSON, and an exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from ivr.app import create_app, fallback_writer
from ivr.carrier import check_door, check_host
from ivr.routing.compile import compile_folder
from ivr.settings import Settings, read_settings
from tests.carrier.account_double import open_account
from tests.carrier.static_host import StaticHost, static_host
from tests.carrier.twilio_double import Double
from tests.certificates import self_signed
from tests.conftest import LINE
from tests.local_server import served

from .conftest import LIVE, Type, Typed


def test_the_doctor_tells_what_why_and_the_cure_and_says_it_by_its_exit_code(
    live: Callable[..., Typed], twilio: Double
) -> None:
    open_account(twilio, read_settings(LIVE), {"main": LINE})
    typed = live("doctor")
    assert typed.code == 1
    assert "ALARM  PUBLIC_URL does not work from this machine" in typed.out
    assert "    why it matters: " in typed.out
    assert "    how to mend it: " in typed.out
    told = json.loads(live("doctor", "--json").out)
    assert (told["well"], told["twilio_asked"]) == (False, True)
    assert {"unreachable", "fallback-gone", "fictional"} <= {each["code"] for each in told["findings"]}


def test_in_practice_mode_the_doctor_does_not_ask_twilio(command_line: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9")
    typed = command_line("doctor")
    assert typed.code == 1
    assert "Practice mode: there is no account" in typed.out
    assert "NOTE  The number of the line main is fictional" in typed.out


@pytest.fixture
def hosted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StaticHost]:
    """A host beside this one, by https, for the fallback."""
    pem = tmp_path / "certificate.pem"
    shows, _ = self_signed(pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    with static_host(shows) as host:
        monkeypatch.setenv("FALLBACK_URL", f"https://localhost:{host.port}/main.xml")
        yield host


def test_where_nothing_needs_mending_it_says_so_and_ends_well(
    command_line: Type, hosted: StaticHost, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How full this machine's disk is and how fast it answers is no matter of the test."""
    monkeypatch.setattr(check_host, "LITTLE_BYTES", 0)
    monkeypatch.setattr(check_door, "SLOW_SECONDS", 600.0)
    found: list[Settings] = []

    def build(port: int) -> Flask:
        monkeypatch.setenv("PORT", str(port))
        found.append(read_settings(os.environ))
        return create_app(found[0], watch=False)

    with served(build):
        routing = compile_folder(config).routing
        assert routing is not None
        hosted.files["/main.xml"] = 200, fallback_writer(found[0]).write(routing, routing.main_line).text
        typed = command_line("doctor")
        told = json.loads(command_line("doctor", "--json").out)
    assert typed.code == 0, typed.out
    assert typed.out.splitlines()[-1] == "Nothing needs mending."
    assert "This needs mending." not in typed.out
    assert told["well"]
    assert {each["code"] for each in told["findings"]} == {"fictional"}
