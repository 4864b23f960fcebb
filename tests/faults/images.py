"""What a power cut would leave of a host's files, taken while it works: every process stands still for the moment."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ivr.journal.drainer import Drainer, Poison
from ivr.journal.entry import Entry
from ivr.journal.following import bytes_from, journal_files
from ivr.journal.reader import read
from tests.faults.hosts import Host
from tests.faults.service import frozen


@dataclass(frozen=True, slots=True)
class Image:
    """A copy of the database with its log, and of the journal."""

    database: Path
    journal: Path

    def integrity(self) -> str:
        """What SQLite finds once it has opened the copy: "ok" when it is whole."""
        with contextlib.closing(sqlite3.connect(self.database)) as copy:
            return "; ".join(str(row[0]) for row in copy.execute("PRAGMA integrity_check"))

    def tear(self) -> tuple[str, set[str]]:
        """Cut the newest file in the middle of its last line; that line's key, and the keys of all others."""
        last = max((path for path in journal_files(self.journal) if bytes_from(path, 0)), key=lambda path: path.name)
        text = last.read_bytes().rstrip(b"\0")
        begin = text.rstrip(b"\n").rfind(b"\n") + 1
        entry = [each for each in read(self.journal) if each.key.encode() in text[begin:]][-1]
        last.write_bytes(text[: begin + (len(text) - begin) // 2])
        return entry.key, {each.key for each in read(self.journal)}

    def drained(self) -> set[str]:
        """The keys that a drainer hands on from the copy; nothing may be set aside."""
        found: set[str] = set()

        def deliver(entries: list[Entry]) -> dict[str, str]:
            found.update(entry.key for entry in entries)
            return {}

        def note(poison: list[Poison]) -> None:
            raise AssertionError(f"set aside: {poison}")

        drainer = Drainer(self.journal, deliver, note)  # type: ignore[arg-type]  # lists are sequences
        while drainer.drain():
            pass
        drainer.sweep(datetime.now(UTC))
        return found


def taken(host: Host, database: Path, into: Path) -> Image:
    """An image of this moment, in the folder `into`, which is made. The journal is whole, whatever was drained."""
    into.mkdir()
    with contextlib.ExitStack() as still:
        for process in (host.process.pid, *host.service.workers()):
            still.enter_context(frozen(process))
        parts = [path for path in (database, database.with_name(f"{database.name}-wal")) if path.exists()]
        # By another process: closing a file takes away all locks that SQLite holds on it for this one
        # (https://www.sqlite.org/howtocorrupt.html, 2.2).
        subprocess.run(["cp", *map(str, parts), str(into)], check=True)
        shutil.copytree(host.service.journal, into / "journal", ignore=shutil.ignore_patterns("positions.json*"))
    return Image(into / database.name, into / "journal")
