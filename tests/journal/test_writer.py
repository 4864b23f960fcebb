from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Event, Thread

from ivr.journal.entry import Entry, to_line
from ivr.journal.reader import read, scan
from ivr.journal.writer import Journal

Make = Callable[[int], Entry]


def files(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.jsonl"))


def in_threads(work: Callable[[int], None], count: int, each: int) -> None:
    """Run `work` in threads, each with the first number of its own span of `each`."""
    threads = [Thread(target=work, args=(worker * each,)) for worker in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def lines_in(path: Path) -> list[bytes]:
    """What was written, without the room reserved after it."""
    return path.read_bytes().rstrip(b"\0").splitlines(keepends=True)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.001)


def test_nothing_is_opened_before_the_first_append(tmp_path: Path, make_entry: Make) -> None:
    journal = Journal(tmp_path / "journal")

    assert journal.append([])
    assert not (tmp_path / "journal").exists()
    assert journal.append([make_entry(1)])
    assert len(files(tmp_path / "journal")) == 1


def test_what_was_appended_is_read_in_order(tmp_path: Path, make_entry: Make) -> None:
    journal = Journal(tmp_path)

    assert journal.append([make_entry(1), make_entry(2)])
    assert journal.append([make_entry(3)])

    assert list(read(tmp_path)) == [make_entry(1), make_entry(2), make_entry(3)]
    assert (journal.trouble, journal.lost) == (None, 0)


def test_a_replayed_request_gives_no_second_event(tmp_path: Path, make_entry: Make) -> None:
    for _ in range(3):
        journal = Journal(tmp_path)
        assert journal.append([make_entry(1)])
        assert journal.append([make_entry(1)])
        journal.close()

    reading = scan(tmp_path)

    assert reading.entries == (make_entry(1),)
    assert reading.duplicates == 5


def test_two_journals_never_share_a_file(tmp_path: Path, make_entry: Make) -> None:
    first, second = Journal(tmp_path), Journal(tmp_path)

    assert first.append([make_entry(1)])
    assert second.append([make_entry(2)])

    assert len(files(tmp_path)) == 2


def test_a_closed_journal_starts_a_new_file(tmp_path: Path, make_entry: Make) -> None:
    journal = Journal(tmp_path)
    assert journal.append([make_entry(1)])
    journal.close()
    journal.close()

    assert journal.append([make_entry(2)])
    assert len(files(tmp_path)) == 2


def test_threads_lose_nothing_and_share_syncs(tmp_path: Path, make_entry: Make) -> None:
    syncs = count()

    def sync(descriptor: int) -> None:
        next(syncs)
        os.fdatasync(descriptor)

    journal = Journal(tmp_path, sync=sync)
    each = 60
    durable: list[bool] = []

    def work(first: int) -> None:
        durable.extend([journal.append([make_entry(number)]) for number in range(first, first + each)])

    in_threads(work, 4, each)

    assert durable == [True] * 4 * each
    assert {entry.key for entry in read(tmp_path)} == {make_entry(number).key for number in range(4 * each)}
    assert len(files(tmp_path)) == 1
    assert next(syncs) < 4 * each


def test_those_who_write_during_a_sync_share_the_next_one(
    tmp_path: Path, make_entry: Make, handed_in: list[bytes]
) -> None:
    syncs: list[int] = []
    go_on = Event()

    def sync(descriptor: int) -> None:
        syncs.append(descriptor)
        if len(syncs) == 1:
            assert go_on.wait(10)
        os.fdatasync(descriptor)

    journal = Journal(tmp_path, sync=sync)
    done: list[bool] = []

    def work(number: int) -> None:
        done.append(journal.append([make_entry(number)]))

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    threads[0].start()
    wait_until(lambda: len(syncs) == 1)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: len(handed_in) == 8)
    assert done == []

    go_on.set()
    for thread in threads:
        thread.join(10)

    assert done == [True] * 8
    assert len(syncs) == 2


