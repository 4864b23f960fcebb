"""Publishing as staff do it: edit, see what changes, publish, and go back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.call_log.database import migrate, open_database
from ivr.cli.published import BASE
from ivr.cli.records import usual_routing
from ivr.publishing.examination import Examination
from ivr.publishing.overrides import titles_of
from ivr.publishing.publish import publish
from ivr.publishing.versions import Publication, live
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder
from ivr.settings import read_settings

from .conftest import Type

LATE, EARLY = "friday: 9:00-17:00", "friday: 9:00-15:00"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.db")
    monkeypatch.setenv("IVR_AUTOPUBLISH", "0")


@pytest.fixture
def edit(config: Path) -> Callable[[str, str], None]:
    """Replaces a piece of clinic.yaml."""

    def edited(old: str, new: str) -> None:
        text = (config / "clinic.yaml").read_text()
        assert text.count(old) == 1
        (config / "clinic.yaml").write_text(text.replace(old, new))

    return edited


@pytest.fixture
def put(config: Path, tmp_path: Path) -> Callable[[str], None]:
    """Publishes what config/ holds without looking at it: how examinations end is tested beside."""
    engine = open_database(f"sqlite:///{tmp_path}/log.db")
    migrate(engine)

    def published(message: str) -> None:
        files, _ = read_folder(config)
        examination = Examination(version_of(files), compile_files(files).routing, ())
        before = live(engine)
        outcome = publish(
            engine,
            files,
            examination,
            parent=before.number if before else None,
            author="maria",
            message=message,
            now=datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
        )
        assert isinstance(outcome, Publication)

    return published


def test_an_edit_is_seen_published_and_taken_back(
    command_line: Type, edit: Callable[[str, str], None], config: Path, put: Callable[[str], None]
) -> None:
    put("As we begin")
    edit(LATE, EARLY)
    draft = command_line("draft")
    assert draft.code == 0
    assert "- Gilbert, Friday: closes 15:00 instead of 17:00." in draft.out
    assert "It passes, 30 stories included." in draft.out

    second = command_line("publish", "-m", "Gilbert closes at 15:00 on Fridays")
    assert second.out.startswith("Version 2 is live.\n- Gilbert, Friday: closes 15:00 instead of 17:00.")
    listed = command_line("versions").out
    assert "2 (live)" in listed
    assert "Gilbert closes at 15:00 on Fridays" in listed

    compared = command_line("diff", "1", "2")
    assert "-      friday: 9:00-17:00\n+      friday: 9:00-15:00" in compared.out

    back = command_line("rollback", "1", "-m", "Too early")
    assert back.out == "Version 1 is live again.\n"
    assert EARLY in (config / "clinic.yaml").read_text(), "the draft is the author's"
    assert "Gilbert, Friday: closes 15:00" in command_line("diff", "--words-only").out


def test_what_fails_is_refused_with_its_reasons(
    command_line: Type, edit: Callable[[str, str], None], put: Callable[[str], None]
) -> None:
    put("As we begin")
    edit("overflow: gilbert", "overflow: gilbret")

    refused = command_line("publish", "-m", "A slip", "--json")

    assert refused.code == 1
    told = json.loads(refused.out)
    assert (told["published"], told["reason"]) == (False, "refused")
    assert any('Did you mean "gilbert"?' in reason for reason in told["findings"])
    assert [each["version"] for each in json.loads(command_line("versions", "--json").out)] == [1]


def test_a_story_that_differs_keeps_a_version_back(
    command_line: Type, edit: Callable[[str, str], None], put: Callable[[str], None]
) -> None:
    put("As we begin")
    edit("ring_seconds: 90", "ring_seconds: 20")

    refused = command_line("publish", "-m", "Less ringing")

    assert refused.code == 1
    assert "the story differs" in refused.err
    assert "nothing changed for callers" in refused.err


def test_the_second_of_two_is_told_who_came_first(
    command_line: Type, edit: Callable[[str, str], None], tmp_path: Path, put: Callable[[str], None]
) -> None:
    put("As we begin")
    edit(LATE, EARLY)
    put("Fridays")
    (tmp_path / "var").mkdir(exist_ok=True)
    (tmp_path / "var" / BASE).write_text("1\n")  # a colleague's own copy of config/, made from version 1
    edit("hops: 40", "hops: 39")

    late = command_line("publish", "-m", "Fewer turns")

    assert late.code == 1
    assert "somebody else came first" in late.err
    assert "version 2, publish by maria" in late.err
    assert command_line("publish", "-m", "Fewer turns", "--after", "2").code == 0


def test_where_edits_publish_themselves_a_rollback_sets_the_files_back(
    command_line: Type,
    edit: Callable[[str, str], None],
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    put: Callable[[str], None],
) -> None:
    monkeypatch.setenv("IVR_AUTOPUBLISH", "1")
    before = version_of(read_folder(config)[0])
    put("As we begin")
    edit(LATE, EARLY)
    edited = (config / "clinic.yaml").read_text()
    put("Fridays")

    back = command_line("rollback", "1", "-m", "Too early")

    assert back.code == 0
    assert version_of(read_folder(config)[0]) == before
    (kept,) = (tmp_path / "var" / "set-back").iterdir()
    assert (kept / "clinic.yaml").read_text() == edited


@pytest.mark.parametrize("words", [("diff", "1", "nine"), ("diff", "7", "draft"), ("rollback", "7", "-m", "no")])
def test_a_version_that_is_not_there_is_named(
    command_line: Type, words: tuple[str, ...], put: Callable[[str], None]
) -> None:
    put("As we begin")

    wrong = command_line(*words)

    assert wrong.code == 2
    assert "python -m ivr versions" in wrong.err


def test_commands_on_calls_go_by_what_callers_hear_and_not_by_an_edit_that_is_not_published(
    put: Callable[[str], None], edit: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/log.db")

    def gilbert() -> str:
        return titles_of(usual_routing(read_settings(os.environ), engine))["gilbert"]

    edit("title: Gilbert", "title: Mesa")
    assert gilbert() == "Mesa"  # nothing is published yet
    edit("title: Mesa", "title: Gilbert")
    put("As we begin")
    edit("title: Gilbert", "title: Mesa")
    assert gilbert() == "Gilbert"
    monkeypatch.setenv("IVR_AUTOPUBLISH", "1")
    assert gilbert() == "Mesa"
