"""`provision` and `doctor` at the keyboard, against the double of Twilio."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from ivr.call_log.audit import deeds
from ivr.call_log.database import open_database
from ivr.cli.commands import ivr
from ivr.settings import read_settings
from tests.carrier.account_double import number_fields, open_account
from tests.carrier.conftest import twilio
from tests.carrier.twilio_double import ACCOUNT, TOKEN, Double
from tests.conftest import LINE

from .conftest import Type, Typed

__all__ = ["twilio"]

LIVE = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "PUBLIC_URL": "https://127.0.0.1:9",
    "SECRET_KEY": "a long secret of the tests",
    "FALLBACK_URL": "https://127.0.0.1:9/main.xml",
}


@pytest.fixture
def live(command_line: Type, twilio: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Typed]:
    """Types a command as on a live host whose Twilio is the double."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.db")
    for name, value in LIVE.items():
        monkeypatch.setenv(name, value)

    def typed(*words: str, keys: str = "") -> Typed:
        result = CliRunner().invoke(ivr, words, input=keys, obj=twilio.client())
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Typed(result.exit_code, result.stdout, result.stderr)

    return typed


@pytest.fixture
def log(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path}/log.db")


def test_the_plan_is_shown_and_nothing_done_in_a_dry_run(live: Callable[..., Typed], twilio: Double) -> None:
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE))
    typed = live("provision", "--dry-run")
    assert typed.code == 0, typed.err
    assert "a call comes in" in typed.out
    assert "https://127.0.0.1:9/voice/incoming#ct=2000&rt=4000&rc=2&rp=all" in typed.out
    assert twilio.posted == []


def test_it_asks_first_and_a_no_changes_nothing(live: Callable[..., Typed], twilio: Double) -> None:
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE))
    typed = live("provision", keys="n\n")
    assert "Change this at Twilio?" in typed.out
    assert twilio.posted == []


def test_a_yes_sets_the_number_and_stands_in_the_audit(live: Callable[..., Typed], twilio: Double, log: Engine) -> None:
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE))
    assert live("provision", keys="y\n").code == 0
    assert len(twilio.posted) == 1
    (deed,) = deeds(log)
    log.dispose()
    assert (deed.action, deed.about) == ("provision", "line main")
    assert "voice_url" in str(deed.detail["fields"])
    assert LINE not in str(deed)
    again = live("provision")
    assert "there is nothing to do" in again.out
    assert len(twilio.posted) == 1


def test_a_number_of_somebody_else_is_named(live: Callable[..., Typed], twilio: Double) -> None:
    typed = live("provision", "--yes")
    assert typed.code == 1
    assert f"does not own the number of the line main, {LINE}" in typed.err
    assert twilio.posted == []


def test_without_a_fallback_there_is_a_warning(
    live: Callable[..., Typed], twilio: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FALLBACK_URL")
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE))
    typed = live("provision", "--dry-run")
    assert "FALLBACK_URL names no fallback for main" in typed.err
    assert "/voice/sorry" in typed.out


def test_json_holds_the_plan_and_changes_with_yes_only(live: Callable[..., Typed], twilio: Double) -> None:
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE))
    (planned,) = json.loads(live("provision", "--json").out)
    assert (planned["line"], planned["owned"], planned["changed"]) == ("main", True, False)
    (done,) = json.loads(live("provision", "--json", "--yes").out)
    assert done["changed"]
    assert {change["field"] for change in done["changes"]} == {"voice_url", "voice_fallback_url", "status_callback"}


def test_an_audit_that_cannot_be_written_is_told_and_the_number_is_set(
    live: Callable[..., Typed], twilio: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/a file/log.db")
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE))
    typed = live("provision", "--yes")
    assert typed.code == 0
    assert "not in the audit" in typed.err
    assert len(twilio.posted) == 1


def test_a_twilio_that_refuses_is_told_in_a_sentence(live: Callable[..., Typed], twilio: Double) -> None:
    twilio.faults += [401]
    typed = live("provision", "--yes")
    assert typed.code == 1
    assert "Twilio answered 401" in typed.err


def test_practice_mode_has_nothing_to_provision(command_line: Type) -> None:
    typed = command_line("provision")
    assert typed.code == 1
    assert "Practice mode has no account" in typed.err


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
