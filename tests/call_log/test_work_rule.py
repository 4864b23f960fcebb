"""What is open: the table held against a plain count of the whole log, after histories in any order and disorder."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from ivr.call_log.database import reading, writing
from ivr.call_log.numbers import rekey
from ivr.call_log.recorder import close_silent, record
from ivr.call_log.retention import forget_numbers
from ivr.call_log.tables import EPOCH, CallbackRequestRow, CallRow, MessageRow
from ivr.call_log.work_list import Sought, work_list
from ivr.call_log.work_marks import NothingOpen, Outcome, finish, undo
from ivr.call_log.work_rule import mend, refresh
from ivr.call_log.work_tables import WorkDoneRow, WorkOpenRow
from ivr.journal.entry import Entry
from ivr.journal.sealing import Seal
from tests.call_log.recorded import ZONE, recorded_calls

NOW = datetime(2026, 12, 24, 17, 0, tzinfo=UTC)
GOT_NOBODY = ("abandoned in menu", "abandoned while ringing", "closed", "no answer", "failed")
OLD, NEW = (
    Seal(["the first secret of this test"]),
    Seal(["the second secret of this test", "the first secret of this test"]),
)
Wish = tuple[str, datetime, str, str, bool]


def expected(engine: Engine) -> list[Wish]:
    """The rule, counted one call after the other."""
    with reading(engine) as connection:
        calls = connection.execute(select(CallRow.__table__)).all()
        left = connection.execute(select(MessageRow.__table__)).all()
        asked = connection.execute(select(CallbackRequestRow.__table__)).all()
        done = set(connection.scalars(select(WorkDoneRow.call_sid)))
    found: set[Wish] = set()
    for call in calls:
        wishes = [(call.started_at, call.location)] if call.disposition in GOT_NOBODY else []
        theirs = [each for each in left if each.call_sid == call.sid and each.status not in ("absent", "failed")]
        wishes += [(each.taken_at, each.location) for each in theirs]
        wishes += [(each.requested_at, each.location) for each in asked if each.call_sid == call.sid]
        if not call.draft and call.sid not in done:
            found |= {(call.sid, *wish, call.caller_index or call.sid, call.urgent) for wish in wishes}
    return sorted(found)


def listed(engine: Engine) -> list[Wish]:
    row = WorkOpenRow
    with reading(engine) as connection:
        found = connection.execute(select(row.call_sid, row.at, row.location, row.entry, row.urgent))
        return sorted((*each,) for each in found)


class History:
    """Stored calls, each told twice under other callers, in pieces, late and again; and what people do meanwhile."""

    def __init__(self, engine: Engine, chance: Random) -> None:
        self.engine = engine
        self.now = NOW
        self._chance = chance
        self._untold = [self._as_told(each.entries) for each in recorded_calls() for _ in range(2)]
        self._told: list[Entry] = []

    def _as_told(self, entries: Sequence[Entry]) -> list[Entry]:
        """A call of some caller, of one whose number came late, or of nobody known."""
        sid, number = f"CA{self._chance.getrandbits(128):032x}", f"+1480555{self._chance.randrange(12):04d}"
        own = [replace(each, call=sid, key=each.key.replace(each.call, sid)) for each in entries]
        place = self._chance.choice((0, len(own) - 1, None))
        if place is not None:
            own[place] = replace(own[place], sealed={"caller": OLD.seal(number), "caller_index": OLD.index(number)})
        self._chance.shuffle(own)
        return own

    def step(self) -> None:
        self.now += timedelta(minutes=7)
        deeds = (self.tell, self.tell, self.tell_again, self.finish, self.finish, self.undo, self.change_numbers)
        self._chance.choice(deeds)()

    def tell(self) -> None:
        """Some facts of some calls."""
        calls = self._chance.sample(self._untold, min(9, len(self._untold)))
        batch = [call.pop() for call in calls for _ in range(self._chance.randrange(len(call) + 1))]
        self._told += batch
        self._record(batch)

    def tell_again(self) -> None:
        self._record(self._chance.choices(self._told, k=20) if self._told else [])
        close_silent(self.engine, self.now, timedelta(days=self._chance.choice((1, 900))), zone=ZONE)

    def finish(self) -> None:
        for entry in work_list(self.engine, Sought(EPOCH), limit=500).entries[: self._chance.randrange(4)]:
            finish(self.engine, entry.call.sid, Outcome.CALLED, seen=entry.seen, actor="maria", now=self.now)

    def undo(self) -> None:
        with reading(self.engine) as connection:
            marks = connection.execute(
                select(WorkDoneRow.call_sid, WorkDoneRow.at).order_by(WorkDoneRow.call_sid)
            ).all()
        if marks:
            undo(self.engine, self._chance.choice(marks).call_sid, actor="ben", now=self.now)

    def change_numbers(self) -> None:
        if self._chance.random() < 0.5:
            rekey(self.engine, NEW)
        else:
            day = timedelta(days=self._chance.randrange(400))
            forget_numbers(self.engine, self.now - day, now=self.now, actor="worker")

    def _record(self, entries: Sequence[Entry]) -> None:
        record(self.engine, entries, zone=ZONE, heard_at=self.now)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_open_is_what_the_whole_log_says(database: Engine, seed: int) -> None:
    history = History(database, Random(seed))
    most = 0
    for _ in range(30):
        history.step()
        found = listed(database)
        assert found == expected(database)
        most = max(most, len(found))
    assert most > 10
    assert mend(database, EPOCH) == 0


def a_missed_call(engine: Engine) -> str:
    """One of the stored calls that nobody took, told whole."""
    for call in recorded_calls():
        if call.row.get("disposition") == "no answer" and not call.row["draft"]:
            record(engine, call.entries, zone=ZONE, heard_at=NOW)
            return call.sid
    raise LookupError


def test_what_a_host_of_the_release_before_leaves_is_mended(database: Engine) -> None:
    """It records calls and marks, and knows nothing of the table."""
    sid, began = a_missed_call(database), listed(database)[0][1]
    with writing(database) as connection:
        connection.execute(delete(WorkOpenRow))
    assert mend(database, began + timedelta(seconds=1)) == 0  # only of calls since then
    assert mend(database, began) == 1
    assert [wish[0] for wish in listed(database)] == [sid]
    with writing(database) as connection:
        connection.execute(insert(WorkDoneRow).values(call_sid=sid, at=NOW, done_by="ben", outcome="called"))
    assert mend(database, NOW) == 1  # a mark of now, on a call that began before
    assert listed(database) == []
    assert mend(database, began) == 0


def test_a_mark_taken_back_while_the_call_is_written_leaves_the_call_open(database: Engine) -> None:
    """Whoever comes second waits for the first: without that each would miss what the other did."""
    sid = a_missed_call(database)
    finish(database, sid, Outcome.CALLED, seen=NOW, actor="maria", now=NOW)
    with ThreadPoolExecutor(1) as pool:
        with writing(database) as connection:
            connection.execute(update(CallRow).where(CallRow.sid == sid).values(location="elsewhere"))
            refresh(connection, [sid])
            undoing = pool.submit(undo, database, sid, actor="ben", now=NOW)
            with pytest.raises(TimeoutError):
                undoing.result(timeout=0.5)
        assert undoing.result(timeout=30) == 1
    assert listed(database) == expected(database)
    assert [(wish[0], wish[2]) for wish in listed(database)] == [(sid, "elsewhere")]


def test_taking_back_is_refused_where_nothing_is_marked_and_opens_nothing_twice(database: Engine) -> None:
    sid = a_missed_call(database)
    before = listed(database)
    with pytest.raises(NothingOpen):
        undo(database, sid, actor="ben", now=NOW)
    assert listed(database) == before == expected(database)
