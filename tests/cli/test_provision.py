"""`provision` at the keyboard, against the double of Twilio."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_log.audit import deeds
from ivr.call_log.database import open_database
from tests.carrier.account_double import number_fields
from tests.carrier.conftest import twilio
from tests.carrier.twilio_double import Double
from tests.conftest import LINE

from .conftest import Type, Typed

__all__ = ["twilio"]


@pytest.fixture
def log(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path}/log.db")


class Revoking(list[tuple[str, dict[str, str]]]):
    """What the double was sent; it knows our credentials no more once it was sent something."""

    def __init__(self, twilio: Double) -> None:
        super().__init__()
        self._twilio = twilio

    def append(self, sent: tuple[str, dict[str, str]]) -> None:
        super().append(sent)
        self._twilio.credentials.clear()


def add_a_line(config: Path) -> None:
    clinic = config / "clinic.yaml"
    lines = "lines:\n  spanish:\n    number: +14805550101\n    start: main\n    person: gilbert\n    language: es-US\n"
    clinic.write_text(clinic.read_text().replace("lines:\n", lines))


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
    assert "Nothing was changed." in typed.err
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
    assert "Twilio answered 401. Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY" in typed.err
    assert "run it again" not in typed.err


def test_a_twilio_that_refuses_half_way_is_told_with_what_stays_changed(
    live: Callable[..., Typed], twilio: Double, log: Engine, config: Path
) -> None:
    add_a_line(config)
    twilio.numbers += [number_fields("PN" + "1" * 32, LINE), number_fields("PN" + "2" * 32, "+14805550101")]
    twilio.posted = Revoking(twilio)
    typed = live("provision", "--yes")
    assert (typed.code, len(twilio.posted)) == (1, 1)
    assert "The line spanish is set." in typed.err
    assert "Twilio answered 401. Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY" in typed.err
    assert "What was changed before stays changed; run it again." in typed.err
    assert [deed.about for deed in deeds(log)] == ["line spanish"]
    log.dispose()


def test_practice_mode_has_nothing_to_provision(command_line: Type) -> None:
    typed = command_line("provision")
    assert typed.code == 1
    assert "Practice mode has no account" in typed.err


@pytest.mark.parametrize("words", [("provision", "--yes"), ("provision", "--yes", "--json")])
def test_what_keeps_the_addresses_from_counting_is_named_and_the_exit_code_says_so(
    live: Callable[..., Typed], twilio: Double, words: tuple[str, ...]
) -> None:
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE, trunk_sid="TK1"))
    for _ in range(2):
        typed = live(*words)
        assert typed.code == 1
        assert "On the number of the line main the trunk TK1 is set, which counts before all addresses." in typed.err
        assert "Take it away in the Twilio console." in typed.err
    assert len(twilio.posted) == 1
    assert twilio.numbers[0]["trunk_sid"] == "TK1"


def test_two_lines_are_set_each_by_itself_and_one_of_somebody_else_keeps_the_other_from_nothing(
    live: Callable[..., Typed], twilio: Double, log: Engine, config: Path
) -> None:
    add_a_line(config)
    twilio.numbers.append(number_fields("PN" + "1" * 32, LINE))
    first = live("provision", "--yes")
    assert first.code == 1, first.out
    assert "does not own the number of the line spanish, +14805550101" in first.err
    assert "The line main is set." in first.err
    twilio.numbers.append(number_fields("PN" + "2" * 32, "+14805550101"))
    second = live("provision", "--yes")
    assert (second.code, len(twilio.posted)) == (0, 2)
    assert "The line spanish is set." in second.err
    assert [deed.about for deed in deeds(log)] == ["line spanish", "line main"]
    log.dispose()
