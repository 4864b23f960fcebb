"""A lease while its job runs: kept before it expires, and once lost it stays lost. On both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from ivr.call_log.database import writing
from ivr.call_log.leases import claim, finish, release
from ivr.worker.held_lease import HeldLease
from tests.call_log.conftest import database

__all__ = ["database"]

SECONDS = 60.0


class Seconds:
    """A clock that counts what it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class Held:
    """The lease on a job, just claimed by host one; and what a test turns."""

    engine: Engine
    lease: HeldLease
    seconds: Seconds
    stop: threading.Event
    statements: list[str] = field(default_factory=list)

    def asked_after(self, seconds: float) -> bool:
        self.seconds.now += seconds
        return self.lease.go_on()

    def expire(self) -> None:
        """As if this host had slept for long."""
        self.seconds.now += SECONDS
        with writing(self.engine) as connection:
            connection.execute(text("update lease set expires_at = 1"))


@pytest.fixture
def held(database: Engine) -> Held:
    seconds, stop = Seconds(), threading.Event()
    assert claim(database, "nightly", "one", seconds=SECONDS)
    found = Held(database, HeldLease(database, "nightly", "one", SECONDS, stop, monotonic=seconds), seconds, stop)
    event.listen(database, "before_cursor_execute", note_in(found.statements))
    return found


def note_in(statements: list[str]) -> Callable[..., None]:
    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("UPDATE lease"):
            statements.append(statement)

    return note


def test_it_is_kept_when_a_third_of_its_time_is_over_and_not_at_every_step(held: Held) -> None:
    assert all(held.asked_after(1.0) for _ in range(20))
    assert held.statements == []
    assert held.asked_after(0.5)
    assert len(held.statements) == 1
    assert all(held.asked_after(1.0) for _ in range(20))
    assert len(held.statements) == 1
    assert not claim(held.engine, "nightly", "two", seconds=SECONDS)


def test_once_another_host_has_it_no_later_answer_is_yes(held: Held) -> None:
    held.expire()
    assert claim(held.engine, "nightly", "two", seconds=SECONDS)
    assert [held.asked_after(each) for each in (0.0, 1.0, 25.0, 600.0)] == [False] * 4
    assert finish(held.engine, "nightly", "two")
    assert [held.asked_after(each) for each in (1.0, 25.0)] == [False] * 2
    assert not claim(held.engine, "nightly", "three", seconds=SECONDS, every=3600.0)  # two's word of it stands


@pytest.mark.parametrize("give_back", [finish, release])
def test_it_is_lost_too_when_the_other_host_gave_it_back_before_anybody_asked(
    held: Held, give_back: Callable[[Engine, str, str], bool]
) -> None:
    held.expire()
    assert claim(held.engine, "nightly", "two", seconds=SECONDS)
    assert give_back(held.engine, "nightly", "two")
    assert [held.asked_after(each) for each in (0.0, 25.0)] == [False] * 2


def test_one_that_expired_is_still_ours_while_nobody_else_took_it(held: Held) -> None:
    held.expire()
    assert held.asked_after(0.0)
    assert not claim(held.engine, "nightly", "two", seconds=SECONDS)


def test_the_worker_that_ends_is_told_so_without_asking_the_database(held: Held) -> None:
    held.stop.set()
    assert not held.asked_after(25.0)
    assert held.statements == []


def test_a_database_that_fails_raises_and_is_asked_again_the_next_time(held: Held) -> None:
    def fail(*_what: object) -> None:
        raise OperationalError("UPDATE lease", {}, Exception("gone"))

    event.listen(held.engine, "before_cursor_execute", fail)
    for _ in range(2):
        with pytest.raises(OperationalError):
            held.asked_after(25.0)
    event.remove(held.engine, "before_cursor_execute", fail)
    held.statements.clear()
    assert held.asked_after(0.0)
    assert len(held.statements) == 1
