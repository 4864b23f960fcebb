"""Calling a caller back, on both engines: who may ask how often, placed once, and what the carrier makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine

from ivr.call_flow.events import CallArrived, CallEnded, Event, Rang, RingingEnded
from ivr.call_log.audit import deeds
from ivr.call_log.calling_back import (
    MOST_OF_ALL,
    MOST_OF_ENTRY,
    MOST_OF_ONE,
    Became,
    CallBack,
    NotNow,
    Wish,
    ask,
    calls_back,
    newest_calls_back,
)
from ivr.call_log.intake import Intake
from ivr.call_log.placing import Later, NotPlaced, Placed, Unsure, due, give_up, settle, take
from ivr.call_log.recorder import record
from ivr.call_log.work_list import HORIZON, entry_of
from ivr.call_log.work_marks import Held, NothingOpen, claim
from ivr.journal.called_out import CalledOut, What, to_entry
from ivr.journal.entry import Entry, entries_for
from tests.conftest import ZONE

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
WISH = Wish("Gilbert front desk", "main", "gilbert")
PRESSES = 8
LEG = "CA" + "e" * 32
MISSED: Sequence[Event] = (
    CallArrived("main", "en-US"),
    Rang("gilbert", ("desk",), 20, 0, "gilbert"),
    RingingEnded("gilbert", ("desk",), 0, "no answer", 0),
    CallEnded("completed", 40),
)


def missed(engine: Engine, number: int, *, withheld: bool = False) -> str:
    """A caller who reached nobody; the call's id."""
    sid = f"CA{number:032x}"
    first, *others = entries_for(sid, 0, NOW - timedelta(hours=1), "v1", MISSED)
    if not withheld:
        sealed = {"caller": f"sealed {number}", "caller_index": f"{number:032x}"}
        first = Entry(**{name: getattr(first, name) for name in first.__match_args__[:-1]}, sealed=sealed)
    record(engine, (first, *others), zone=ZONE, heard_at=NOW - timedelta(hours=1))
    return sid


def after(**by: float) -> datetime:
    return NOW + timedelta(**by)


def told(engine: Engine, number: int, *facts: tuple[What, str, int], leg: str = LEG) -> None:
    """What the carrier tells, by the journal's way."""
    entries = [to_entry(CalledOut(number, leg, what, NOW, outcome, seconds)) for what, outcome, seconds in facts]
    intake = Intake(engine, "one", lambda: ZONE, lambda: NOW)
    assert intake.deliver(entries) == {}


def only(engine: Engine, sid: str) -> CallBack:
    (call,) = calls_back(engine, sid)
    return call


def test_a_press_writes_a_row_takes_the_entry_and_is_written_down(database: Engine) -> None:
    sid = missed(database, 1)
    ask(database, sid, WISH, actor="maria", now=NOW)
    call = only(database, sid)
    assert (call.by, call.phone, call.became, call.under_way) == ("maria", "Gilbert front desk", Became.WAITING, True)
    entry = entry_of(database, sid, NOW - HORIZON)
    assert entry is not None
    assert entry.claim is not None
    assert entry.claim.by == "maria"
    assert [deed.action for deed in deeds(database)] == ["call back asked for", "call back claimed"]
    assert newest_calls_back(database, [entry.key, "other"]) == {entry.key: call}


def test_what_is_not_ones_own_to_call_is_refused(database: Engine) -> None:
    sid, withheld = missed(database, 1), missed(database, 2, withheld=True)
    claim(database, sid, actor="ben", now=NOW)
    with pytest.raises(Held):
        ask(database, sid, WISH, actor="maria", now=NOW)
    with pytest.raises(NotNow, match="no number"):
        ask(database, withheld, WISH, actor="maria", now=NOW)
    with pytest.raises(NothingOpen):
        ask(database, "CA" + "f" * 32, WISH, actor="maria", now=NOW)
    assert due(database, NOW) == []


