"""Figures: counted exactly, added up over processes that come and go, and the worker's beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ivr.telemetry.metrics import Metrics
from ivr.telemetry.worker_file import WorkerState, write_worker_file

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
Labels = Mapping[str, str]


def figures(page: bytes) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels' values."""
    families = text_string_to_metric_families(page.decode())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def noted(metrics: Metrics, lost: int = 0) -> dict[tuple[str, ...], float]:
    metrics.note(problems=2, adopted_at=NOW, trouble=True, lost=lost)
    return figures(metrics.page())


@pytest.fixture
def metrics(tmp_path: Path) -> Metrics:
    return Metrics(tmp_path, lambda: NOW)


def test_calls_turns_and_refusals_are_counted(metrics: Metrics) -> None:
    for door, status in [("incoming", 200), ("turn", 200), ("turn", 200), ("turn", 403), ("status", 204), ("leg", 503)]:
        metrics.answered(door, status, 0.003)
    found = noted(metrics)
    assert found["ivr_calls_total",] == 1
    assert found["ivr_turns_total",] == 3
    assert found["ivr_signature_refusals_total",] == 1
    assert found["ivr_requests_total", "turn", "200"] == 2
    assert found["ivr_requests_total", "leg", "503"] == 1


def test_the_histogram_holds_every_turn_in_its_place(metrics: Metrics) -> None:
    for seconds in (0.0005, 0.001, 0.003, 99.0):
        metrics.answered("turn", 200, seconds)
    found = noted(metrics)
    assert found["ivr_turn_seconds_bucket", "0.001"] == 2
    assert found["ivr_turn_seconds_bucket", "0.005"] == 3
    assert found["ivr_turn_seconds_bucket", "15.0"] == 3
    assert found["ivr_turn_seconds_bucket", "+Inf"] == found["ivr_turn_seconds_count",] == 4
    assert found["ivr_turn_seconds_sum",] == pytest.approx(99.0045)


def test_unknown_addresses_share_one_name(metrics: Metrics) -> None:
    for number in range(50):
        metrics.answered(f"<script>{number}", 403, 0.0)
    found = noted(metrics)
    assert found["ivr_requests_total", "other", "403"] == 50
    assert sum(key[0] == "ivr_requests_total" for key in found) == 1


def test_how_the_process_stands_is_told_and_losses_add_up_once(metrics: Metrics) -> None:
    assert noted(metrics, lost=3)["ivr_journal_lost_total",] == 3
    found = noted(metrics, lost=5)
    assert found["ivr_journal_lost_total",] == 5
    assert found["ivr_configuration_problems",] == 2
    assert found["ivr_journal_trouble",] == 1
    assert found["ivr_routing_adopted_timestamp_seconds",] == NOW.timestamp()


def test_the_workers_figures_come_from_its_file(tmp_path: Path, metrics: Metrics) -> None:
    assert noted(metrics)["ivr_worker_alive",] == 0
    seen = (NOW - timedelta(seconds=4)).isoformat()
    state = WorkerState(seen, seen, 7, 100, 9, 50, 1, 2, live_calls=3, today={"answered": 8, "abandoned in menu": 1})
    write_worker_file(tmp_path, state)
    found = noted(metrics)
    assert found["ivr_worker_alive",] == 1
    assert found["ivr_worker_age_seconds",] == 4
    assert found["ivr_journal_behind_bytes",] == 100
    assert found["ivr_journal_behind_seconds",] == 9
    assert found["ivr_journal_drained_total",] == 50
    assert found["ivr_journal_set_aside_total",] == 1
    assert found["ivr_database_errors_total",] == 2
    assert found["ivr_live_calls",] == 3
    assert found["ivr_calls_today", "abandoned in menu"] == 1


def test_several_processes_are_added_up_and_the_dead_still_count(tmp_path: Path) -> None:
    """Each child counts five turns and ends; what it said of itself goes with it, what it counted stays."""
    shared = tmp_path / "metrics"
    shared.mkdir()
    program = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ivr.telemetry.metrics import Metrics
from ivr.serving import child_exit
class Worker: pid = int(sys.argv[2]) if len(sys.argv) > 2 else 0
metrics = Metrics(Path(sys.argv[1]), lambda: datetime.now(UTC))
if Worker.pid:
    child_exit(None, Worker())
    print(metrics.page().decode())
else:
    import os
    for _ in range(5): metrics.answered("turn", 200, 0.02)
    metrics.note(problems=4, adopted_at=None, trouble=False, lost=1)
    print(os.getpid())
"""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared)}

    def run(*words: str) -> str:
        command = [sys.executable, "-c", program, str(tmp_path), *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    first, second = run().strip(), run().strip()
    found = figures(run(first).encode())
    assert found["ivr_turns_total",] == found["ivr_turn_seconds_count",] == 10
    assert found["ivr_journal_lost_total",] == 2
    assert found["ivr_configuration_problems",] == 4
    found = figures(run(second).encode())
    assert found["ivr_turns_total",] == 10
    assert found.get(("ivr_configuration_problems",), 0) == 0
