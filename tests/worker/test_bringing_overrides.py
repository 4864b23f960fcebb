"""An override made anywhere is in force on this host soon after, and over on it when it is ended."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from ivr.app import build_services, examiner, fallback_writer
from ivr.call_flow.model import OverrideKind
from ivr.cli.telephone import Ringing
from ivr.publishing.overrides import Wanted, end, make
from ivr.worker.jobs import Brought, jobs
from tests.conftest import Clinic, settings_for

from .conftest import Work, wait_until


def gilbert_rings(clinic: Clinic) -> bool:
    clinic.app.extensions["ivr"].live.refresh()  # what the web process's watcher does four times a second
    telephone = clinic.telephone()
    telephone.dial()
    return isinstance(telephone.press("2").wait, Ringing)


def test_an_override_comes_and_goes_on_a_host(
    clinic: Clinic, working: Work, log: Engine, tmp_path: Path, config: Path
) -> None:
    now = clinic.clock()
    brought = jobs(
        build_services(settings_for(tmp_path, config), clinic.clock),
        Brought(log, examiner(clinic.settings), fallback_writer(clinic.settings)),
    )
    (overriding,) = [job for job in brought if job.name == "overrides"]
    with working(overriding):
        assert gilbert_rings(clinic)
        wanted = Wanted(OverrideKind.CLOSE, "gilbert", now, now + timedelta(hours=2))
        made = make(log, wanted, actor="maria", now=now)
        wait_until(lambda: not gilbert_rings(clinic), "Gilbert closed")
        end(log, made.override.id, actor="maria", now=now)
        wait_until(lambda: gilbert_rings(clinic), "Gilbert open again")
