"""What staff did by phone goes the worker's whole way: from the journal to the database and back to a host's disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from ivr.app import examiner, fallback_writer
from ivr.journal.entry import Entry
from ivr.publishing.by_phone import take_over
from ivr.publishing.overrides import newest
from ivr.publishing.pins import put
from ivr.routing.pins import hashed
from ivr.routing.staff_file import read_staff
from ivr.services import Services
from ivr.worker import loop
from ivr.worker.jobs import Brought, jobs
from tests.conftest import Clinic

from .conftest import Work, wait_until

PIN = "483920"


@pytest.fixture
def config(config: Path) -> Path:
    with (config / "clinic.yaml").open("a") as file:
        file.write('\nstaff:\n  keys: "*#*#"\n')
    return config


def test_a_change_by_phone_is_made_once_though_the_database_fails_in_between(
    clinic: Clinic, working: Work, log: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    services: Services = clinic.app.extensions["ivr"]
    folder = clinic.settings.data / "routing"
    put(log, "maria", hashed(PIN, services.seal.indexes), actor="cli:test", now=clinic.clock())
    (bring,) = [
        job
        for job in jobs(services, Brought(log, examiner(clinic.settings), fallback_writer(clinic.settings)))
        if job.name == "overrides"
    ]
    bring.run(lambda: True)
    assert set(read_staff(folder).pins) == {"maria"}
    telephone = clinic.telephone()
    telephone.dial()
    for keys in (*"*#*#", "902514", PIN, "2", "1"):
        telephone.press(keys)
    calls: list[int] = []

    def failing_first(engine: Engine, entries: Sequence[Entry], now: datetime) -> None:
        take_over(engine, entries, now)
        calls.append(len(entries))
        if len(calls) == 1:
            raise OperationalError("INSERT", {}, Exception("the database is away"))

    monkeypatch.setattr(loop, "take_over", failing_first)
    with working():
        wait_until(lambda: len(calls) > 1, "the entries handed over again")
    (made,) = newest(log)
    assert (made.made_by, made.override.location) == ("phone:maria", "gilbert")
    bring.run(lambda: True)
    assert list(read_staff(folder).refusals) == [f"{telephone.sid}:5:PinRefused"]
    assert (folder / "overrides-by-phone.json").read_text() == "[]"
