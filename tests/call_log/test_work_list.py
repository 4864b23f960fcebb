"""Who is to be called back: compared with a plain count of made-up calls, marked by people, and lost to nobody."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, insert, select

from ivr.call_flow.disposition import Disposition
from ivr.call_log.audit import deeds
from ivr.call_log.database import reading, writing
from ivr.call_log.missed import MISSED
from ivr.call_log.rows import stub
from ivr.call_log.statements import add_new
from ivr.call_log.tables import CallbackRequestRow, CallRow, MessageRow
from ivr.call_log.work_list import NO_LOCATION, Entry, Sought, Want, WorkList, entry_of, work_list
from ivr.call_log.work_marks import (
    UNDO_FOR,
    Held,
    NothingOpen,
    Outcome,
    add_note,
    claim,
    finish,
    finished,
    release,
    undo,
)
from ivr.call_log.work_open import CALLS_AT_ONCE
from ivr.call_log.work_rule import refresh
from ivr.call_log.work_tables import WorkClaimRow
from tests.call_log.made_calls import made_calls

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
MINUTE = timedelta(minutes=1)
ANN, BOB = "a" * 32, "b" * 32


class Log:
    """A call log to which single calls are told."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._number = 0

    def call(self, caller: str | None, ago: timedelta, became: Disposition = Disposition.NO_ANSWER, **more: Any) -> str:
        """A call that began so long ago, and was told at once."""
        self._number += 1
        sid = f"CA{self._number:032x}"
        began = NOW - ago
        row = {
            **stub(sid, began),
            "started_at": began,
            "disposition": became.value,
            "language": "en-US",
            "caller": caller and "sealed",
            "caller_index": caller,
            "withheld": caller is None,
            **more,
        }
        with writing(self.engine) as connection:
            connection.execute(insert(CallRow).values(row))
            refresh(connection, [sid])
        return sid

    def message(self, caller: str | None, ago: timedelta, location: str = "gilbert", status: str = "completed") -> str:
        sid = self.call(caller, ago, Disposition.MESSAGE, location=location)
        row = {"mailbox": "box", "location": location, "taken_at": NOW - ago, "seconds": 30, "status": status}
        with writing(self.engine) as connection:
            connection.execute(insert(MessageRow).values(recording=f"RE{sid[2:]}", call_sid=sid, **row))
            refresh(connection, [sid])
        return sid

    def callback(self, caller: str | None, ago: timedelta, location: str = "scottsdale") -> str:
        sid = self.call(caller, ago, Disposition.CALLBACK, location=location)
        row = {"destination": "callback", "location": location, "requested_at": NOW - ago}
        with writing(self.engine) as connection:
            connection.execute(insert(CallbackRequestRow).values(call_sid=sid, **row))
            refresh(connection, [sid])
        return sid

    def found(self, **sought: Any) -> WorkList:
        return work_list(self.engine, Sought(SINCE, **sought))

    def entry(self) -> Entry:
        """The only one."""
        (entry,) = self.found().entries
        return entry

    def finish(self, sid: str, outcome: Outcome = Outcome.CALLED, actor: str = "maria", now: datetime = NOW) -> int:
        """Mark what stands in the entry at this moment as done."""
        entry = entry_of(self.engine, sid, SINCE)
        assert entry is not None
        return finish(self.engine, sid, outcome, seen=entry.seen, actor=actor, now=now)

    def deeds(self) -> list[tuple[str, str]]:
        return [(deed.actor, deed.action) for deed in reversed(deeds(self.engine))]


@pytest.fixture
def log(database: Engine) -> Log:
    return Log(database)


def test_the_list_is_what_a_plain_count_of_all_calls_gives(asked: Engine) -> None:
    since, calls = datetime(2026, 11, 1, 12, tzinfo=UTC), made_calls()
    of = {call["sid"]: call for call in calls.calls}
    wishes = [(call["sid"], call["started_at"]) for call in calls.calls if call["disposition"] in MISSED]
    wishes += [(message["call_sid"], message["taken_at"]) for message in calls.messages]
    wishes += [(callback["call_sid"], callback["requested_at"]) for callback in calls.callbacks]
    expected: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for sid, at in wishes:
        if at >= since:
            expected[of[sid]["caller_index"] or sid].append((at, sid))
    found = work_list(asked, Sought(since), limit=1000)
    assert found.total == len(found.entries) == len(expected) > 20
    assert [entry.first_at for entry in found.entries] == sorted(min(each)[0] for each in expected.values())
    for entry in found.entries:
        theirs = sorted(expected[entry.key], reverse=True)
        assert entry.calls == len(theirs)
        assert [(each.at, each.call.sid) for each in entry.wanted] == theirs[:20]
        assert entry.last_at == theirs[0][0]


