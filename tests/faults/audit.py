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
from tests.faults.load import Callers, proof_in
from tests.faults.service import wait_until

CALLBACK_KINDS = (":CallEnded", ":RecordingReady", ":LegEnded")
HEAD = ("fault", "calls", "requests", "broken, sent again", "callers noticed", "acknowledged", "LOST", "caught up, s")


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

    def cells(self) -> tuple[str, ...]:
        numbers = (self.calls, self.requests, self.broken, len(self.noticed), self.acknowledged, len(self.lost))
        return (self.fault, *(f"{number:,}" for number in numbers), f"{self.caught_up:.1f}")


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

    def __init__(self, hosts: Sequence[Host], database: Database) -> None:
        self._hosts = hosts
        self._database = database
        self._engine = open_database(database.address)

    def close(self) -> None:
        self._engine.dispose()

    def faults(self) -> dict[str, Fault]:
        """Everything that can be done here, by name."""
        return {
            "processes killed only": contextlib.nullcontext,
            **self._database.faults,
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
                time.sleep(seconds / 2)
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
        )

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

    def _no_room_for_workers(self) -> AbstractContextManager[None]:
        return no_room(*(host.process.pid for host in self._hosts))

    def _no_room_for_journals(self) -> AbstractContextManager[None]:
        masters = [host.service.master.pid for host in self._hosts]
        return no_room(*masters, *(worker for host in self._hosts for worker in host.service.workers()))


@contextlib.contextmanager
def auditing(folder: Path, database: Database, names: Sequence[str]) -> Iterator[tuple[Audit, list[Host]]]:
    """Hosts with these names on a database, ready to be called; the call log has its tables."""
    with running_hosts(folder, names, database.address) as hosts:
        audit = Audit(hosts, database)
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


def main() -> int:
    """Both databases in turn; prints a table for each. 0 when callers noticed nothing and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.audit", description=__doc__)
    parser.add_argument("--seconds", type=float, default=480.0, help="how long calls are placed in all (480)")
    parser.add_argument("--every", type=float, default=4.0, help="seconds between two killings (4)")
    wanted = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="ivr-audit-") as folder, contextlib.ExitStack() as stack:
        own = {kind: Path(folder) / kind for kind in ("sqlite", "postgresql")}
        for path in own.values():
            path.mkdir()
        with sqlite_database(own["sqlite"]) as database:
            bad += _run("SQLite, one host", own["sqlite"], database, ["one"], wanted.seconds / 3, wanted.every)
        database = stack.enter_context(postgresql_database())
        names = ["one", "two"]
        bad += _run("PostgreSQL, two hosts", own["postgresql"], database, names, wanted.seconds * 2 / 3, wanted.every)
    print("\nLOST 0, duplicates 0, callers noticed nothing." if not bad else f"\n{bad} findings: see above.")
    return 1 if bad else 0


def _run(title: str, folder: Path, database: Database, names: Sequence[str], seconds: float, every: float) -> int:
    """One database: every fault in turn, processes killed throughout. How many things were wrong."""
    findings = []
    with auditing(folder, database, names) as (audit, hosts):
        faults = audit.faults()
        with killings(hosts, every, random.Random(7)) as killed:
            for name, fault in faults.items():
                findings.append(audit.suffer(name, fault(), seconds / len(faults), callers=8))
                print(f"{title}: {name} done", flush=True)
        wait_for_drains(hosts)
        totals = audit.totals()
    print(f"\n{title}: {killed.count('web')} web processes and {killed.count('worker')} workers killed\n")
    print(table(finding.cells() for finding in findings))
    print(
        f"\n{totals.calls:,} calls, {totals.events:,} events in the log; of the journals {totals.missing} are missing,"
        f" {totals.strange} are in no journal, {totals.twice} calls are counted twice."
    )
    for sentence in sorted({each for finding in findings for each in (*finding.noticed, *finding.lost)})[:20]:
        print(f"- {sentence}")
    wrong = sum(len(finding.noticed) + len(finding.lost) for finding in findings)
    return wrong + totals.missing + totals.strange + abs(totals.twice)


def _has_tables(audit: Audit) -> bool:
    try:
        audit.totals()
    except Exception:  # not there yet
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
