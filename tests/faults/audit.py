"""The audit: what was acknowledged to callers is in the call log, once, whatever was done to the service meanwhile.

`python -m tests.faults.audit` (make faults) places calls while processes are killed at random and one fault after
another is brought upon the database and the disks, then holds every acknowledged event against the database.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from ivr.call_log.database import open_database, reading
from ivr.call_log.tables import CallCount, CallRow, EventRow
from tests.faults.databases import Database, Fault, no_room, postgresql_database, sqlite_database
from tests.faults.hosts import Host, killings, running_hosts, wait_for_drains
from tests.faults.images import taken
from tests.faults.load import Callers, proof_in
from tests.faults.service import wait_until
from tests.faults.shim import Shim

CALLS = 20_000
CALLERS = 8
MOST_LOG_MEGABYTES = 64.0
IMAGES = 30
TWO_HOURS = 7200
SHORTEST_SECONDS = 2.0
IMAGE_SECONDS = 2.0
CALLBACK_KINDS = (":CallEnded", ":RecordingReady", ":LegEnded")
HEAD = (
    "fault",
    "calls",
    "requests",
    "broken, sent again",
    "callers noticed",
    "acknowledged",
    "LOST",
    "caught up, s",
    "WAL, MB",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one fault did. `noticed` counts answers that were not what a caller should get."""

    fault: str
    calls: int
    requests: int
    broken: int
    noticed: list[str]
    acknowledged: int
    lost: list[str]
    caught_up: float
    log_megabytes: float = 0.0

    def cells(self) -> tuple[str, ...]:
        numbers = (self.calls, self.requests, self.broken, len(self.noticed), self.acknowledged, len(self.lost))
        seconds, log = f"{self.caught_up:.1f}", f"{self.log_megabytes:.0f}" if self.log_megabytes else "-"
        return (self.fault, *(f"{number:,}" for number in numbers), seconds, log)


@dataclass(frozen=True, slots=True)
class Totals:
    """The database as a whole against the journals: what it lacks, what it has besides, calls counted twice."""

    events: int
    missing: int
    strange: int
    calls: int
    twice: int


