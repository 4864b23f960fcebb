"""The commands as a whole: help, colour, exit codes, and only what is needed is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ivr.cli.commands import COMMANDS

from .conftest import ROOT, Type

HEAVY = ("flask", "twilio", "gunicorn", "ivr.app", "ivr.journal.writer", "ivr.cli.telephone")


def test_help_names_every_command_without_importing_any(command_line: Type) -> None:
    typed = command_line("--help")
    assert typed.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in typed.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_examples(command_line: Type, name: str) -> None:
    typed = command_line(name, "--help")
    assert typed.code == 0
    assert typed.out.count(f"python -m ivr {name}") >= 2


def test_an_unknown_command_is_a_usage_error(command_line: Type) -> None:
    typed = command_line("chekc")
    assert typed.code == 2
    assert "chekc" in typed.err


def test_colour_is_used_on_a_terminal_and_not_with_no_color(
    command_line: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[" in command_line("check", color=True).out
    assert "\x1b[" not in command_line("check").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in command_line("check", color=True).out


def test_check_imports_nothing_of_the_service() -> None:
    code = f"import sys, ivr.cli.commands, ivr.cli.check; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_terminal_that_knows_ascii_only_still_gets_every_word(config: Path) -> None:
    run = [sys.executable, "-m", "ivr", "answer", "--at", "2026-11-24 10:00", "--language", "es-US"]
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C", "IVR_CONFIG": str(config)}
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "Gracias por llamar" in done.stdout