def test_one_call_at_a_time_and_so_many_an_hour(database: Engine) -> None:
    callers = [missed(database, number) for number in range(1, MOST_OF_ONE + 3)]
    ask(database, callers[0], WISH, actor="maria", now=NOW)
    for again in (callers[0], callers[1]):
        with pytest.raises(NotNow, match="under way"):
            ask(database, again, WISH, actor="maria", now=NOW)
    moments = itertools.count(1)
    for _ in range(MOST_OF_ENTRY - 1):
        ask(database, callers[0], WISH, actor="maria", now=after(minutes=11 * next(moments)))
    with pytest.raises(NotNow, match="This caller was called"):
        ask(database, callers[0], WISH, actor="maria", now=after(minutes=44))
    for caller in callers[1 : MOST_OF_ONE + 1 - MOST_OF_ENTRY]:
        number = ask(database, caller, WISH, actor="maria", now=after(minutes=45))
        told(database, number, (What.ENDED, "no-answer", 0))
    with pytest.raises(NotNow, match="You asked for 20 calls"):
        ask(database, callers[-1], WISH, actor="maria", now=after(minutes=46))
    assert ask(database, callers[-1], WISH, actor="ben", now=after(minutes=46))


def test_the_whole_clinic_asks_for_so_many_an_hour_and_then_again(database: Engine) -> None:
    """However many people it has: what a stolen account can cost is bounded for all of them together."""
    for number in range(MOST_OF_ALL):
        ask(database, missed(database, number), WISH, actor=f"colleague {number}", now=after(seconds=number))
    more = missed(database, MOST_OF_ALL)
    with pytest.raises(NotNow, match="The clinic asked for 60 calls within the hour"):
        ask(database, more, WISH, actor="maria", now=after(minutes=59))
    assert ask(database, more, WISH, actor="maria", now=after(minutes=60))


def at_once(engine: Engine, presses: Sequence[tuple[str, str]], now: datetime) -> list[bool]:
    """Press for a call and an account each, all at the same moment: which of them were done."""
    barrier = Barrier(len(presses))

    def press(given: tuple[str, str]) -> bool:
        sid, actor = given
        barrier.wait()
        try:
            ask(engine, sid, WISH, actor=actor, now=now)
        except NotNow:
            return False
        return True

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press, presses))


def test_presses_of_one_account_on_different_callers_at_the_same_moment_make_one_call(database: Engine) -> None:
    callers = [missed(database, number) for number in range(PRESSES)]
    assert sum(at_once(database, [(sid, "maria") for sid in callers], NOW)) == 1
    assert len(due(database, NOW)) == 1


def test_presses_at_the_same_moment_do_not_pass_what_the_clinic_may_ask_for(database: Engine) -> None:
    for number in range(MOST_OF_ALL - 1):
        ask(database, missed(database, number), WISH, actor=f"colleague {number}", now=NOW)
    presses = [(missed(database, MOST_OF_ALL + each), f"late {each}") for each in range(PRESSES)]
    assert sum(at_once(database, presses, after(seconds=1))) == 1


def test_a_row_is_taken_once_and_tried_again_only_when_nothing_was_placed(database: Engine) -> None:
    sid = missed(database, 1)
    number = ask(database, sid, WISH, actor="maria", now=NOW)
    errand = take(database, number, "one", NOW)
    assert errand is not None
    assert (errand.caller, errand.phone) == ("sealed 1", "Gilbert front desk")
    assert take(database, number, "two", NOW) is None
    settle(database, number, "one", Later(30), NOW)
    assert take(database, number, "two", after(seconds=29)) is None, "listed as due before it was put off"
    assert (due(database, after(seconds=29)), due(database, after(seconds=30))) == ([], [number])
    assert take(database, number, "two", after(seconds=30))
    settle(database, number, "two", Placed(LEG), after(seconds=31))
    assert due(database, after(seconds=90)) == []
    assert only(database, sid).became is Became.RINGING