def test_one_caller_is_one_entry_and_nameless_calls_are_one_each(log: Log) -> None:
    log.call(ANN, 50 * MINUTE)
    log.message(ANN, 40 * MINUTE)
    log.callback(ANN, 30 * MINUTE)
    log.call(None, 20 * MINUTE)
    log.call(None, 10 * MINUTE)
    found = log.found()
    assert [(entry.calls, entry.wants) for entry in found.entries] == [
        (3, (Want.CALLBACK, Want.MESSAGE, Want.MISSED)),
        (1, (Want.MISSED,)),
        (1, (Want.MISSED,)),
    ]
    assert found.entries[0].location == "scottsdale"
    assert [len(each.messages) for each in found.entries[0].wanted] == [0, 1, 0]


def test_who_only_wanted_information_or_reached_somebody_is_not_on_the_list(log: Log) -> None:
    log.call(ANN, 50 * MINUTE, Disposition.ANSWERED)
    log.call(BOB, 50 * MINUTE, Disposition.INFORMATION_ONLY)
    log.message(None, 50 * MINUTE, status="absent")
    assert log.found() == WorkList((), 0)


def test_testers_calls_of_a_draft_are_left_out(log: Log) -> None:
    log.call(ANN, 50 * MINUTE, draft=True)
    assert log.found().total == 0


def test_the_horizon_bounds_the_list(log: Log) -> None:
    log.call(ANN, timedelta(days=30) + MINUTE)
    log.call(BOB, timedelta(days=30) - MINUTE)
    assert [entry.key for entry in log.found().entries] == [BOB]


def test_the_topic_heard_last_and_when_somebody_was_reached_since_are_told(log: Log) -> None:
    topics = [{"topic": "costs", "heard": 1, "parts": 1}, {"topic": "ketamine", "heard": 1, "parts": 3}]
    log.call(ANN, 90 * MINUTE, Disposition.ANSWERED)
    log.call(ANN, 50 * MINUTE, topics=topics)
    assert (log.entry().topic, log.entry().reached_at) == ("ketamine", None)
    log.call(ANN, 10 * MINUTE, Disposition.ANSWERED)
    assert log.entry().reached_at == NOW - 10 * MINUTE


def test_the_list_can_be_narrowed_by_location_and_by_who_took_an_entry(log: Log) -> None:
    one, two, three = log.message(ANN, 50 * MINUTE), log.callback(BOB, 40 * MINUTE), log.call(None, 30 * MINUTE)
    claim(log.engine, one, actor="maria", now=NOW)
    sids = {one: ANN, two: BOB, three: three}
    for sought, expected in (
        ({"location": "gilbert"}, [one]),
        ({"location": "scottsdale"}, [two]),
        ({"location": NO_LOCATION}, [three]),
        ({"claimed_by": "maria"}, [one]),
        ({"claimed_by": "ben"}, []),
        ({"unclaimed": True}, [two, three]),
        ({}, [two, three, one]),  # what nobody took stands first
    ):
        assert [entry.key for entry in log.found(**sought).entries] == [sids[sid] for sid in expected], sought


