"""A long export takes no more memory than one of a few pages: the command in a process whose peak is looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from ivr.call_log.database import writing
from ivr.call_log.export import PAGE
from ivr.call_log.tables import CallRow, LegRow
from tests.bench_log.exporting import grown
from tests.call_log.made_calls import UNTIL, fill, made_calls

TIMES = 100
# All rows as text are some 7 MB, and far more as objects.
MOST_KILOBYTES = 3_000


def test_thirty_thousand_calls_take_no_more_memory_than_a_few_pages(
    new_database: Callable[[str], Engine], tmp_path: Path
) -> None:
    engine = new_database("sqlite")
    fill(engine)
    multiply(engine, TIMES)
    first, last = UNTIL - timedelta(days=14 + 365), UNTIL
    found = grown(f"sqlite:///{engine.url.database}", (first, first + timedelta(days=1)), (first, last), tmp_path)
    assert 2 * PAGE < found.few < 10 * PAGE
    assert found.many == len(made_calls().calls) * TIMES
    assert found.kilobytes < MOST_KILOBYTES


def multiply(engine: Engine, times: int) -> None:
    """Copies of every call with its legs, a year ago, until there are so many of each."""
    sid = "substr({}, 1, 28) || printf('%06x', number)"
    year_ago = "started_at - 31536000000 + number"
    with writing(engine) as connection:
        for table, changed in (
            (CallRow, {"sid": sid.format("sid"), "started_at": year_ago}),
            (LegRow, {"call_sid": sid.format("call_sid")}),
        ):
            names = [column.name for column in table.__table__.columns]
            values = ", ".join(changed.get(name, f'"{name}"') for name in names)
            copies = (
                "WITH RECURSIVE numbers(number) AS"
                " (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :times - 1)"
                f" INSERT INTO {table.__tablename__} SELECT {values} FROM numbers CROSS JOIN {table.__tablename__}"
            )
            connection.execute(text(copies), {"times": times})
