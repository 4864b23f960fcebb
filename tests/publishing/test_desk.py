"""The desk: one draft for all editors, from which nothing gets lost and nothing is heard before it is published."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_log.audit import deeds
from ivr.publishing.desk import Conflict, Desk, desk, discard, follow, here, mark, publish_desk, save
from ivr.publishing.publish import Overtaken, Refused, Unchanged, publish
from ivr.publishing.set_back import set_back
from ivr.publishing.versions import Publication, files_of, live
from ivr.routing.folder import read_folder
from ivr.routing.text import Limits
from tests.publishing.conftest import NOW, Files, edited, examined

FRIDAY = ("clinic.yaml", "friday: 9:00-17:00", "friday: 9:00-15:00")
HOPS = ("clinic.yaml", "hops: 40", "hops: 39")
WELCOME = ("prompts/en-US.yaml", "Thank you for calling the clinic.", "Thank you for calling us.")

Write = Callable[..., Conflict | None]


@pytest.fixture
def write(database: Engine, sample: Files) -> Write:
    """Saves an edit of the sample's file, as its author saw the draft."""

    def saved(edit: tuple[str, str, str], *, seen: Files | None = None, actor: str = "maria") -> Conflict | None:
        files = seen or desk(database, sample).files
        new, name = edited(files, *edit), edit[0]
        return save(database, name, new[name], seen=mark(files[name]), found=sample, actor=actor, now=NOW)

    return saved


def put_live(engine: Engine, files: Files, parent: int | None) -> Publication:
    made = publish(engine, files, examined(files), parent=parent, author="ana", message="m", now=NOW)
    assert isinstance(made, Publication)
    return made


def published(engine: Engine, draft: Desk) -> object:
    return publish_desk(engine, draft, examined(draft.files), author="maria", message="m", now=NOW)


def test_the_draft_begins_with_what_is_live(database: Engine, sample: Files) -> None:
    assert desk(database, sample) == Desk(sample, sample, None, None, {})
    first = put_live(database, edited(sample, *HOPS), None)
    now = desk(database, sample)
    assert (now.files, now.parent, now.live, now.edited) == (edited(sample, *HOPS), 1, first, {})


def test_a_saved_file_is_on_the_desk_for_everybody_and_in_the_audit(
    database: Engine, sample: Files, write: Write
) -> None:
    put_live(database, sample, None)
    assert write(FRIDAY) is None
    draft = desk(database, sample)
    assert draft.files == edited(sample, *FRIDAY)
    assert draft.began == sample
    assert [(name, one.by, one.at) for name, one in draft.edited.items()] == [("clinic.yaml", "maria", NOW)]
    (deed, *_) = deeds(database)
    assert (deed.actor, deed.action, deed.about, deed.detail) == ("maria", "draft edited", "clinic.yaml", {})
    assert files_of(database, 1) == sample, "nothing went live"


def test_whoever_saves_over_an_unseen_text_gets_both_and_loses_none(
    database: Engine, sample: Files, write: Write
) -> None:
    write(FRIDAY, actor="maria")
    conflict = write(HOPS, seen=sample, actor="ana")
    assert conflict == Conflict(edited(sample, *FRIDAY)["clinic.yaml"], "maria", NOW)
    assert desk(database, sample).files == edited(sample, *FRIDAY)
    assert write(WELCOME, seen=sample, actor="ana") is None, "another file is no conflict"


def test_of_many_who_save_at_once_one_wins(database: Engine, sample: Files, write: Write) -> None:
    def one(number: int) -> bool:
        return write(("clinic.yaml", "hops: 40", f"hops: 3{number}"), seen=sample, actor=f"p{number}") is None

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(one, range(4)))
    assert won.count(True) == 1
    assert desk(database, sample).edited["clinic.yaml"].by == f"p{won.index(True)}"


def test_a_text_that_is_as_it_was_is_edited_no_more(database: Engine, sample: Files, write: Write) -> None:
    write(FRIDAY)
    write(("clinic.yaml", FRIDAY[2], FRIDAY[1]))
    assert desk(database, sample).edited == {}


def test_only_files_of_the_draft_are_saved_and_only_texts(database: Engine, sample: Files) -> None:
    with pytest.raises(LookupError):
        save(database, "other.yaml", b"a: 1", seen="", found=sample, actor="maria", now=NOW)
    with pytest.raises(ValueError, match="zero byte"):
        save(database, "clinic.yaml", b"a: \0", seen="", found=sample, actor="maria", now=NOW)
    assert deeds(database) == []


