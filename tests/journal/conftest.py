"""Shared by the journal's tests: entries to write, disks that are full or read-only for real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.call_flow.events import MenuHeard
from ivr.journal.entry import Entry, entries_for
from ivr.journal.segment import Segment

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 23, 16, 30, 5, 123000, tzinfo=UTC)


@pytest.fixture
def make_entry() -> Callable[[int], Entry]:
    """The entry of call number n."""

    def make(number: int) -> Entry:
        return entries_for(f"CA{number:032x}", 1, AT, "v1", [MenuHeard("main")])[0]

    return make


@pytest.fixture
def handed_in(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Grows with whatever any thread has handed in to a file of the journal, written or not."""
    taken: list[bytes] = []
    hand_in = Segment.hand_in

    def noting(segment: Segment, lines: bytes) -> int:
        number = hand_in(segment, lines)
        taken.append(lines)
        return number

    monkeypatch.setattr(Segment, "hand_in", noting)
    return taken


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a script in a process of its own, so that its limits are its own."""

    def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    where = tmp_path / "disk"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", where], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system is not permitted here")
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", where], capture_output=True, check=True)


@pytest.fixture
def read_only(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A directory nobody may write in: by its mode, or for root, whom modes do not stop, by its mount."""
    if os.geteuid() == 0:
        where: Path = request.getfixturevalue("tiny_disk")
        subprocess.run(["mount", "-o", "remount,ro", where], capture_output=True, check=True)
        yield where
        return
    where = tmp_path / "locked"
    where.mkdir(mode=0o500)
    yield where
    where.chmod(0o700)
