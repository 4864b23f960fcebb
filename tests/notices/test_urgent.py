"""Urgent calls are told again and again, whatever the hour, until somebody says that they deal with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from ivr.call_flow.events import (
    CallAccepted,
    CallArrived,
    CallEnded,
    Event,
    MailboxHeard,
    MessageTaken,
    Rang,
    RingingEnded,
)
from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, Rule, Way
from ivr.call_flow.wishes import UrgentConfirmed
from ivr.call_log.audit import deeds
from ivr.call_log.calling_back import Wish, ask
from ivr.call_log.database import reading
from ivr.call_log.recorder import record
from ivr.call_log.work_list import Sought, Want, work_list
from ivr.call_log.work_marks import Outcome, claim, finish
from ivr.journal.entry import Entry, entries_for
from ivr.notices.births import of_calls
from ivr.notices.outbox import KEPT, clear_away
from ivr.notices.parcel import Failed
from ivr.notices.sending import Sender
from ivr.notices.tables import LetterRow, NoticeRow
from ivr.notices.urgent import acknowledge, how_many_wait, tell_urgent, waiting
from tests.call_log.recorded import ZONE

from .conftest import NOW, Clock, Kept, rules, words

SID = "CA" + "1" * 32
RULES = rules()
LATER = timedelta(minutes=RULES.urgent_minutes)
URGENT = NoticeKind.URGENT_CALL.value


def call(sid: str = SID, *, message: bool = True, taken: bool = False) -> list[Entry]:
    """A call at night that was confirmed as urgent: nobody took it, unless `taken`."""
    how = "answered" if taken else "no answer"
    turns: list[tuple[Event, ...]] = [
        (CallArrived("main", "en-US"),),
        (UrgentConfirmed("urgent", "Dr. Lee", None), Rang("urgent", ("Dr. Lee",), 25, 1, "", whisper=True)),
        (RingingEnded("urgent", ("Dr. Lee",), 1, how, 60 if taken else 0), MailboxHeard("scottsdale_mailbox")),
    ]
    if message:
        turns.append((MessageTaken("scottsdale_mailbox", "RE" + sid[2:], 20),))
    turns.append((CallEnded("completed", 60),))
    return list(_entries(sid, turns))


def from_one_caller(entries: list[Entry]) -> list[Entry]:
    """As told, from the same number each time."""
    first, *others = entries
    return [replace(first, sealed={"caller": "sealed", "caller_index": "f" * 32}), *others]


def _entries(sid: str, turns: list[tuple[Event, ...]]) -> Iterator[Entry]:
    for hop, events in enumerate(turns):
        yield from entries_for(sid, hop, NOW - timedelta(minutes=2) + timedelta(seconds=20 * hop), "v1", events)


def put(engine: Engine, entries: list[Entry]) -> None:
    record(engine, entries, zone=ZONE, heard_at=NOW, follow=of_calls)


def told(engine: Engine) -> int:
    with reading(engine) as connection:
        return len(connection.scalars(select(NoticeRow.key).where(NoticeRow.kind == URGENT)).all())


@pytest.mark.parametrize(
    ("message", "taken", "urgent"), [(True, False, True), (False, False, True), (False, True, False)]
)
def test_an_urgent_call_that_nobody_took_waits(outbox: Engine, message: bool, taken: bool, urgent: bool) -> None:
    entries = call(message=message, taken=taken)
    put(outbox, entries)
    put(outbox, entries)
    assert len(waiting(outbox)) == urgent
    entries_listed = work_list(outbox, Sought(NOW - timedelta(days=1))).entries
    assert [entry.wants[0] for entry in entries_listed] == ([Want.URGENT] if urgent else [])


def test_it_is_told_every_ten_minutes_until_somebody_acknowledges(database: Engine) -> None:
    put(database, call())
    assert [tell_urgent(database, RULES, NOW) for _ in range(2)] == [1, 0]
    assert tell_urgent(database, RULES, NOW + LATER - timedelta(seconds=1)) == 0
    assert tell_urgent(database, RULES, NOW + LATER) == 1
    (one,) = waiting(database)
    assert (one.told, one.sid) == (2, SID)
    assert acknowledge(database, one.number, actor="sam", now=NOW + LATER)
    assert not acknowledge(database, one.number, actor="ben", now=NOW + LATER)
    assert tell_urgent(database, RULES, NOW + 5 * LATER) == 0
    assert told(database) == 2
    (deed,) = deeds(database)
    assert (deed.actor, deed.action, deed.about) == ("sam", "urgent call acknowledged", f"urgent call {one.number}")


@pytest.mark.parametrize("how", ["claimed", "done"])
def test_taking_or_finishing_the_entry_acknowledges_it(database: Engine, how: str) -> None:
    put(database, call())
    tell_urgent(database, RULES, NOW)
    claim(database, SID, actor="maria", now=NOW)
    if how == "done":
        finish(database, SID, Outcome.CALLED, seen=NOW, actor="maria", now=NOW)
    assert tell_urgent(database, RULES, NOW + LATER) == 0
    assert waiting(database) == []


def test_a_claim_from_before_is_no_word_of_it_but_calling_back_or_finishing_is(database: Engine) -> None:
    earlier, urgent = "CA" + "4" * 32, "CA" + "5" * 32
    put(database, from_one_caller([entry for entry in call(earlier) if entry.kind != "UrgentConfirmed"]))
    claim(database, earlier, actor="maria", now=NOW - timedelta(seconds=1))
    put(database, from_one_caller(call(urgent)))
    assert [tell_urgent(database, RULES, NOW + LATER * number) for number in range(2)] == [1, 1]
    ask(database, earlier, Wish("Front desk", "main", ""), actor="maria", now=NOW + LATER)
    assert tell_urgent(database, RULES, NOW + 2 * LATER) == 0
    assert waiting(database) == []


def test_calling_another_caller_back_acknowledges_nothing(outbox: Engine) -> None:
    other = "CA" + "4" * 32
    put(outbox, call())
    put(outbox, from_one_caller([entry for entry in call(other) if entry.kind != "UrgentConfirmed"]))
    ask(outbox, other, Wish("Front desk", "main", ""), actor="maria", now=NOW)
    assert tell_urgent(outbox, RULES, NOW) == 1


def test_one_that_was_taken_after_all_is_told_no_more(database: Engine) -> None:
    """Its end was drained before another host told that somebody had accepted it."""
    put(database, [entry for entry in call(message=False) if entry.hop != 2])
    assert tell_urgent(database, RULES, NOW) == 1
    put(database, list(entries_for(SID, 2, NOW - timedelta(seconds=80), "v1", (CallAccepted("urgent", "Dr. Lee"),))))
    assert tell_urgent(database, RULES, NOW + LATER) == 0
    assert waiting(database) == []
    assert deeds(database) == []


def test_one_that_proves_to_be_a_testers_is_told_no_more(outbox: Engine) -> None:
    put(outbox, [entry for entry in call() if entry.kind != "CallArrived"])
    assert tell_urgent(outbox, RULES, NOW) == 1
    put(
        outbox, list(entries_for(SID, 0, NOW - timedelta(minutes=2), "v1", (CallArrived("main", "en-US", draft=True),)))
    )
    assert tell_urgent(outbox, RULES, NOW + LATER) == 0
    assert waiting(outbox) == []


def test_it_is_kept_for_ninety_days_whether_anybody_acknowledged_it_or_not(outbox: Engine) -> None:
    put(outbox, call())
    clear_away(outbox, NOW + KEPT)
    assert how_many_wait(outbox) == 1
    clear_away(outbox, NOW + KEPT + timedelta(seconds=1))
    assert how_many_wait(outbox) == 0


def test_it_is_not_told_for_ever(outbox: Engine) -> None:
    put(outbox, call())
    few = NoticeRules(RULES.people, RULES.rules, urgent_times=3)
    assert sum(tell_urgent(outbox, few, NOW + LATER * number) for number in range(9)) == 3
    assert len(waiting(outbox)) == 1


def test_there_is_no_such_call_to_acknowledge(outbox: Engine) -> None:
    with pytest.raises(LookupError, match="no urgent call 7"):
        acknowledge(outbox, 7, actor="sam", now=NOW)


def test_it_waits_for_no_morning_and_no_digest_and_names_nobody(outbox: Engine, clock: Clock) -> None:
    mail = Kept()
    night = rules(Rule(("maria",), frozenset({NoticeKind.URGENT_CALL}), times=(480,)))
    sender = Sender(outbox, {Way.MAIL: mail}, "one", clock)
    put(outbox, call())
    clock.later(hours=12)  # ten in the evening, when Maria's quiet hours have begun
    for _ in range(2):
        tell_urgent(outbox, night, clock.now)
        sender.run(words(night))
        clock.later(minutes=10)
    assert len(mail.parcels) == 2
    assert mail.parcels[0].subject.startswith("Sample Clinic: urgent call 1 for the clinic: nobody on call took it")
    assert mail.parcels[0].link.endswith("/call-back")
    assert SID not in repr(mail.parcels)


def test_what_cannot_leave_is_not_heaped_up(outbox: Engine, clock: Clock) -> None:
    mail = Kept(results=[Failed("the mail server is away", False)] * 9)
    sender = Sender(outbox, {Way.MAIL: mail}, "one", clock)
    put(outbox, call())
    for _ in range(4):
        tell_urgent(outbox, RULES, clock.now)
        sender.run(words(RULES))
        clock.later(minutes=10)
    with reading(outbox) as connection:
        assert len(connection.scalars(select(LetterRow.id)).all()) == 2  # the message, and the urgent call once


def test_urgent_callers_stand_on_top_of_the_list(outbox: Engine) -> None:
    put(outbox, call("CA" + "3" * 32))
    older = [entry for entry in call("CA" + "2" * 32) if entry.kind not in ("UrgentConfirmed",)]
    put(outbox, [*older])
    listed = work_list(outbox, Sought(NOW - timedelta(days=1))).entries
    assert [entry.call.sid[2] for entry in listed] == ["3", "2"]
    assert [entry.call.urgent for entry in listed] == [True, False]
