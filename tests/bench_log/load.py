"""Writes a made-up history into an empty call log, as fast as each engine can take it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import psycopg
from sqlalchemy import Engine, Table, text

from ivr.call_log import tables
from ivr.call_log.database import writing
from ivr.call_log.work_rule import mend
from ivr.call_log.work_tables import WorkDoneRow
from tests.bench_log.history import Made, Plan, Row, SealOf, Sums, fake_seal, history

CHUNK = 20_000
SQLITE_CACHE_KILOBYTES = 1_000_000

CALL, LEG, MESSAGE, CALLBACK, EVENT, DONE = WRITTEN = [
    each.__table__
    for each in (
        tables.CallRow,
        tables.LegRow,
        tables.MessageRow,
        tables.CallbackRequestRow,
        tables.EventRow,
        WorkDoneRow,
    )
]


def load(
    engine: Engine, plan: Plan, seal: SealOf = fake_seal, progress: Callable[[int], None] = lambda _calls: None
) -> tuple[Sums, list[Made]]:
    """Write the plan's history; returns its sums and the last few thousand calls. Indexes are built at the end."""
    indexes = [index for table in WRITTEN for index in _table(table).indexes]
    with writing(engine) as connection:
        for index in indexes:
            index.drop(connection)
    found = _put(engine, plan, seal, progress)
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET statement_timeout = 0"))
        for index in indexes:
            index.create(connection)
    mend(engine, tables.EPOCH)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))  # as autovacuum would have done long ago
    return found


def put(
    engine: Engine, plan: Plan, seal: SealOf = fake_seal, progress: Callable[[int], None] = lambda _calls: None
) -> tuple[Sums, list[Made]]:
    """Write the plan's history with the indexes as they are, which is quicker for a small one."""
    found = _put(engine, plan, seal, progress)
    mend(engine, tables.EPOCH)
    return found


def _put(engine: Engine, plan: Plan, seal: SealOf, progress: Callable[[int], None]) -> tuple[Sums, list[Made]]:
    sums = Sums()
    last = _write(engine, history(plan, sums, seal), progress)
    _put_all(engine, ((_table(each), rows) for each, rows in _roll_ups(sums)))
    return sums, last


def _write(engine: Engine, made: Iterator[Made], progress: Callable[[int], None]) -> list[Made]:
    last: list[Made] = []
    while chunk := list(islice(made, CHUNK)):
        last = chunk
        _put_all(
            engine,
            [
                (_table(CALL), [each.call for each in chunk]),
                (_table(LEG), [leg for each in chunk for leg in each.legs]),
                (_table(MESSAGE), [each.message for each in chunk if each.message]),
                (_table(CALLBACK), [each.callback for each in chunk if each.callback]),
                (_table(EVENT), [event for each in chunk for event in each.events]),
                (_table(DONE), [each.done for each in chunk if each.done]),
            ],
        )
        progress(len(chunk))
    return last


def _roll_ups(sums: Sums) -> Iterator[tuple[object, list[Row]]]:
    yield tables.CallCount.__table__, [(*key, calls, sums.talk[key]) for key, calls in sums.calls.items()]
    for table, counts in (
        (tables.WaitCount.__table__, sums.waits),
        (tables.MenuCount.__table__, sums.menus),
        (tables.TopicCount.__table__, sums.topics),
    ):
        yield table, [(*key, calls) for key, calls in counts.items()]


def _put_all(engine: Engine, contents: Iterable[tuple[Table, Sequence[Row]]]) -> None:
    pooled = engine.raw_connection()
    try:
        driver = pooled.driver_connection
        for table, rows in contents:
            if isinstance(driver, sqlite3.Connection):
                _put_sqlite(driver, table, rows)
            else:
                assert isinstance(driver, psycopg.Connection)
                _put_postgresql(driver, table, rows)
    finally:
        pooled.close()


def _put_sqlite(driver: sqlite3.Connection, table: Table, rows: Sequence[Row]) -> None:
    driver.execute(f"PRAGMA cache_size = -{SQLITE_CACHE_KILOBYTES}")
    driver.execute("BEGIN IMMEDIATE")
    marks = ",".join("?" * len(table.columns))
    driver.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)
    driver.execute("COMMIT")


def _put_postgresql(driver: psycopg.Connection, table: Table, rows: Sequence[Row]) -> None:
    booleans = [place for place, column in enumerate(table.columns) if column.type.python_type is bool]
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" FROM STDIN') as copy:
        for row in rows:
            copy.write(_line(row, booleans))
    driver.commit()


def _line(row: Row, booleans: Sequence[int]) -> str:
    """One row as COPY reads it; nothing made up holds a tab, a backslash or a line's end."""
    cells = ["\\N" if value is None else str(value) for value in row]
    for place in booleans:
        cells[place] = "t" if row[place] else "f"
    return "\t".join(cells) + "\n"


def _table(found: object) -> Table:
    assert isinstance(found, Table)
    return found
