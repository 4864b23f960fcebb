"""Versions: published whole or not at all, never over an unseen change, kept for ever, live again on request."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from ivr.call_log.audit import deeds
from ivr.publishing.publish import Outcome, Overtaken, Refused, Unchanged, publish, rollback
from ivr.publishing.versions import Publication, files_of, live, publications, version, versions
from tests.publishing.conftest import NOW, Files, edited, examined

CLINIC = "clinic.yaml"


def published(engine: Engine, files: Files, parent: int | None, message: str = "a change", minutes: int = 0) -> Outcome:
    return publish(
        engine,
        files,
        examined(files),
        parent=parent,
        author="maria",
        message=message,
        now=NOW + timedelta(minutes=minutes),
    )


@pytest.fixture(scope="module")
def early(sample: Files) -> Files:
    return edited(sample, CLINIC, "friday: 9:00-17:00", "friday: 9:00-15:00")


def test_the_first_version_is_number_one_and_live(database: Engine, sample: Files) -> None:
    assert live(database) is None

    outcome = published(database, sample, None)

    assert isinstance(outcome, Publication)
    assert live(database) == outcome
    assert (outcome.number, outcome.actor, outcome.message, outcome.at) == (1, "maria", "a change", NOW)
    assert files_of(database, 1) == sample


def test_a_version_keeps_its_parent_author_and_results(database: Engine, sample: Files, early: Files) -> None:
    published(database, sample, None)
    published(database, early, 1, "Gilbert closes at 15:00 on Fridays")

    second = version(database, 2)
    assert second is not None
    assert (second.parent, second.author, second.message) == (1, "maria", "Gilbert closes at 15:00 on Fridays")
    assert second.checks["findings"] == []
    assert len(second.checks["warnings"]) == 5
    assert [each.number for each in versions(database)] == [2, 1]


def test_the_second_of_two_is_told_who_came_first_and_nothing_changes(
    database: Engine, sample: Files, early: Files
) -> None:
    published(database, sample, None)
    first = published(database, early, 1)

    second = published(database, edited(sample, CLINIC, "hops: 40", "hops: 30"), 1)

    assert second == Overtaken(first)  # type: ignore[arg-type]
    assert live(database) == first
    assert len(versions(database)) == 2


def test_what_is_live_already_is_not_published_again(database: Engine, sample: Files) -> None:
    first = published(database, sample, None)

    assert published(database, sample, 1) == Unchanged(first)  # type: ignore[arg-type]
    assert len(publications(database)) == 1


def test_what_does_not_pass_is_refused_with_its_reasons(database: Engine, sample: Files) -> None:
    published(database, sample, None)
    bad = edited(sample, "menus.yaml", "to: topics\n", "to: topisc\n")

    outcome = published(database, bad, 1)

    assert isinstance(outcome, Refused)
    assert any('Did you mean "topics"?' in reason for reason in outcome.reasons)
    assert [each.number for each in versions(database)] == [1]


def test_a_rollback_makes_an_earlier_version_live_as_it_was(database: Engine, sample: Files, early: Files) -> None:
    published(database, sample, None)
    published(database, early, 1)

    back = rollback(database, 1, actor="omar", message="too early", now=NOW)

    assert isinstance(back, Publication)
    assert live(database) == back
    assert (back.number, back.action, back.hash) == (1, "rollback", examined(sample).version)
    assert isinstance(rollback(database, 1, actor="omar", message="again", now=NOW), Unchanged)
    assert [each.number for each in publications(database)] == [1, 2, 1]
    with pytest.raises(LookupError):
        rollback(database, 9, actor="omar", message="", now=NOW)


def test_files_published_before_are_the_same_version(database: Engine, sample: Files, early: Files) -> None:
    published(database, sample, None)
    published(database, early, 1)

    again = published(database, sample, 2)

    assert isinstance(again, Publication)
    assert again.number == 1
    assert len(versions(database)) == 2


def test_every_publication_is_in_the_audit(database: Engine, sample: Files, early: Files) -> None:
    published(database, sample, None)
    published(database, early, 1, "Fridays")
    rollback(database, 1, actor="omar", message="too early", now=NOW)

    found = [(deed.actor, deed.action, deed.about, deed.detail["message"]) for deed in deeds(database)]
    assert found == [
        ("omar", "rollback", "version 1", "too early"),
        ("maria", "publish", "version 2", "Fridays"),
        ("maria", "publish", "version 1", "a change"),
    ]


def test_of_many_who_publish_at_once_one_succeeds(database: Engine, sample: Files) -> None:
    published(database, sample, None)
    outcomes: list[Outcome] = []
    drafts = [edited(sample, CLINIC, "hops: 40", f"hops: {30 + number}") for number in range(2)]
    examinations = [examined(files) for files in drafts]

    def work(number: int) -> None:
        outcomes.append(
            publish(database, drafts[number], examinations[number], parent=1, author=f"{number}", message="", now=NOW)
        )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Overtaken", "Publication"]
    assert len(publications(database)) == 2
