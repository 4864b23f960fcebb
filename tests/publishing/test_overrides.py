"""Overrides written down, checked, ended, and brought to a host's disk; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_flow.model import OverrideKind, Routing
from ivr.call_log.audit import deeds
from ivr.publishing.override_told import told
from ivr.publishing.overrides import (
    Wanted,
    bring_overrides,
    end,
    make,
    newest,
    refusals,
    standing,
    usual_end,
)
from ivr.routing.compile import compile_files
from ivr.routing.override_file import read_overrides
from ivr.routing.zone import clinic_zone

from .conftest import NOW, Files

HOUR = timedelta(hours=1)
CLOSE = Wanted(OverrideKind.CLOSE, "gilbert", NOW, NOW + 2 * HOUR, "power outage")
BOTH = {"en-US": "We are moving house today.", "es-US": "Hoy nos mudamos de consultorio."}


@pytest.fixture(scope="session")
def routing(sample: Files) -> Routing:
    compiled = compile_files(sample)
    assert compiled.routing
    return compiled.routing


def test_what_is_made_stands_until_its_end_and_is_accounted_for(database: Engine) -> None:
    made = make(database, CLOSE, actor="maria", now=NOW)
    assert standing(database, NOW) == [made]
    assert standing(database, NOW + 2 * HOUR) == []
    assert newest(database) == [made]
    (deed,) = deeds(database)
    assert (deed.actor, deed.action, deed.about) == ("maria", "override", f"override {made.override.id}")
    assert deed.detail["location"] == "gilbert"
    assert deed.detail["reason"] == "power outage"


def test_one_may_be_ended_once(database: Engine) -> None:
    number = make(database, CLOSE, actor="maria", now=NOW).override.id
    ended = end(database, number, actor="ben", now=NOW + HOUR)
    assert (ended.ended_by, ended.ended_at) == ("ben", NOW + HOUR)
    assert standing(database, NOW + HOUR) == []
    assert end(database, number, actor="eve", now=NOW + HOUR) == ended
    assert [deed.action for deed in deeds(database)] == ["override ended", "override"]


def test_one_that_is_not_there_cannot_be_ended(database: Engine) -> None:
    with pytest.raises(LookupError, match="no override 7"):
        end(database, 7, actor="ben", now=NOW)


def test_the_same_event_of_a_call_makes_one_row(database: Engine) -> None:
    first = make(database, CLOSE, actor="phone", now=NOW, source="CA1:5")
    assert make(database, CLOSE, actor="phone", now=NOW + HOUR, source="CA1:5") == first
    assert len(newest(database)) == 1


def test_what_stands_is_brought_to_the_disk_when_it_changed(database: Engine, tmp_path: Path) -> None:
    assert bring_overrides(database, tmp_path, NOW)
    assert not bring_overrides(database, tmp_path, NOW)
    made = make(database, replace(CLOSE, say=BOTH), actor="maria", now=NOW)
    assert bring_overrides(database, tmp_path, NOW)
    assert read_overrides(tmp_path) == (made.override,)
    end(database, made.override.id, actor="maria", now=NOW)
    assert bring_overrides(database, tmp_path, NOW)
    assert read_overrides(tmp_path) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"location": "phoenix"}, "There is no location 'phoenix'. There are scottsdale, gilbert."),
        ({"ends": NOW}, "over before it begins"),
        ({"begins": NOW - 2 * HOUR, "ends": NOW - HOUR}, "over before it begins"),
        ({"ends": NOW + timedelta(days=93)}, "longer than 92 days"),
        ({"kind": OverrideKind.SEND, "to": "gilbert"}, "name two different ones"),
        ({"kind": OverrideKind.SEND, "to": "phoenix"}, "There is no location 'phoenix'"),
        ({"kind": OverrideKind.SAY}, "needs its words"),
        ({"say": {"en-US": "We are closed."}}, "Callers in es-US would hear nothing of it: say it in es-US too."),
        ({"say": {**BOTH, "fr-FR": "Bonjour"}}, 'No language "fr-FR" is spoken here'),
        ({"say": {**BOTH, "en-US": "word " * 100}}, "more than 20 seconds to say"),
        ({"say": {**BOTH, "en-US": "Hello {name}"}}, "plain words only"),
        ({"say": {**BOTH, "en-US": "Ketamine cures depression."}}, "en-US: "),
        ({"reason": "x" * 201}, "200 are enough"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(routing: Routing, change: dict[str, object], said: str) -> None:
    refused = refusals(routing, replace(CLOSE, **change), [], NOW)  # type: ignore[arg-type]  # one field at a time
    assert len(refused) == 1
    assert said in refused[0]


def test_what_can_be_is_not_refused(routing: Routing) -> None:
    for kind in set(OverrideKind) - {OverrideKind.SWAP}:  # a swap needs a rota, which this clinic has not
        wanted = replace(CLOSE, kind=kind, say=BOTH, to="scottsdale" if kind is OverrideKind.SEND else "")
        assert refusals(routing, wanted, [], NOW) == []


def test_calls_are_not_sent_on_from_where_they_are_sent_to(routing: Routing, database: Engine) -> None:
    there = replace(CLOSE, kind=OverrideKind.SEND, location="scottsdale", to="gilbert")
    made = make(database, there, actor="maria", now=NOW)
    back = replace(there, location="gilbert", to="scottsdale")
    assert "override end" in refusals(routing, back, [made], NOW)[0]
    later = replace(back, begins=there.ends, ends=there.ends + HOUR)
    assert refusals(routing, later, [made], NOW) == []


@pytest.mark.parametrize(
    ("kind", "location", "at", "until"),
    [
        (OverrideKind.CLOSE, "gilbert", "2026-11-24T10:00", "2026-11-25T09:00"),
        (OverrideKind.CLOSE, "scottsdale", "2026-11-24T10:00", "2026-11-24T13:00"),  # after the lunch hour
        (OverrideKind.CLOSE, "gilbert", "2026-11-24T20:00", "2026-11-25T09:00"),
        (OverrideKind.CLOSE, "", "2026-11-24T15:00", "2026-11-25T09:00"),
        (OverrideKind.OPEN, "gilbert", "2026-11-24T10:00", "2026-11-24T17:00"),
        (OverrideKind.OPEN, "gilbert", "2026-11-24T20:00", None),
    ],
)
def test_it_ends_by_itself_at_the_next_opening_or_closing(
    routing: Routing, kind: OverrideKind, location: str, at: str, until: str | None
) -> None:
    zone = clinic_zone(routing)
    found = usual_end(routing, kind, location, datetime.fromisoformat(at).replace(tzinfo=zone))
    assert found == (datetime.fromisoformat(until).replace(tzinfo=zone) if until else None)


def test_it_is_told_in_plain_words(routing: Routing, database: Engine) -> None:
    zone = clinic_zone(routing)
    made = make(database, CLOSE, actor="maria", now=NOW)
    assert told(routing, made.override, zone, NOW) == "Gilbert is closed until Tue 24 Nov 2026 12:00: power outage."
    later = make(database, replace(CLOSE, location="", begins=NOW + HOUR, reason=""), actor="maria", now=NOW)
    assert (
        told(routing, later.override, zone, NOW)
        == "Every location is closed from Tue 24 Nov 2026 11:00 until Tue 24 Nov 2026 12:00."
    )
    assert made.made_at.astimezone(UTC) == NOW
