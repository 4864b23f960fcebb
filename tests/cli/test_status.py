"""`status` exits 1 when something needs a look, names it, and exits 0 once it is over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from ivr.call_log.database import migrate, open_database, writing
from ivr.call_log.lost import Lost, write_lost
from ivr.call_log.tables import Lease
from ivr.journal.drainer import SET_ASIDE
from ivr.routing.versions import Versions
from ivr.telemetry.worker_file import JobState, WorkerState, write_worker_file

from .conftest import ROOT, Type

NOW = datetime.now(UTC)
VERSION = "0123456789ab"
# What a web process does that could not write its journal; it waits until it is told to end.
REFUSING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ivr.telemetry.metrics import Metrics
metrics = Metrics(Path(sys.argv[1]), lambda: datetime.now(UTC))
metrics.note(problems=0, adopted_at=None, trouble=True, lost=3)
print("told", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def a_service_that_is_well(command_line: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("DATABASE_URL", address)
    engine = open_database(address)
    migrate(engine)
    engine.dispose()
    versions = Versions(data(tmp_path) / "routing")
    versions.keep(VERSION, {"clinic.yaml": b""})
    versions.note(VERSION)
    the_worker_says(tmp_path)
    assert command_line("status").code == 0


def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


def the_worker_says(tmp_path: Path, **jobs: JobState) -> None:
    moment = datetime.now(UTC).isoformat()
    write_worker_file(data(tmp_path), replace(WorkerState(moment, moment, os.getpid()), jobs=jobs))


def the_lease_says(tmp_path: Path, job: str, *, fault: str, failed_at: datetime) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/log.db")
    row = {"job": job, "holder": "another host", "expires_at": NOW, "done_at": NOW - timedelta(days=3)}
    with writing(engine) as connection:
        connection.execute(insert(Lease).values(**row, failed_at=failed_at, fault=fault))
    engine.dispose()


def needs(command_line: Type) -> list[str]:
    """What `status` names, in both its forms; the exit code says the same."""
    told, text = command_line("status", "--json"), command_line("status")
    found: list[str] = json.loads(told.out)["needs"]
    assert told.code == text.code == (1 if found else 0)
    assert json.loads(told.out)["well"] is not bool(found)
    assert [line.strip() for line in text.out.partition("Needs a look:\n")[2].splitlines()] == found
    return found


def test_a_job_that_fails_here_needs_a_look(command_line: Type, tmp_path: Path) -> None:
    the_worker_says(tmp_path, bring=JobState(fault="OSError"), figures=JobState(done_at=NOW.isoformat()))
    assert needs(command_line) == ["bring fails: OSError"]
    the_worker_says(tmp_path, bring=JobState(done_at=NOW.isoformat()))
    assert needs(command_line) == []


def test_a_job_for_all_that_fails_on_any_host_needs_a_look(command_line: Type, tmp_path: Path) -> None:
    the_lease_says(tmp_path, "reconcile", fault="TwilioException", failed_at=NOW - timedelta(minutes=2))
    assert needs(command_line) == ["reconcile fails: TwilioException"]


def test_a_job_for_all_that_another_host_has_done_since_is_well(command_line: Type, tmp_path: Path) -> None:
    the_worker_says(tmp_path, reconcile=JobState(fault="TwilioException"))
    the_lease_says(tmp_path, "reconcile", fault="", failed_at=NOW - timedelta(minutes=2))
    assert needs(command_line) == []


def test_a_job_that_nobody_does_any_more_needs_no_look(command_line: Type, tmp_path: Path) -> None:
    the_lease_says(tmp_path, "test calls", fault="TwilioException", failed_at=NOW - timedelta(days=2))
    assert needs(command_line) == []


def test_lines_set_aside_need_a_look_until_they_are_moved_away(command_line: Type, tmp_path: Path) -> None:
    aside = data(tmp_path) / "journal" / SET_ASIDE
    aside.mkdir(parents=True)
    (aside / "lines.jsonl").write_text("{}\n")
    assert needs(command_line) == ["lines were set aside on this host"]
    (aside / "lines.jsonl").unlink()
    assert needs(command_line) == []


def test_a_database_that_was_set_aside_needs_a_look_until_somebody_removes_the_note(
    command_line: Type, tmp_path: Path
) -> None:
    write_lost(data(tmp_path), Lost(NOW, "log.db.damaged-1", "file is not a database", restored=True))
    assert needs(command_line) == ["a damaged database was set aside (docs/operations.md)"]
    assert "log.db.damaged-1" in command_line("status").out
    assert json.loads(command_line("status", "--json").out)["lost"]["what"] == "file is not a database"
    (data(tmp_path) / "database-lost.json").unlink()
    assert command_line("status").code == 0


def test_a_journal_that_refuses_needs_a_look_while_the_process_runs(command_line: Type, tmp_path: Path) -> None:
    shared = data(tmp_path) / "metrics" / "8000"
    shared.mkdir(parents=True)
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared), "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-c", REFUSING, str(data(tmp_path))]
    pipe = subprocess.PIPE
    with subprocess.Popen(run, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "told\n"
        assert needs(command_line) == ["the journal could not be written at the last turn"]
        assert "3 entries lost since the service began" in command_line("status").out
        process.kill()
    assert needs(command_line) == []


def test_figures_that_cannot_be_read_say_nothing(command_line: Type, tmp_path: Path) -> None:
    shared = data(tmp_path) / "metrics" / "8000"
    shared.mkdir(parents=True)
    (shared / "counter_1.db").write_bytes(b"torn")
    assert needs(command_line) == []
