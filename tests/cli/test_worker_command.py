"""`worker` and `status` as an operator uses them: started, looked at, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.app import build_services
from ivr.call_flow.events import NoInput
from ivr.journal.drainer import only_drainer
from ivr.journal.entry import entries_for
from ivr.settings import read_settings

from .conftest import ROOT, Type

Start = Callable[[], subprocess.Popen[str]]
SID = "CA" + "0" * 32


@pytest.fixture
def start(command_line: Type, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker on the sample clinic; it is gone when the test ends."""
    started: list[subprocess.Popen[str]] = []

    def begun() -> subprocess.Popen[str]:
        with (tmp_path / "log").open("a") as log:
            run = [sys.executable, "-m", "ivr", "worker"]
            started.append(subprocess.Popen(run, cwd=ROOT, stdout=log, stderr=log, text=True))
        return started[-1]

    yield begun
    for process in started:
        process.kill()
        process.wait()


def something_happened() -> None:
    services = build_services(read_settings(os.environ))
    entries = entries_for(SID, 0, datetime.now(UTC), "v1", [NoInput("main", 1)])
    assert services.journal.append(entries)
    services.journal.close()


def wait_until(true: Callable[[], object]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def test_a_worker_drains_tells_and_ends_on_sigterm(
    command_line: Type, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_HOST_NAME", "front desk")
    something_happened()
    before = command_line("status")
    assert before.code == 1
    assert "never seen on this host" in before.out
    assert "bytes behind" in before.out
    worker = start()
    wait_until(lambda: json.loads(command_line("status", "--json").out)["hosts"])
    wait_until(lambda: json.loads(command_line("status", "--json").out)["worker"]["drained"])
    said = json.loads(command_line("status", "--json").out)
    assert said["worker"]["alive"]
    assert said["worker"]["drained"] == 1
    assert said["database"] == {"reachable": True, "fault": ""}
    assert said["hosts"][0]["name"] == "front desk"
    wait_until(lambda: "close calls" in command_line("status").out)
    text = command_line("status").out
    assert "Worker    running as process" in text
    assert "Database  reachable" in text
    assert "all drained" in text
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines if line["logger"] == "ivr.worker"] == [
        "the worker of front desk begins",
        "the worker of front desk ends",
    ]


def test_a_second_worker_says_so_and_exits_75(command_line: Type, tmp_path: Path) -> None:
    with only_drainer(tmp_path / "var" / "journal"):
        typed = command_line("worker")
    assert typed.code == 75
    assert "one is enough on a host" in typed.err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://x", "DATABASE_URL must be sqlite"),
        ("::::", "DATABASE_URL must be sqlite"),
        ("sqlite:////dev/null/ivr.db", "the folder /dev/null cannot be made"),
    ],
)
def test_a_database_that_can_never_be_opened_is_refused_in_a_sentence(
    command_line: Type, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    for command in ("worker", "status"):
        typed = command_line(command)
        assert typed.code == 1
        assert said in typed.err


def test_a_database_that_is_away_is_told_without_its_password(
    command_line: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ivr:hush@127.0.0.1:1/ivr")
    typed = command_line("status")
    assert typed.code == 1
    assert "Database  not reachable: OperationalError" in typed.out
    assert "hush" not in typed.out + typed.err


def test_a_worker_without_a_usable_configuration_does_not_begin(command_line: Type, config: Path) -> None:
    (config / "menus.yaml").write_text("menus: [\n")
    typed = command_line("worker")
    assert typed.code == 1
    assert "no configuration that can be used" in typed.err
