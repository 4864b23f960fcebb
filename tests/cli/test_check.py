"""`check`: a calm line when all is well, every problem and exit code 1 when not, and always quickly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import Type


def test_a_sound_configuration_gets_one_calm_line(command_line: Type) -> None:
    typed = command_line("check")
    assert typed.code == 0
    last = typed.out.splitlines()[-1]
    assert "is fine, 5 warnings: 2 locations, 2 menus, 6 topics, 2 languages, version " in last


def test_fictional_numbers_are_warnings_in_practice_and_errors_when_live(command_line: Type) -> None:
    assert command_line("check").code == 0
    live = command_line("check", "--live")
    assert live.code == 1
    assert "fictional" in live.out
    assert "5 errors" in live.err


def test_every_problem_is_printed_with_its_file_and_line(command_line: Type, config: Path) -> None:
    menus, clinic = config / "menus.yaml", config / "clinic.yaml"
    menus.write_text(menus.read_text().replace("to: callback", "to: calback"))
    clinic.write_text(clinic.read_text().replace("saturday: closed", "saturday: 8 o'clock"))
    typed = command_line("check")
    assert typed.code == 1
    assert f"{config}/menus.yaml:" in typed.out
    assert 'Did you mean "callback"?' in typed.out
    assert f"{config}/clinic.yaml:" in typed.out
    assert "errors" in typed.err


def test_a_folder_can_be_named(command_line: Type, config: Path) -> None:
    draft = config.rename(config.parent / "draft")
    typed = command_line("check", str(draft))
    assert typed.code == 0
    assert str(draft) in typed.out


def test_a_folder_that_does_not_exist_is_a_usage_error(command_line: Type, tmp_path: Path) -> None:
    typed = command_line("check", str(tmp_path / "nowhere"))
    assert typed.code == 2
    assert "There is no folder" in typed.err


def test_an_empty_folder_has_problems_and_no_traceback(command_line: Type, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    typed = command_line("check", str(tmp_path / "empty"))
    assert typed.code == 1
    assert "clinic.yaml: the file is missing." in typed.out


def test_a_pipe_in_the_folder_is_a_problem_and_no_wait(command_line: Type, config: Path) -> None:
    (config / "menus.yaml").unlink()
    os.mkfifo(config / "menus.yaml")
    typed = command_line("check")
    assert typed.code == 1
    assert "not an ordinary file" in typed.out


def test_the_size_limit_comes_from_the_environment(
    command_line: Type, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (config / "clinic.yaml").open("a") as file:
        file.write("# a long remark\n" * 1100)
    assert command_line("check").code == 0
    monkeypatch.setenv("IVR_CONFIG_KILOBYTES", "16")
    assert "too big" in command_line("check").out
    monkeypatch.setenv("IVR_CONFIG_KILOBYTES", "lots")
    assert command_line("check").err == "Error: IVR_CONFIG_KILOBYTES must be a whole number from 16 to 65536.\n"


def test_texts_that_are_not_set_up_are_a_warning_and_an_error_when_live(
    command_line: Type, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (config / "clinic.yaml").open("a") as file:
        file.write("\ntexts:\n  missed_calls: yes\n")
    for each in config.rglob("*.yaml"):
        each.write_text(each.read_text().replace("+1480555", "+1480230"))
    off = "Texts to callers are off here: set TEXT_FROM and TWILIO_AUTH_TOKEN for the service and the worker."
    monkeypatch.delenv("TEXT_FROM", raising=False)
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    practice, live = command_line("check"), command_line("check", "--live")
    assert (practice.code, live.code) == (0, 1)
    assert off in practice.out
    assert off in live.err
    monkeypatch.setenv("TEXT_FROM", "+14805550100")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "given")
    assert command_line("check", "--live").code == 0
