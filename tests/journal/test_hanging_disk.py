"""The journal on a disk that neither takes a write nor refuses it: whoever is at it waits, everybody else goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from ivr.journal.entry import Entry
from ivr.journal.reader import read, scan
from ivr.journal.writer import Journal
from ivr.voice.probe import Probe

Make = Callable[[int], Entry]
PATIENCE = 0.5
MANY = 40
GIVE_UP_SECONDS = 60.0


class Disk:
    """Syncs wait as long as `go_on` is clear. `at_it` is set once somebody waits."""

    def __init__(self) -> None:
        self.go_on, self.at_it = Event(), Event()
        self.go_on.set()

    def sync(self, descriptor: int) -> None:
        if not self.go_on.is_set():
            self.at_it.set()
            assert self.go_on.wait(GIVE_UP_SECONDS)
        os.fdatasync(descriptor)

    def hang(self) -> None:
        self.at_it.clear()
        self.go_on.clear()


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    yield made
    made.go_on.set()


def hung(journal: Journal, disk: Disk, entry: Entry) -> tuple[Thread, list[bool]]:
    """Somebody appends and waits for the disk; the thread, and what their append comes to."""
    durable: list[bool] = []
    thread = Thread(target=lambda: durable.append(journal.append([entry])))
    disk.hang()
    thread.start()
    assert disk.at_it.wait(GIVE_UP_SECONDS)
    return thread, durable


def keys(directory: Path) -> set[str]:
    return {entry.key for entry in read(directory)}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_first_waits_a_moment_and_the_next_not_at_all(tmp_path: Path, make_entry: Make, disk: Disk) -> None:
    told: list[str] = []
    journal = Journal(tmp_path, sync=disk.sync, patience=PATIENCE, on_trouble=told.append)
    assert journal.append([make_entry(0)])
    thread, durable = hung(journal, disk, make_entry(1))

    began = time.monotonic()
    assert not any(journal.append([make_entry(number)]) for number in range(2, 2 + MANY))
    took = time.monotonic() - began

    assert PATIENCE * 0.9 < took < PATIENCE * MANY / 2  # one of them waited, not each
    assert journal.lost == MANY
    assert told == [journal.trouble]
    assert "the disk does not answer" in told[0]
    assert len(list(tmp_path.glob("*.jsonl"))) == 1  # nobody touched the directory meanwhile

    disk.go_on.set()
    thread.join(GIVE_UP_SECONDS)
    assert durable == [True]


def test_all_is_well_again_once_the_disk_answers_and_what_was_left_behind_is_written(
    tmp_path: Path, make_entry: Make, disk: Disk
) -> None:
    told: list[str] = []
    journal = Journal(tmp_path, sync=disk.sync, patience=PATIENCE, on_recovery=told.append)
    assert journal.append([make_entry(0)])
    before = open_files()
    thread, _ = hung(journal, disk, make_entry(1))
    assert not journal.append([make_entry(2)])

    disk.go_on.set()
    thread.join(GIVE_UP_SECONDS)
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not journal.append([make_entry(3)]):
        assert time.monotonic() < give_up

    assert journal.trouble is None
    assert len(told) == 1
    assert keys(tmp_path) == {make_entry(number).key for number in range(4)}
    assert scan(tmp_path).torn == scan(tmp_path).broken == 0
    assert open_files() == before


def test_a_sync_that_fails_in_the_end_promises_nothing_to_anybody(tmp_path: Path, make_entry: Make, disk: Disk) -> None:
    broken = False

    def sync(descriptor: int) -> None:
        disk.sync(descriptor)
        if broken:
            raise OSError(5, "Input/output error")

    journal = Journal(tmp_path, sync=sync, patience=PATIENCE)
    assert journal.append([make_entry(0)])
    thread, durable = hung(journal, disk, make_entry(1))
    assert not journal.append([make_entry(2)])
    broken = True
    disk.go_on.set()
    thread.join(GIVE_UP_SECONDS)

    assert durable == [False]
    assert journal.lost == 2


def test_the_fallback_takes_what_a_hanging_disk_does_not(tmp_path: Path, make_entry: Make, disk: Disk) -> None:
    first, spare = tmp_path / "journal", tmp_path / "spare"

    def sync(descriptor: int) -> None:
        at = Path(f"/proc/self/fd/{descriptor}").readlink().parent
        (disk.sync if at == first else os.fdatasync)(descriptor)

    journal = Journal(first, fallback=spare, sync=sync, patience=PATIENCE)
    assert journal.append([make_entry(0)])
    thread, durable = hung(journal, disk, make_entry(1))

    assert all(journal.append([make_entry(number)]) for number in range(2, 10))

    assert journal.lost == 0
    assert keys(spare) == {make_entry(number).key for number in range(2, 10)}
    disk.go_on.set()
    thread.join(GIVE_UP_SECONDS)
    assert durable == [True]


def test_who_hangs_while_a_file_is_made_holds_up_nobody_else(
    tmp_path: Path, make_entry: Make, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _descriptor: disk.sync(_descriptor))  # of the directory: its name is new
    journal = Journal(tmp_path / "journal", patience=PATIENCE)
    thread, durable = hung(journal, disk, make_entry(1))

    began = time.monotonic()
    assert not any(journal.append([make_entry(number)]) for number in range(2, 2 + MANY))
    assert time.monotonic() - began < PATIENCE * MANY / 2
    assert "the disk does not answer" in (journal.trouble or "")
    assert journal.lost == MANY

    disk.go_on.set()
    thread.join(GIVE_UP_SECONDS)
    assert durable == [True]
    assert journal.append([make_entry(100)])
    assert journal.trouble is None


def test_whoever_asks_whether_the_host_is_ready_gets_an_answer_and_leaves_one_trial_behind(
    tmp_path: Path, disk: Disk
) -> None:
    probe = Probe(tmp_path, PATIENCE, disk.sync)
    assert probe.refusal() == ""
    disk.hang()

    began = time.monotonic()
    assert {probe.refusal() for _ in range(MANY)} == {"the disk does not answer"}
    assert time.monotonic() - began < PATIENCE * MANY / 2
    assert len(list(tmp_path.iterdir())) == 1

    disk.go_on.set()
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while probe.refusal():
        assert time.monotonic() < give_up
