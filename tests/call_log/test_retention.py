"""What is old enough goes, nothing else does, and what went is proved by the row that was written with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select

from ivr.call_flow.model import Retention
from ivr.call_log import retention
from ivr.call_log.calling_back import Wish, ask
from ivr.call_log.counts import counts
from ivr.call_log.database import reading, writing
from ivr.call_log.days import Days
from ivr.call_log.outbound_tables import OutboundCallRow
from ivr.call_log.retention import Erased, forget, forget_events, forget_messages, forget_numbers
from ivr.call_log.tables import CallRow, Erasure, EventRow, MessageRow
from ivr.call_log.text_tables import PatientTextRow
from ivr.call_log.work_list import HORIZON, Sought, work_list
from ivr.call_log.work_marks import add_note
from ivr.call_log.work_tables import WorkNoteRow
from tests.call_log.made_calls import NOW, PLAN, UNTIL, ZONE, MadeCalls, made_calls

UP_TO = datetime(2026, 11, 3, 12, tzinfo=ZONE)
Erase = Callable[[str], bool]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 20)


@pytest.fixture
def calls() -> MadeCalls:
    return made_calls()


def text_to_the_caller_of(engine: Engine, sid: str, made_at: datetime) -> None:
    """As the worker writes it when a caller asks for the guide."""
    moments = dict.fromkeys(("made_at", "due_at", "give_up_at"), made_at)
    texts = {"holder": "", "carrier_id": "", "fault": "", "language": "en-US", "line": "main"}
    own = {"call_sid": sid, "kind": "guide", "day": made_at.date().isoformat(), "number": "sealed", "number_index": "i"}
    with writing(engine) as connection:
        made = {**moments, **texts, **own, "state": "sent", "attempts": 1, "unsure": False}
        connection.execute(insert(PatientTextRow).values(made))


class Carrier:
    """Erases recordings, but for those it refuses."""

    def __init__(self, refuses: tuple[str, ...] = (), *, away: bool = False) -> None:
        self.asked: list[str] = []
        self._refuses = refuses
        self._away = away

    def __call__(self, recording: str) -> bool:
        self.asked.append(recording)
        if self._away:
            raise OSError("nobody answers")
        return recording not in self._refuses


def rows(database: Engine, *columns: Any) -> list[Any]:
    with reading(database) as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]


def proofs(database: Engine) -> list[Any]:
    return rows(database, Erasure.at, Erasure.what, Erasure.up_to, Erasure.count, Erasure.actor)


def test_old_numbers_go_and_their_calls_stay(filled: Engine, calls: MadeCalls) -> None:
    old = {call["sid"] for call in calls.calls if call["caller"] and call["started_at"] < UP_TO}
    erased = forget_numbers(filled, UP_TO, now=NOW, actor="night")
    assert erased == Erased("numbers", UP_TO, len(old))
    assert len(old) > 40
    after = {
        sid: (token, index, gone)
        for sid, token, index, gone in rows(
            filled, CallRow.sid, CallRow.caller, CallRow.caller_index, CallRow.number_forgotten_at
        )
    }
    for call in calls.calls:
        known = call["caller"], call["caller_index"], None
        assert after[call["sid"]] == ((None, None, NOW) if call["sid"] in old else known)
    assert proofs(filled) == [(NOW, "numbers", UP_TO, len(old), "night")]


def test_old_facts_go_by_whole_calls_and_sums_stay(filled: Engine, calls: MadeCalls) -> None:
    days = Days(UNTIL - timedelta(days=PLAN.days), UNTIL)
    before = counts(filled, days, ZONE)
    straddling = calls.events[len(calls.events) // 2]
    up_to = straddling["at"] + timedelta(milliseconds=1)
    young = {call["sid"] for call in calls.calls if call["last_heard_at"] >= up_to}
    kept = {(fact["call_sid"], fact["key"]) for fact in calls.events if fact["call_sid"] in young}
    erased = forget_events(filled, up_to, now=NOW, actor="night")
    assert erased.count == len(calls.events) - len(kept) > 40
    assert set(rows(filled, EventRow.call_sid, EventRow.key)) == kept
    assert counts(filled, days, ZONE) == before
    assert proofs(filled) == [(NOW, "events", up_to, erased.count, "night")]


def test_a_message_counts_as_erased_only_when_the_carrier_confirms(filled: Engine, calls: MadeCalls) -> None:
    old = [message["recording"] for message in calls.messages if message["taken_at"] < UP_TO]
    carrier = Carrier(refuses=(old[1],))
    erased = forget_messages(filled, UP_TO, now=NOW, actor="night", erase_recording=carrier)
    assert erased == Erased("messages", UP_TO, len(old) - 1, left=1)
    assert carrier.asked == old
    after = dict(rows(filled, MessageRow.recording, MessageRow.erased_at))
    assert {recording for recording, gone in after.items() if gone == NOW} == set(old) - {old[1]}
    assert proofs(filled) == [(NOW, "messages", UP_TO, len(old) - 1, "night")]
    again = Carrier()
    assert forget_messages(filled, UP_TO, now=NOW, actor="night", erase_recording=again).count == 1
    assert again.asked == [old[1]]


def test_a_carrier_that_is_away_is_asked_five_times_and_no_more(filled: Engine, calls: MadeCalls) -> None:
    carrier = Carrier(away=True)
    erased = forget_messages(filled, NOW, now=NOW, actor="night", erase_recording=carrier)
    assert (erased.count, erased.left) == (0, len(calls.messages))
    assert len(calls.messages) > len(carrier.asked) == 5
    assert proofs(filled) == []


def test_each_kind_has_its_own_days_and_a_second_run_finds_nothing(filled: Engine, calls: MadeCalls) -> None:
    keep = Retention(numbers_days=3, events_days=5, messages_days=7)
    sid = calls.calls[0]["sid"]
    add_note(filled, sid, "Asks about costs.", actor="maria", now=NOW - timedelta(days=3, minutes=1))
    add_note(filled, sid, "Wants Friday.", actor="maria", now=NOW - timedelta(days=2))
    for days in (2, 4):
        text_to_the_caller_of(filled, calls.calls[days]["sid"], NOW - timedelta(days=days))
    missed = [entry.call.sid for entry in work_list(filled, Sought(NOW - HORIZON)).entries[:2]]
    for number, ago in zip(missed, (timedelta(days=5, minutes=1), timedelta(days=4)), strict=True):
        ask(filled, number, Wish("Gilbert front desk", "main", "gilbert"), actor="maria", now=NOW - ago)
    first = forget(filled, keep, now=NOW, actor="night", erase_recording=Carrier())
    assert [(each.what, each.up_to) for each in first] == [
        ("numbers", NOW - timedelta(days=3)),
        ("events", NOW - timedelta(days=5)),
        ("messages", NOW - timedelta(days=7)),
        ("notes", NOW - timedelta(days=3)),
        ("numbers of texts", NOW - timedelta(days=3)),
        ("calls back", NOW - timedelta(days=5)),
    ]
    assert all(each.count for each in first)
    assert [each.count for each in first[-2:]] == [1, 1]
    second = forget(filled, keep, now=NOW, actor="night", erase_recording=Carrier())
    assert [each.count for each in second] == [0, 0, 0, 0, 0, 0]
    assert [what for _, what, *_ in proofs(filled)] == [each.what for each in first]
    assert rows(filled, WorkNoteRow.text) == [("Wants Friday.",)]
    assert rows(filled, OutboundCallRow.call_sid) == [(missed[1],)]
    assert rows(filled, PatientTextRow.number) == [("sealed",), (None,)]


def test_a_run_that_breaks_off_has_proof_of_exactly_what_it_erased(filled: Engine, calls: MadeCalls) -> None:
    commits = 0

    def break_off(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if commits == 3:
            raise KeyboardInterrupt

    event.listen(filled, "commit", break_off)
    with pytest.raises(KeyboardInterrupt):
        forget_numbers(filled, NOW, now=NOW, actor="night")
    event.remove(filled, "commit", break_off)
    gone = [sid for sid, forgotten in rows(filled, CallRow.sid, CallRow.number_forgotten_at) if forgotten]
    assert [(what, count) for _, what, _, count, _ in proofs(filled)] == [("numbers", len(gone))]
    assert 0 < len(gone) <= 60
    forget_numbers(filled, NOW, now=NOW, actor="night")
    numbers = sum(call["caller"] is not None for call in calls.calls)
    assert sum(count for _, _, _, count, _ in proofs(filled)) == numbers


class Times:
    """Answers that it may go on so many times, from then on that it may not."""

    def __init__(self, times: int) -> None:
        self.asked = 0
        self._times = times

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked <= self._times


def test_a_run_that_is_told_to_stop_begins_no_further_batch_and_the_next_one_goes_on(
    filled: Engine, calls: MadeCalls
) -> None:
    keep = Retention(numbers_days=1, events_days=1, messages_days=1)
    carrier = Carrier()
    stopped = forget(filled, keep, now=NOW, actor="night", erase_recording=carrier, go_on=Times(2))
    assert [each.count for each in stopped] == [40, 0, 0, 0, 0, 0]
    assert carrier.asked == []
    assert [(what, count) for _, what, _, count, _ in proofs(filled)] == [("numbers", 40)]
    rest = forget(filled, keep, now=NOW, actor="night", erase_recording=carrier)
    old = sum(call["caller"] is not None and call["started_at"] < NOW - timedelta(days=1) for call in calls.calls)
    assert rest[0].count == old - 40 > 0
    assert rest[1].count
    assert rest[2].count


def test_a_run_that_is_told_to_stop_has_no_further_recording_erased(filled: Engine, calls: MadeCalls) -> None:
    carrier = Carrier()
    erased = forget_messages(filled, NOW, now=NOW, actor="night", erase_recording=carrier, go_on=Times(3))
    assert len(carrier.asked) == erased.count == 3
    assert erased.left == len(calls.messages) - 3
    assert [count for *_, count, _ in proofs(filled)] == [3]
    rest = forget_messages(filled, NOW, now=NOW, actor="night", erase_recording=carrier)
    assert rest.count == erased.left


def test_two_runs_at_once_count_every_number_once(filled: Engine, calls: MadeCalls) -> None:
    both = threading.Barrier(2)

    def run(_number: int) -> int:
        both.wait(timeout=30)
        return forget_numbers(filled, NOW, now=NOW, actor="night").count

    with ThreadPoolExecutor(2) as pool:
        counted = list(pool.map(run, range(2)))
    numbers = sum(call["caller"] is not None for call in calls.calls)
    assert sum(counted) == sum(count for *_, count, _ in proofs(filled)) == numbers


def test_two_runs_at_once_count_every_recording_once(filled: Engine, calls: MadeCalls) -> None:
    both = threading.Barrier(2)

    def erase(_recording: str) -> bool:
        both.wait(timeout=30)  # both runs have the same recording in hand
        return True

    def run(_number: int) -> Erased:
        return forget_messages(filled, NOW, now=NOW, actor="night", erase_recording=erase)

    with ThreadPoolExecutor(2) as pool:
        erased = list(pool.map(run, range(2)))
    assert sum(count for *_, count, _ in proofs(filled)) == len(calls.messages)
    assert sum(each.count for each in erased) == len(calls.messages)
    assert [each.left for each in erased] == [0, 0]


def test_numbers_are_found_by_the_index_that_holds_only_those_still_kept(database: Engine) -> None:
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith("UPDATE call SET") and database.dialect.name == "sqlite":
            driver = connection.connection.driver_connection.cursor()
            plans.append(str(driver.execute("EXPLAIN QUERY PLAN " + statement, parameters).fetchall()))
        elif statement.startswith("UPDATE call SET"):
            driver = connection.connection.driver_connection.cursor()
            driver.execute("SET LOCAL enable_seqscan = off")
            driver.execute("SET LOCAL enable_bitmapscan = off")
            driver.execute("SET LOCAL enable_sort = off")  # a few rows are sorted by any plan
            driver.execute("EXPLAIN " + statement, parameters)
            plans.append(str(driver.fetchall()))

    event.listen(database, "before_cursor_execute", explain)
    forget_numbers(database, NOW, now=NOW, actor="night")
    event.remove(database, "before_cursor_execute", explain)
    assert len(plans) == 1
    assert "call_caller" in plans[0]


def test_the_days_kept_unless_the_clinic_says_otherwise() -> None:
    assert astuple(Retention()) == (90, 730, 90)
