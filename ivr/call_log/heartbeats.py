"""Test calls to our own lines: one for each line and due moment, and whether the line's greeting answered it.

Two legs of one call have two ids, so the call that comes in is known by who calls: a number of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, Row, Select, delete, func, or_, select, tuple_, update

from ivr.call_flow.events import Apologised, CallArrived, CameThroughFallback

from .database import reading, writing
from .outbound_tables import TestCallRow
from .placing import Later, NotPlaced, Placed, Result, Unsure
from .statements import add_new
from .tables import CallRow, EventRow

GRACE = timedelta(minutes=3)  # to ring, be answered, and reach the log
CLOCKS_DIFFER = timedelta(minutes=1)
RETRIES_FOR = timedelta(minutes=5)
KEPT = timedelta(days=90)
LONGEST_FAULT = 200
UNSURE = "perhaps placed: "  # how a fault begins whose call may have been placed


class Beat(StrEnum):
    """How a test call stands. One that a killed worker may have placed, and that was not heard, proves nothing: `lost`.

    What Twilio refused or did not answer is `failed`, and not heard in the end unless it was placed all the same.
    """

    PLACING = "placing"
    PLACED = "placed"
    FAILED = "failed"
    HEARD = "heard"
    UNHEARD = "not heard"
    LOST = "lost"


OPEN = (Beat.PLACING, Beat.PLACED, Beat.FAILED)
SETTLED = (Beat.FAILED, Beat.HEARD, Beat.UNHEARD)


@dataclass(frozen=True, slots=True)
class TestCall:
    """A test call. `fault` says why it could not be placed or, when it is `unsure`, may not have been."""

    __test__ = False  # pytest looks at the name

    line: str
    due_at: datetime
    placed_at: datetime
    state: Beat
    fault: str
    unsure: bool = False


def begin(engine: Engine, line: str, due_at: datetime, now: datetime) -> bool:
    """Make this test call ours; False when somebody did before. Raises SQLAlchemyError."""
    row = {"line": line, "due_at": due_at, "placed_at": now, "state": Beat.PLACING.value}
    with writing(engine) as connection:
        return bool(add_new(connection, TestCallRow, [{**row, "carrier_sid": "", "fault": ""}], returning="line"))


def settle(engine: Engine, line: str, due_at: datetime, result: Result, now: datetime) -> None:
    """Write down what the carrier said. What it was too busy for may begin again while it is young."""
    this = TestCallRow.line == line, TestCallRow.due_at == due_at
    with writing(engine) as connection:
        match result:
            case Placed(leg):
                connection.execute(update(TestCallRow).where(*this).values(state=Beat.PLACED.value, carrier_sid=leg))
            case Later(seconds) if now - due_at < RETRIES_FOR and seconds < RETRIES_FOR.total_seconds():
                connection.execute(delete(TestCallRow).where(*this))
            case Later():
                failed = {"state": Beat.FAILED.value, "fault": "Twilio was busy or away"}
                connection.execute(update(TestCallRow).where(*this).values(failed))
            case NotPlaced(why):
                failed = {"state": Beat.FAILED.value, "fault": why[:LONGEST_FAULT]}
                connection.execute(update(TestCallRow).where(*this).values(failed))
            case Unsure(why):
                failed = {"state": Beat.FAILED.value, "fault": UNSURE + why[:LONGEST_FAULT]}
                connection.execute(update(TestCallRow).where(*this).values(failed))


def judge(engine: Engine, line: str, callers: Sequence[str], now: datetime) -> list[TestCall]:
    """Decide about the line's test calls: heard as soon as the greeting was, not heard when it is too late.

    `callers` are the keyed hashes of the number that calls it. Gives those decided now, the oldest first.
    """
    decided: list[TestCall] = []
    for call in _open(engine, line):
        if _was_heard(engine, call, callers):
            state = Beat.HEARD
        elif now - call.placed_at < GRACE:
            continue
        else:
            state = Beat.LOST if call.state is Beat.PLACING else Beat.UNHEARD
        this = TestCallRow.line == line, TestCallRow.due_at == call.due_at
        with writing(engine) as connection:
            connection.execute(update(TestCallRow).where(*this).values(state=state.value))
        decided.append(replace(call, state=state))
    return decided


def newest_test_calls(engine: Engine, *, limit: int = 10) -> list[TestCall]:
    """The newest test calls. Raises SQLAlchemyError."""
    with reading(engine) as connection:
        rows = connection.execute(_columns().order_by(TestCallRow.due_at.desc(), TestCallRow.line).limit(limit))
        return [_test_call(row) for row in rows]


def newest_settled(engine: Engine) -> dict[str, TestCall]:
    """Of each line the newest test call of which something is known: not one under way, nor one that is lost.

    Raises SQLAlchemyError.
    """
    row = TestCallRow
    settled = row.state.in_([each.value for each in SETTLED])
    newest = select(row.line, func.max(row.due_at)).where(settled).group_by(row.line)
    with reading(engine) as connection:
        rows = connection.execute(_columns().where(tuple_(row.line, row.due_at).in_(newest))).all()
    return {call.line: call for call in map(_test_call, rows)}


def forget_test_calls(engine: Engine, now: datetime) -> None:
    """Delete those of more than 90 days ago. Raises SQLAlchemyError."""
    with writing(engine) as connection:
        connection.execute(delete(TestCallRow).where(TestCallRow.due_at < now - KEPT))


def _open(engine: Engine, line: str) -> list[TestCall]:
    query = _columns().where(TestCallRow.line == line, TestCallRow.state.in_([each.value for each in OPEN]))
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(TestCallRow.due_at)).all()
    return [_test_call(row) for row in rows]


def _columns() -> Select[str, datetime, datetime, str, str]:
    row = TestCallRow
    return select(row.line, row.due_at, row.placed_at, row.state, row.fault)


def _test_call(row: Row[str, datetime, datetime, str, str]) -> TestCall:
    unsure = row.fault.startswith(UNSURE)
    return TestCall(row.line, row.due_at, row.placed_at, Beat(row.state), row.fault.removeprefix(UNSURE), unsure)


def _was_heard(engine: Engine, call: TestCall, callers: Sequence[str]) -> bool:
    """Whether a call from there came in at the time and our own words answered it, not an apology or the fallback.

    Only an arrival that we answered has a routing's version: the reconciler writes down calls that never reached us.
    """
    came = CallRow.started_at.between(call.placed_at - CLOCKS_DIFFER, call.placed_at + GRACE)
    ours = CallRow.caller_index.in_(callers), CallRow.line == call.line, CallRow.draft.is_(True), came
    instead = [Apologised.__name__, CameThroughFallback.__name__]
    not_added = or_(EventRow.kind != CallArrived.__name__, EventRow.version != "")
    events = select(EventRow.kind).join(CallRow, CallRow.sid == EventRow.call_sid).where(*ours, not_added)
    with reading(engine) as connection:
        kinds = set(connection.scalars(events))
    return CallArrived.__name__ in kinds and not kinds & set(instead)