def test_an_entry_is_held_by_one_person_until_they_give_it_back(log: Log) -> None:
    sid = log.call(ANN, 50 * MINUTE)
    claim(log.engine, sid, actor="maria", now=NOW)
    claim(log.engine, sid, actor="maria", now=NOW + MINUTE)
    with pytest.raises(Held) as caught:
        claim(log.engine, log.call(ANN, MINUTE), actor="ben", now=NOW)
    assert (caught.value.by, caught.value.at) == ("maria", NOW)
    with pytest.raises(Held):
        release(log.engine, sid, actor="ben", anybodys=False, now=NOW)
    release(log.engine, sid, actor="maria", anybodys=False, now=NOW)
    release(log.engine, sid, actor="maria", anybodys=False, now=NOW)
    claim(log.engine, sid, actor="ben", now=NOW)
    release(log.engine, sid, actor="eve", anybodys=True, now=NOW)
    assert log.entry().claim is None
    assert log.deeds() == [
        ("maria", "call back claimed"),
        ("maria", "call back released"),
        ("ben", "call back claimed"),
        ("eve", "call back released"),
    ]


def test_of_two_who_claim_at_the_same_moment_one_gets_it_and_the_other_hears_who(log: Log) -> None:
    names = ("maria", "ben")
    for _ in range(15):
        sid, together, answers = log.call(f"{_:032x}", MINUTE), threading.Barrier(2), dict[str, str]()

        def take(name: str, sid: str = sid, gate: threading.Barrier = together, told: dict[str, str] = answers) -> None:
            gate.wait()
            try:
                claim(log.engine, sid, actor=name, now=NOW)
                told[name] = "mine"
            except Held as held:
                told[name] = held.by

        threads = [threading.Thread(target=take, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = [name for name in names if answers[name] == "mine"]
        (loser,) = set(names) - {winner}
        assert answers[loser] == winner


def test_what_is_done_leaves_the_list_and_can_be_opened_again_for_a_week(log: Log) -> None:
    one, two = log.call(ANN, 50 * MINUTE), log.message(ANN, 40 * MINUTE)
    claim(log.engine, one, actor="maria", now=NOW)
    assert log.finish(one, Outcome.LEFT_WORD) == 2
    assert log.found().total == 0
    assert entry_of(log.engine, one, SINCE) is None
    (done,) = finished(log.engine, SINCE)
    assert (done.call.sid, done.calls, done.by, done.outcome, done.at) == (two, 2, "maria", "left word", NOW)
    with pytest.raises(NothingOpen):
        undo(log.engine, one, actor="ben", now=NOW + UNDO_FOR + MINUTE)
    assert undo(log.engine, one, actor="ben", now=NOW + UNDO_FOR - MINUTE) == 2
    assert log.entry().calls == 2
    assert log.entry().claim is None
    assert finished(log.engine, SINCE) == ()
    assert [action for _, action in log.deeds()] == ["call back claimed", "call back done", "call back reopened"]


def test_undoing_one_mark_leaves_earlier_ones_as_they_are(log: Log) -> None:
    first = log.call(ANN, 50 * MINUTE)
    log.finish(first)
    second = log.call(ANN, 40 * MINUTE)
    log.finish(second, now=NOW + MINUTE)
    undo(log.engine, second, actor="maria", now=NOW + MINUTE)
    assert [each.call.sid for each in log.entry().wanted] == [second]
    assert [each.call.sid for each in finished(log.engine, SINCE)] == [first]


def test_a_newer_call_opens_a_finished_entry_again(log: Log) -> None:
    log.finish(log.call(ANN, 50 * MINUTE))
    newer = log.call(ANN, MINUTE)
    assert [each.call.sid for each in log.entry().wanted] == [newer]


def test_a_call_that_was_told_late_is_not_covered_by_a_mark_made_before(log: Log) -> None:
    """The reconciler may add a call that began before those which somebody has dealt with."""
    log.finish(log.call(ANN, 50 * MINUTE))
    late = log.call(ANN, 90 * MINUTE, last_heard_at=NOW + MINUTE)
    assert [each.call.sid for each in log.entry().wanted] == [late]


def test_a_mark_covers_only_what_its_maker_had_seen(log: Log) -> None:
    seen = log.call(ANN, 50 * MINUTE)
    looked_at = log.entry().seen
    unseen = log.call(ANN, MINUTE)
    assert finish(log.engine, seen, Outcome.CALLED, seen=looked_at, actor="maria", now=NOW) == 1
    assert [each.call.sid for each in log.entry().wanted] == [unseen]
    with pytest.raises(NothingOpen):
        finish(log.engine, seen, Outcome.CALLED, seen=looked_at, actor="maria", now=NOW)


def test_nobody_finishes_what_somebody_else_holds(log: Log) -> None:
    sid = log.call(ANN, 50 * MINUTE)
    claim(log.engine, sid, actor="maria", now=NOW)
    with pytest.raises(Held):
        log.finish(sid, actor="ben")
    assert log.found().total == 1


def test_nothing_can_be_done_to_what_is_not_open(log: Log) -> None:
    done, nobody = log.call(ANN, 50 * MINUTE), "CA" + "f" * 32
    log.finish(done)
    for sid in (done, nobody):
        with pytest.raises(NothingOpen):
            claim(log.engine, sid, actor="ben", now=NOW)
        with pytest.raises(NothingOpen):
            finish(log.engine, sid, Outcome.CALLED, seen=NOW, actor="ben", now=NOW)
    with pytest.raises(NothingOpen):
        undo(log.engine, log.call(BOB, MINUTE), actor="ben", now=NOW)
    with pytest.raises(NothingOpen):
        add_note(log.engine, nobody, "hello", actor="ben", now=NOW)
    assert log.entry().claim is None


def test_notes_stay_with_the_caller_and_the_account_does_not_repeat_them(log: Log) -> None:
    sid = log.call(ANN, 50 * MINUTE)
    assert add_note(log.engine, sid, "  Asks about\x00 costs.\n", actor="maria", now=NOW)
    assert not add_note(log.engine, sid, " \n", actor="maria", now=NOW)
    log.finish(sid)
    log.call(ANN, MINUTE)
    log.call(BOB, MINUTE)
    notes = {entry.key: [(note.author, note.text) for note in entry.notes] for entry in log.found().entries}
    assert notes == {ANN: [("maria", "Asks about  costs.")], BOB: []}
    assert all("costs" not in str(deed) and ANN not in str(deed) for deed in deeds(log.engine))


def test_an_entry_is_found_by_any_of_its_calls_however_old(log: Log) -> None:
    old, new = log.call(ANN, timedelta(days=40)), log.call(ANN, MINUTE)
    for sid, calls in ((new, 1), (old, 2)):
        entry = entry_of(log.engine, sid, SINCE)
        assert entry is not None
        assert entry.calls == calls


def test_done_entries_can_be_narrowed(log: Log) -> None:
    one, two = log.message(ANN, 50 * MINUTE), log.callback(BOB, 40 * MINUTE)
    log.finish(one, actor="maria")
    log.finish(two, Outcome.NO_NEED, actor="ben")
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"by": "maria"}, [one]),
        ({"location": "scottsdale"}, [two]),
        ({"sid": two}, [two]),
        ({"sid": "CA" + "f" * 32}, []),
    ]
    for narrowed, expected in cases:
        assert [each.call.sid for each in finished(log.engine, SINCE, **narrowed)] == expected, narrowed
    assert finished(log.engine, NOW + MINUTE) == ()


