"""Overrides as staff make them at the command line, and where they are seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.call_log.database import open_database
from ivr.publishing.overrides import standing

from .conftest import Type


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> str:
    url = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def test_it_is_made_told_listed_and_ended(command_line: Type) -> None:
    made = command_line("override", "close", "gilbert", "--until", "tomorrow 8:00", "--reason", "power outage")
    assert made.code == 0, made.err
    assert "1: Gilbert is closed until" in made.out
    assert "power outage." in made.out
    assert "Callers hear, in en-US: Gilbert is closed right now. We open again" in made.out
    assert "Callers hear, in es-US: Gilbert" in made.out
    listed = command_line("override", "list")
    assert "in force" in listed.out
    assert "power outage" in listed.out
    assert command_line("override", "end", "1").out.startswith("Ended: Gilbert is closed until")
    assert "was over already" in command_line("override", "end", "1").out
    assert "There are no overrides" in command_line("override", "list").out
    assert "ended by cli:" in command_line("override", "list", "--past").out


def test_its_own_words_are_heard_in_each_language(command_line: Type) -> None:
    words = ("--say", "The power is out.", "--say-in", "es-US", "No hay luz.")
    made = command_line("override", "emergency", "all", "--until", "tomorrow 8:00", *words)
    assert "Callers hear, in en-US: The power is out." in made.out
    assert "Callers hear, in es-US: No hay luz." in made.out


def test_every_answer_comes_as_json_too(command_line: Type) -> None:
    made = json.loads(command_line("override", "send", "scottsdale", "gilbert", "--json").out)
    assert (made["kind"], made["location"], made["to"], made["state"]) == ("send", "scottsdale", "gilbert", "in force")
    assert json.loads(command_line("override", "list", "--json").out) == [made]
    assert "ended by" in json.loads(command_line("override", "end", "1", "--json").out)["state"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("close", "phoenix", "--until", "tomorrow 8:00"), "There is no location 'phoenix'. There is: scottsdale,"),
        (("close", "gilbert", "--until", "soon"), "Write it like"),
        (("close", "gilbert", "--until", "2026-01-01 8:00"), "over before it begins"),
        (("close", "gilbert", "--until", "tomorrow 8:00", "--say", "Hello."), "say it in es-US too"),
        (("send", "gilbert", "gilbert", "--until", "tomorrow 8:00"), "two different ones"),
        (("say", "gilbert", "--until", "tomorrow 8:00"), "needs its words"),
        (("end", "9"), "There is no override 9"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_changes(
    command_line: Type, log: str, words: tuple[str, ...], said: str
) -> None:
    refused = command_line("override", *words)
    assert refused.code != 0
    assert said in refused.err.replace("\n", " ")
    engine = open_database(log)
    assert standing(engine, datetime.now(UTC)) == []
    engine.dispose()