def test_discarding_goes_back_to_what_is_live_once(database: Engine, sample: Files, write: Write) -> None:
    put_live(database, sample, None)
    write(FRIDAY)
    assert [discard(database, actor="ana", now=NOW) for _ in range(2)] == [True, False]
    assert desk(database, sample).files == sample
    assert [deed.action for deed in deeds(database)] == ["draft discarded", "draft edited", "publish"]


def test_a_published_draft_is_live_and_off_the_desk(database: Engine, sample: Files, write: Write) -> None:
    put_live(database, sample, None)
    write(FRIDAY)
    outcome = published(database, desk(database, sample))
    assert isinstance(outcome, Publication)
    assert live(database) == outcome
    assert files_of(database, outcome.number) == edited(sample, *FRIDAY)
    after = desk(database, sample)
    assert (after.edited, after.parent) == ({}, outcome.number)


def test_the_first_version_may_come_from_the_desk(database: Engine, sample: Files, write: Write) -> None:
    write(FRIDAY)
    outcome = published(database, desk(database, sample))
    assert isinstance(outcome, Publication)
    assert (outcome.action, outcome.number) == ("first", 1)


def test_what_was_saved_during_the_examination_stays_on_the_desk(database: Engine, sample: Files, write: Write) -> None:
    put_live(database, sample, None)
    write(FRIDAY)
    write(WELCOME)
    examined_then = desk(database, sample)
    write(HOPS, actor="ana")
    published(database, examined_then)
    after = desk(database, sample)
    assert list(after.edited) == ["clinic.yaml"]
    assert after.parent == 2
    assert not after.is_overtaken
    assert after.files == edited(examined_then.files, *HOPS)


def test_a_refused_draft_stays(database: Engine, sample: Files, write: Write) -> None:
    put_live(database, sample, None)
    write(("clinic.yaml", "hops: 40", "hops: many"))
    assert isinstance(published(database, desk(database, sample)), Refused)
    assert list(desk(database, sample).edited) == ["clinic.yaml"]


def test_an_overtaken_draft_is_not_published_until_it_follows(database: Engine, sample: Files, write: Write) -> None:
    first = put_live(database, sample, None)
    write(FRIDAY)
    second = put_live(database, edited(sample, *WELCOME), first.number)
    draft = desk(database, sample)
    assert draft.is_overtaken
    assert published(database, draft) == Overtaken(second)
    assert follow(database, sample, seen=first.number, actor="maria", now=NOW) == [], "that is not live any more"
    assert follow(database, sample, seen=second.number, actor="maria", now=NOW) == []
    draft = desk(database, sample)
    assert not draft.is_overtaken
    assert draft.files == edited(edited(sample, *WELCOME), *FRIDAY), "both changes are in it"
    assert isinstance(published(database, draft), Publication)


def test_a_file_that_both_changed_is_named_and_the_drafts_text_kept(
    database: Engine, sample: Files, write: Write
) -> None:
    first = put_live(database, sample, None)
    write(FRIDAY)
    second = put_live(database, edited(sample, *HOPS), first.number)
    assert follow(database, sample, seen=second.number, actor="maria", now=NOW) == ["clinic.yaml"]
    assert desk(database, sample).files == edited(sample, *FRIDAY)


def test_a_draft_that_went_live_elsewhere_is_off_the_desk_when_published(
    database: Engine, sample: Files, write: Write
) -> None:
    first = put_live(database, sample, None)
    write(FRIDAY)
    put_live(database, edited(sample, *FRIDAY), first.number)
    assert isinstance(published(database, desk(database, sample)), Unchanged)
    assert desk(database, sample).edited == {}


def test_colleagues_are_seen_for_two_minutes(database: Engine) -> None:
    assert here(database, "maria", NOW) == []
    assert here(database, "ana", NOW + timedelta(seconds=30)) == ["maria"]
    assert here(database, "maria", NOW + timedelta(seconds=149)) == ["ana"]
    assert here(database, "maria", NOW + timedelta(seconds=151)) == []


def test_config_holds_what_was_published_and_its_former_files_are_kept(tmp_path: Path, sample: Files) -> None:
    config, data = tmp_path / "config", tmp_path / "var"
    for name, text in {**sample, "prompts/fr-CA.yaml": b"prompts: {}\n"}.items():
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).write_bytes(text)
    kept = set_back(config, data, edited(sample, *FRIDAY), Limits(), NOW)
    assert read_folder(config)[0] == edited(sample, *FRIDAY)
    assert kept is not None
    assert read_folder(kept)[0] == {**sample, "prompts/fr-CA.yaml": b"prompts: {}\n"}
    assert set_back(config, data, edited(sample, *FRIDAY), Limits(), NOW) is None
