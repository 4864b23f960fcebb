"""What Twilio's lists hold and the log lacks is added; what is there stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select

from ivr.call_flow.events import CallArrived, CallEnded
from ivr.call_flow.heartbeat import Heartbeat
from ivr.call_flow.model import Routing
from ivr.call_log.database import reading
from ivr.call_log.heartbeats import Beat, begin, judge, settle
from ivr.call_log.placing import Placed
from ivr.call_log.recorder import close_silent, record
from ivr.call_log.tables import CallRow, EventRow, MessageRow, Reconciliation
from ivr.carrier.asking import CarrierAway
from ivr.carrier.client import rest_client
from ivr.carrier.listed import Lists
from ivr.carrier.reconciler import Reconciled, Reconciler
from ivr.carrier.recordings import eraser
from ivr.journal.entry import Entry, entries_for
from ivr.journal.sealing import Seal
from ivr.routing.compile import compile_folder
from tests.carrier.twilio_double import ACCOUNT, TOKEN, Double, call_fields, recording_fields

ZONE = ZoneInfo("America/Phoenix")
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
LINE = "+14805550100"
CALLER = "+14805550147"
SEAL = Seal(["a secret of the tests, long enough"])


def sid(number: int) -> str:
    return f"CA{number:032x}"


def recording(number: int) -> str:
    return f"RE{number:032x}"


@pytest.fixture(scope="module")
def routing() -> Routing:
    compiled = compile_folder(Path(__file__).parents[2] / "config", live=False)
    assert compiled.routing
    return compiled.routing


@pytest.fixture
def reconcile(database: Engine, twilio: Double, routing: Routing) -> Callable[..., Reconciled | None]:
    """One comparison, at a moment."""

    def run(now: datetime = NOW, timeout: float = 5.0, beat: Heartbeat | None = None) -> Reconciled | None:
        lists = Lists(rest_client(ACCOUNT, TOKEN, twilio.client(timeout)), pause=lambda _seconds: None)
        return Reconciler(database, lists, SEAL, heartbeat=beat).run(routing, ZONE, now)

    return run


def calls_in(engine: Engine) -> dict[str, CallRow]:
    with reading(engine) as connection:
        return {row.sid: row for row in connection.execute(select(CallRow.__table__))}  # type: ignore[misc]


def arrived(number: int, at: datetime) -> tuple[Entry, ...]:
    return entries_for(sid(number), 0, at, "v1", (CallArrived("main", "en-US"),))


def ended(number: int, at: datetime, seconds: int) -> tuple[Entry, ...]:
    return entries_for(sid(number), 0, at, "", (CallEnded("completed", seconds),), tag="completed:")


def test_after_an_outage_every_call_twilio_knows_is_in_the_log(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    for number in range(11):
        twilio.calls.append(call_fields(sid(number), LINE, CALLER, NOW - timedelta(minutes=10 + number), 60 + number))

    found = reconcile()

    assert found is not None
    assert (found.calls_seen, found.calls_added, found.calls_corrected) == (11, 11, 0)
    rows = calls_in(database)
    assert set(rows) == {sid(number) for number in range(11)}
    assert {row.total_seconds for row in rows.values()} == set(range(60, 71))
    assert {row.closed_by for row in rows.values()} == {"reconciler"}
    assert {row.caller_index for row in rows.values()} == {SEAL.index(CALLER)}
    assert {SEAL.unseal(str(row.caller)) for row in rows.values()} == {CALLER}
    assert all(row.disposition for row in rows.values())


def test_a_second_comparison_adds_nothing(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    twilio.calls.append(call_fields(sid(1), LINE, CALLER, NOW - timedelta(minutes=10), 60))
    twilio.recordings.append(recording_fields(recording(1), sid(1), NOW - timedelta(minutes=9), 20))
    reconcile()
    before = calls_in(database)

    again = reconcile(NOW + timedelta(minutes=5))

    assert again is not None
    assert (again.calls_added, again.calls_corrected, again.recordings_added) == (0, 0, 0)
    assert {row.total_seconds for row in calls_in(database).values()} == {before[sid(1)].total_seconds}
    with reading(database) as connection:
        assert connection.scalar(select(func.count()).select_from(Reconciliation)) == 2


def test_a_wrong_length_is_corrected_and_a_right_one_left_alone(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    began = NOW - timedelta(minutes=30)
    for number, seconds in ((1, 60), (2, 95)):
        record(database, [*arrived(number, began), *ended(number, began, seconds)], zone=ZONE, heard_at=NOW)
        twilio.calls.append(call_fields(sid(number), LINE, CALLER, began, 95))

    found = reconcile()

    assert found is not None
    assert (found.calls_added, found.calls_corrected) == (0, 1)
    rows = calls_in(database)
    assert (rows[sid(1)].total_seconds, rows[sid(1)].closed_by) == (95, "reconciler")
    assert (rows[sid(2)].total_seconds, rows[sid(2)].closed_by) == (95, "carrier")


def test_a_call_that_never_told_its_end_gets_it_from_twilio(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    began = NOW - timedelta(hours=3)
    record(database, arrived(1, began), zone=ZONE, heard_at=began)
    close_silent(database, NOW, timedelta(minutes=15), zone=ZONE)
    twilio.calls.append(call_fields(sid(1), LINE, CALLER, began, 240))

    reconcile()

    row = calls_in(database)[sid(1)]
    assert (row.closed_by, row.total_seconds, row.status) == ("reconciler", 240, "completed")


def test_a_call_under_way_is_added_without_an_end(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    under_way = call_fields(sid(1), LINE, "anonymous", NOW - timedelta(minutes=5), 0, status="in-progress")
    twilio.calls.append({**under_way, "end_time": None, "duration": None})

    reconcile()

    row = calls_in(database)[sid(1)]
    assert (row.disposition, row.ended_at, row.withheld, row.caller) == ("", None, True, None)


def test_other_calls_of_the_account_are_not_ours(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    at = NOW - timedelta(minutes=10)
    twilio.calls += [
        call_fields(sid(1), "+14805550999", CALLER, at, 60),
        call_fields(sid(2), LINE, CALLER, at, 60, direction="outbound-dial"),
        call_fields("CAnonsense", LINE, CALLER, at, 60),
        call_fields(sid(3), LINE, CALLER, NOW - timedelta(seconds=5), 1),
    ]
    twilio.recordings.append(recording_fields(recording(1), sid(9), at, 20))

    found = reconcile()

    assert found is not None
    assert calls_in(database) == {}
    assert (found.calls_added, found.recordings_seen) == (0, 0)


def test_a_recording_nobody_told_of_is_a_message(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    at = NOW - timedelta(minutes=10)
    twilio.calls.append(call_fields(sid(1), LINE, CALLER, at, 60))
    twilio.recordings += [
        recording_fields(recording(1), sid(1), at, 20),
        recording_fields(recording(2), sid(1), at, -1, status="processing"),
    ]

    found = reconcile()

    assert found is not None
    assert (found.recordings_seen, found.recordings_added) == (2, 1)
    with reading(database) as connection:
        (message,) = connection.execute(select(MessageRow.recording, MessageRow.seconds, MessageRow.status))
    assert tuple(message) == (recording(1), 20, "completed")


def test_the_journal_drained_later_fits_in(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    began = NOW - timedelta(minutes=10)
    twilio.calls.append(call_fields(sid(1), LINE, CALLER, began, 60))
    reconcile()

    late = entries_for(sid(1), 0, began, "v1", (CallArrived("main", "es-US"),))
    record(database, [*late, *ended(1, began + timedelta(seconds=61), 61)], zone=ZONE, heard_at=NOW)

    row = calls_in(database)[sid(1)]
    assert (row.total_seconds, row.closed_by, row.version) == (60, "reconciler", "v1")


@pytest.mark.parametrize("fault", [429, 500, 503, "reset", "half", "nonsense"])
def test_a_bad_answer_is_asked_for_again(
    fault: int | str, database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    twilio.calls.append(call_fields(sid(1), LINE, CALLER, NOW - timedelta(minutes=10), 60))
    twilio.faults += [fault, fault]

    found = reconcile()

    assert found is not None
    assert found.calls_added == 1
    assert set(calls_in(database)) == {sid(1)}


def test_a_hanging_twilio_is_given_up(twilio: Double, reconcile: Callable[..., Reconciled | None]) -> None:
    twilio.faults += ["hang"] * 4

    with pytest.raises(CarrierAway, match="no usable answer"):
        reconcile(timeout=0.05)


def test_wrong_credentials_are_told_at_once(twilio: Double, reconcile: Callable[..., Reconciled | None]) -> None:
    twilio.faults.append(401)

    with pytest.raises(CarrierAway, match="401"):
        reconcile()

    assert len(twilio.asked) == 1


def test_what_was_added_before_a_failure_stays_and_the_rest_comes_later(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    for number in range(5):
        twilio.calls.append(call_fields(sid(number), LINE, CALLER, NOW - timedelta(minutes=10 + number), 60))
    answered = twilio.page_size

    class FailsOnTheSecondPage(list[int | str]):
        def __bool__(self) -> bool:
            return len(twilio.asked) in range(2, 6)

        def pop(self, _index: object = 0) -> int:
            return 503

    twilio.faults = FailsOnTheSecondPage()
    with pytest.raises(CarrierAway):
        reconcile()
    assert len(calls_in(database)) == answered

    twilio.faults = []
    found = reconcile(NOW + timedelta(minutes=5))

    assert found is not None
    assert found.calls_added == 5 - answered
    assert len(calls_in(database)) == 5


def test_only_our_own_window_and_numbers_are_asked_for(
    twilio: Double, reconcile: Callable[..., Reconciled | None], routing: Routing
) -> None:
    reconcile()

    calls = [asked for asked in twilio.asked if "/Calls.json" in asked]
    assert len(calls) == len(routing.lines)
    assert all("StartTime%3E=2026-11-22T12%3A00%3A00Z" in asked and "PageSize=500" in asked for asked in calls)


def test_no_event_of_the_log_holds_a_number(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None]
) -> None:
    twilio.calls.append(call_fields(sid(1), LINE, CALLER, NOW - timedelta(minutes=10), 60))
    reconcile()

    with reading(database) as connection:
        told = [str(tuple(row)) for row in connection.execute(select(EventRow.__table__))]
    assert told
    assert not [text for text in told if CALLER[2:] in text]


def test_a_recording_is_erased_at_twilio_once_it_says_so(twilio: Double) -> None:
    twilio.recordings.append(recording_fields(recording(1), sid(1), NOW, 20))
    erase = eraser(rest_client(ACCOUNT, TOKEN, twilio.client()))

    assert erase(recording(1))
    assert twilio.deleted == [recording(1)]
    assert erase(recording(1))
    twilio.faults.append(503)
    assert not erase(recording(2))


@pytest.mark.parametrize("beat", [None, Heartbeat(every_hours=6)])
def test_test_calls_are_no_patients_calls(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None], beat: Heartbeat | None
) -> None:
    """Without test calls it is a patient whom a phone that shows the line's number passed on."""
    began = NOW - timedelta(minutes=10)
    twilio.calls.append(call_fields(sid(1), LINE, LINE, began, 0, direction="outbound-api"))
    twilio.calls.append(call_fields(sid(2), LINE, LINE, began, 10))
    twilio.calls.append(call_fields(sid(3), LINE, CALLER, began, 10))
    reconcile(beat=beat)
    assert {each: row.draft for each, row in calls_in(database).items()} == {sid(2): beat is not None, sid(3): False}


@pytest.mark.parametrize(("answered", "state"), [(False, Beat.UNHEARD), (True, Beat.HEARD)])
def test_a_test_call_that_only_twilio_knows_of_was_not_heard(
    database: Engine, twilio: Double, reconcile: Callable[..., Reconciled | None], answered: bool, state: Beat
) -> None:
    """An expired certificate: Twilio lists the call, and no request of it ever reached us."""
    placed = NOW - timedelta(minutes=2)
    begin(database, "main", placed, placed)
    settle(database, "main", placed, Placed(sid(9)), placed)
    twilio.calls.append(call_fields(sid(1), LINE, LINE, placed, 10))
    reconcile(beat=Heartbeat(every_hours=6))
    if answered:
        record(database, arrived(1, placed), zone=ZONE, heard_at=NOW)
    (judged,) = judge(database, "main", SEAL.indexes(LINE), NOW + timedelta(minutes=2))
    assert judged.state is state
