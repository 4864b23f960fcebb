"""A transaction that lasts too long has its connection cut; the next one works."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ivr.call_log.database import reading
from ivr.call_log.deadline import Deadlines

ENDLESS = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
    "postgresql": "select pg_sleep(3600)",
}


class Watch:
    """A clock that stands where it is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whoever_waits_too_long_gets_an_error_and_the_next_does_not(
    new_database: Callable[[str], Engine], kind: str
) -> None:
    engine, watch = new_database(kind), Watch()
    deadlines = Deadlines(engine, 75.0, watch)
    started, faults = threading.Event(), []

    def wait() -> None:
        try:
            with reading(engine) as connection:
                connection.execute(text("select 1"))
                started.set()
                connection.execute(text(ENDLESS[kind])).all()
        except DBAPIError as fault:
            faults.append(fault)

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    watch.seconds = 74.0
    assert deadlines.cut_overdue() == 0
    watch.seconds = 76.0
    for _ in range(200):  # the first may come before the endless statement has begun
        if not thread.is_alive():
            break
        assert deadlines.cut_overdue() <= 1
        thread.join(0.1)
    assert not thread.is_alive()
    assert len(faults) == 1
    assert deadlines.cut_overdue() == 0
    with reading(engine) as connection:
        assert connection.scalar(text("select 1")) == 1


def test_connections_in_time_and_given_back_are_left_alone(database: Engine) -> None:
    watch = Watch()
    deadlines = Deadlines(database, 75.0, watch)
    with reading(database) as connection:
        connection.execute(text("select 1"))
    watch.seconds = 1000.0
    assert deadlines.cut_overdue() == 0
    with reading(database) as connection:
        assert connection.scalar(text("select 1")) == 1
