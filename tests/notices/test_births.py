"""Notices come from facts once each: whatever the order, the repeats and the hosts that tell them; drafts make none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Connection, Engine, select

from ivr.call_flow.model import Override, OverrideKind
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_flow.summary import CallSummary
from ivr.call_log.database import reading, writing
from ivr.call_log.recorder import close_silent, record
from ivr.call_log.tables import EventRow
from ivr.journal.entry import Entry
from ivr.notices.addressing import address
from ivr.notices.births import Change, of_calls, of_overrides
from ivr.notices.tables import NoticeRow
from tests.call_log.recorded import ZONE, RecordedCall, recorded_calls

from .conftest import NOW, rules

CALLS = {call.path.stem: call for call in recorded_calls()}
EXPECTED = {
    "message_at_night": ["message left"],
    "message_after_no_answer": ["message left"],
    "message_known_from_the_recording_only": ["message left"],
    "message_absent": [],
    "callback": ["callback requested"],
    "callback_from_the_mailbox": ["callback requested"],
    "abandoned_while_ringing": ["missed call"],
    "no_answer_at_all": ["missed call"],
    "answered_at_once": [],
    "information_only": [],
    "closed_at_night": [],
    "abandoned_in_the_first_menu": [],
    "draft_heard": [],
}


def told(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        rows = connection.execute(select(NoticeRow.kind, NoticeRow.location).order_by(NoticeRow.key))
        return [(row.kind, row.location) for row in rows]


def put(engine: Engine, entries: Sequence[Entry], *, late: timedelta = timedelta(minutes=1)) -> None:
    heard_at = max(entry.at for entry in entries) + late
    record(engine, entries, zone=ZONE, heard_at=heard_at, follow=of_calls)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_call_makes_the_notices_that_follow_from_it(outbox: Engine, name: str) -> None:
    put(outbox, CALLS[name].entries)
    assert [kind for kind, _ in told(outbox)] == EXPECTED[name]


def test_all_calls_told_in_any_order_and_twice_make_the_notices_of_the_whole_calls_once(
    database: Engine, new_database: Callable[[str], Engine]
) -> None:
    separate = new_database("sqlite")
    for call in CALLS.values():
        put(separate, call.entries)
    whole = sorted(told(separate))
    assert whole
    entries = [entry for call in CALLS.values() for entry in call.entries]
    heard_at = min(entry.at for entry in entries)
    shuffled = [*entries, *entries]
    Random(7).shuffle(shuffled)
    for start in range(0, len(shuffled), 40):
        record(database, shuffled[start : start + 40], zone=ZONE, heard_at=heard_at, follow=of_calls)
    assert sorted(told(database)) == whole
    record(database, entries, zone=ZONE, heard_at=heard_at, follow=of_calls)
    assert sorted(told(database)) == whole


@pytest.mark.parametrize("name", ["answered_at_once", "draft_heard"])
def test_a_call_whose_end_is_told_first_is_not_missed_once_the_rest_is(database: Engine, name: str) -> None:
    entries = CALLS[name].entries
    end = [entry for entry in entries if entry.kind == "CallEnded"]
    put(database, end)
    assert [kind for kind, _ in told(database)] == ["missed call"]
    assert address(database, rules(), ZONE, end[0].at + timedelta(minutes=15)) == 0
    put(database, [entry for entry in entries if entry.kind != "CallEnded"])
    assert told(database) == []


def test_what_people_were_told_is_not_taken_back(outbox: Engine) -> None:
    entries = CALLS["answered_at_once"].entries
    end = [entry for entry in entries if entry.kind == "CallEnded"]
    put(outbox, end)
    assert address(outbox, rules(), ZONE, end[0].at + timedelta(minutes=16)) == 1
    put(outbox, entries)
    assert [kind for kind, _ in told(outbox)] == ["missed call"]


@pytest.mark.parametrize(("name", "minutes"), [("no_answer_at_all", 2), ("known_to_the_carrier_only", 15)])
def test_of_a_missed_call_people_are_told_when_the_rest_is_unlikely_to_come(
    database: Engine, name: str, minutes: int
) -> None:
    entries = CALLS[name].entries
    heard_at = max(entry.at for entry in entries) + timedelta(minutes=1)
    put(database, entries)
    assert address(database, rules(), ZONE, heard_at + timedelta(minutes=minutes, seconds=-1)) == 0
    assert address(database, rules(), ZONE, heard_at + timedelta(minutes=minutes)) == 1


def test_a_notice_names_the_place_and_nothing_of_the_caller(outbox: Engine) -> None:
    put(outbox, CALLS["message_at_night"].entries)
    with reading(outbox) as connection:
        row = connection.execute(select(NoticeRow.__table__)).mappings().one()
    assert row["location"] == "scottsdale"
    assert row["about"] == ""
    assert row["addressed_at"] is None


def test_history_makes_no_notice_when_it_is_written_down_late(outbox: Engine) -> None:
    put(outbox, CALLS["message_at_night"].entries, late=timedelta(hours=25))
    assert told(outbox) == []


def test_a_call_that_the_worker_closes_is_missed_too(outbox: Engine) -> None:
    call = CALLS["abandoned_while_ringing"]
    under_way = [entry for entry in call.entries if entry.kind not in ("CallEnded", "RingingEnded")]
    put(outbox, under_way)
    assert told(outbox) == []
    end = max(entry.at for entry in call.entries) + timedelta(hours=1)
    close_silent(outbox, end, timedelta(minutes=15), zone=ZONE, follow=of_calls)
    assert [kind for kind, _ in told(outbox)] == ["missed call"]


def test_a_notice_stands_or_falls_with_its_fact(database: Engine) -> None:
    class Away(Exception):
        pass

    def failing(connection: Connection, calls: Mapping[str, CallSummary], now: datetime) -> None:
        of_calls(connection, calls, now)
        raise Away

    call: RecordedCall = CALLS["message_at_night"]
    with pytest.raises(Away):
        record(database, call.entries, zone=ZONE, heard_at=call.entries[-1].at, follow=failing)
    assert told(database) == []
    with reading(database) as connection:
        assert connection.execute(select(EventRow.key)).all() == []


def an_override(begins: datetime, ends: datetime, number: int = 3) -> Override:
    return Override(number, OverrideKind.CLOSE, "gilbert", begins, ends, "power", {}, "")


def look(engine: Engine, change: Change, now: datetime) -> list[str]:
    with writing(engine) as connection:
        of_overrides(connection, [change], now)
    return [kind for kind, _ in told(engine)]


def test_an_override_is_told_before_it_ends_and_when_it_has(database: Engine) -> None:
    change = Change(an_override(NOW - timedelta(hours=3), NOW + timedelta(hours=1)), None)
    assert look(database, change, NOW) == []
    assert look(database, change, NOW + timedelta(minutes=46)) == ["override ending"]
    assert look(database, change, NOW + timedelta(minutes=50)) == ["override ending"]
    assert sorted(look(database, change, NOW + timedelta(minutes=60))) == ["override ended", "override ending"]


def test_one_that_somebody_ended_is_told_as_ended_alone(outbox: Engine) -> None:
    change = Change(an_override(NOW - timedelta(hours=3), NOW + timedelta(hours=1)), NOW)
    assert look(outbox, change, NOW) == [NoticeKind.OVERRIDE_ENDED.value]


def test_one_for_a_few_minutes_is_not_announced_and_old_ones_are_history(outbox: Engine) -> None:
    short = Change(an_override(NOW - timedelta(minutes=5), NOW + timedelta(minutes=10)), None)
    assert look(outbox, short, NOW) == []
    old = Change(an_override(NOW - timedelta(days=3), NOW - timedelta(days=2), 1), None)
    assert look(outbox, old, datetime(2026, 11, 24, 17, tzinfo=UTC)) == []
