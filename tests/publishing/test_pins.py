"""PINs and their refusals in the database, brought to a host's disk; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_log.audit import deeds
from ivr.journal.entry import Entry, Value
from ivr.publishing.by_phone import take_over
from ivr.publishing.overrides import newest
from ivr.publishing.pins import MOST_PINS, TooManyPins, bring_staff, note_refusals, pins, put, remove
from ivr.routing.staff_file import Staff, read_staff

from .conftest import NOW

MINUTE = timedelta(minutes=1)


def entry(kind: str, data: dict[str, Value], hop: int = 5) -> Entry:
    return Entry(f"CA1:{hop}:{kind}", "CA1", hop, 0, NOW, "v1", kind, data)


def test_a_pin_is_kept_by_its_name_and_accounted_for(database: Engine) -> None:
    assert put(database, "maria", "hash one", actor="ben", now=NOW)
    assert not put(database, "maria", "hash two", actor="ben", now=NOW + MINUTE)
    (pin,) = pins(database)
    assert (pin.name, pin.hash, pin.made_at, pin.made_by) == ("maria", "hash two", NOW + MINUTE, "ben")
    assert remove(database, "maria", actor="ben", now=NOW)
    assert not remove(database, "maria", actor="ben", now=NOW)
    assert [deed.action for deed in deeds(database)] == ["pin removed", "pin replaced", "pin set"]
    assert all("hash" not in str(deed) for deed in deeds(database))


def test_there_are_no_more_than_can_be_tried_while_a_caller_waits(database: Engine) -> None:
    for number in range(MOST_PINS):
        put(database, f"name {number}", "hash", actor="ben", now=NOW)
    with pytest.raises(TooManyPins, match="20 PINs"):
        put(database, "one more", "hash", actor="ben", now=NOW)
    assert not put(database, "name 3", "another", actor="ben", now=NOW)


def test_a_host_is_brought_the_pins_and_the_refusals_that_still_count(database: Engine, tmp_path: Path) -> None:
    put(database, "maria", "hash", actor="ben", now=NOW)
    note_refusals(database, {"CA1:5": NOW - 29 * MINUTE, "CA0:5": NOW - 31 * MINUTE}, NOW)
    note_refusals(database, {"CA1:5": NOW}, NOW)
    assert bring_staff(database, tmp_path, NOW)
    assert not bring_staff(database, tmp_path, NOW)
    assert read_staff(tmp_path) == Staff({"maria": "hash"}, {"CA1:5": NOW - 29 * MINUTE})
    assert bring_staff(database, tmp_path, NOW + 2 * MINUTE)
    assert read_staff(tmp_path).refusals == {}


def test_what_makes_no_sense_in_the_journal_changes_nothing(database: Engine) -> None:
    asked: dict[str, Value] = {
        "kind": "close",
        "location": "gilbert",
        "begins": NOW.isoformat(),
        "ends": (NOW + MINUTE).isoformat(),
    }
    wrong: list[dict[str, Value]] = [
        {"ends": "soon"},
        {"kind": "burn"},
        {"begins": "2026-11-24T10:00"},
        {"location": 7},
    ]
    bad = [{**asked, **each} for each in wrong]
    take_over(database, [entry("OverrideAsked", each, hop) for hop, each in enumerate(bad)], NOW)
    take_over(database, [entry("PinRefused", {"locked": True}), entry("MenuHeard", {"menu": "main"})], NOW)
    assert newest(database) == []
    take_over(database, [entry("OverrideAsked", asked)], NOW)
    (made,) = newest(database)
    assert made.made_by == "phone", "whose PIN it was is not known here yet"
