"""A call log that is lost comes back from the journal: files that were drained and put away are drained again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from ivr.call_flow.events import CallArrived, CallEnded, GoodbyeSaid, MenuHeard
from ivr.call_log.database import reading
from ivr.call_log.intake import Intake
from ivr.call_log.tables import CallCount, CallRow, EventRow, MenuCount
from ivr.journal.drainer import DRAINED, Drainer
from ivr.journal.entry import Entry, entries_for, to_line
from ivr.journal.positions import NAME
from tests.call_log.conftest import new_database, postgres, sqlite_template

__all__ = ["new_database", "postgres", "sqlite_template"]

BEGAN = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
GONE = "20261124T170000.000000Z-4194304-0123abcd.jsonl"  # made by a process whose id no system hands out
LATER = "20261124T180000.000000Z-4194304-0123abcd.jsonl"
KEPT = timedelta(days=36_500)


def lines(calls: range) -> bytes:
    """What a web process writes of these calls, each a goodbye after a menu."""
    written: list[Entry] = []
    for number in calls:
        sid, at = f"CA{number:032x}", BEGAN + timedelta(minutes=number)
        heard = (CallArrived("main", "en-US"), MenuHeard("main"))
        written += entries_for(sid, 0, at, "v1", heard)
        written += entries_for(sid, 1, at + timedelta(seconds=9), "v1", [GoodbyeSaid("main", "goodbye")])
        written += entries_for(sid, 2, at + timedelta(seconds=10), "v1", [CallEnded("completed", 10)])
    return b"".join(to_line(entry) for entry in written)


def drain(journal: Path, engine: Engine) -> None:
    """As the worker does it, until nothing is left; then what is finished is put away."""
    intake = Intake(engine, "one", lambda: ZoneInfo("America/Phoenix"), lambda: BEGAN + timedelta(hours=3))
    drainer = Drainer(journal, intake.deliver, intake.note, keep=KEPT)
    while drainer.drain():
        pass
    drainer.sweep(BEGAN + timedelta(hours=3))


def rows(engine: Engine) -> list[list[Any]]:
    with reading(engine) as connection:
        tables = (CallRow, EventRow, CallCount, MenuCount)
        return [sorted(map(repr, connection.execute(select(table.__table__)).all())) for table in tables]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_log_and_an_older_copy_get_the_same_rows_from_drained_files(
    tmp_path: Path, new_database: Callable[[str], Engine], kind: str
) -> None:
    lost, empty, older = new_database(kind), new_database(kind), new_database(kind)
    (tmp_path / GONE).write_bytes(lines(range(4)))
    drain(tmp_path, lost)
    drain_again(tmp_path, older)
    (tmp_path / LATER).write_bytes(lines(range(4, 7)))
    drain(tmp_path, lost)
    wanted = rows(lost)
    assert [len(each) for each in wanted[:2]] == [7, 28]
    for engine in (empty, older):
        drain_again(tmp_path, engine)
        assert rows(engine) == wanted


def drain_again(journal: Path, engine: Engine) -> None:
    """What docs/operations.md tells an operator to do."""
    (journal / NAME).unlink()
    for file in (journal / DRAINED).iterdir():
        file.rename(journal / file.name)
    drain(journal, engine)
