"""The drainer: everything written is handed on, nothing is lost at any kill, and nothing that is wrong holds it up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from ivr.journal.drainer import (
    DRAINED,
    SET_ASIDE,
    Drainer,
    DrainerBusy,
    NothingAccepted,
    Poison,
    Unacceptable,
    lag_of,
    only_drainer,
)
from ivr.journal.entry import Entry, to_line
from ivr.journal.positions import NAME, read_positions
from ivr.journal.writer import Journal

NOW = datetime(2026, 11, 24, 17, 0, 30, tzinfo=UTC)
SOON = datetime.now(UTC) + timedelta(days=1)
GONE = "20261124T170000.000000Z-4194304-0123abcd.jsonl"  # made by a process whose id no system hands out


class Away(Exception):
    """The database cannot be reached."""


class Taker:
    """Takes entries as the call log does, by key. It may be away, and refuses or chokes on keys it was told."""

    def __init__(self) -> None:
        self.taken: dict[str, Entry] = {}
        self.batches: list[int] = []
        self.poison: list[Poison] = []
        self.away = False
        self.refuses: dict[str, str] = {}
        self.chokes: set[str] = set()

    def deliver(self, entries: Sequence[Entry]) -> Mapping[str, str]:
        self.batches.append(len(entries))
        if self.away:
            raise Away
        if any(entry.key in self.chokes for entry in entries):
            raise Unacceptable("the call log cannot take it: DataError")
        refused = {entry.key: self.refuses[entry.key] for entry in entries if entry.key in self.refuses}
        self.taken.update({entry.key: entry for entry in entries if entry.key not in refused})
        return refused

    def note(self, poison: Sequence[Poison]) -> None:
        self.poison.extend(poison)


def entry(number: int, call: str = "CA" + "0" * 32) -> Entry:
    at = datetime(2026, 11, 24, 17, 0, tzinfo=UTC) + timedelta(seconds=number)
    return Entry(f"{call}:{number}:NoInput", call, number, 0, at, "v1", "NoInput", {"place": "main", "count": 1})


def key(number: int) -> str:
    return entry(number).key


def lines(*numbers: int) -> bytes:
    return b"".join(to_line(entry(number)) for number in numbers)


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    folder = tmp_path / "journal"
    folder.mkdir()
    return folder


@pytest.fixture
def drainer(journal: Path, taker: Taker) -> Callable[..., Drainer]:
    """A drainer as a new process starts one."""

    def started(batch: int = 2000) -> Drainer:
        return Drainer(journal, taker.deliver, taker.note, keep=timedelta(days=7), batch=batch)

    return started


def drain_all(drainer: Drainer) -> int:
    total = 0
    while lines := drainer.drain():
        total += lines
    return total


def test_what_a_living_writer_wrote_is_handed_on_as_it_comes(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    writer, running = Journal(journal), drainer()
    for number in range(5):
        assert writer.append([entry(number)])
        assert running.drain() == 1
    assert running.drain() == 0
    assert set(taker.taken) == {key(number) for number in range(5)}
    writer.close()


def test_a_torn_last_line_is_waited_for(journal: Path, taker: Taker, drainer: Callable[..., Drainer]) -> None:
    file, running = journal / GONE, drainer()
    whole = lines(1, 2)
    file.write_bytes(whole[:-7])
    assert drain_all(running) == 1
    file.write_bytes(whole)
    assert drain_all(running) == 1
    assert set(taker.taken) == {key(1), key(2)}
    assert not taker.poison


def test_room_that_is_reserved_is_not_a_line_and_not_behind(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    file, running = journal / GONE, drainer()
    file.write_bytes(lines(1) + bytes(3_000_000))
    assert lag_of(journal, NOW).bytes == len(lines(1))
    assert drain_all(running) == 1
    assert lag_of(journal, NOW).bytes == 0
    file.write_bytes(lines(1, 2) + bytes(3_000_000))
    assert lag_of(journal, NOW).bytes == len(lines(2))
    assert drain_all(running) == 1
    assert not taker.poison


def test_a_line_that_is_being_written_is_not_taken_for_a_broken_one(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    file = journal / f"20261124T170000.000000Z-{os.getpid()}-0123abcd.jsonl"
    half = bytearray(lines(1, 2))
    half[-20:-10] = bytes(10)
    with file.open("wb") as held:
        held.write(half)
        held.flush()
        assert drain_all(drainer()) == 1
        held.seek(0)
        held.write(lines(1, 2))
        held.flush()
        assert drain_all(drainer()) == 1
    assert set(taker.taken) == {key(1), key(2)}
    assert not taker.poison


@pytest.mark.parametrize("unseen", [(1, 60), (40, 130), (0, 121)], ids=["in one", "over two", "all but a tail"])
def test_lines_seen_from_behind_are_waited_for(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer], unseen: tuple[int, int]
) -> None:
    """Whoever reads while a write spans pages can see a later page before an earlier one, which then reads as NUL."""
    file = journal / f"20261124T170000.000000Z-{os.getpid()}-0123abcd.jsonl"
    first, rest = lines(1), lines(2, 3, 4)
    seen = bytearray(first + rest + bytes(4096))
    begin, end = (len(first) + each for each in unseen)
    seen[begin:end] = bytes(end - begin)
    with file.open("wb") as held:
        held.write(seen)
        held.flush()
        assert drain_all(drainer()) == 1
        held.seek(0)
        held.write(first + rest)
        held.flush()
        assert drain_all(drainer()) == 3
    assert set(taker.taken) == {key(number) for number in (1, 2, 3, 4)}
    assert not taker.poison


def test_a_drainer_beside_busy_writers_loses_nothing_and_sets_nothing_aside(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    writer, running, over = Journal(journal), drainer(), Event()

    def write(first: int) -> None:
        for number in range(first, first + 150):
            assert writer.append([entry(number)])

    def drain() -> None:
        while not over.is_set():
            running.drain()

    draining = Thread(target=drain)
    writers = [Thread(target=write, args=(150 * each,)) for each in range(8)]
    for thread in (draining, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    over.set()
    draining.join(60)
    drain_all(running)
    writer.close()
    assert set(taker.taken) == {key(number) for number in range(8 * 150)}
    assert not taker.poison


def test_nothing_moves_while_the_database_is_away(journal: Path, taker: Taker, drainer: Callable[..., Drainer]) -> None:
    (journal / GONE).write_bytes(lines(1, 2, 3))
    running = drainer()
    taker.away = True
    for _ in range(3):
        with pytest.raises(Away):
            running.drain()
    assert read_positions(journal) == {}
    taker.away = False
    assert drain_all(running) == 3
    assert set(taker.taken) == {key(1), key(2), key(3)}


def test_a_restart_goes_on_where_the_last_one_stopped(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    (journal / GONE).write_bytes(lines(*range(10)))
    assert drainer(batch=4).drain() == 4
    assert drain_all(drainer(batch=4)) == 6
    assert taker.batches == [4, 4, 2]


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"x": -1, "y": "z"}', None], ids=str)
def test_without_its_positions_it_drains_again_and_nothing_changes(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer], damage: bytes | None
) -> None:
    (journal / GONE).write_bytes(lines(*range(10)))
    drain_all(drainer())
    before = dict(taker.taken)
    if damage is None:
        (journal / NAME).unlink()
    else:
        (journal / NAME).write_bytes(damage)
    assert drain_all(drainer()) == 10
    assert taker.taken == before


def test_a_positions_file_that_cannot_be_written_does_not_stop_it(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer], caplog: pytest.LogCaptureFixture
) -> None:
    (journal / GONE).write_bytes(lines(*range(10)))
    (journal / f"{NAME}.new").mkdir()
    assert drain_all(drainer(batch=4)) == 10
    assert taker.batches == [4, 4, 2]
    assert "positions could not be stored" in caplog.text


def test_broken_lines_are_set_aside_and_hold_up_nobody(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    bad = b'{"key":"no"}\n'
    (journal / GONE).write_bytes(lines(1) + bad + lines(2))
    assert drain_all(drainer()) == 3
    assert set(taker.taken) == {key(1), key(2)}
    assert [(each.file, each.offset) for each in taker.poison] == [(GONE, len(lines(1)))]
    assert (journal / SET_ASIDE / GONE).read_bytes() == bad


def test_an_endless_line_is_set_aside_by_its_beginning(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    (journal / GONE).write_bytes(b"x" * 2_500_000 + b"\n" + lines(1))
    assert drain_all(drainer()) == 2
    assert set(taker.taken) == {key(1)}
    assert "longer than" in taker.poison[0].reason


def test_what_the_call_log_refuses_is_set_aside_with_its_reason(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    (journal / GONE).write_bytes(lines(1, 2, 3))
    taker.refuses = {key(2): "no such call"}
    assert drain_all(drainer()) == 3
    assert set(taker.taken) == {key(1), key(3)}
    assert [each.reason for each in taker.poison] == ["no such call"]
    assert (journal / SET_ASIDE / GONE).read_bytes() == lines(2)


@pytest.mark.parametrize("guilty", [(0,), (99,), (3, 50, 51), (0, 1, 2, 3)])
def test_one_guilty_entry_is_found_by_halving_and_set_aside_alone(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer], guilty: tuple[int, ...]
) -> None:
    (journal / GONE).write_bytes(lines(*range(100)))
    taker.chokes = {key(number) for number in guilty}
    assert drain_all(drainer()) == 100
    assert set(taker.taken) == {key(number) for number in range(100) if number not in guilty}
    assert (journal / SET_ASIDE / GONE).read_bytes() == lines(*guilty)


def test_a_call_log_that_chokes_on_everything_is_at_fault_itself(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    (journal / GONE).write_bytes(lines(*range(20)))
    taker.chokes = {key(number) for number in range(20)}
    with pytest.raises(NothingAccepted):
        drainer().drain()
    assert not taker.poison
    assert read_positions(journal) == {}


def test_lines_set_aside_can_be_handed_in_again(journal: Path, taker: Taker, drainer: Callable[..., Drainer]) -> None:
    (journal / GONE).write_bytes(lines(1, 2))
    taker.refuses = {key(2): "not now"}
    running = drainer()
    drain_all(running)
    taker.refuses = {}
    (journal / SET_ASIDE / GONE).rename(journal / "again.jsonl")
    drain_all(running)
    running.sweep(NOW)
    assert set(taker.taken) == {key(1), key(2)}
    assert not list(journal.glob("*.jsonl"))


def test_a_file_is_put_away_once_its_writer_has_closed_it(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    writer, running = Journal(journal), drainer()
    writer.append([entry(1)])
    drain_all(running)
    running.sweep(SOON)
    assert len(list(journal.glob("*.jsonl"))) == 1
    writer.close()
    running.sweep(SOON)
    assert not list(journal.glob("*.jsonl"))
    assert len(list((journal / DRAINED).glob("*.jsonl"))) == 1
    assert read_positions(journal) == {}


def test_a_file_rotated_by_a_living_writer_is_put_away(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    writer, running = Journal(journal, rotate_bytes=1), drainer()
    for number in range(3):
        writer.append([entry(number)])
    assert drain_all(running) == 3
    running.sweep(SOON)
    assert len(list(journal.glob("*.jsonl"))) == 1
    assert len(list((journal / DRAINED).glob("*.jsonl"))) == 2
    writer.close()


def test_a_file_is_not_put_away_before_it_is_drained(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    (journal / GONE).write_bytes(lines(1, 2))
    running = drainer(batch=1)
    running.drain()
    running.sweep(NOW)
    assert (journal / GONE).exists()
    running.drain()
    running.sweep(NOW)
    assert (journal / DRAINED / GONE).read_bytes() == lines(1, 2)


def test_an_empty_file_that_gets_a_writer_after_all_loses_nothing(
    journal: Path, taker: Taker, drainer: Callable[..., Drainer]
) -> None:
    writer, running = Journal(journal), drainer()
    writer.append([entry(1)])
    drain_all(running)
    for file in journal.glob("*.jsonl"):
        file.unlink()  # as sweeping does with a file that seems to be nobody's
    assert writer.append([entry(2)])
    drain_all(running)
    assert set(taker.taken) == {key(1), key(2)}
    writer.close()


def test_the_torn_end_of_a_killed_writer_is_kept_but_not_waited_for(
    journal: Path, drainer: Callable[..., Drainer], caplog: pytest.LogCaptureFixture
) -> None:
    (journal / GONE).write_bytes(lines(1) + b'{"key":"CA')
    running = drainer()
    drain_all(running)
    running.sweep(NOW)
    assert (journal / DRAINED / GONE).exists()
    assert "never acknowledged" in caplog.text


def test_drained_files_are_deleted_after_their_days(journal: Path, drainer: Callable[..., Drainer]) -> None:
    (journal / GONE).write_bytes(lines(1))
    running = drainer()
    drain_all(running)
    running.sweep(NOW)
    running.sweep(NOW + timedelta(days=6))
    assert (journal / DRAINED / GONE).exists()
    running.sweep(NOW + timedelta(days=8))
    assert not (journal / DRAINED / GONE).exists()


def test_the_lag_is_the_age_of_the_oldest_line_that_is_left(
    journal: Path, drainer: Callable[..., Drainer], taker: Taker
) -> None:
    assert lag_of(journal / "none", NOW).bytes == 0
    (journal / GONE).write_bytes(lines(5, 20))
    lag = lag_of(journal, NOW)
    assert (lag.bytes, lag.seconds, lag.files) == (len(lines(5, 20)), 25, 1)
    drainer(batch=1).drain()
    assert lag_of(journal, NOW).seconds == 10


def test_a_second_drainer_on_the_same_host_is_refused(journal: Path) -> None:
    probe = (
        "import sys; from pathlib import Path; from ivr.journal.drainer import *\n"
        "try:\n"
        "    with only_drainer(Path(sys.argv[1])): print('in')\n"
        "except DrainerBusy: print('busy')\n"
    )

    def other() -> str:
        run = [sys.executable, "-c", probe, str(journal)]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()

    with only_drainer(journal):
        assert other() == "busy"
        with pytest.raises(DrainerBusy), only_drainer(journal):
            pass
    assert other() == "in"