def test_nobody_returns_before_the_own_entry_is_synced(tmp_path: Path, make_entry: Make) -> None:
    synced = 0

    def sync(descriptor: int) -> None:
        nonlocal synced
        size = os.fstat(descriptor).st_size
        os.fdatasync(descriptor)
        synced = size

    journal = Journal(tmp_path, sync=sync)
    early: list[int] = []

    def work(first: int) -> None:
        for number in range(first, first + 60):
            journal.append([make_entry(number)])
            covered = synced
            if make_entry(number).key.encode() not in files(tmp_path)[0].read_bytes()[:covered]:
                early.append(number)

    in_threads(work, 4, each=60)

    assert early == []


def test_all_lines_of_an_append_are_one_write(tmp_path: Path, make_entry: Make) -> None:
    synced: list[list[bytes]] = []
    journal = Journal(tmp_path, sync=lambda _descriptor: synced.append(lines_in(files(tmp_path)[0])))
    entries = [make_entry(number) for number in range(5)]

    assert journal.append(entries)

    assert synced == [[to_line(entry) for entry in entries]]


def test_a_big_file_is_followed_by_a_new_one(tmp_path: Path, make_entry: Make) -> None:
    journal = Journal(tmp_path, rotate_bytes=3 * len(to_line(make_entry(1))))

    for number in range(10):
        assert journal.append([make_entry(number)])

    assert [len(lines_in(path)) for path in files(tmp_path)] == [3, 3, 3, 1]
    assert list(read(tmp_path)) == [make_entry(number) for number in range(10)]


def test_a_file_takes_lines_for_an_hour(tmp_path: Path, make_entry: Make) -> None:
    now = 1000.0
    journal = Journal(tmp_path, clock=lambda: now)
    assert journal.append([make_entry(1)])
    now += 3599
    assert journal.append([make_entry(2)])
    assert len(files(tmp_path)) == 1

    now += 1
    assert journal.append([make_entry(3)])

    assert len(files(tmp_path)) == 2


def test_rotation_under_load_loses_nothing_and_leaves_no_file_open(tmp_path: Path, make_entry: Make) -> None:
    before = open_descriptors()
    journal = Journal(tmp_path, rotate_bytes=1500)
    lost: list[int] = []

    def work(first: int) -> None:
        lost.extend(number for number in range(first, first + 20) if not journal.append([make_entry(number)]))

    in_threads(work, 4, each=20)
    journal.close()

    assert lost == []
    assert len(list(read(tmp_path))) == 80
    assert len(files(tmp_path)) > 5
    assert open_descriptors() == before


def in_child(work: Callable[[], bool]) -> bool:
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_forked_child_writes_a_file_of_its_own(tmp_path: Path, make_entry: Make) -> None:
    journal = Journal(tmp_path)
    assert journal.append([make_entry(1)])
    (parents,) = files(tmp_path)

    assert in_child(lambda: journal.append([make_entry(2)]) and journal.append([make_entry(3)]))
    assert journal.append([make_entry(4)])

    assert lines_in(parents) == [to_line(make_entry(1)), to_line(make_entry(4))]
    (childs,) = set(files(tmp_path)) - {parents}
    assert lines_in(childs) == [to_line(make_entry(2)), to_line(make_entry(3))]


def test_a_fork_in_the_middle_of_a_sync_does_not_block_the_child(tmp_path: Path, make_entry: Make) -> None:
    parent = os.getpid()
    begun, go_on = Event(), Event()

    def sync(descriptor: int) -> None:
        if os.getpid() == parent:
            begun.set()
            assert go_on.wait(10)
        os.fdatasync(descriptor)

    journal = Journal(tmp_path, sync=sync)
    thread = Thread(target=lambda: journal.append([make_entry(1)]))
    thread.start()
    assert begun.wait(10)

    assert in_child(lambda: journal.append([make_entry(2)]))

    go_on.set()
    thread.join(10)
    assert {entry.key for entry in read(tmp_path)} == {make_entry(1).key, make_entry(2).key}


