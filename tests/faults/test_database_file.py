"""The database's file under a running host: copied in the middle of its work, written over with noise, given back.

One host serves all tests of this file, one after the other; each must leave it well.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ivr.call_flow.model import OverrideKind
from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_log.damage import mark
from ivr.call_log.database import open_database, reading
from ivr.call_log.tables import EventRow
from ivr.notices.alarms import lasting
from ivr.publishing.overrides import Wanted, make, standing
from ivr.publishing.pins import pins, put
from tests.faults.hosts import Host, running_hosts, wait_for_drains
from tests.faults.images import taken
from tests.faults.load import Callers, proof_in
from tests.faults.service import kill, wait_until

pytestmark = pytest.mark.timeout(600)  # many times what an idle machine needs

LARGE = bool(os.environ.get("IVR_IMAGES"))  # make faults
IMAGES = int(os.environ.get("IVR_IMAGES", "6"))
PAGES = {"at its head": 0, "in its middle": 20} if LARGE else {"at its head": 0}
large = pytest.mark.skipif(not LARGE, reason="only in make faults; tests/worker/test_mending.py is the small one")
NOISE_BYTES = 4096
UP_SECONDS = 10.0


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database") / "log.db"


@pytest.fixture(scope="module")
def host(file: Path) -> Iterator[Host]:
    with running_hosts(file.parent, ["one"], f"sqlite:///{file}") as hosts:
        wait_until(lambda: proven(file) is not None, "the worker did not bring the tables up")
        yield hosts[0]


def proven(file: Path) -> set[str] | None:
    """What the events in the database prove; None when it cannot be asked."""
    engine = open_database(f"sqlite:///{file}")
    try:
        with reading(engine) as connection:
            return {proof for key in connection.scalars(select(EventRow.key)) for proof in proof_in(key)}
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()


def more_of(callers: Callers, requests: int) -> None:
    wanted = callers.tally.requests + requests
    wait_until(lambda: callers.tally.requests >= wanted, "the service stopped answering")


def some_calls(host: Host, requests: int = 60) -> set[str]:
    """Place calls and wait until they are in the database; what was acknowledged."""
    with Callers(host.service, 2) as callers:
        more_of(callers, requests)
    wait_for_drains([host])
    assert callers.tally.faults == []
    return set(callers.tally.proofs)


def laid_ids(laid: Path) -> list[int]:
    """The overrides on the host's disk, by their numbers."""
    return [each["id"] for each in json.loads(laid.read_text())] if laid.exists() else []


def noise(file: Path, offset: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(offset)
        opened.write(random.Random(offset).randbytes(NOISE_BYTES))


def log_taken_over(file: Path) -> None:
    """Every page stands in the file itself: of one that the write-ahead log has too, damage would not be seen."""

    def is_done() -> bool:
        with closing(sqlite3.connect(file)) as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    wait_until(is_done, "the write-ahead log was not taken over")


def test_whatever_moment_the_power_is_cut_the_database_is_whole_and_one_torn_line_is_skipped(
    host: Host, file: Path, tmp_path: Path
) -> None:
    images = []
    with Callers(host.service, 2) as callers:
        for number in range(IMAGES):
            more_of(callers, 15)
            images.append(taken(host, file, tmp_path / str(number)))
    assert callers.tally.faults == []
    assert [image.integrity() for image in images] == ["ok"] * IMAGES
    torn, others = images[-1].tear()
    assert len(others) > IMAGES * 15
    assert torn not in others
    assert images[-1].drained() == others


@pytest.mark.parametrize("where", PAGES)
def test_a_damaged_database_is_set_aside_and_filled_again_and_callers_notice_nothing(
    host: Host, file: Path, where: str
) -> None:
    engine = open_database(f"sqlite:///{file}")
    now = datetime.now(UTC)
    wanted = Wanted(OverrideKind.SAY, "gilbert", now, now + timedelta(hours=2), say={"en-US": "We open late."})
    override = make(engine, wanted, actor="maria", now=now).override
    put(engine, "front desk", "a hash", actor="maria", now=now)
    engine.dispose()
    laid = host.service.data / "routing" / "overrides.json"
    wait_until(lambda: override.id in laid_ids(laid), "the override did not come")
    acknowledged = some_calls(host)
    version = host.service.health()["routing"]["version"]
    before = set(file.parent.glob("log.db.damaged-*"))

    with Callers(host.service, 1, rest=0.05) as callers:
        host.stop_worker()
        noise(file, PAGES[where] * NOISE_BYTES)
        began = time.monotonic()
        host.start_worker()
        wait_until(lambda: set(file.parent.glob("log.db.damaged-*")) - before, "nothing was set aside")
        wait_until(lambda: proven(file) is not None, "no new database")
        took = time.monotonic() - began
        wait_until(lambda: acknowledged <= (proven(file) or set()), "what was drained did not come back")
    wait_for_drains([host])

    assert took < UP_SECONDS * 6  # ten on an idle machine
    print({"seconds until there is a database again": round(took, 1), "requests": callers.tally.requests})
    assert callers.tally.faults == []
    assert acknowledged | set(callers.tally.proofs) <= (proven(file) or set())
    assert host.service.health()["routing"]["version"] == version
    engine = open_database(f"sqlite:///{file}")
    assert override in [each.override for each in standing(engine, datetime.now(UTC))]
    assert [pin.name for pin in pins(engine)] == ["front desk"]
    assert override.id in laid_ids(laid)

    def told() -> list[str]:
        with reading(engine) as connection:
            return lasting(connection, NoticeKind.DATABASE_LOST)

    wait_until(lambda: told() == ["one"], "nobody was told")
    engine.dispose()
    note = json.loads((host.service.data / "database-lost.json").read_text())
    assert (file.parent / note["kept_as"]).stat().st_size > 0
    (host.service.data / "database-lost.json").unlink()


@large
def test_damage_that_is_met_while_the_worker_runs_is_mended_too(host: Host, file: Path) -> None:
    acknowledged = some_calls(host)
    before = set(file.parent.glob("log.db.damaged-*"))
    log_taken_over(file)
    host.process.send_signal(signal.SIGSTOP)
    for page in range(20, file.stat().st_size // NOISE_BYTES):
        noise(file, page * NOISE_BYTES)
    mark(file)  # as whoever meets it does
    host.process.send_signal(signal.SIGCONT)
    wait_until(lambda: set(file.parent.glob("log.db.damaged-*")) - before, "nothing was set aside")
    wait_until(lambda: acknowledged <= (proven(file) or set()), "what was drained did not come back")
    assert host.process.poll() is None  # the same process, begun anew


@large
def test_a_file_that_was_never_ours_is_left_as_it_is(host: Host, file: Path) -> None:
    host.kill_worker()
    known = host.service.data / "database-known"
    known.unlink()
    log_taken_over(file)
    kept = file.read_bytes()
    file.write_text("Dear sir or madam, " * 1000)
    host.start_worker()
    log = host.service.log.parent / "worker.log"
    wait_until(lambda: "NotOurs" in log.read_text(), "it was not refused")
    assert file.read_text().startswith("Dear sir or madam")
    kill(host.process.pid)
    host.process.wait()
    file.write_bytes(kept)
    host.start_worker()
    wait_until(known.exists, "the worker did not begin")
