"""`tester`, as staff type it: who may hear the draft, whether there is one, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_log.audit import deeds
from ivr.call_log.database import migrate, open_database
from ivr.publishing.drafts import files_offered
from ivr.publishing.examination import Examination
from ivr.publishing.publish import publish
from ivr.publishing.versions import Publication
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder

from .conftest import Type

NUMBER = "480 555 0147"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_line: Type) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.db")
    monkeypatch.setenv("IVR_AUTOPUBLISH", "0")
    monkeypatch.setenv("IVR_PRACTICE", "1")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_database(f"sqlite:///{tmp_path}/log.db")
    migrate(engine)
    return engine


@pytest.fixture
def publish_config(config: Path, engine: Engine) -> Callable[[], None]:
    """Makes config/ what is live; how it is examined is tested beside."""

    def published() -> None:
        files, _ = read_folder(config)
        examination = Examination(version_of(files), compile_files(files).routing, ())
        now = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
        made = publish(engine, files, examination, parent=None, author="maria", message="m", now=now)
        assert isinstance(made, Publication)

    return published


def edit(config: Path, old: str, new: str) -> None:
    text = (config / "clinic.yaml").read_text()
    assert text.count(old) == 1
    (config / "clinic.yaml").write_text(text.replace(old, new))


def test_a_tester_is_added_listed_and_removed(command_line: Type, engine: Engine) -> None:
    added = command_line("tester", "add", NUMBER)
    assert added.code == 0
    listed = json.loads(command_line("tester", "list", "--json").out)
    (tester,) = listed["testers"]
    assert f"Added as {tester['id']}." in added.out
    assert tester["by"].startswith("cli:")
    assert listed["draft"] is None
    assert tester["id"] in command_line("tester", "list").out
    assert command_line("tester", "add", "+1 (480) 555-0147").out == "This number is a tester already.\n"
    assert command_line("tester", "remove", NUMBER).code == 0
    assert command_line("tester", "remove", NUMBER).code == 1
    assert "Nobody is a tester yet" in command_line("tester", "list").out
    assert [deed.action for deed in deeds(engine)] == ["tester removed", "tester added"]
    assert "5550147" not in repr(deeds(engine))


def test_a_tester_is_removed_by_its_id_too(command_line: Type) -> None:
    identity = json.loads(command_line("tester", "add", NUMBER, "--json").out)["id"]
    assert json.loads(command_line("tester", "remove", identity, "--json").out) == {"removed": True, "still_in": ""}


def test_one_that_stands_in_clinic_yaml_is_told_where(command_line: Type, config: Path) -> None:
    edit(config, "testers: []", "testers:\n  - +14805550133\n  - +14805550147")
    lines = (config / "clinic.yaml").read_text().splitlines()
    refused = command_line("tester", "remove", NUMBER)
    assert refused.code == 1
    assert f"clinic.yaml:{lines.index('  - +14805550147') + 1}: take it out there" in refused.err
    shown = command_line("tester", "list").out
    assert "... 47" in shown
    assert "5550147" not in shown


def test_one_that_the_draft_names_is_told_so(command_line: Type, config: Path) -> None:
    edit(config, "testers: []", "testers: +14805550147")
    assert command_line("tester", "draft", "on").code == 0
    edit(config, "testers: +14805550147", "testers: []")
    assert "the draft that is on" in command_line("tester", "remove", NUMBER).err


def test_the_draft_is_what_config_holds_at_that_moment(
    command_line: Type, config: Path, engine: Engine, publish_config: Callable[[], None]
) -> None:
    publish_config()
    edit(config, "hops: 40", "hops: 39")
    on = command_line("tester", "draft", "on", "--json")
    assert on.code == 0
    files, _ = read_folder(config)
    assert json.loads(on.out)["draft"]["hash"] == version_of(files)
    edit(config, "hops: 39", "hops: 38")
    assert files_offered(engine) == files
    assert f"A draft is on ({version_of(files)}), by cli:" in command_line("tester", "list").out
    assert command_line("tester", "draft", "off").out == "Testers hear what everybody hears.\n"
    assert command_line("tester", "draft", "off").out == "There was no draft to hear.\n"


def test_a_draft_with_a_mistake_is_refused_with_its_problems(
    command_line: Type, config: Path, engine: Engine, publish_config: Callable[[], None]
) -> None:
    publish_config()
    edit(config, "hops: 40", "hops: 39")
    assert command_line("tester", "draft", "on").code == 0
    before = files_offered(engine)
    edit(config, "overflow: gilbert", "overflow: gilbret")
    refused = command_line("tester", "draft", "on")
    assert refused.code == 1
    assert 'Did you mean "gilbert"?' in refused.err
    assert "nothing changed for testers" in refused.err
    assert files_offered(engine) == before


def test_what_is_live_is_no_draft(command_line: Type, publish_config: Callable[[], None]) -> None:
    publish_config()
    refused = command_line("tester", "draft", "on")
    assert refused.code == 1
    assert "config/ is what is live" in refused.err


def test_where_edits_publish_themselves_there_is_no_draft(command_line: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_AUTOPUBLISH", "1")
    refused = command_line("tester", "draft", "on")
    assert refused.code == 1
    assert "IVR_AUTOPUBLISH" in refused.err


def test_what_is_no_number_is_not_understood(command_line: Type) -> None:
    wrong = command_line("tester", "add", "front desk")
    assert wrong.code == 2
    assert "480 555 0147" in wrong.err
    assert "front desk" not in wrong.err