class LossyDisk:
    """Fails syncs at random and, as a kernel may, drops all that was not synced before."""

    def __init__(self, seed: int, share: float) -> None:
        self._random = random.Random(seed)
        self._share = share
        self._durable: Counter[int] = Counter()
        self._failed: set[int] = set()
        self.synced_again: list[int] = []
        self.failures = 0

    def __call__(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        if found.st_ino in self._failed:
            self.synced_again.append(found.st_ino)
        if self._random.random() < self._share:
            self.failures += 1
            self._failed.add(found.st_ino)
            os.ftruncate(descriptor, self._durable[found.st_ino])
            raise OSError(5, "Input/output error")
        self._durable[found.st_ino] = found.st_size


def test_no_entry_is_acknowledged_that_a_failed_sync_dropped(tmp_path: Path, make_entry: Make) -> None:
    disk = LossyDisk(seed=7, share=0.3)
    ticks = count()
    journal = Journal(tmp_path / "a", fallback=tmp_path / "b", sync=disk, clock=lambda: next(ticks) * 0.3)
    durable: list[int] = []

    def work(first: int) -> None:
        durable.extend(number for number in range(first, first + 100) if journal.append([make_entry(number)]))

    in_threads(work, 4, each=100)
    found = {entry.key for entry in read(tmp_path / "a", tmp_path / "b")}

    assert disk.failures > 20
    assert disk.synced_again == []
    assert {make_entry(number).key for number in durable} <= found
    assert journal.lost == 400 - len(durable)


def test_a_file_whose_sync_failed_is_replaced_at_once(tmp_path: Path, make_entry: Make) -> None:
    inodes: list[int] = []

    def sync(descriptor: int) -> None:
        inodes.append(os.fstat(descriptor).st_ino)
        if len(inodes) == 2:
            raise OSError(5, "Input/output error")

    journal = Journal(tmp_path, sync=sync)
    assert journal.append([make_entry(1)])

    assert journal.append([make_entry(2)])
    assert journal.append([make_entry(3)])

    assert inodes[0] == inodes[1] != inodes[2] == inodes[3]
    assert (journal.trouble, journal.lost) == (None, 0)
    assert [entry.key for entry in read(tmp_path)] == [make_entry(number).key for number in (1, 2, 3)]


def test_all_who_waited_for_a_failed_sync_move_to_one_new_file(
    tmp_path: Path, make_entry: Make, handed_in: list[bytes]
) -> None:
    syncs: list[int] = []

    def sync(descriptor: int) -> None:
        syncs.append(os.fstat(descriptor).st_ino)
        if len(syncs) == 2:
            wait_until(lambda: len(handed_in) == 9)
            raise OSError(5, "Input/output error")

    journal = Journal(tmp_path, sync=sync)
    assert journal.append([make_entry(100)])
    durable: list[bool] = []

    def work(number: int) -> None:
        durable.append(journal.append([make_entry(number)]))

    in_threads(work, 8, each=1)

    assert durable == [True] * 8
    assert syncs.count(syncs[0]) == 2
    assert len(files(tmp_path)) == 2


def test_a_file_removed_under_us_is_replaced_at_once(tmp_path: Path, make_entry: Make) -> None:
    journal = Journal(tmp_path)
    assert journal.append([make_entry(1)])
    files(tmp_path)[0].unlink()

    assert journal.append([make_entry(2)])

    assert list(read(tmp_path)) == [make_entry(2)]


def test_a_directory_removed_under_us_is_made_anew(tmp_path: Path, make_entry: Make) -> None:
    journal = Journal(tmp_path / "data" / "journal")
    assert journal.append([make_entry(1)])
    shutil.rmtree(tmp_path / "data")

    assert journal.append([make_entry(2)])

    assert list(read(tmp_path / "data" / "journal")) == [make_entry(2)]
    assert journal.trouble is None
