"""On call, as it is typed: who would ring, swaps, what `check` says, and acknowledging an urgent call."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.call_log.database import migrate, open_database, writing
from ivr.notices.tables import UrgentRow
from tests.on_call import ANA, KIM, LEE, with_on_call

from .conftest import Type

NIGHT = ("answer", "--at", "2026-11-24 22:00", "--press", "3,5")


@pytest.fixture(autouse=True)
def log(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> str:
    url = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("DATABASE_URL", url)
    for name, text in with_on_call().items():
        (config / name).write_bytes(text)
    return url


def test_answer_names_who_would_ring_and_until_when_they_are_on_call(command_line: Type) -> None:
    out = command_line(*NIGHT).out
    assert "Dr. Lee is on call until Monday, November 30 at 8:00." in out
    listed = out[out.index("Phones that ring, in order:") :].splitlines()[1:4]
    assert listed == [
        "  1. Dr. Lee, +14805550141, for up to 25 seconds, on call until Mon 30 Nov 08:00",
        "  2. Dr. Kim, +14805550142, for up to 25 seconds",
        "  3. Nurse Ana, +14805550143, for up to 25 seconds",
    ]
    told = json.loads(command_line(*NIGHT, "--json").out)
    until = "2026-11-30T08:00:00-07:00"
    assert told["on_call"] == [{"rota": "nights", "person": "Dr. Lee", "until": until}]
    assert [(one["name"], one["on_call_until"]) for one in told["rings"]][:2] == [("Dr. Lee", until), ("Dr. Kim", "")]


def test_answer_names_who_rings_in_the_place_of_somebody_who_is_out(command_line: Type, config: Path) -> None:
    people = [
        {"name": name, "number": number, "ring_seconds": "25", "enabled": "no" if name == "Dr. Lee" else "yes"}
        for name, number in (("Dr. Lee", LEE), ("Dr. Kim", KIM), ("Nurse Ana", ANA))
    ]
    (config / "clinic.yaml").write_bytes(with_on_call(people=people)["clinic.yaml"])
    out = command_line(*NIGHT).out
    assert "Dr. Kim is on call until" in out
    listed = out[out.index("Phones that ring, in order:") :].splitlines()[1:3]
    assert listed[0].startswith("  1. Dr. Kim, +14805550142, for up to 25 seconds, on call until ")
    assert listed[1] == "  2. Nurse Ana, +14805550143, for up to 25 seconds"


def test_a_swap_is_made_listed_and_ended(command_line: Type) -> None:
    words = ("--to", "Nurse Ana", "--until", "tomorrow 8:00", "--reason", "conference")
    made = command_line("override", "swap", "nights", *words)
    assert made.code == 0, made.err
    assert made.out.startswith("1: Nurse Ana is on call in the rota nights until")
    assert "urgent calls ring them first" in made.out
    (listed,) = json.loads(command_line("override", "list", "--json").out)
    assert (listed["kind"], listed["location"], listed["to"]) == ("swap", "nights", "Nurse Ana")
    assert "Ended: Nurse Ana is on call" in command_line("override", "end", "1").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("days", "--to", "Dr. Lee"), "There is no rota 'days'. There is: nights."),
        (("nights", "--to", "Dr. Lea"), 'Did you mean "Dr. Lee"?'),
        (("nights", "--to", "Dr. Lee", "--until", "2026-01-01 8:00"), "over before it begins"),
    ],
)
def test_a_swap_that_cannot_be_is_refused(command_line: Type, words: tuple[str, ...], said: str) -> None:
    refused = command_line("override", "swap", *words)
    assert refused.code != 0
    assert said in refused.err.replace("\n", " ")


def test_check_refuses_a_rota_that_is_over(command_line: Type, config: Path) -> None:
    gone = with_on_call(weeks=None, starting=None, dates={"2025-11-24": "Dr. Lee"})
    (config / "clinic.yaml").write_bytes(gone["clinic.yaml"])
    checked = command_line("check")
    assert checked.code == 1
    assert "on_call > nights: this rota is over since Tue 25 Nov 2025 08:00: nobody is on call." in checked.out


def test_an_urgent_call_is_shown_and_acknowledged(command_line: Type, log: str) -> None:
    engine = open_database(log)
    migrate(engine)
    now = datetime.now(UTC)
    row = UrgentRow.__table__.insert().values(  # type: ignore[attr-defined]
        call_sid="CA" + "1" * 32, location="gilbert", at=now, made_at=now, told=1, next_at=now + timedelta(minutes=5)
    )
    with writing(engine) as connection:
        connection.execute(row)
    engine.dispose()
    assert "told once" in command_line("notices", "urgent").out
    assert json.loads(command_line("notices", "urgent", "--json").out)[0]["urgent_call"] == 1
    assert command_line("notices", "acknowledge", "1").out == "Urgent call 1 is acknowledged.\n"
    assert "already" in command_line("notices", "acknowledge", "1").out
    assert command_line("notices", "urgent").out == "No urgent call waits.\n"
    assert "There is no urgent call 7" in command_line("notices", "acknowledge", "7").err
