"""`answer`: who answers if I call then?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Type

TUESDAY = "2026-11-24 10:00"
THANKSGIVING = "2026-11-26 10:00"


def test_on_thanksgiving_it_says_so_for_both_locations(command_line: Type) -> None:
    typed = command_line("answer", "--at", THANKSGIVING)
    assert typed.code == 0
    assert "Scottsdale is closed: Thanksgiving Day. It opens again on Monday, November 30 at 8:00." in typed.out
    assert "Gilbert is closed: Thanksgiving Day. It opens again on Friday, November 27 at 9:00." in typed.out
    assert "No phone rings." in typed.out
    assert 'The caller lands in the mailbox "scottsdale_mailbox"' in typed.out


def test_it_lists_every_phone_in_order_with_its_seconds(command_line: Type) -> None:
    out = command_line("answer", "--at", TUESDAY, "--press", "1").out
    listed = out[out.index("Phones that ring, in order:") :].splitlines()[1:5]
    assert listed == [
        "  1. Scottsdale front desk, +14805550111, for up to 20 seconds (Scottsdale)",
        "  2. Scottsdale back office, +14805550112, for up to 15 seconds (Scottsdale)",
        "  3. Gilbert front desk, +14805550121, for up to 20 seconds (Gilbert)",
        "  3. Gilbert nurse, +14805550122, for up to 20 seconds (Gilbert)",
    ]


def test_it_tells_the_words_the_branch_and_the_reason(command_line: Type) -> None:
    out = command_line("answer", "--at", TUESDAY, "--press", "2").out
    assert "For our Gilbert location, press 2." in out
    assert "The caller presses 2." in out
    assert "Key 2 leads to Gilbert." in out


def test_without_keys_the_caller_stays_silent_and_reaches_a_person(command_line: Type) -> None:
    out = command_line("answer", "--at", TUESDAY).out
    assert out.count("The caller stays silent.") == 2
    assert "The caller made no choice: on to Scottsdale." in out


def test_a_dash_is_silence_and_star_and_pound_are_keys(command_line: Type) -> None:
    out = command_line("answer", "--at", TUESDAY, "--press", " #, *,-,2").out
    assert "The caller presses #." in out
    assert "The caller presses *." in out
    assert "Nothing came from the caller" in out
    assert "Key 2 leads to Gilbert." in out


def test_a_message_is_where_it_ends_when_the_mailbox_key_is_pressed(command_line: Type) -> None:
    out = command_line("answer", "--at", THANKSGIVING, "--press", "1,1").out
    assert out.endswith('The caller leaves a message in the mailbox "scottsdale_mailbox".\n')


def test_json_has_the_promised_shape(command_line: Type) -> None:
    data = json.loads(command_line("answer", "--at", TUESDAY, "--press", "1", "--json").out)
    assert list(data) == ["at", "line", "language", "version", "locations", "on_call", "turns", "rings", "ends"]
    assert data["on_call"] == []
    assert data["at"] == "2026-11-24T10:00:00-07:00"
    assert (data["line"], data["language"]) == ("main", "en-US")
    assert [list(turn) for turn in data["turns"]] == [["heard", "says", "reasons", "rings", "waits"]] * 5
    assert [turn["waits"] for turn in data["turns"]] == ["key", "dial", "dial", "dial", "key"]
    assert data["turns"][1]["rings"] == [
        {
            "name": "Scottsdale front desk",
            "number": "+14805550111",
            "seconds": 20,
            "location": "Scottsdale",
            "on_call_until": "",
        }
    ]
    assert [phone["name"] for phone in data["rings"]] == [
        *("Scottsdale front desk", "Scottsdale back office", "Gilbert front desk", "Gilbert nurse")
    ]
    assert data["ends"].startswith("Nobody has answered.")


def test_the_language_and_the_line_can_be_chosen(command_line: Type) -> None:
    data = json.loads(
        command_line("answer", "--at", TUESDAY, "--line", "main", "--language", "es-US", "--json").out,
    )
    assert data["language"] == "es-US"
    assert data["turns"][0]["says"][0].startswith("Si es una emergencia")


def test_a_withheld_number_is_not_offered_a_call_back(command_line: Type) -> None:
    out = command_line("answer", "--at", THANKSGIVING, "--press", "4", "--withheld").out
    assert "number withheld" in out
    assert "does not show us its number" in out


def test_a_draft_folder_can_be_asked(command_line: Type, config: Path) -> None:
    draft = config.rename(config.parent / "draft")
    clinic = draft / "clinic.yaml"
    clinic.write_text(clinic.read_text().replace("Scottsdale front desk", "The new desk"))
    out = command_line("answer", "--at", TUESDAY, "--press", "1", "--draft-folder", str(draft)).out
    assert "The new desk, +14805550111" in out


def test_now_is_a_moment(command_line: Type) -> None:
    assert command_line("answer", "--at", "now").code == 0


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--at", "soon"], "is not a day and a time"),
        ([], "Missing option '--at'"),
        (["--at", TUESDAY, "--line", "mian"], 'Did you mean "main"?'),
        (["--at", TUESDAY, "--language", "fr-FR"], "There are: en-US, es-US."),
        (["--at", TUESDAY, "--press", "1,12"], '"12" is no key'),
        (["--at", TUESDAY, "--press", "x"], '"x" is no key'),
        (["--at", TUESDAY, "--draft-folder", "nowhere"], "There is no folder nowhere"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(command_line: Type, words: list[str], fault: str) -> None:
    typed = command_line("answer", *words)
    assert typed.code == 2
    assert fault in typed.err


def test_a_broken_configuration_is_told_and_nothing_is_answered(command_line: Type, config: Path) -> None:
    (config / "menus.yaml").write_text("menus: [\n")
    typed = command_line("answer", "--at", TUESDAY)
    assert typed.code == 1
    assert f"{config}/menus.yaml:" in typed.err
    assert typed.out == ""
