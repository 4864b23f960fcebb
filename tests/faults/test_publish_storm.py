"""Publishes and rollbacks while calls are under way on two hosts: no call fails, none mixes versions.

`IVR_STORM=500` makes it five hundred of them on PostgreSQL, as `make faults` does.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ivr.call_log.database import open_database
from ivr.publishing.versions import files_of
from tests.faults.databases import postgresql_database, sqlite_database
from tests.faults.editions import EDITION, ENGLISH
from tests.faults.hosts import running_hosts
from tests.faults.storm import edition_now, storm

pytestmark = pytest.mark.timeout(900)

CHANGES = int(os.environ.get("IVR_STORM", "5"))
LARGE = CHANGES > 50
CROWD = {"callers": 4} if LARGE else {"callers": 1, "rest": 0.02}


def test_no_call_fails_or_mixes_versions_while_versions_come_and_go(tmp_path: Path) -> None:
    opened = postgresql_database() if LARGE else sqlite_database(tmp_path)
    with opened as database, running_hosts(tmp_path, ["one", "two"], database.address, IVR_AUTOPUBLISH="0") as hosts:
        engine = open_database(database.address)
        found = storm(hosts, engine, CHANGES, pause=0.2 if LARGE else 1.0, **CROWD)
        print(found.figures())
        wanted = set(EDITION.findall(files_of(engine, found.last.number)[str(ENGLISH)].decode()))
        ends = [edition_now(host.service) for host in hosts]
        engine.dispose()
        for tally in found.tallies:
            assert tally.faults == []
            assert set(tally.statuses) == {200, 204}
            assert tally.broken == 0
            assert tally.calls > 0
        assert found.published + found.rolled_back == CHANGES
        assert found.rolled_back > 0
        assert found.heard.mixed() == []
        assert [sid for sid, versions in found.versions.items() if len(versions) != 1] == []
        assert len(found.versions) >= found.patient + sum(tally.calls for tally in found.tallies)
        assert ends == [wanted, wanted]
        assert len(found.heard.all()) > 2  # or nothing was proved
