"""The outbox: each notice is addressed once, each letter has one holder, and a dead worker's letters go on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, Rule, Way
from ivr.call_log.audit import deeds
from ivr.call_log.database import reading
from ivr.notices.addressing import address
from ivr.notices.outbox import again, bury, claim, clear_away, settle
from ivr.notices.outgoing import LEASE, wait_seconds
from ivr.notices.parcel import Failed, Refused, Sent
from ivr.notices.shown import given_up, newest
from ivr.notices.tables import LetterNoticeRow, NoticeRow
from tests.conftest import ZONE

from .conftest import EVERYTHING, NOW, Clock, letters, note, rules, states

MAIL = (Way.MAIL,)
NIGHT = NOW + timedelta(hours=13)  # eleven in the evening in Phoenix


def addressed(engine: Engine, given: NoticeRules | None = None, clock: Clock | None = None) -> int:
    return address(engine, given or rules(), ZONE, (clock or Clock())())


def test_each_notice_is_addressed_once_to_everybody_it_concerns(database: Engine) -> None:
    note(database, 3)
    both = rules(Rule(("maria", "sam"), EVERYTHING), Rule(("maria",), EVERYTHING, (Way.TEXT,)))
    assert addressed(database, both) == 3
    assert addressed(database, both) == 0
    found = [(letter.person, letter.way) for letter in letters(database)]
    assert sorted(found) == [("maria", "mail")] * 3 + [("maria", "text")] * 3 + [("sam", "mail")] * 3


def test_without_rules_notices_are_put_aside_and_nobody_is_told_of_them_later(outbox: Engine) -> None:
    note(outbox)
    assert addressed(outbox, NoticeRules()) == 1
    addressed(outbox)
    assert letters(outbox) == []


def test_what_waits_for_the_morning_comes_as_one_letter(database: Engine) -> None:
    night = Clock(NIGHT)
    for number in range(3):
        note(database, 2, tag=f"{number}-")
        addressed(database, clock=night)
        night.later(minutes=10)
    (letter,) = letters(database)
    assert letter.due_at == NOW + timedelta(hours=21)
    (claimed,) = claim(database, "one", MAIL, letter.due_at)
    assert len(claimed.notices) == 6


def test_a_digest_that_has_left_is_followed_by_another(database: Engine) -> None:
    digest = rules(Rule(("sam",), EVERYTHING, times=(17 * 60,)))
    note(database, tag="a")
    addressed(database, digest)
    (first,) = claim(database, "one", MAIL, NOW + timedelta(hours=7))
    note(database, tag="b")
    addressed(database, digest)  # by a host whose clock is behind
    assert settle(database, first, "one", Sent(), NOW + timedelta(hours=7))
    (second,) = claim(database, "one", MAIL, NOW + timedelta(hours=7))
    assert (len(first.notices), len(second.notices)) == (1, 1)


def test_more_than_thirty_letters_an_hour_wait_and_come_as_one(outbox: Engine) -> None:
    note(outbox, 50)
    addressed(outbox)
    due = [letter.due_at for letter in letters(outbox)]
    assert len(due) == 31
    assert due.count(NOW) == 30
    assert max(due) == NOW + timedelta(hours=1)
    with reading(outbox) as connection:
        assert connection.scalar(select(func.count()).select_from(LetterNoticeRow)) == 50


def test_what_comes_later_for_being_many_waits_for_the_morning_too(outbox: Engine) -> None:
    evening = Clock(NOW + timedelta(hours=9, minutes=30))  # half past seven; Maria's quiet hours begin at eight
    note(outbox, 31)
    addressed(outbox, clock=evening)
    assert max(letter.due_at for letter in letters(outbox)) == NOW + timedelta(hours=21)


def test_what_may_pass_is_never_held_back_for_being_many(outbox: Engine) -> None:
    note(outbox, 50)
    addressed(outbox, rules(Rule(("maria",), EVERYTHING, despite_quiet=True)))
    assert {letter.due_at for letter in letters(outbox)} == {NOW}


def test_a_letter_has_one_holder_however_many_ask(database: Engine) -> None:
    note(database, 20)
    addressed(database)
    with ThreadPoolExecutor(4) as pool:
        rounds = pool.map(lambda number: claim(database, f"host{number}", MAIL, NOW, limit=5), range(8))
        taken = [letter.id for claimed in rounds for letter in claimed]
    assert sorted(taken) == [letter.id for letter in letters(database)]


def test_only_letters_of_the_ways_at_hand_are_taken(outbox: Engine) -> None:
    note(outbox)
    addressed(outbox)
    assert claim(outbox, "one", [], NOW) == []
    assert claim(outbox, "one", [Way.TEXT, Way.WEBHOOK], NOW) == []


def test_a_killed_workers_letter_passes_to_another_when_its_lease_ends(database: Engine) -> None:
    note(database)
    addressed(database)
    (first,) = claim(database, "killed", MAIL, NOW)
    assert claim(database, "other", MAIL, NOW + LEASE - timedelta(seconds=1)) == []
    (taken,) = claim(database, "other", MAIL, NOW + LEASE)
    assert (taken.id, taken.attempts, first.unsure, taken.unsure) == (first.id, 2, False, True)
    assert not settle(database, first, "killed", Sent(), NOW + LEASE)
    assert settle(database, taken, "other", Sent("SM1"), NOW + LEASE)
    assert states(database) == {"sent": 1}


def test_a_failure_waits_longer_each_time_and_dies_after_a_day(database: Engine) -> None:
    note(database)
    addressed(database)
    clock, attempts = Clock(), 0
    while found := claim(database, "one", MAIL, clock()):
        attempts += 1
        settle(database, found[0], "one", Failed("the server is away"), clock())
        (letter,) = letters(database)
        clock.now = max(letter.due_at, clock.now)
    assert (letter.state, letter.fault) == ("dead", "the server is away")
    assert timedelta(hours=23) < letter.ended_at - NOW <= timedelta(hours=24)  # type: ignore[operator]
    assert 48 < attempts < 120


def test_waits_double_up_to_half_an_hour_and_differ() -> None:
    for attempts, most in ((1, 15), (2, 30), (5, 240), (30, 1800)):
        waits = {wait_seconds(attempts) for _ in range(20)}
        assert len(waits) > 1
        assert most / 2 <= min(waits) <= max(waits) <= most


def test_a_refusal_is_final_and_what_was_asked_for_is_waited(outbox: Engine) -> None:
    note(outbox, 2)
    addressed(outbox)
    first, second = claim(outbox, "one", MAIL, NOW, limit=2)
    settle(outbox, first, "one", Refused("no such mailbox"), NOW)
    settle(outbox, second, "one", Failed("busy", wait_seconds=600), NOW)
    dead, waiting = letters(outbox)
    assert (dead.state, dead.fault, dead.ended_at) == ("dead", "no such mailbox", NOW)
    assert (waiting.state, waiting.due_at) == ("waiting", NOW + timedelta(minutes=10))


def test_letters_of_a_way_that_is_off_are_given_up_after_a_day(database: Engine) -> None:
    note(database)
    addressed(database)
    assert bury(database, NOW + timedelta(hours=24) - timedelta(seconds=1)) == 0
    assert bury(database, NOW + timedelta(hours=24)) == 1
    (letter,) = letters(database)
    assert (letter.state, letter.attempts) == ("dead", 0)
    assert "set up?" in letter.fault
    assert given_up(database, NOW) == 1


def test_a_dead_letter_is_sent_again_when_somebody_asks_and_that_is_on_record(database: Engine) -> None:
    note(database)
    addressed(database)
    (letter,) = claim(database, "one", MAIL, NOW)
    assert not again(database, letter.id, actor="cli:maria", now=NOW)
    settle(database, letter, "one", Refused("no such mailbox"), NOW)
    later = NOW + timedelta(days=2)
    assert again(database, letter.id, actor="cli:maria", now=later)
    (anew,) = claim(database, "one", MAIL, later)
    assert (anew.attempts, anew.round, anew.give_up_at) == (1, 1, later + timedelta(hours=24))
    assert [(deed.action, deed.about) for deed in deeds(database)] == [("notice sent again", f"letter {letter.id}")]
    with pytest.raises(LookupError):
        again(database, 99, actor="cli:maria", now=later)


def test_what_was_over_ninety_days_ago_is_cleared_away(database: Engine) -> None:
    note(database, 2)
    addressed(database)
    (letter,) = claim(database, "one", MAIL, NOW)
    settle(database, letter, "one", Sent(), NOW)
    assert clear_away(database, NOW + timedelta(days=90)) == 0
    assert clear_away(database, NOW + timedelta(days=91)) == 1
    assert states(database) == {"waiting": 1}
    with reading(database) as connection:
        assert connection.scalar(select(func.count()).select_from(NoticeRow)) == 1


def test_people_see_the_newest_letters_and_what_they_tell_of(database: Engine) -> None:
    note(database, 2)
    note(database, kind=NoticeKind.MISSED_CALL, at=NOW - timedelta(minutes=15))
    addressed(database, rules(Rule(("sam",), EVERYTHING, times=(17 * 60,))))
    (shown,) = newest(database)
    assert (shown.whom, shown.told, shown.state) == ("sam", "message left (2), missed call", "waiting")
    assert newest(database, dead=True) == []
    assert states(database) == {"waiting": 1}


def test_times_in_the_outbox_are_the_same_on_both_engines(new_database: Callable[[str], Engine]) -> None:
    found = []
    for kind in ("sqlite", "postgresql"):
        engine = new_database(kind)
        note(engine)
        addressed(engine)
        found.append([(each.key, each.due_at, each.give_up_at) for each in letters(engine)])
    assert found[0] == found[1]