def test_of_all_that_was_done_the_newest_is_told_with_all_of_its_calls(log: Log) -> None:
    for number, caller in enumerate((ANN, BOB, "c" * 32)):
        log.message(caller, 50 * MINUTE, location="gilbert" if caller == ANN else "scottsdale")
        log.finish(log.call(caller, 40 * MINUTE, location="scottsdale"), now=NOW + number * MINUTE)
    told = finished(log.engine, SINCE, limit=2)
    assert [(each.call.caller_index, each.calls) for each in told] == [("c" * 32, 2), (BOB, 2)]
    assert [each.calls for each in finished(log.engine, SINCE, location="scottsdale")] == [2, 2, 1]
    assert [each.calls for each in finished(log.engine, SINCE, location="gilbert", limit=1)] == [1]


def test_no_question_of_the_list_walks_all_calls(new_database: Callable[[str], Engine]) -> None:
    engine = new_database("sqlite")
    log = Log(engine)
    sid = log.message(ANN, 50 * MINUTE)
    asked: list[tuple[str, Any]] = []

    def remember(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith(("SELECT", "INSERT INTO work_done")):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", remember)
    log.found()
    log.found(location="gilbert", unclaimed=True)
    claim(engine, sid, actor="maria", now=NOW)
    log.finish(sid)
    finished(engine, SINCE)
    finished(engine, SINCE, location="gilbert")
    event.remove(engine, "before_cursor_execute", remember)
    assert len(asked) > 15
    plans = ""
    walks = [f"SCAN {table}" for table in ("call", "message", "callback_request", "work_open")]
    with reading(engine) as connection:
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            walked = [row[3] for row in plan if row[3].split(" USING")[0] in walks]
            assert not walked, f"{walked}: {statement}"
            assert not [row[3] for row in plan if "call_location" in row[3]], statement
            plans += "".join(f"{row[3]}\n" for row in plan)
    for name in ("work_open_at", "work_open_location", "work_open_entry", "work_open_urgent"):
        assert f"INDEX {name} " in plans, name


def test_who_calls_a_thousand_times_hides_nobody(log: Log) -> None:
    rows = [
        {**stub(f"CB{number:032x}", NOW), "started_at": NOW - timedelta(hours=9) + number * timedelta(seconds=1)}
        for number in range(CALLS_AT_ONCE + 20)
    ]
    with writing(log.engine) as connection:
        connection.execute(insert(CallRow), [{**row, "disposition": "no answer", "caller_index": ANN} for row in rows])
        refresh(connection, [row["sid"] for row in rows])
    log.message(BOB, MINUTE)
    found = log.found()
    assert [(entry.key, entry.calls) for entry in found.entries] == [(ANN, CALLS_AT_ONCE + 20), (BOB, 1)]
    assert (found.total, found.more) == (2, False)
    first = work_list(log.engine, Sought(SINCE), limit=1)
    assert [entry.key for entry in first.entries] == [ANN]
    assert (first.total, first.more) == (1, True)


def test_at_one_location_the_page_begins_with_who_waits_longest_there(log: Log) -> None:
    log.call(ANN, 90 * MINUTE, location="scottsdale")
    log.call(ANN, 10 * MINUTE, location="gilbert")
    log.call(BOB, 50 * MINUTE, location="gilbert")
    for limit in (1, 2):
        found = work_list(log.engine, Sought(SINCE, "gilbert"), limit=limit)
        assert [entry.key for entry in found.entries] == [BOB, ANN][:limit]
        assert found.total == 2
    assert found.entries[1].first_at == NOW - 90 * MINUTE


def test_more_claims_than_a_statement_takes_values_hide_nobody(log: Log) -> None:
    log.call(BOB, 40 * MINUTE)
    claim(log.engine, log.call(ANN, 50 * MINUTE), actor="maria", now=NOW)
    stale = [{"entry": f"{number:032x}", "claimed_by": "maria", "claimed_at": NOW} for number in range(70_000)]
    with writing(log.engine) as connection:
        add_new(connection, WorkClaimRow, stale)
    assert [entry.key for entry in log.found().entries] == [BOB, ANN]
    assert log.found(claimed_by="maria").total == 1


def test_a_short_page_begins_with_who_is_urgent_and_ends_with_who_is_taken(log: Log) -> None:
    taken = log.call(ANN, 50 * MINUTE)
    claim(log.engine, taken, actor="maria", now=NOW)
    log.call(BOB, 40 * MINUTE)
    log.call("c" * 32, 30 * MINUTE)
    log.call("d" * 32, MINUTE, urgent=True)

    def keys(limit: int, **sought: Any) -> str:
        found = work_list(log.engine, Sought(SINCE, **sought), limit=limit)
        assert (found.total, found.more) == ({"unclaimed": 3, "claimed_by": 1, "": 4}["".join(sought)], False)
        return "".join(entry.key[0] for entry in found.entries)

    assert [keys(limit) for limit in (1, 2, 3, 4)] == ["d", "db", "dbc", "dbca"]
    assert keys(2, unclaimed=True) == "db"
    assert keys(2, claimed_by="maria") == "a"


def test_all_of_a_callers_many_calls_are_counted_and_the_newest_are_shown(log: Log) -> None:
    for number in range(25):
        log.call(ANN, number * MINUTE + MINUTE)
    entry = log.entry()
    assert (entry.calls, len(entry.wanted)) == (25, 20)
    assert entry.wanted[0].at == NOW - MINUTE
    assert log.finish(entry.call.sid) == 25
    with reading(log.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(CallRow)) == 25
