"""`try`: walking the menus in the terminal, and keeping a walk as a story."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Type

TUESDAY = ("--at", "2026-11-24 10:00")


def test_it_prints_what_is_heard_and_why(command_line: Type) -> None:
    typed = command_line("try", *TUESDAY, keys="2\na\n")
    assert typed.code == 0
    assert "A call on Tuesday, November 24, 2026 at 10:00, line main" in typed.out
    assert "For our Gilbert location, press 2." in typed.out
    assert "Key 2 leads to Gilbert." in typed.out
    assert "rings   Gilbert nurse, +14805550122, for up to 20 seconds (Gilbert)" in typed.out
    assert "The clinic answers." in typed.out
    assert "the call is over" in typed.out


@pytest.mark.parametrize(
    ("letter", "sentence"),
    [
        ("n", "Nobody answers."),
        ("", "Nobody answers."),
        ("b", "The phone is busy."),
        ("d", "no key is pressed."),
        ("f", "The phone cannot be reached."),
        ("h", "The caller hangs up."),
    ],
)
def test_the_clinics_phone_does_what_it_is_told(command_line: Type, letter: str, sentence: str) -> None:
    assert sentence in command_line("try", *TUESDAY, keys=f"1\n{letter}\n").out


def test_a_dash_or_nothing_is_silence(command_line: Type) -> None:
    assert command_line("try", *TUESDAY, keys="-\n\n").out.count("The caller stays silent.") == 2


@pytest.mark.parametrize("words", ["gilbert please", '"the gilbert office"', "'Gilbert'"])
def test_words_are_speech_where_the_menu_listens(command_line: Type, words: str) -> None:
    assert (
        "The words mean key 2 (score 100 of 100), which leads to Gilbert."
        in command_line("try", *TUESDAY, keys=f"{words}\n").out
    )


def test_words_are_asked_for_again_where_nobody_listens(command_line: Type) -> None:
    out = command_line("try", *TUESDAY, keys="3\ndepression\n12\n1\n").out
    assert "Only keys are taken here." in out
    assert "One key at a time, please." in out
    assert 'Key 1 leads to the topic "depression".' in out


def test_a_message_is_left_or_not(command_line: Type) -> None:
    out = command_line("try", "--at", "2026-11-24 22:00", keys="1\n1\nx\nn\n1\nm\n").out
    assert "Please answer m, n or h." in out
    assert "The caller leaves no message." in out
    assert "has taken a message." in out


def test_the_end_of_input_hangs_up(command_line: Type) -> None:
    typed = command_line("try", *TUESDAY, keys="")
    assert typed.code == 0
    assert "The caller hangs up." in typed.out


def test_it_starts_in_another_language_with_a_withheld_number(command_line: Type) -> None:
    out = command_line("try", *TUESDAY, "--language", "es-US", "--line", "main", "--withheld", keys="h\n").out
    assert "es-US   Si es una emergencia" in out
    assert "number withheld" in out


def test_a_draft_folder_is_walked(command_line: Type, config: Path) -> None:
    draft = config.rename(config.parent / "draft")
    assert "press 1" in command_line("try", *TUESDAY, "--draft-folder", str(draft), keys="h\n").out


def test_a_saved_walk_is_a_story_that_passes(command_line: Type, config: Path) -> None:
    for old in (config / "stories").glob("*.yaml"):
        old.unlink()
    path = config / "stories" / "mine.yaml"
    keys = "#\n9\n*\n-\n4\n2\n2\nh\n"
    saved = command_line("try", *TUESDAY, "--save", str(path), keys=keys)
    assert "It passes." in saved.out
    assert path.read_text().startswith("story: A call on Tuesday, November 24, 2026 at 10:00\nat: 2026-11-24 10:00\n")
    ran = command_line("stories")
    assert ran.code == 0
    assert "1 story, all in order." in ran.out


def test_a_saved_walk_holds_every_kind_of_action(command_line: Type, config: Path) -> None:
    path = config / "stories" / "mine.yaml"
    keys = "purple elephants\n1\nb\nd\nf\n1\nn\n1\nm\n"
    options = ("--language", "es-US", "--withheld", "--save", str(path))
    assert "It passes." in command_line("try", *TUESDAY, *options, keys=keys).out
    text = path.read_text()
    for line in ("language: es-US", "caller: withheld", "  - says: purple elephants", "  - phone: busy"):
        assert f"\n{line}\n" in text
    for line in ("  - leaves no message", "  - leaves a message", "  - call ends", "  - phone: declined"):
        assert f"\n{line}\n" in text


def test_a_story_is_never_written_over(command_line: Type, config: Path) -> None:
    path = config / "stories" / "silence.yaml"
    before = path.read_bytes()
    typed = command_line("try", *TUESDAY, "--save", str(path))
    assert typed.code == 2
    assert "is there already" in typed.err
    assert path.read_bytes() == before


def test_a_story_cannot_be_saved_into_a_folder_that_does_not_exist(command_line: Type, config: Path) -> None:
    typed = command_line("try", *TUESDAY, "--save", str(config / "nowhere" / "mine.yaml"))
    assert typed.code == 2
    assert "does not exist" in typed.err
