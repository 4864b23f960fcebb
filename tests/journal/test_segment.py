from __future__ import annotations

import errno
import os
import resource
import stat
from pathlib import Path
from threading import Event, Thread

import pytest

from ivr.journal.segment import Segment


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_file_and_directories_are_private(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "data" / "journal", os.fdatasync)

    assert stat.S_IMODE(segment.path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data" / "journal").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    segment.retire()


def test_names_are_unique_and_say_when_and_by_whom(tmp_path: Path) -> None:
    first, second = Segment(tmp_path, os.fdatasync), Segment(tmp_path, os.fdatasync)

    assert first.path != second.path
    assert first.path.name < second.path.name or first.path.name[:23] == second.path.name[:23]
    assert f"-{os.getpid()}-" in first.path.name
    assert first.path.suffix == ".jsonl"
    first.retire()
    second.retire()


def test_names_and_new_directories_are_made_durable_in_their_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)

    Segment(tmp_path / "data" / "journal", os.fdatasync).retire()

    expected = [tmp_path, tmp_path / "data", tmp_path / "data" / "journal"]
    assert synced == [each.stat().st_ino for each in expected]


def test_a_retired_file_is_closed_when_its_last_write_is_settled(tmp_path: Path) -> None:
    before = open_descriptors()
    segment = Segment(tmp_path, os.fdatasync)
    first, second = segment.hand_in(b"one\n"), segment.hand_in(b"two\n")

    segment.retire()
    segment.settle(second)
    assert open_descriptors() == before + 1
    segment.settle(first)

    assert open_descriptors() == before
    assert segment.path.read_bytes() == b"one\ntwo\n"


def test_a_retired_file_takes_no_more_writes(tmp_path: Path) -> None:
    segment = Segment(tmp_path, os.fdatasync)
    segment.settle(segment.hand_in(b"one\n"))
    segment.retire()

    with pytest.raises(OSError, match="no more lines"):
        segment.hand_in(b"two\n")


def test_a_file_without_a_whole_write_does_not_stay(tmp_path: Path) -> None:
    Segment(tmp_path, os.fdatasync).retire()

    assert list(tmp_path.iterdir()) == []


def test_a_failed_sync_fails_all_who_waited_and_is_never_repeated(tmp_path: Path) -> None:
    begun, go_on = Event(), Event()
    syncs = []

    def sync(descriptor: int) -> None:
        syncs.append(descriptor)
        begun.set()
        assert go_on.wait(10)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    segment = Segment(tmp_path, sync)
    failures: list[int | None] = []

    def settle(number: int) -> None:
        try:
            segment.settle(number)
        except OSError as error:
            failures.append(error.errno)

    threads = [Thread(target=settle, args=(segment.hand_in(b"one\n"),))]
    threads[0].start()
    assert begun.wait(10)
    threads += [Thread(target=settle, args=(segment.hand_in(b"late\n"),)) for _ in range(3)]
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10)

    assert failures == [errno.EIO] * 4
    assert len(syncs) == 1
    segment.retire()


def test_a_sync_cut_short_by_the_end_of_its_thread_promises_nothing(tmp_path: Path) -> None:
    def sync(descriptor: int) -> None:
        raise SystemExit

    segment = Segment(tmp_path, sync)
    first, second = segment.hand_in(b"one\n"), segment.hand_in(b"two\n")

    with pytest.raises(SystemExit):
        segment.settle(first)
    with pytest.raises(OSError, match="interrupted"):
        segment.settle(second)
    segment.retire()


def test_a_sync_of_a_removed_file_promises_nothing(tmp_path: Path) -> None:
    segment = Segment(tmp_path, os.fdatasync)
    number = segment.hand_in(b"one\n")
    segment.path.unlink()

    with pytest.raises(OSError, match="removed"):
        segment.settle(number)
    segment.retire()


def test_a_short_write_is_a_failure_for_all_it_held(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    segment = Segment(tmp_path, os.fdatasync)
    segment.settle(segment.hand_in(b"whole\n"))
    first, second = segment.hand_in(b"too long\n"), segment.hand_in(b"and more\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match="only a part"):
            segment.settle(first)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    with pytest.raises(OSError, match="only a part"):
        segment.settle(second)
    with pytest.raises(OSError, match="no more lines"):
        segment.hand_in(b"glued\n")
    segment.retire()

    assert segment.path.read_bytes().rstrip(b"\0").startswith(b"whole\n")
    assert b"glued" not in segment.path.read_bytes()


def test_a_rotated_file_keeps_what_is_not_settled_yet(tmp_path: Path) -> None:
    segment = Segment(tmp_path, os.fdatasync)
    number = segment.hand_in(b"one\n")
    segment.retire()

    segment.settle(number)

    assert segment.path.read_bytes() == b"one\n"