def test_who_dies_while_placing_leaves_it_unsure_and_nobody_rings_twice(database: Engine) -> None:
    sid = missed(database, 1)
    number = ask(database, sid, WISH, actor="maria", now=NOW)
    take(database, number, "killed", NOW)
    give_up(database, after(minutes=1, seconds=1))
    assert due(database, after(minutes=1, seconds=1)) == []
    assert only(database, sid).became is Became.RINGING
    give_up(database, after(minutes=6))
    assert only(database, sid).became is Became.UNKNOWN
    told(database, number, (What.ACCEPTED, "", 0), (What.DIALLED, "answered", 63))
    assert (only(database, sid).became, only(database, sid).talk_seconds) == (Became.TALKED, 63)


def test_what_nobody_places_in_two_minutes_is_over(database: Engine) -> None:
    sid = missed(database, 1)
    number = ask(database, sid, WISH, actor="maria", now=NOW)
    assert take(database, number, "late", after(minutes=2)) is None
    give_up(database, after(minutes=2))
    call = only(database, sid)
    assert (call.became, call.under_way) == (Became.NOT_PLACED, False)
    assert "worker" in call.fault


def test_a_refusal_is_shown_and_doubt_is_not_a_refusal(database: Engine) -> None:
    first, second = missed(database, 1), missed(database, 2)
    for sid, actor, result in ((first, "maria", NotPlaced("no")), (second, "ben", Unsure("hang"))):
        number = ask(database, sid, WISH, actor=actor, now=NOW)
        take(database, number, "one", NOW)
        settle(database, number, "one", result, NOW)
    assert (only(database, first).became, only(database, first).fault) == (Became.NOT_PLACED, "no")
    assert only(database, second).under_way


@pytest.mark.parametrize(
    ("facts", "became"),
    [
        ([(What.ANSWERED, "", 0)], Became.PICKED_UP),
        ([(What.ANSWERED, "", 0), (What.ACCEPTED, "", 0)], Became.CALLING),
        ([(What.ANSWERED, "", 0), (What.ENDED, "completed", 9)], Became.NOT_ACCEPTED),
        ([(What.ENDED, "no-answer", 0)], Became.DESK_SILENT),
        ([(What.ENDED, "failed", 0)], Became.FAILED),
        ([(What.ACCEPTED, "", 0), (What.ENDED, "completed", 9)], Became.GIVEN_UP),
        ([(What.ACCEPTED, "", 0), (What.DIALLED, "busy", 0), (What.ENDED, "completed", 9)], Became.BUSY),
        ([(What.DIALLED, "answered", 180), (What.ENDED, "completed", 200)], Became.TALKED),
    ],
)
def test_what_the_carrier_tells_means_the_same_in_any_order(
    database: Engine, facts: list[tuple[What, str, int]], became: Became
) -> None:
    first, second = missed(database, 1), missed(database, 2)
    for sid, order, actor in ((first, facts, "maria"), (second, facts[::-1] * 2, "ben")):
        told(database, ask(database, sid, WISH, actor=actor, now=NOW), *order, leg=f"CA{actor:>032}")
        assert only(database, sid).became is became


def test_another_legs_words_change_nothing_and_no_call_of_a_patient_comes_of_them(database: Engine) -> None:
    sid = missed(database, 1)
    number = ask(database, sid, WISH, actor="maria", now=NOW)
    take(database, number, "one", NOW)
    settle(database, number, "one", Placed(LEG), NOW)
    told(database, number, (What.ANSWERED, "", 0), leg="CA" + "d" * 32)
    assert only(database, sid).became is Became.RINGING
    entry = entry_of(database, sid, NOW - HORIZON)
    assert entry is not None
    assert entry.calls == 1


def test_a_fact_that_cannot_be_one_is_set_aside(database: Engine) -> None:
    good = to_entry(CalledOut(1, LEG, What.ANSWERED, NOW))
    bad = Entry(good.key, good.call, 0, 0, good.at, "", good.kind, {**good.data, "what": "sung"})
    assert list(Intake(database, "one", lambda: ZONE, lambda: NOW).deliver([bad])) == [bad.key]
