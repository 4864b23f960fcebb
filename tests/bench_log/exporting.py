"""How much memory an export takes: the command in a process of its own, a little first and then all of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine

from tests.bench_log.history import Plan
from tests.bench_log.questions import Figure
from tests.conftest import ROOT

DaysOf = tuple[date, date]  # the first and the last

MOST_MEGABYTES = 50.0
MOST_CALLS = 1_000_000
SECRET = "a secret of this measurement"

# The process's own peak: what getrusage tells of a child begins with what its parent had.
PROGRAM = """
import json, sys
from pathlib import Path
from ivr.cli.commands import ivr
peaks = []
for days in json.loads(sys.argv[1]):
    ivr(["export", "calls", *days, "--output", sys.argv[2]], standalone_mode=False)
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peaks.append([int(told["VmHWM"].split()[0]), len(Path(sys.argv[2]).read_bytes().splitlines()) - 1])
print(json.dumps(peaks))
"""


@dataclass(frozen=True, slots=True)
class Grown:
    """Two exports of one process, a few rows and then many, and by how much its peak grew with the second."""

    few: int
    many: int
    kilobytes: int
    seconds: float


def grown(address: str, few: DaysOf, many: DaysOf, folder: Path) -> Grown:
    """Export the calls of some days, then of more, from the call log at `address`; `folder` is for what is written."""
    days = [["--from", first.isoformat(), "--to", last.isoformat()] for first, last in (few, many)]
    own = {"DATABASE_URL": address, "IVR_DATA": str(folder / "var"), "SECRET_KEY": SECRET, "IVR_PRACTICE": "1"}
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(days), str(folder / "calls.csv")],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=True,
        timeout=1200,
    )
    (before, some), (after, rows) = json.loads(done.stdout)
    return Grown(some, rows, after - before, perf_counter() - began)


def export_figure(engine: Engine, plan: Plan, folder: Path) -> Figure:
    """The memory that an export of up to a million of the newest calls takes beyond that of a week's."""
    share = min(1.0, MOST_CALLS / plan.calls)
    last = plan.until - timedelta(days=1)
    first = plan.until - timedelta(days=max(1, round(plan.days * share)))
    address = engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=False)
    found = grown(address, (last - timedelta(days=6), last), (first, last), folder)
    sys.stderr.write(
        f"{engine.dialect.name}: {found.many:,} calls exported in {found.seconds:.0f} s,"
        f" {found.kilobytes / 1000:.1f} MB more than for {found.few:,}\n"
    )
    return Figure("memory of an export", found.kilobytes / 1000, None, MOST_MEGABYTES, unit="MB")
