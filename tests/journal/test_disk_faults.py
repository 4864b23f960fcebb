"""The journal on disks that are full, read-only, out of files or broken, and on their mending."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from ivr.journal.entry import Entry, to_line
from ivr.journal.reader import read, scan
from ivr.journal.writer import Journal

Make = Callable[[int], Entry]
Run = Callable[..., subprocess.CompletedProcess[str]]

MAKE = """
import os, sys
from resource import RLIMIT_FSIZE, RLIMIT_NOFILE, getrlimit, setrlimit
from datetime import UTC, datetime
from pathlib import Path
from ivr.call_flow.events import MenuHeard
from ivr.journal.entry import entries_for
from ivr.journal.reader import scan
from ivr.journal.writer import Journal

def make(number):
    return entries_for(f"CA{number:032x}", 1, datetime(2026, 11, 23, tzinfo=UTC), "v1", [MenuHeard("main")])

def limit(kind, value):
    setrlimit(kind, (value, getrlimit(kind)[1]))

journal = Journal(Path(sys.argv[1]))
"""


class Clock:
    """Monotonic seconds that move only when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class Told:
    """Keeps what operators are told."""

    def __init__(self) -> None:
        self.trouble: list[str] = []
        self.recovery: list[str] = []

    def journal(self, directory: Path, **options: object) -> Journal:
        return Journal(
            directory,
            on_trouble=self.trouble.append,
            on_recovery=self.recovery.append,
            **options,  # type: ignore[arg-type]
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> Told:
    return Told()


def no_directory(tmp_path: Path) -> Path:
    """A place no directory can be made in, because a file stands there."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "journal"


def mend(place: Path) -> None:
    place.parent.unlink()


def fill(directory: Path, leave: int) -> Path:
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) == 4096:
                pass
        except OSError:
            pass
        file.truncate(file.tell() - leave)
    return filler


def test_a_full_disk_loses_only_what_was_not_acknowledged(
    tiny_disk: Path, make_entry: Make, told: Told, clock: Clock
) -> None:
    filler = fill(tiny_disk, leave=8192)
    journal = told.journal(tiny_disk / "journal", clock=clock)

    acknowledged = [number for number in range(120) if journal.append([make_entry(number)])]

    assert 10 < len(acknowledged) < 100
    assert journal.lost == 120 - len(acknowledged)
    assert told.trouble == [journal.trouble]
    assert "No space left on device" in told.trouble[0]
    reading = scan(tiny_disk / "journal")
    assert [entry.key for entry in reading.entries] == [make_entry(number).key for number in acknowledged]
    assert reading.torn <= 1
    assert reading.broken == 0

    filler.unlink()
    clock.advance(1)
    assert journal.append([make_entry(1000)])
    assert journal.trouble is None
    assert len(told.recovery) == 1
    assert make_entry(1000) in list(read(tiny_disk / "journal"))


def test_a_full_disk_does_not_fill_with_files(tiny_disk: Path, make_entry: Make, clock: Clock) -> None:
    fill(tiny_disk, leave=0)
    journal = Journal(tiny_disk, clock=clock)

    for number in range(50):
        clock.advance(1)
        assert not journal.append([make_entry(number)])

    assert [path.name for path in tiny_disk.iterdir()] == ["filler"]


def test_a_full_disk_sends_entries_to_the_fallback(
    tiny_disk: Path, tmp_path: Path, make_entry: Make, told: Told, clock: Clock
) -> None:
    filler = fill(tiny_disk, leave=8192)
    journal = told.journal(tiny_disk / "journal", fallback=tmp_path / "spare", clock=clock)

    for number in range(120):
        clock.advance(0.1)
        assert journal.append([make_entry(number)])

    assert journal.lost == 0
    assert told.trouble == [journal.trouble]
    assert "No space left on device" in told.trouble[0]
    assert f"written in {tmp_path / 'spare'} instead" in told.trouble[0]
    assert len(list((tmp_path / "spare").iterdir())) == 1
    assert len(scan(tiny_disk / "journal", tmp_path / "spare").entries) == 120

    filler.unlink()
    clock.advance(1)
    assert journal.append([make_entry(1000)])
    assert make_entry(1000) in list(read(tiny_disk / "journal"))
    assert journal.trouble is None
    assert len(told.recovery) == 1


def test_an_old_write_that_succeeds_does_not_end_the_trouble(tiny_disk: Path, make_entry: Make, told: Told) -> None:
    begun, go_on = Event(), Event()
    hold = False

    def sync(descriptor: int) -> None:
        if hold:
            begun.set()
            assert go_on.wait(10)
        os.fdatasync(descriptor)

    journal = told.journal(tiny_disk / "journal", sync=sync, rotate_bytes=2 * len(to_line(make_entry(1))))
    assert journal.append([make_entry(1)])
    fill(tiny_disk, leave=0)
    hold = True  # the second fills the file, so the next go to a new one
    durable: list[bool] = []
    thread = Thread(target=lambda: durable.append(journal.append([make_entry(2)])))
    thread.start()
    assert begun.wait(10)

    assert not journal.append([make_entry(number) for number in range(10, 110)])
    go_on.set()
    thread.join(10)

    assert durable == [True]
    assert journal.trouble is not None
    assert (len(told.trouble), told.recovery, journal.lost) == (1, [], 100)
    assert [entry.key for entry in read(tiny_disk / "journal")][:2] == [make_entry(1).key, make_entry(2).key]


def test_a_read_only_disk_is_reported_and_the_fallback_used(
    read_only: Path, tmp_path: Path, make_entry: Make, told: Told
) -> None:
    alone = told.journal(read_only)
    backed = Journal(read_only / "journal", fallback=tmp_path / "spare")

    assert not alone.append([make_entry(1)])
    assert backed.append([make_entry(2)])

    assert alone.lost == 1
    (sentence,) = told.trouble
    assert str(read_only) in sentence
    assert "Read-only file system" in sentence or "Permission denied" in sentence
    assert make_entry(1).call not in sentence
    assert list(read(tmp_path / "spare")) == [make_entry(2)]


def test_a_file_size_limit_loses_nothing_while_a_new_file_fits(run_python: Run, tmp_path: Path) -> None:
    script = """
limit(RLIMIT_FSIZE, 2000)
assert all(journal.append(make(number)) for number in range(30))
assert journal.trouble is None
reading = scan(Path(sys.argv[1]))
assert len(reading.entries) == 30 and reading.broken == 0, reading
print(reading.torn)
"""
    done = run_python(MAKE + script, tmp_path / "journal")

    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) <= 30 * 250 // 1700


def test_a_file_size_limit_under_one_line_is_survived_and_mended(run_python: Run, tmp_path: Path) -> None:
    script = """
import time
limit(RLIMIT_FSIZE, 50)
assert not any(journal.append(make(number)) for number in range(100))
assert journal.lost == 100
assert journal.trouble
assert scan(Path(sys.argv[1])).entries == ()
limit(RLIMIT_FSIZE, getrlimit(RLIMIT_FSIZE)[1])
mended = time.monotonic()
while not journal.append(make(1000)):
    assert time.monotonic() < mended + 30
    time.sleep(0.01)
assert journal.trouble is None
assert len(scan(Path(sys.argv[1])).entries) == 1
"""
    done = run_python(MAKE + script, tmp_path / "journal")

    assert done.returncode == 0, done.stderr


def test_out_of_descriptors_the_old_file_serves_on(run_python: Run, tmp_path: Path) -> None:
    script = """
journal = Journal(Path(sys.argv[1]), rotate_bytes=500)
assert journal.append(make(0))
limit(RLIMIT_NOFILE, 32)
taken = []
try:
    while True:
        taken.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
assert all(journal.append(make(number)) for number in range(1, 20))
assert journal.trouble is None
for descriptor in taken:
    os.close(descriptor)
assert len(scan(Path(sys.argv[1])).entries) == 20
"""
    done = run_python(MAKE + script, tmp_path / "journal")

    assert done.returncode == 0, done.stderr


def test_a_failing_sync_is_never_acknowledged(tmp_path: Path, make_entry: Make, told: Told) -> None:
    def sync(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    journal = told.journal(tmp_path / "a", fallback=tmp_path / "b", sync=sync)

    assert not any(journal.append([make_entry(number)]) for number in range(20))

    assert journal.lost == 20
    assert journal.trouble is not None
    assert journal.trouble.count("Input/output error") == 2
    assert "being lost" in journal.trouble
    assert told.trouble[-1] == journal.trouble


def test_when_the_fallback_fails_too_operators_are_told_once_more(
    tmp_path: Path, make_entry: Make, told: Told, clock: Clock
) -> None:
    broken = False

    def sync(descriptor: int) -> None:
        if broken:
            raise OSError(5, "Input/output error")

    journal = told.journal(no_directory(tmp_path), fallback=tmp_path / "spare", sync=sync, clock=clock)
    assert journal.append([make_entry(1)])
    assert len(told.trouble) == 1

    broken = True
    for number in range(2, 6):
        clock.advance(1)
        assert not journal.append([make_entry(number)])
    assert len(told.trouble) == 2
    assert "being lost" in told.trouble[1]

    broken = False
    clock.advance(1)
    assert journal.append([make_entry(9)])
    assert told.recovery == []
    mend(no_place := tmp_path / "file" / "journal")
    clock.advance(1)
    assert journal.append([make_entry(10)])
    assert told.recovery == [f"The journal is written in {no_place} again."]
    assert (len(told.trouble), journal.lost, journal.trouble) == (2, 4, None)


def test_an_append_costs_next_to_nothing_while_the_disk_is_full(tiny_disk: Path, make_entry: Make) -> None:
    fill(tiny_disk, leave=0)
    journal = Journal(tiny_disk)
    entry = [make_entry(1)]
    times = []
    for _ in range(1000):
        begun = time.perf_counter()
        assert not journal.append(entry)
        times.append(time.perf_counter() - begun)

    assert statistics.median(times) < 0.05
    assert journal.lost == 1000


def test_many_threads_on_a_failing_disk_tell_operators_once(tmp_path: Path, make_entry: Make, told: Told) -> None:
    journal = told.journal(no_directory(tmp_path))
    threads = [Thread(target=lambda: [journal.append([make_entry(n)]) for n in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert journal.lost == 400
    assert len(told.trouble) == 1
    assert told.recovery == []


def test_a_listener_that_fails_does_not_fail_the_call(tmp_path: Path, make_entry: Make) -> None:
    def listener(sentence: str) -> None:
        raise RuntimeError(sentence)

    journal = Journal(no_directory(tmp_path), fallback=tmp_path / "spare", on_trouble=listener)

    assert journal.append([make_entry(1)])


KILLED = """
import threading
def work(worker):
    for number in range(worker * 1_000_000, (worker + 1) * 1_000_000):
        entries = make(number)
        if journal.append(entries):
            os.write(1, entries[0].key.encode() + b"\\n")

journal = Journal(Path(sys.argv[1]), rotate_bytes=20_000)
for worker in range(4):
    threading.Thread(target=work, args=(worker,)).start()
"""


@pytest.mark.parametrize("acknowledgements", [1, 100])
def test_a_killed_process_loses_no_acknowledged_entry(tmp_path: Path, acknowledgements: int) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", MAKE + KILLED, str(tmp_path / "journal")]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(acknowledgements)]
        child.kill()
        lines += child.stdout.readlines()

    acknowledged = {line.decode().strip() for line in lines if line.endswith(b"\n")}
    reading = scan(tmp_path / "journal")

    assert len(acknowledged) >= acknowledgements
    assert acknowledged <= {entry.key for entry in reading.entries}
    assert reading.torn <= 1
    assert reading.broken == 0
