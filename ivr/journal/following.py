"""Follows journal files that may still be written: whole lines from where reading stopped, and who holds a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ivr.journal.entry import Entry, from_line
from ivr.journal.reader import LONGEST_LINE
from ivr.journal.segment import SUFFIX

PROCESSES = Path("/proc")
_NAME = re.compile(r"[0-9]{8}T[0-9.]+Z-(?P<pid>[0-9]{1,10})-[0-9a-f]{8}" + re.escape(SUFFIX))


@dataclass(frozen=True, slots=True)
class Line:
    """One whole line: where it begins and ends in its file, and its text; of an over-long one only the start.

    `holes`: NUL bytes stood before it or in it. Of a file that is being written they are text that is not there yet.
    """

    offset: int
    end: int
    text: bytes
    holes: bool = False


def journal_files(directory: Path) -> list[Path]:
    """The journal's files in the order of their names, oldest first; none when there is no such directory."""
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if path.is_file())


def whole_lines(path: Path, offset: int) -> Iterator[Line]:
    """Every line from `offset` on that a newline ends. What follows the last newline is not a line yet.

    Room that was reserved for later reads as NUL bytes, which no line of ours begins with: those at a line's start are
    passed over. Raises OSError; a file that is gone has no lines.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        if _ends_at(file, offset):
            return
        file.seek(offset)
        while text := file.readline(LONGEST_LINE):
            end = _end_of_line(file, text, offset + len(text))
            if end is None:
                return
            yield Line(offset, end, text.lstrip(b"\0"), b"\0" in text)
            offset = end


def bytes_from(path: Path, offset: int) -> int:
    """How many bytes were written after `offset`, reserved room not counted. A file that is gone has none."""
    try:
        with path.open("rb") as file:
            if _ends_at(file, offset):
                return 0
            return _end_of_text(file, offset) - offset
    except FileNotFoundError:
        return 0


def is_held(path: Path) -> bool:
    """Whether the process that made this file may still write to it.

    A writer keeps its file open until it writes no more, so the open files of the process in the file's name tell,
    whatever the clock did and whoever got that process id later. Writers and the drainer of one journal must see one
    another's process ids. A file of another name is nobody's.
    """
    named = _NAME.fullmatch(path.name)
    if named is None:
        return False
    pid = int(named["pid"])
    if not PROCESSES.joinpath("self").exists():
        return _lives(pid)
    try:
        return any(_is_same(each, path) for each in (PROCESSES / str(pid) / "fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:
        return True


def read_line(line: Line) -> tuple[Entry | None, str]:
    """The entry a line holds, or None and what is wrong with it. The reason never repeats the line."""
    if not line.text.endswith(b"\n"):
        return None, f"the line is longer than {LONGEST_LINE} bytes"
    try:
        return from_line(line.text), ""
    except ValueError as fault:
        return None, str(fault)


def _ends_at(file: BinaryIO, offset: int) -> bool:
    return os.pread(file.fileno(), 1, offset) in {b"", b"\0"}


def _end_of_line(file: BinaryIO, text: bytes, end: int) -> int | None:
    """Where the line that starts with `text` ends; None when its newline is not written yet."""
    rest = text
    while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
        rest = file.readline(LONGEST_LINE)
        end += len(rest)
    return end if rest.endswith(b"\n") else None


def _end_of_text(file: BinaryIO, low: int) -> int:
    """The end of the file without the NUL bytes at its end, by bisection: what is reserved follows what is written."""
    high = os.fstat(file.fileno()).st_size
    while low < high:
        middle = (low + high) // 2
        if _ends_at(file, middle):
            high = middle
        else:
            low = middle + 1
    return low


def _is_same(descriptor: Path, path: Path) -> bool:
    try:
        return descriptor.samefile(path)
    except OSError:  # closed meanwhile, or a pipe of the kernel's own
        return False


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
