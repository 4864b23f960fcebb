"""The draft on offer and its testers: kept in the database, brought to every host's disk, gone when it goes live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from ivr.call_log.audit import deeds
from ivr.call_log.database import reading
from ivr.call_log.tables import Table
from ivr.journal.sealing import Seal
from ivr.publishing.drafts import Offered, bring_draft, call_off, files_offered, offer, offered
from ivr.publishing.publish import publish, rollback
from ivr.publishing.testers import add, all_testers, remove
from ivr.publishing.versions import Publication
from ivr.routing.compile import version_of
from ivr.routing.draft_file import NAME
from ivr.routing.versions import Versions
from tests.publishing.conftest import NOW, Files, edited, examined

NUMBER = "+14805550160"
SECRET, NEXT_SECRET = "the first secret of these tests", "the next secret of these tests"
SEAL, LATER = Seal([SECRET]), Seal([NEXT_SECRET, SECRET])


@pytest.fixture
def drafted(sample: Files) -> Files:
    return edited(sample, "clinic.yaml", "friday: 9:00-17:00", "friday: 9:00-15:00")


def put_live(engine: Engine, files: Files, parent: int | None) -> Publication:
    made = publish(engine, files, examined(files), parent=parent, author="maria", message="m", now=NOW)
    assert isinstance(made, Publication)
    return made


def test_a_draft_is_kept_as_it_was_offered(database: Engine, sample: Files, drafted: Files) -> None:
    assert offered(database) is None
    assert files_offered(database) == {}
    offer(database, version_of(sample), sample, actor="maria", now=NOW)
    later = offer(database, version_of(drafted), drafted, actor="ana", now=NOW)
    assert offered(database) == later == Offered(version_of(drafted), "ana", NOW)
    assert files_offered(database) == drafted


def test_a_draft_is_called_off_once(database: Engine, drafted: Files) -> None:
    there = offer(database, version_of(drafted), drafted, actor="maria", now=NOW)
    assert [call_off(database, actor="ana", now=NOW) for _ in range(2)] == [there, None]
    assert [(deed.actor, deed.action) for deed in deeds(database)] == [
        ("ana", "draft called off"),
        ("maria", "draft offered"),
    ]


def test_a_draft_that_goes_live_is_none_any_more(database: Engine, sample: Files, drafted: Files) -> None:
    first = put_live(database, sample, None)
    offer(database, version_of(drafted), drafted, actor="maria", now=NOW)
    put_live(database, edited(sample, "clinic.yaml", "hops: 40", "hops: 39"), first.number)
    assert offered(database) is not None, "another version went live"
    put_live(database, drafted, 2)
    assert offered(database) is None


def test_a_rollback_ends_the_draft_it_brings_back(database: Engine, sample: Files, drafted: Files) -> None:
    first = put_live(database, sample, None)
    put_live(database, drafted, first.number)
    offer(database, version_of(sample), sample, actor="maria", now=NOW)
    rollback(database, first.number, actor="maria", message="back", now=NOW)
    assert offered(database) is None


def test_a_tester_is_added_and_removed_once(database: Engine) -> None:
    indexes = SEAL.indexes(NUMBER)
    assert [add(database, indexes, actor="maria", now=NOW) for _ in range(2)] == [True, False]
    (tester,) = all_testers(database)
    assert (tester.caller_index, tester.added_at, tester.added_by) == (indexes[0], NOW, "maria")
    assert [remove(database, indexes, actor="ana", now=NOW) for _ in range(2)] == [True, False]
    assert all_testers(database) == []
    assert [(deed.actor, deed.action, deed.about) for deed in deeds(database)] == [
        ("ana", "tester removed", tester.id),
        ("maria", "tester added", tester.id),
    ]


def test_a_tester_is_known_while_secrets_change(database: Engine) -> None:
    add(database, SEAL.indexes(NUMBER), actor="maria", now=NOW)
    assert not add(database, LATER.indexes(NUMBER), actor="maria", now=NOW)
    assert remove(database, LATER.indexes(NUMBER), actor="maria", now=NOW)


def test_no_number_is_kept_anywhere(database: Engine) -> None:
    add(database, SEAL.indexes(NUMBER), actor="maria", now=NOW)
    with reading(database) as connection:
        kept = [row for table in Table.metadata.sorted_tables for row in connection.execute(select(table))]
    assert kept
    assert NUMBER[2:] not in repr(kept)


def test_a_host_has_the_draft_then_names_it_then_forgets_it(
    new_database: Callable[[str], Engine], tmp_path: Path, drafted: Files
) -> None:
    engine, versions = new_database("sqlite"), Versions(tmp_path)
    assert not bring_draft(engine, tmp_path)
    add(engine, SEAL.indexes(NUMBER), actor="maria", now=NOW)
    offer(engine, version_of(drafted), drafted, actor="maria", now=NOW)
    assert [bring_draft(engine, tmp_path) for _ in range(2)] == [True, False]
    folder = versions.folder_of(version_of(drafted))
    assert {name: (folder / name).read_bytes() for name in drafted} == drafted
    assert versions.newest_first() == []
    note = (tmp_path / NAME).read_text()
    assert version_of(drafted) in note
    assert SEAL.index(NUMBER) in note
    remove(engine, SEAL.indexes(NUMBER), actor="maria", now=NOW)
    assert bring_draft(engine, tmp_path)
    assert SEAL.index(NUMBER) not in (tmp_path / NAME).read_text()
    call_off(engine, actor="maria", now=NOW)
    assert [bring_draft(engine, tmp_path) for _ in range(2)] == [True, False]
    assert not (tmp_path / NAME).exists()
    assert folder.is_dir(), "calls under way still hear it"
