"""A clinic's machine as it runs: a full log, a voice door, a console, a worker, and beside them both doors in one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from ivr.call_log.leases import claim, finish
from ivr.journal.drainer import lag_of
from ivr.journal.sealing import Seal
from tests.bench.calls import ACCOUNT, PUBLIC_URL
from tests.bench.configurations import sample, write_always_open
from tests.bench.server import Server
from tests.bench_doors.seats import Seat, exporting, seated
from tests.bench_log.empty import empty_log
from tests.bench_log.history import Plan, three_years
from tests.bench_log.load import load
from tests.bench_log.pages import addresses
from tests.faults.hosts import worker_of
from tests.faults.service import SECRET, Service, kill, serving, wait_until


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that runs on one data folder and one log. `together` has both doors open."""

    voice: Service
    console: Service
    together: Service
    folder: Path
    calls: int
    seats: tuple[Seat, ...]
    exporter: str

    def wait_until_drained(self) -> None:
        """All that happened so far is in the log."""
        wait_until(lambda: lag_of(self.voice.journal, datetime.now(UTC)).bytes == 0, "the journal was not drained")


@contextmanager
def opened(kind: str, place: Path, calls: int) -> Iterator[Site]:
    """Started when the block begins, and gone with all its files when it ends."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-doors-", dir=place)))
        engine = stack.enter_context(empty_log(kind, place))
        plan = three_years(calls, datetime.now(UTC).date())
        pages = _filled(engine, plan)
        write_always_open(sample(), folder / "config")
        given = {
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "PUBLIC_URL": PUBLIC_URL,
            "IVR_HOST_NAME": "bench",
        }

        def door(name: str, doors: str) -> Service:
            log = folder / f"{name}.log"
            return stack.enter_context(serving(folder / "config", folder / "var", log, **given, IVR_DOORS=doors))

        voice, console, together = door("voice", "voice"), door("console", "console"), door("both", "voice,console")
        worker = worker_of(voice, given)
        stack.callback(worker.wait)
        stack.callback(kill, worker.pid)
        for service in (voice, console, together):
            service.wait_for_workers()
        yield Site(voice, console, together, folder, calls, seated(engine, pages), exporting(engine))


def computed(service: Service) -> float:
    """Seconds that the processes of a service have computed so far, its first one left out."""
    return sum(Server(service.port, worker).cpu_seconds() for worker in service.workers())


def _filled(engine: Engine, plan: Plan) -> dict[str, str]:
    """Numbers are sealed for real, for an export opens each of them. Retention has had its turn for today."""
    seal = Seal([SECRET])

    @cache
    def sealed(caller: int) -> tuple[str, str]:
        number = f"+1480{caller:07d}"
        return seal.seal(number), seal.index(number)

    sys.stderr.write(f"Writing {plan.calls:,} calls into {engine.dialect.name} ...\n")
    _, last = load(engine, plan, sealed)
    claim(engine, "retention", "bench", seconds=60)
    finish(engine, "retention", "bench")
    return addresses(last)
