"""`prove`: one calm line when no caller is stranded, the shortest such call and exit code 1 when one is."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Type

AT = ("--at", "2026-11-23 10:00")


def test_the_sample_clinic_is_proved_in_one_calm_line(command_line: Type) -> None:
    typed = command_line("prove", *AT)
    assert typed.code == 0
    assert typed.out.startswith("No caller is stranded: ")
    assert "8 situations of the next 400 days" in typed.out
    assert typed.err == ""


def test_a_stranded_caller_is_shown_by_the_call_that_anyone_can_make(command_line: Type, config: Path) -> None:
    strand(config)
    typed = command_line("prove", *AT)
    assert typed.code == 1
    assert "goes round and round" in typed.out
    assert "Call at Mon 23 Nov 2026 17:00" in typed.out
    assert "Stay silent: " in typed.out
    assert "findings (" in typed.err


def test_json_holds_every_finding_with_its_script(command_line: Type, config: Path) -> None:
    strand(config)
    typed = command_line("prove", *AT, "--json")
    assert typed.code == 1
    told = json.loads(typed.out)
    assert told["days"] == 400
    for finding in told["findings"]:
        assert set(finding) == {"claim", "what", "place", "language", "script", "cure"}
        assert finding["script"][0].startswith("Call at ")


def test_a_moment_that_is_none_is_a_usage_error(command_line: Type) -> None:
    typed = command_line("prove", "--at", "someday")
    assert typed.code == 2
    assert "Write it like" in typed.err


def strand(config: Path) -> None:
    """At night Scottsdale's calls go back to the menu."""
    clinic = config / "clinic.yaml"
    mailbox = "    mailbox: scottsdale_mailbox\n"
    clinic.write_text(clinic.read_text().replace(mailbox, f"{mailbox}    when_closed: main\n", 1))