class Audit:
    """Hosts on one database, and what was found so far."""

    def __init__(self, hosts: Sequence[Host], database: Database, shim: Shim | None = None) -> None:
        self._hosts = hosts
        self._shim = shim
        self._database = database
        self._engine = open_database(database.address)

    def close(self) -> None:
        self._engine.dispose()

    def faults(self) -> dict[str, Fault]:
        """Everything that can be done here, by name."""
        clocks: dict[str, Fault] = {}
        if self._shim:
            clocks["clock two hours ahead"] = lambda: self._clock_off(TWO_HOURS)
            clocks["clock two hours behind"] = lambda: self._clock_off(-TWO_HOURS)
        return {
            "processes killed only": contextlib.nullcontext,
            **self._database.faults,
            **clocks,
            "no room for the worker": self._no_room_for_workers,
            "no room for the journal": self._no_room_for_journals,
        }

    def suffer(self, name: str, fault: AbstractContextManager[None], seconds: float, callers: int = 4) -> Finding:
        """Place calls for so many seconds, the middle half of them under the fault; then wait for the drain."""
        with contextlib.ExitStack() as calling:
            crowds = [
                calling.enter_context(Callers(host.service, max(callers // len(self._hosts), 1)))
                for host in self._hosts
            ]
            time.sleep(seconds / 4)
            with fault:
                largest = self._sleep(seconds / 2)
            time.sleep(seconds / 4)
        ended = time.monotonic()
        wait_for_drains(self._hosts)
        tallies = [crowd.tally for crowd in crowds]
        proofs = {proof for tally in tallies for proof in tally.proofs}
        if name == "no room for the journal":  # a turn is answered all the same, a callback is refused and sent again
            proofs = {proof for proof in proofs if proof.endswith(CALLBACK_KINDS)}
        return Finding(
            fault=name,
            calls=sum(tally.calls for tally in tallies),
            requests=sum(tally.requests for tally in tallies),
            broken=sum(tally.broken for tally in tallies),
            noticed=[fault for tally in tallies for fault in tally.faults],
            acknowledged=len(proofs),
            lost=sorted(proofs - self._proven()),
            caught_up=time.monotonic() - ended,
            log_megabytes=largest,
        )

    def _sleep(self, seconds: float) -> float:
        """How large the write-ahead log was at its largest meanwhile."""
        end, largest = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            largest = max(largest, self._database.log_megabytes())
            time.sleep(min(0.1, seconds))
        return largest

    def totals(self) -> Totals:
        """The whole log against all journals, once the last call is closed in both."""
        journals = set().union(*(host.journal_keys() for host in self._hosts))
        events = self._events()
        with reading(self._engine) as connection:
            closed = connection.scalar(select(func.count()).where(CallRow.disposition != "")) or 0
            counted = connection.scalar(select(func.sum(CallCount.calls))) or 0
            calls = connection.scalar(select(func.count()).select_from(CallRow)) or 0
        return Totals(len(events), len(journals - events), len(events - journals), calls, int(counted) - closed)

    def _events(self) -> set[tuple[str, str]]:
        with reading(self._engine) as connection:
            return {(sid, key) for sid, key in connection.execute(select(EventRow.call_sid, EventRow.key))}

    def _proven(self) -> set[str]:
        return {proof for _, key in self._events() for proof in proof_in(key)}

    @contextlib.contextmanager
    def _clock_off(self, seconds: int) -> Iterator[None]:
        assert self._shim
        self._shim.set_clock(seconds)
        yield
        self._shim.set_clock(0)

    def _no_room_for_workers(self) -> AbstractContextManager[None]:
        return no_room(*(host.process.pid for host in self._hosts))

    def _no_room_for_journals(self) -> AbstractContextManager[None]:
        masters = [host.service.master.pid for host in self._hosts]
        return no_room(*masters, *(worker for host in self._hosts for worker in host.service.workers()))


@contextlib.contextmanager
def auditing(
    folder: Path, database: Database, names: Sequence[str], shim: Shim | None = None
) -> Iterator[tuple[Audit, list[Host]]]:
    """Hosts with these names on a database, ready to be called; the call log has its tables."""
    with running_hosts(folder, names, database.address, **(shim.environment if shim else {})) as hosts:
        audit = Audit(hosts, database, shim)
        try:
            wait_until(lambda: _has_tables(audit), "the worker did not bring the tables up")
            yield audit, hosts
        finally:
            audit.close()


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as a Markdown table with equal columns."""
    cells = [HEAD, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Round:
    """One database: every fault in turn, processes killed throughout."""

    title: str
    findings: Sequence[Finding]
    totals: Totals
    killed: Sequence[str]
    broken_images: Sequence[str] = ()

    @property
    def calls(self) -> int:
        return sum(finding.calls for finding in self.findings)

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be, a sentence each."""
        found = [each for finding in self.findings for each in (*finding.noticed, *finding.lost)]
        found += [f"an image of a moment: {each}" for each in self.broken_images]
        found += [
            f"{finding.fault}: the write-ahead log had {finding.log_megabytes:.0f} MB"
            for finding in self.findings
            if finding.log_megabytes > MOST_LOG_MEGABYTES
        ]
        totals = self.totals
        if (totals.missing, totals.strange, totals.twice) != (0, 0, 0):
            found.append(f"the log as a whole: {totals}")
        return found

    def told(self) -> str:
        totals, killed = self.totals, self.killed
        head = f"{self.title}: {killed.count('web')} web processes and {killed.count('worker')} workers killed"
        log = (
            f"{totals.calls:,} calls, {totals.events:,} events in the log; of the journals {totals.missing} are"
            f" missing, {totals.strange} are in no journal, {totals.twice} calls are counted twice."
        )
        return f"\n{head}\n\n{table(finding.cells() for finding in self.findings)}\n\n{log}"


def main() -> int:
    """Both databases in turn; prints a table for each. 0 when callers noticed nothing and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.audit", description=__doc__)
    parser.add_argument("--seconds", type=float, default=550.0, help="how long it may take in all (550)")
    parser.add_argument("--every", type=float, default=4.0, help="seconds between two killings (4)")
    parser.add_argument("--calls", type=int, default=CALLS, help=f"the fewest calls that prove anything ({CALLS})")
    wanted = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ivr-audit-") as folder, contextlib.ExitStack() as stack:
        own = {kind: Path(folder) / kind for kind in ("sqlite", "postgresql", "shim")}
        for path in own.values():
            path.mkdir()
        shim = _shim(own["shim"])
        with sqlite_database(own["sqlite"]) as database:
            until = began + wanted.seconds / 3
            first = _run("SQLite, one host", own["sqlite"], database, ["one"], shim, until, wanted.every)
        print(first.told(), flush=True)
        database, names, until = stack.enter_context(postgresql_database()), ["one", "two"], began + wanted.seconds
        second = _run("PostgreSQL, two hosts", own["postgresql"], database, names, shim, until, wanted.every)
        print(second.told(), flush=True)
    wrong, calls = [*first.wrong, *second.wrong], first.calls + second.calls
    if calls < wanted.calls:
        wrong.append(f"{calls:,} calls prove too little: {wanted.calls:,} are wanted")
    for sentence in sorted(set(wrong))[:20]:
        print(f"- {sentence}")
    verdict = "LOST 0, duplicates 0, callers noticed nothing." if not wrong else f"{len(wrong)} findings: see above."
    print(f"\n{calls:,} calls in {time.monotonic() - began:.0f} s. {verdict}")
    return 1 if wrong else 0


def _run(
    title: str,
    folder: Path,
    database: Database,
    names: Sequence[str],
    shim: Shim | None,
    until: float,
    every: float,
) -> Round:
    """One database until a moment by the monotonic clock: each fault gets its share of the time that is left."""
    findings: list[Finding] = []
    broken: list[str] = []
    last = [(f"{IMAGES} images of a moment", database.file)] if database.file else []
    with auditing(folder, database, names, shim) as (audit, hosts):
        share = Share(until, len(audit.faults()) + len(last))
        with killings(hosts, every, random.Random(7)) as killed:
            for name, fault in audit.faults().items():
                with share.of_one() as seconds:
                    findings.append(audit.suffer(name, fault(), seconds, CALLERS))
                print(f"{title}: {name} done", flush=True)
        hosts[0].service.wait_for_workers()  # some were killed a moment ago
        for name, file in last:
            findings.append(audit.suffer(name, _images(hosts[0], file, folder, broken), IMAGE_SECONDS, CALLERS))
        wait_for_drains(hosts)
        return Round(title, findings, audit.totals(), killed, broken)


class Share:
    """Divides the time until a moment among what is still to come. Catching up takes as long as the last time."""

    def __init__(self, until: float, parts: int) -> None:
        self._until = until
        self._parts = parts
        self._besides = 0.0

    @contextlib.contextmanager
    def of_one(self) -> Iterator[float]:
        """For how many seconds calls are placed in the part that this block is."""
        began = time.monotonic()
        seconds = max((self._until - began) / self._parts - self._besides, SHORTEST_SECONDS)
        yield seconds
        self._besides = time.monotonic() - began - seconds
        self._parts = max(self._parts - 1, 1)


@contextlib.contextmanager
def _images(host: Host, file: Path, folder: Path, broken: list[str]) -> Iterator[None]:
    """Copies made under load; `broken` gets what SQLite finds in those that are not whole."""
    for number in range(IMAGES):
        time.sleep(0.1)
        found = taken(host, file, folder / f"image-{number}").integrity()
        broken.extend(each for each in [found] if each != "ok")
    yield


def _shim(folder: Path) -> Shim | None:
    try:
        return Shim(folder)
    except LookupError as fault:
        print(f"The clock is not set: {fault}.")
        return None


def _has_tables(audit: Audit) -> bool:
    try:
        audit.totals()
    except Exception:  # not there yet
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
