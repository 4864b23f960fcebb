"""Recording: one row a call whatever the order and the repeats; numbers kept once; bad entries handed back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine, delete, select, text, update

from ivr.call_flow.events import CallArrived, CallEnded, Event, GoodbyeSaid, MenuHeard, MessageTaken, Rang, RingingEnded
from ivr.call_flow.turn import Outcome
from ivr.call_log.database import open_database, reading, writing
from ivr.call_log.recorder import Recorded, close_silent, record
from ivr.call_log.tables import CallRow, EventRow
from ivr.journal.entry import Entry, Value, entries_for
from ivr.journal.sealing import Seal
from tests.call_log.recorded import ZONE, recorded_calls, rows_of
from tests.conftest import CALLER, Clinic

START = datetime(2026, 11, 24, 16, 14, tzinfo=UTC)
SID = "CA" + "0" * 31 + "1"
SEALED = {"caller": "an encrypted number", "caller_index": "a" * 32}
QUARTER_HOUR = timedelta(minutes=15)


def noted(hop: int, seconds: int, *events: Event, tag: str = "", sid: str = SID) -> list[Entry]:
    return list(entries_for(sid, hop, START + timedelta(seconds=seconds), "v1", events, tag))


def short_call(sid: str = SID) -> list[Entry]:
    """Arrival, a key, ringing, a talk, the end; its first entry holds the sealed number."""
    first, *others = noted(0, 0, CallArrived("main", "en-US"), sid=sid)
    return [
        replace(first, sealed=SEALED),
        *others,
        *noted(1, 5, Rang("scottsdale", ("desk",), 20, 1, "scottsdale", False), sid=sid),
        *noted(2, 75, RingingEnded("scottsdale", ("desk",), 1, Outcome.ANSWERED, 60), sid=sid),
        *noted(0, 80, CallEnded("completed", 80), tag="completed:", sid=sid),
    ]


def put(engine: Engine, entries: list[Entry], at: datetime = START) -> Recorded:
    return record(engine, entries, zone=ZONE, heard_at=at)


def call_of(engine: Engine, sid: str = SID) -> CallRow:
    with reading(engine) as connection:
        return connection.execute(select(CallRow.__table__).where(CallRow.sid == sid)).one()  # type: ignore[return-value]


def test_every_order_of_a_call_with_repeats_and_late_words_gives_one_row(database: Engine) -> None:
    """Each order is a call of its own, told one event at a time and then all of it again."""
    orders = list(permutations(range(4)))
    late = noted(0, 4000, CallEnded("failed", 0), tag="failed:")
    told = {f"CA{number:032x}": order for number, order in enumerate(orders)}
    for place in range(4):
        put(database, [short_call(sid)[order[place]] for sid, order in told.items()])
    repeats = [entry for sid in told for entry in reversed(short_call(sid))]
    again = put(database, repeats + [replace(late[0], call=sid, key=f"{sid}:late") for sid in told])
    assert (again.inserted, again.repeated) == (len(orders), len(repeats))
    rows = list(rows_of(database).values())
    assert len(rows) == len(orders)
    assert all(row == rows[0] for row in rows)
    assert rows[0]["disposition"] == "answered"
    assert (rows[0]["status"], rows[0]["talk_seconds"], rows[0]["total_seconds"]) == ("completed", 60, 80)


def test_recording_the_same_again_changes_nothing(database: Engine) -> None:
    first = put(database, short_call())
    again = put(database, short_call(), START + QUARTER_HOUR)
    assert (first.inserted, first.repeated, first.calls) == (4, 0, (SID,))
    assert (again.inserted, again.repeated, again.calls) == (0, 4, ())
    assert call_of(database).last_heard_at == START


def test_a_closed_call_never_opens_again(database: Engine) -> None:
    put(database, short_call())
    put(database, noted(3, 90, MenuHeard("main")))
    assert call_of(database).disposition == "answered"
    assert call_of(database).ended_at is not None


def test_a_call_under_way_has_no_disposition_and_counts_in_no_sum(database: Engine) -> None:
    put(database, short_call()[:2])
    assert call_of(database).disposition == ""
    with reading(database) as connection:
        assert connection.scalar(text("SELECT count(*) FROM call_count")) == 0


def test_the_number_is_kept_from_whichever_entry_brings_it_and_never_lost(database: Engine) -> None:
    first, *others = short_call()
    put(database, [replace(first, sealed={}), *others])
    assert call_of(database).caller is None
    put(database, [first])
    put(database, [replace(first, key=f"{SID}:other", sealed={})])
    assert (call_of(database).caller, call_of(database).caller_index) == (SEALED["caller"], SEALED["caller_index"])


def test_one_recording_told_by_two_calls_stops_neither(database: Engine) -> None:
    other = "CA" + "0" * 31 + "2"
    left = [
        entry
        for sid in (SID, other)
        for entry in noted(1, 30, MessageTaken("box", "RE" + "1" * 32, 9), GoodbyeSaid("box", "message"), sid=sid)
    ]
    put(database, left)
    assert {call["disposition"] for call in rows_of(database).values()} == {"message"}


def test_a_forgotten_number_stays_forgotten(database: Engine) -> None:
    put(database, short_call()[:2])
    forgotten = update(CallRow).values(caller=None, caller_index=None, number_forgotten_at=START)
    with writing(database) as connection:
        connection.execute(forgotten)
    put(database, short_call())
    assert call_of(database).caller is None
    assert call_of(database).disposition == "answered"


def test_a_late_word_does_not_empty_a_call_whose_events_were_erased(database: Engine) -> None:
    put(database, short_call())
    before = rows_of(database)
    with writing(database) as connection:
        connection.execute(delete(EventRow))
    put(database, noted(0, 9000, CallEnded("failed", 0), tag="failed:"))
    assert rows_of(database) == before


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"call": "CA1"}, "call id"),
        ({"call": ""}, "call id"),
        ({"key": ""}, "key"),
        ({"key": "k" * 201}, "key"),
        ({"kind": "k" * 41}, "kind"),
        ({"version": "v" * 41}, "version"),
        ({"hop": -1}, "hop"),
        ({"nth": 2**31}, "nth"),
        ({"at": datetime(1, 1, 1, tzinfo=UTC)}, "moment"),
        ({"sealed": {"caller": "x", "caller_index": "y" * 33}}, "caller_index"),
    ],
)
def test_what_cannot_be_recorded_is_handed_back_and_the_rest_goes_in(
    database: Engine, wrong: dict[str, object], reason: str
) -> None:
    bad = replace(short_call()[0], **wrong)  # type: ignore[arg-type]
    done = put(database, [bad, *short_call()])
    assert [each.entry for each in done.refused] == [bad]
    assert reason in done.refused[0].reason
    assert done.inserted == 4


@pytest.mark.parametrize(
    "poison", ["a\x00b", "\ud800", "\udfff\x00", "'; DROP TABLE call; --", "é" * 300, "\U0001f600"]
)
def test_any_text_can_be_recorded(database: Engine, poison: str) -> None:
    arrival: dict[str, Value] = {"line": poison, "language": poison, "known": True, "withheld": False}
    odd = replace(short_call()[0], data=arrival, sealed={"caller": poison, "caller_index": poison[:4]})
    put(
        database, [odd, *short_call()[1:], replace(odd, key=f"{SID}:{poison[:9]}", kind=poison[:9], version=poison[:9])]
    )
    assert call_of(database).disposition == "answered"
    assert len(call_of(database).line) == min(200, len(poison))


@pytest.mark.parametrize("data", [{"line": 5}, {}, {"line": "main", "language": "en-US", "known": 2**70}])
def test_a_fact_with_wrong_fields_is_kept_and_not_understood(database: Engine, data: dict[str, Value]) -> None:
    put(database, [replace(short_call()[0], data=data)])
    assert call_of(database).line == ""


def test_halves_of_the_same_calls_from_two_hosts_lose_nothing(new_database: Callable[[str], Engine]) -> None:
    engine = new_database("postgresql")
    other = open_database(engine.url.render_as_string(hide_password=False))
    sids = [f"CA{number:032x}" for number in range(60)]
    calls = [short_call(sid) for sid in sids]
    halves = (
        [[call[0] for call in calls], [call[2] for call in calls]],
        [
            [call[1] for call in reversed(calls)],
            [call[3] for call in reversed(calls)],
        ],
    )
    with ThreadPoolExecutor(2) as pool:
        for done in [
            pool.submit(lambda e, b: [put(e, some) for some in b], e, b)
            for e, b in zip((engine, other), halves, strict=True)
        ]:
            done.result()
    other.dispose()
    rows = rows_of(engine)
    assert len(rows) == 60
    assert all(row == rows[sids[0]] for row in rows.values())
    assert rows[sids[0]]["talk_seconds"] == 60
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT sum(calls) FROM call_count")) == 60


# Calls that never reported their end ---------------------------------------------------------------------------------


def test_a_call_is_closed_a_quarter_of_an_hour_after_its_last_sign_and_not_before(database: Engine) -> None:
    put(database, noted(0, 0, CallArrived("main", "en-US"), MenuHeard("main")))
    assert close_silent(database, START + QUARTER_HOUR - timedelta(seconds=1), QUARTER_HOUR, zone=ZONE) == ()
    assert close_silent(database, START + QUARTER_HOUR, QUARTER_HOUR, zone=ZONE) == (SID,)
    row = call_of(database)
    assert (row.disposition, row.closed_by, row.ended_at) == ("abandoned in menu", "worker", START)
    assert close_silent(database, START + 2 * QUARTER_HOUR, QUARTER_HOUR, zone=ZONE) == ()


def test_a_call_in_which_a_person_may_be_talking_is_given_four_hours_more(database: Engine) -> None:
    put(database, short_call()[:2])
    after = START + QUARTER_HOUR + timedelta(hours=4)
    assert close_silent(database, after - timedelta(seconds=1), QUARTER_HOUR, zone=ZONE) == ()
    assert close_silent(database, after, QUARTER_HOUR, zone=ZONE) == (SID,)


def test_the_carriers_late_word_outweighs_the_workers(database: Engine) -> None:
    put(database, short_call()[:2])
    close_silent(database, START + timedelta(hours=5), QUARTER_HOUR, zone=ZONE)
    put(database, short_call()[2:], START + timedelta(hours=6))
    row = call_of(database)
    assert (row.disposition, row.closed_by, row.total_seconds) == ("answered", "carrier", 80)


# From the signed door to the row -------------------------------------------------------------------------------------


def test_a_whole_call_through_the_door_gives_its_row(open_clinic: Callable[..., Clinic], database: Engine) -> None:
    clinic = open_clinic("2026-11-24 09:14")
    telephone = clinic.telephone()
    telephone.dial()
    telephone.press("1")
    telephone.nobody_answers()
    telephone.clinic_answers(seconds=240)
    put(database, clinic.entries(telephone.sid))
    row = rows_of(database)[telephone.sid]
    assert (row["disposition"], row["location"], row["talk_seconds"]) == ("answered", "scottsdale", 240)
    assert row["path"] == ["main", "1:scottsdale"]
    assert [(leg["phone"], leg["outcome"]) for leg in row["legs"]] == [
        ("Scottsdale front desk", "no answer"),
        ("Scottsdale back office", "answered"),
    ]
    seal = Seal(clinic.settings.secret_keys)
    stored = call_of(database, telephone.sid)
    assert stored.caller is not None
    assert seal.unseal(stored.caller) == CALLER
    assert stored.caller_index == seal.index(CALLER)


def test_the_calls_kept_as_data_stay_as_they_are_when_told_twice(database: Engine) -> None:
    entries = [entry for call in recorded_calls() for entry in call.entries]
    put(database, entries)
    before = rows_of(database)
    put(database, entries[::-1], START + timedelta(days=30))
    assert rows_of(database) == before
