"""Leases: one holder at a time, due again when it is time, free again when the holder is gone. On both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ivr.call_log.hosts import overview
from ivr.call_log.leases import claim, finish, keep, release

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_one_of_two_gets_the_lease(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=60, now=NOON)
    assert not claim(database, "retention", "two", seconds=60, now=after(59))
    assert claim(database, "reconcile", "two", seconds=60, now=NOON)


def test_the_holder_keeps_it_by_claiming_again(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=60, every=3600, now=NOON)
    assert claim(database, "retention", "one", seconds=60, now=after(50))
    assert not claim(database, "retention", "two", seconds=60, now=after(100))


def test_the_holder_holds_on_to_it_and_nobody_else_can(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=60, now=NOON)
    assert keep(database, "retention", "one", seconds=60, now=after(50))
    assert not keep(database, "retention", "two", seconds=60, now=after(60))
    assert not keep(database, "reconcile", "one", seconds=60, now=after(60))
    assert not claim(database, "retention", "two", seconds=60, now=after(109))
    assert claim(database, "retention", "two", seconds=60, now=after(110))


def test_a_lease_that_was_another_holders_for_a_moment_cannot_be_kept(database: Engine) -> None:
    """It is free again, and the job was done: to claim it would succeed."""
    assert claim(database, "retention", "one", seconds=60, now=NOON)
    assert claim(database, "retention", "two", seconds=60, now=after(60))
    assert finish(database, "retention", "two", now=after(61))
    assert not keep(database, "retention", "one", seconds=60, now=after(62))
    assert claim(database, "retention", "one", seconds=60, now=after(63))


def test_the_lease_of_a_killed_holder_expires(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=60, now=NOON)
    assert claim(database, "retention", "two", seconds=60, now=after(60))
    assert not finish(database, "retention", "one", now=after(61))
    assert not release(database, "retention", "one", now=after(61))
    assert not claim(database, "retention", "one", seconds=60, now=after(62))


def test_a_finished_job_is_due_again_after_its_time_for_all(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=60, every=300, now=NOON)
    assert finish(database, "retention", "one", now=after(10))
    for holder in ("one", "two"):
        assert not claim(database, "retention", holder, seconds=60, every=300, now=after(309))
    assert claim(database, "retention", "two", seconds=60, every=300, now=after(310))


def test_a_failed_job_is_due_at_once_and_its_fault_is_kept(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=60, every=300, now=NOON)
    assert finish(database, "retention", "one", fault="OSError", now=after(10))
    (lease,) = overview(database).leases
    assert (lease.fault, lease.failed_at, lease.done_at) == ("OSError", after(10), None)
    assert claim(database, "retention", "two", seconds=60, every=300, now=after(11))
    assert finish(database, "retention", "two", now=after(20))
    (lease,) = overview(database).leases
    assert (lease.fault, lease.failed_at, lease.done_at) == ("", after(10), after(20))


def test_a_released_job_is_due_at_once(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=60, every=300, now=NOON)
    assert release(database, "retention", "one", now=after(1))
    assert claim(database, "retention", "two", seconds=60, every=300, now=after(2))


def test_the_databases_own_clock_is_used_without_a_moment(database: Engine) -> None:
    assert claim(database, "retention", "one", seconds=3600)
    (lease,) = overview(database).leases
    assert abs(lease.expires_at - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=5)
    assert not claim(database, "retention", "two", seconds=3600)


def test_of_many_at_once_one_gets_it(database: Engine) -> None:
    got: list[str] = []
    begin = threading.Barrier(6)

    def take(holder: str) -> None:
        begin.wait()
        if claim(database, "retention", holder, seconds=3600):
            got.append(holder)

    threads = [threading.Thread(target=take, args=(f"host {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
