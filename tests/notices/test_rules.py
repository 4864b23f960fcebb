"""Whom the rules name, and when: the earliest counts, digests keep their times, quiet hours hold what may wait."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.call_flow.notice_rules import NoticeKind, Rule, Told, Way
from ivr.notices.rules import Telling, after_quiet, next_time, tellings
from tests.conftest import ZONE

from .conftest import EVERYTHING, rules

LEFT, MISSED = NoticeKind.MESSAGE_LEFT, NoticeKind.MISSED_CALL


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


TEN, NIGHT = at("2026-11-24 10:00"), at("2026-11-24 23:30")


def told(*given: Rule, kind: NoticeKind = LEFT, location: str = "gilbert", now: datetime = TEN) -> list[Telling]:
    return tellings(rules(*given), kind, location, ZONE, now)


def test_only_who_is_named_for_this_kind_and_place_is_told() -> None:
    one = Rule(("maria",), frozenset({LEFT}), locations=frozenset({"gilbert"}))
    assert [each.person for each in told(one)] == ["maria"]
    assert told(one, kind=MISSED) == []
    assert told(one, location="scottsdale") == []


def test_what_concerns_the_whole_clinic_concerns_every_location() -> None:
    one = Rule(("maria",), EVERYTHING, locations=frozenset({"gilbert"}))
    assert told(one, kind=NoticeKind.WORKER_SILENT, location="")


def test_of_two_rules_for_the_same_way_the_earlier_counts_and_nobody_is_told_twice() -> None:
    digest = Rule(("maria",), EVERYTHING, times=(17 * 60,))
    at_once = Rule(("maria", "sam"), frozenset({LEFT}))
    found = told(digest, at_once)
    assert {(each.person, each.due_at) for each in found} == {("maria", TEN), ("sam", TEN)}
    assert len(found) == 2


def test_a_digest_comes_at_its_next_time() -> None:
    times = (8 * 60, 17 * 60)
    assert next_time(times, at("2026-11-24 07:59"), ZONE) == at("2026-11-24 08:00")
    assert next_time(times, at("2026-11-24 08:00"), ZONE) == at("2026-11-24 17:00")
    assert next_time(times, NIGHT, ZONE) == at("2026-11-25 08:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24 19:59", "2026-11-24 19:59"),
        ("2026-11-24 20:00", "2026-11-25 07:00"),
        ("2026-11-25 00:00", "2026-11-25 07:00"),
        ("2026-11-25 06:59", "2026-11-25 07:00"),
        ("2026-11-25 07:00", "2026-11-25 07:00"),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning(moment: str, expected: str) -> None:
    assert after_quiet((20 * 60, 31 * 60), at(moment), ZONE) == at(expected)


def test_what_may_pass_does_not_wait_for_the_morning() -> None:
    (waits,) = told(Rule(("maria",), EVERYTHING), now=NIGHT)
    (passes,) = told(Rule(("maria",), EVERYTHING, despite_quiet=True), now=NIGHT)
    assert (waits.due_at, passes.due_at) == (at("2026-11-25 07:00"), NIGHT)


def test_the_webhook_has_no_person_and_no_quiet_hours() -> None:
    (found,) = told(Rule((), EVERYTHING, (Way.WEBHOOK,)), now=NIGHT)
    assert (found.person, found.way, found.due_at) == ("", Way.WEBHOOK, NIGHT)


def test_somebody_without_quiet_hours_is_told_at_night() -> None:
    assert Told("Sam").quiet is None
    (found,) = told(Rule(("sam",), EVERYTHING), now=NIGHT)
    assert found.due_at == NIGHT
