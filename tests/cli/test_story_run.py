"""`stories`: stored calls pass, fail readably, and are rewritten on request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Type

MINE = """\
# Why this story is kept.
story: My story
at: 2026-11-24 10:00
conversation:
  # The first words.
  - hears: [If this is an emergency, Thank you for calling, "For our Gilbert location, press 2."]
  - does not hear: Gilbert is closed
  - presses: 2   # Gilbert
  - rings: [Gilbert front desk, Gilbert nurse]
  - phone: no answer
  # Then the others.
  - rings: Scottsdale front desk
  - lands in: gilbert
  - phone: answers
  - call ends
line: main
"""


@pytest.fixture
def mine(config: Path) -> Path:
    """The only story there is."""
    for old in (config / "stories").glob("*.yaml"):
        old.unlink()
    path = config / "stories" / "mine.yaml"
    path.write_text(MINE)
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_every_story_of_the_sample_passes(command_line: Type) -> None:
    typed = command_line("stories")
    assert typed.code == 0, typed.out
    lines = typed.out.splitlines()
    assert len(lines) >= 16
    assert all(line.startswith("ok ") for line in lines[:-1])
    assert lines[-1] == f"{len(lines) - 1} stories, all in order."


def test_a_story_that_differs_is_shown_beside_what_happens(command_line: Type, mine: Path) -> None:
    change(mine, "rings: Scottsdale front desk", "rings: Scottsdale back office")
    typed = command_line("stories")
    assert typed.code == 1
    assert "differs  My story" in typed.out
    assert "  1. The call comes in.  as expected" in typed.out
    assert "  3. Nobody answers.\n" in typed.out
    row = next(line for line in typed.out.splitlines() if line.lstrip().startswith("rings Scottsdale back"))
    assert " | " in row
    assert "| rings Scottsdale front desk" in typed.out
    assert "line 12: Scottsdale front desk rings." in typed.out
    assert typed.out.endswith("1 story, 1 differs.\n")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("Thank you for calling", "Welcome", 'line 6: "Welcome" is not heard in this turn.'),
        ("If this is an emergency, Thank you for", "Thank you, emergency, for", '"emergency" is not heard at this'),
        ("Gilbert is closed", "press 2", 'line 7: "press 2" is heard.'),
        ("lands in: gilbert", "lands in: main", 'line 13: the caller is in "gilbert".'),
        ("- phone: no answer", "- call ends", "line 10: the call goes on."),
        ("- phone: no answer", "- presses: 1", "line 10: a phone is ringing here: say what it does."),
        ("- presses: 2 ", "- phone: busy ", "line 8: the call waits for a key here."),
        ("- presses: 2 ", "- leaves a message ", "line 8: the call waits for a key here."),
        ("- call ends", "- presses: 1", "line 15: the call has ended already."),
        ("line: main", "line: mian", 'no line is called "mian". Did you mean "main"?'),
        ("line: main", "language: fr", 'no language is called "fr". There are: en-US, es-US.'),
    ],
)
def test_every_difference_is_told_in_a_sentence(
    command_line: Type, mine: Path, old: str, new: str, sentence: str
) -> None:
    change(mine, old, new)
    typed = command_line("stories")
    assert typed.code == 1
    assert sentence in typed.out


def test_update_rewrites_what_is_expected_and_keeps_actions_and_comments(command_line: Type, mine: Path) -> None:
    change(mine, "Thank you for calling", "Welcome to the clinic")
    change(mine, "Gilbert is closed", "[Gilbert is closed, press 3]")
    change(mine, "rings: Scottsdale front desk", "rings: Scottsdale back office")
    change(mine, "lands in: gilbert", "lands in: main")
    typed = command_line("stories", "--update")
    assert typed.code == 0, typed.out
    assert "updated  My story" in typed.out
    expected = MINE.replace(
        '[If this is an emergency, Thank you for calling, "For our Gilbert location, press 2."]',
        "\n      - If this is an emergency\n      - Thank you for calling the clinic.\n"
        "      - For our Gilbert location, press 2.",
    ).replace("hears: \n", "hears:\n")
    assert mine.read_text() == expected
    assert command_line("stories").code == 0


def test_update_takes_out_what_never_happens(command_line: Type, mine: Path) -> None:
    change(mine, "  - phone: no answer\n", "  - phone: no answer\n  - call ends\n")
    assert command_line("stories", "--update").code == 0
    assert mine.read_text() == MINE


def test_update_changes_nothing_that_passes(command_line: Type) -> None:
    typed = command_line("stories", "--update")
    assert typed.code == 0
    assert "updated" not in typed.out


def test_update_leaves_a_story_alone_whose_actions_do_not_fit(command_line: Type, mine: Path) -> None:
    change(mine, "- phone: no answer", "- presses: 1")
    before = mine.read_text()
    typed = command_line("stories", "--update")
    assert typed.code == 1
    assert "change what the caller does by hand" in typed.out
    assert mine.read_text() == before


def test_a_file_that_is_no_story_is_told_and_the_others_run(command_line: Type, mine: Path) -> None:
    bad = mine.with_name("bad.yaml")
    bad.write_text("story: Bad\nat: soon\nconversation:\n  - heers: x\n")
    typed = command_line("stories")
    assert typed.code == 1
    assert f"{bad}:2: at: this is not a date and a time. Write them like 2026-11-24 10:00." in typed.err
    assert f'{bad}:4: conversation > 1: "heers" is nothing a story knows. Did you mean "hears"?' in typed.err
    assert "ok       My story" in typed.out
    assert "1 story, 1 cannot be read." in typed.out


def test_a_folder_can_be_named(command_line: Type, mine: Path, config: Path) -> None:
    draft = config.rename(config.parent / "draft")
    typed = command_line("stories", str(draft))
    assert typed.code == 0
    assert f"({draft}/stories/mine.yaml)" in typed.out


def test_no_story_at_all_is_a_usage_error(command_line: Type, mine: Path) -> None:
    mine.unlink()
    typed = command_line("stories")
    assert typed.code == 2
    assert "python -m ivr try --save" in typed.err


def test_a_broken_configuration_runs_no_story(command_line: Type, config: Path) -> None:
    (config / "menus.yaml").unlink()
    typed = command_line("stories")
    assert typed.code == 1
    assert "menus.yaml: the file is missing." in typed.err


def test_stories_are_told_to_programs_too(command_line: Type, mine: Path) -> None:
    assert [each["state"] for each in json.loads(command_line("stories", "--json").out)] == ["ok"]
    change(mine, "rings: Scottsdale front desk", "rings: Scottsdale back office")
    typed = command_line("stories", "--json")
    (told,) = json.loads(typed.out)
    assert (typed.code, told["title"], told["state"]) == (1, "My story", "differs")
    assert told["differences"] == [{"line": 12, "what": "Scottsdale front desk rings."}]
