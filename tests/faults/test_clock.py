"""The wall clock is set under a running service and worker, or is wrong when they begin: calls get their answers."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from ivr.call_flow.model import OverrideKind
from ivr.call_log.database import open_database, reading
from ivr.call_log.hosts import overview
from ivr.call_log.tables import CallRow, EventRow
from ivr.publishing.overrides import Wanted, make
from tests.faults.conftest import copy_configuration
from tests.faults.editions import Heard
from tests.faults.hosts import Host, running_hosts, wait_for_drains
from tests.faults.load import Callers, proof_in
from tests.faults.service import Service, serving, wait_until
from tests.faults.shim import Shim

pytestmark = pytest.mark.timeout(600)  # many times what an idle machine needs

TWO_HOURS = 7200
A_YEAR = 365 * 86_400
LATE = "We open late today."
LONGEST_LEASE = timedelta(minutes=11)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('clock') / 'log.db'}"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, shim: Shim, address: str) -> Iterator[Host]:
    shim.set_clock(0)
    with running_hosts(tmp_path_factory.mktemp("hosts"), ["one"], address, **shim.environment) as hosts:
        yield hosts[0]


@pytest.fixture(scope="module")
def log(host: Host, address: str) -> Iterator[Engine]:
    engine = open_database(address)
    wait_until(lambda: (host.service.data / "database-known").exists(), "the worker did not bring the tables up")
    yield engine
    engine.dispose()


class Words(Heard):
    """Whether a new call hears the override."""

    def __init__(self) -> None:
        super().__init__()
        self.late = False

    def __call__(self, call: str, words: str) -> None:
        self.late = self.late or LATE in words


def hears_the_override(service: Service) -> bool:
    words = Words()
    with Callers(service, 1, turns=1, overhear=words) as callers:
        pass
    assert callers.tally.faults == []
    return words.late


def lease_is_of(log: Engine, seconds: int) -> bool:
    """A job that one host does for all was done by the clock that is so far off."""
    present = datetime.now(UTC) + timedelta(seconds=seconds)
    done = [each.done_at for each in overview(log).leases if each.job == "notices"]
    return any(at is not None and abs(at - present) < LONGEST_LEASE for at in done)


def test_no_call_no_lease_and_no_override_is_lost_when_the_clock_is_set(host: Host, log: Engine, shim: Shim) -> None:
    now = datetime.now(UTC)
    wanted = Wanted(OverrideKind.SAY, "", now, now + timedelta(hours=1), say={"en-US": LATE, "es-US": LATE})
    make(log, wanted, actor="maria", now=now)
    wait_until(lambda: hears_the_override(host.service), "the override did not come")
    proofs: set[str] = set()
    in_force = {}
    for seconds in (TWO_HOURS, -TWO_HOURS, 0):
        shim.set_clock(seconds)
        with Callers(host.service, 2, turns=20) as callers:
            pass
        assert callers.tally.faults == []
        proofs.update(callers.tally.proofs)
        in_force[seconds] = hears_the_override(host.service)
        host.kill_worker()
        host.start_worker()  # another holder finds what the first one claimed and did two hours from now, and more
        wait_until(functools.partial(lease_is_of, log, seconds), "a job was not done again")
        wait_for_drains([host])
    assert in_force == {TWO_HOURS: False, -TWO_HOURS: False, 0: True}
    with reading(log) as connection:
        stored = {proof for key in connection.scalars(select(EventRow.key)) for proof in proof_in(key)}
        closed_early = connection.scalar(select(func.count()).where(CallRow.closed_by == "worker"))
    assert proofs - stored == set()
    assert closed_early == 0


@pytest.mark.parametrize("seconds", [-A_YEAR, A_YEAR], ids=["a year behind", "a year ahead"])
def test_a_service_whose_clock_is_wrong_from_the_start_serves(tmp_path: Path, shim: Shim, seconds: int) -> None:
    shim.set_clock(seconds)
    copy_configuration(tmp_path)
    try:
        with serving(tmp_path / "config", tmp_path / "var", tmp_path / "log", **shim.environment) as service:
            service.wait_for_workers()
            with Callers(service, 2, turns=20) as callers:
                pass
            health = service.health()
    finally:
        shim.set_clock(0)
    assert callers.tally.faults == []
    assert callers.tally.unwritten(service.journal) == []
    assert health["status"] == "ok"
    assert str((datetime.now(UTC) + timedelta(seconds=seconds)).year) in health["routing"]["adopted_at"]
