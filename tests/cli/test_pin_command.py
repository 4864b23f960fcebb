"""PINs as they are set, listed and removed at the command line; the digits are asked for and never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr.call_log.audit import deeds
from ivr.call_log.database import open_database
from ivr.publishing.pins import pins

from .conftest import Type

PIN, OTHER = "483920", "7719264"


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> str:
    url = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def twice(pin: str) -> str:
    return f"{pin}\n{pin}\n"


def test_it_is_set_listed_replaced_removed_and_accounted_for(command_line: Type, log: str, tmp_path: Path) -> None:
    made = command_line("pin", "set", "maria", keys=twice(PIN))
    assert made.code == 0, made.err
    assert made.out.startswith("Set. maria can use it")
    assert "see `staff` in clinic.yaml" in made.err
    assert "maria" in command_line("pin", "list").out
    assert command_line("pin", "set", "maria", keys=twice(OTHER)).out.startswith("Replaced.")
    assert command_line("pin", "remove", "maria").out == "Removed.\n"
    assert "Nobody has a PIN yet" in command_line("pin", "list").out
    engine = open_database(log)
    assert [(deed.action, deed.about) for deed in deeds(engine)] == [
        ("pin removed", "maria"),
        ("pin replaced", "maria"),
        ("pin set", "maria"),
    ]
    assert all(deed.actor.startswith("cli:") for deed in deeds(engine))
    engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PIN.encode() not in stored + (made.out + made.err).encode()


def test_every_answer_comes_as_json_too(command_line: Type) -> None:
    assert json.loads(command_line("pin", "set", "maria", "--json", keys=twice(PIN)).out) == {
        "set": "maria",
        "new": True,
    }
    (listed,) = json.loads(command_line("pin", "list", "--json").out)
    assert (listed["name"], set(listed)) == ("maria", {"name", "set_at", "by"})
    assert json.loads(command_line("pin", "remove", "maria", "--json").out) == {"removed": True}
    gone = command_line("pin", "remove", "maria", "--json")
    assert (gone.code, json.loads(gone.out)) == (1, {"removed": False})


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("maria", twice("12345"), "6 to 10 digits"),
        ("maria", twice("12345678901"), "6 to 10 digits"),
        ("maria", twice("48392a"), "6 to 10 digits"),
        ("maria", twice("٤٨٣٩٢٠"), "6 to 10 digits"),
        ("maria", twice("777777"), "too easy"),
        ("maria", twice("345678"), "too easy"),
        ("maria", twice("4321098"), "too easy"),
        ("maria", twice("7890123"), "too easy"),
        ("480 555 0147", "", "A name is letters"),
        ("", "", "A name is letters"),
        ("ben", twice(OTHER), "choose another one"),
    ],
)
def test_what_may_not_be_is_refused_and_nothing_is_set(
    command_line: Type, log: str, name: str, typed: str, said: str
) -> None:
    if name == "ben":
        command_line("pin", "set", "maria", keys=twice(OTHER))
    refused = command_line("pin", "set", name, keys=typed)
    assert refused.code != 0
    assert said in refused.err
    if name == "ben":
        assert OTHER not in refused.err
    engine = open_database(log)
    if refused.code == 1:
        assert [pin.name for pin in pins(engine)] == (["maria"] if name == "ben" else [])
    engine.dispose()


def test_one_that_is_not_there_cannot_be_removed(command_line: Type) -> None:
    refused = command_line("pin", "remove", "maria")
    assert (refused.code, refused.out) == (1, "")
    assert "pin list" in refused.err
