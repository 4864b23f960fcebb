"""The worker's file: read whole or not at all."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.telemetry.worker_file import NAME, JobState, WorkerState, read_worker_file, write_worker_file

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
STATE = WorkerState(
    seen_at=NOW.isoformat(),
    started_at=NOW.isoformat(),
    pid=7,
    behind_bytes=5,
    live_calls=2,
    today={"answered": 3},
    jobs={"drain": JobState(done_at=NOW.isoformat()), "figures": JobState(fault="OSError")},
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_worker_file(tmp_path, STATE)
    assert read_worker_file(tmp_path) == STATE
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "{}", '{"seen_at": "x", "started_at": "", "pid": 1}', '{"jobs": {"a": {"b": 1}}}']
)
def test_a_damaged_file_is_no_word_at_all(tmp_path: Path, text: str) -> None:
    assert read_worker_file(tmp_path) is None
    (tmp_path / NAME).write_text(text)
    assert read_worker_file(tmp_path) is None


def test_a_worker_that_wrote_nothing_for_a_while_is_silent() -> None:
    assert not STATE.is_silent(NOW + timedelta(seconds=15))
    assert STATE.is_silent(NOW + timedelta(seconds=16))
    assert STATE.age(NOW - timedelta(hours=1)) == 0.0
