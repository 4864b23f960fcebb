"""The small audit: whatever is done to database and processes, what was acknowledged is in the call log, once.

`make faults` is the large one: every fault, on both databases.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.audit import Audit, Finding, auditing
from tests.faults.databases import postgresql_database, sqlite_database
from tests.faults.hosts import Host

pytestmark = pytest.mark.timeout(600)

SECONDS = 1.0


def assert_nothing_was_lost(audit: Audit, findings: list[Finding]) -> None:
    for finding in findings:
        assert finding.noticed == []
        assert finding.lost == []
        assert finding.acknowledged > 0
    totals = audit.totals()
    assert totals.events > 0
    assert (totals.missing, totals.strange, totals.twice) == (0, 0, 0)


@contextlib.contextmanager
def killed_in_between(hosts: list[Host]) -> Iterator[None]:
    """The worker is killed, stays away for a while and comes back."""
    for host in hosts:
        host.kill_worker()
    yield
    for host in hosts:
        host.start_worker()


def test_sqlite_locked_and_the_worker_killed(tmp_path: Path) -> None:
    with sqlite_database(tmp_path) as database, auditing(tmp_path, database, ["one"]) as (audit, hosts):
        faults = audit.faults()
        findings = [
            audit.suffer("the worker killed", killed_in_between(hosts), SECONDS),
            audit.suffer("database locked", faults["database locked"](), SECONDS),
        ]
        assert_nothing_was_lost(audit, findings)


def test_postgresql_stopped_frozen_and_its_worker_without_room(tmp_path: Path) -> None:
    with postgresql_database() as database, auditing(tmp_path, database, ["one"]) as (audit, _):
        faults = audit.faults()
        names = ("database stopped", "database frozen", "no room for the worker", "no room for the journal")
        assert_nothing_was_lost(audit, [audit.suffer(name, faults[name](), SECONDS) for name in names])
