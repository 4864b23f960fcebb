from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.journal.entry import Entry, to_line
from ivr.journal.reader import LONGEST_LINE, read, scan

Make = Callable[[int], Entry]


def test_files_are_read_in_name_order_and_lines_in_theirs(tmp_path: Path, make_entry: Make) -> None:
    (tmp_path / "b.jsonl").write_bytes(to_line(make_entry(3)))
    (tmp_path / "a.jsonl").write_bytes(to_line(make_entry(2)) + to_line(make_entry(1)))
    (tmp_path / "a.txt").write_bytes(to_line(make_entry(4)))

    assert list(read(tmp_path)) == [make_entry(2), make_entry(1), make_entry(3)]


def test_a_replayed_entry_is_read_once(tmp_path: Path, make_entry: Make) -> None:
    line = to_line(make_entry(1))
    (tmp_path / "a.jsonl").write_bytes(line + line)
    (tmp_path / "b.jsonl").write_bytes(to_line(make_entry(2)) + line)

    reading = scan(tmp_path)

    assert reading.entries == (make_entry(1), make_entry(2))
    assert reading.duplicates == 2


def test_reading_twice_gives_the_same(tmp_path: Path, make_entry: Make) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"".join(to_line(make_entry(number)) for number in range(50)))

    assert scan(tmp_path) == scan(tmp_path)


@pytest.mark.parametrize("kept", [0, 1, 40, -2, -1])
def test_a_torn_last_line_is_skipped(tmp_path: Path, make_entry: Make, kept: int) -> None:
    whole = to_line(make_entry(1))
    torn = to_line(make_entry(2))[:kept]
    (tmp_path / "a.jsonl").write_bytes(whole + torn)
    (tmp_path / "b.jsonl").write_bytes(to_line(make_entry(3)))

    reading = scan(tmp_path)

    assert reading.entries == (make_entry(1), make_entry(3))
    assert (reading.torn, reading.broken) == (1 if torn else 0, 0)


def test_room_that_was_reserved_and_not_written_is_nothing(tmp_path: Path, make_entry: Make) -> None:
    (tmp_path / "a.jsonl").write_bytes(to_line(make_entry(1)) + b"\0" * 4096)

    reading = scan(tmp_path)

    assert reading.entries == (make_entry(1),)
    assert (reading.torn, reading.broken) == (0, 0)


def test_a_power_cut_may_leave_zeros_in_and_before_lines(tmp_path: Path, make_entry: Make) -> None:
    cut = to_line(make_entry(2))[:40]
    (tmp_path / "a.jsonl").write_bytes(to_line(make_entry(1)) + cut + b"\0" * 4096)
    (tmp_path / "b.jsonl").write_bytes(b"\0" * 4096 + to_line(make_entry(3)) + b"\0" * 99 + b"\n")

    reading = scan(tmp_path)

    assert reading.entries == (make_entry(1), make_entry(3))
    assert (reading.torn, reading.broken) == (2, 0)


def test_broken_lines_before_the_last_are_counted(tmp_path: Path, make_entry: Make) -> None:
    lines = [to_line(make_entry(1)), b"\n", b'{"key":1}\n', b"\xff\n", to_line(make_entry(2)), b"[]\n", b"torn"]
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))

    reading = scan(tmp_path)

    assert reading.entries == (make_entry(1), make_entry(2))
    assert (reading.torn, reading.broken) == (1, 4)


def test_an_endless_line_is_one_broken_line(tmp_path: Path, make_entry: Make) -> None:
    endless = b"x" * (2 * LONGEST_LINE + 7)
    (tmp_path / "a.jsonl").write_bytes(endless + b"\n" + to_line(make_entry(1)) + endless)

    reading = scan(tmp_path)

    assert reading.entries == (make_entry(1),)
    assert (reading.torn, reading.broken) == (1, 1)


def test_a_growing_file_is_read_up_to_its_last_whole_line(tmp_path: Path, make_entry: Make) -> None:
    path = tmp_path / "a.jsonl"
    line = to_line(make_entry(2))
    path.write_bytes(to_line(make_entry(1)) + line[:30])
    entries = read(tmp_path)

    assert next(entries) == make_entry(1)
    with path.open("ab") as file:
        file.write(line[30:] + to_line(make_entry(3)))

    assert list(entries) in ([], [make_entry(2), make_entry(3)])
    assert list(read(tmp_path)) == [make_entry(1), make_entry(2), make_entry(3)]


class Growing(io.BytesIO):
    """A file that gets more between two looks at its end."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__()
        self._pieces = iter(pieces)

    def readline(self, size: int | None = -1, /) -> bytes:
        return next(self._pieces, b"")


def test_the_rest_of_a_line_is_not_taken_for_a_line(
    tmp_path: Path, make_entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = to_line(make_entry(1))
    (tmp_path / "a.jsonl").write_bytes(line)
    monkeypatch.setattr(Path, "open", lambda path, mode: Growing(line, line[:30], line[30:], line))

    reading = scan(tmp_path)

    assert (len(reading.entries), reading.torn, reading.broken, reading.duplicates) == (1, 1, 0, 0)


def test_lines_added_while_reading_are_read_whole_or_not_at_all(tmp_path: Path, make_entry: Make) -> None:
    count = 400
    lines = b"".join(to_line(make_entry(number)) for number in range(count))
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines[:5000])
    written = 5000
    seen = []
    with path.open("ab", buffering=0) as file:
        for entry in read(tmp_path):
            seen.append(entry)
            file.write(lines[written : written + 333])
            written += 333

    assert seen == [make_entry(number) for number in range(len(seen))]
    assert len(seen) >= 5000 // len(to_line(make_entry(0)))


def test_a_file_that_vanishes_meanwhile_is_passed_over(tmp_path: Path, make_entry: Make) -> None:
    (tmp_path / "a.jsonl").write_bytes(to_line(make_entry(1)))
    (tmp_path / "b.jsonl").write_bytes(to_line(make_entry(2)))
    entries = read(tmp_path)

    assert next(entries) == make_entry(1)
    (tmp_path / "b.jsonl").unlink()

    assert list(entries) == []


def test_what_is_no_file_is_passed_over(tmp_path: Path, make_entry: Make) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").mkdir()
    (tmp_path / "c.jsonl").write_bytes(to_line(make_entry(1)))

    assert list(read(tmp_path)) == [make_entry(1)]


def test_a_missing_directory_is_an_empty_journal(tmp_path: Path) -> None:
    assert list(read(tmp_path / "none")) == []


def test_further_directories_are_read_as_one_journal(tmp_path: Path, make_entry: Make) -> None:
    for name, numbers in {"main": (1, 2), "spare": (2, 3)}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jsonl").write_bytes(b"".join(to_line(make_entry(number)) for number in numbers))

    assert list(read(tmp_path / "main", tmp_path / "spare")) == [make_entry(1), make_entry(2), make_entry(3)]
