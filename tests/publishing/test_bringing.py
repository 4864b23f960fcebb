"""What is live in the database is live on every host's disk; edits that publish themselves become versions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.publishing.bringing import Bringer
from ivr.publishing.publish import publish, rollback
from ivr.publishing.versions import Publication, live, publications
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder
from ivr.routing.live import Live
from ivr.routing.text import Limits
from ivr.routing.versions import Versions
from tests.publishing.conftest import NOW, Files, edited, examined

CLINIC = "clinic.yaml"


@pytest.fixture
def database(new_database: Callable[[str], Engine]) -> Engine:
    """How versions are stored on both engines is tested beside; here it is about disks."""
    return new_database("sqlite")


class Host:
    """A host: its disk, its web process and its worker's job."""

    def __init__(self, folder: Path, engine: Engine, files: Files, *, autopublish: bool) -> None:
        self.config, self.store = folder / "config", folder / "routing"
        self.save(files)
        self.web = Live(
            self.config,
            self.store,
            read=read_folder,
            compile=compile_files,
            version_of=version_of,
            adopts=autopublish,
            log=logging.getLogger("test"),
        )
        self.web.boot()
        self._bringer = Bringer(engine, self.store, examined, Limits(), autopublish=autopublish)

    def save(self, files: Files) -> None:
        for name, text in files.items():
            (self.config / name).parent.mkdir(parents=True, exist_ok=True)
            (self.config / name).write_bytes(text)

    def work(self) -> None:
        """The worker's turn, then the web process's."""
        self._bringer.run(NOW)
        for _ in range(3):  # an edit must rest for a moment
            self.web.refresh()


@pytest.fixture
def early(sample: Files) -> Files:
    return edited(sample, CLINIC, "friday: 9:00-17:00", "friday: 9:00-15:00")


def put(engine: Engine, files: Files, parent: int | None) -> Publication:
    outcome = publish(engine, files, examined(files), parent=parent, author="maria", message="a change", now=NOW)
    assert isinstance(outcome, Publication)
    return outcome


def test_the_first_start_publishes_config_as_version_one(database: Engine, tmp_path: Path, sample: Files) -> None:
    Host(tmp_path, database, sample, autopublish=False).work()

    first = live(database)
    assert first is not None
    assert (first.number, first.action, first.actor) == (1, "first", "config/")


def test_what_is_published_reaches_every_host(database: Engine, tmp_path: Path, sample: Files, early: Files) -> None:
    hosts = [Host(tmp_path / name, database, sample, autopublish=False) for name in ("a", "b")]
    for host in hosts:
        host.work()
    put(database, early, 1)
    for host in hosts:
        host.work()
    assert {host.web.version for host in hosts} == {version_of(early)}

    rollback(database, 1, actor="omar", message="back", now=NOW)
    for host in hosts:
        host.work()
    assert {host.web.version for host in hosts} == {version_of(sample)}


def test_without_autopublish_an_edit_of_config_changes_nothing(
    database: Engine, tmp_path: Path, sample: Files, early: Files
) -> None:
    host = Host(tmp_path, database, sample, autopublish=False)
    host.work()
    host.save(early)
    host.work()

    assert host.web.version == version_of(sample)
    assert len(publications(database)) == 1


def test_without_autopublish_a_restart_serves_what_was_published(
    database: Engine, tmp_path: Path, sample: Files, early: Files
) -> None:
    host = Host(tmp_path, database, sample, autopublish=False)
    host.work()

    again = Host(tmp_path, database, early, autopublish=False)

    assert again.web.version == version_of(sample)


def test_with_autopublish_an_edit_becomes_a_version(
    database: Engine, tmp_path: Path, sample: Files, early: Files, caplog: pytest.LogCaptureFixture
) -> None:
    host = Host(tmp_path, database, sample, autopublish=True)
    host.work()
    host.save(early)
    while host.web.version != version_of(early):
        host.web.refresh()
    host.work()

    now = live(database)
    assert now is not None
    assert (now.number, now.action, now.message) == (2, "edited", "Edited: clinic.yaml.")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_with_autopublish_too_the_database_has_the_last_word(
    database: Engine, tmp_path: Path, sample: Files, early: Files
) -> None:
    host = Host(tmp_path, database, sample, autopublish=True)
    host.work()
    put(database, early, 1)
    host.work()

    assert host.web.version == version_of(early)
    assert len(publications(database)) == 2


def test_a_database_that_is_away_leaves_the_last_version_live(tmp_path: Path, database: Engine, sample: Files) -> None:
    host = Host(tmp_path, database, sample, autopublish=False)
    host.work()
    away = Bringer(_away(tmp_path), host.store, examined, Limits(), autopublish=False)

    with pytest.raises(Exception, match="unable to open"):
        away.run(NOW)

    assert Versions(host.store).live() == version_of(sample)


def _away(folder: Path) -> Engine:
    from sqlalchemy import create_engine

    return create_engine(f"sqlite:///{folder}/nowhere/at/all.db")
