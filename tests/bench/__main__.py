"""`python -m tests.bench`: what a turn costs, against bare Flask and against the SDK's way. See docs/performance.md.

Exit status: 0 when every bar is held, 1 when one is missed, 2 when the benchmark itself could not be trusted.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from tests.bench.checking import TIMES, check_table, measured, slowest
from tests.bench.configurations import LARGE, compile_seconds
from tests.bench.parts import parts_table
from tests.bench.report import CHECK_MARKS, bars, noise, table, write_page
from tests.bench.rounds import RATE, Figures, Plan, measure
from tests.bench.server import ROOT, BenchFault
from tests.bench.variants import CONSTANT, LARGE_TREE, OURS, SHARED_MEMORY, Stage

FULL = Plan(rounds=60, requests=210, steady_rounds=3, steady_seconds=10)
QUICK = Plan(rounds=15, requests=210, steady_rounds=1, steady_seconds=5)
STEADY = (CONSTANT, OURS, LARGE_TREE)
IDLE_LOAD = 0.5
MOST_NOISE = 0.25


def main(arguments: list[str]) -> int:
    """Measure, print, and write the page where asked."""
    options = _options(arguments)
    server_core, load_core = _cores()
    plan = QUICK if options.quick else FULL
    _say(_noise_now())
    _say("Checking the worst configurations ...")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that everything started is ended here too
    try:
        checked = measured(TIMES if plan is FULL else 1)
        text, held = _measured(plan, options.day, server_core, load_core, slowest(checked).passed)
        checks = check_table(checked, TIMES if plan is FULL else 1, options.day.isoformat())
        if options.parts:
            text += "\n\n" + parts_table()
        print(f"{text}\n\n{checks}")
        if options.write:
            write_page(text)
            write_page(checks, marks=CHECK_MARKS)
    except BenchFault as fault:
        _say(f"The benchmark failed: {fault}")
        return 2
    return 0 if held else 1


def _measured(plan: Plan, day: date, server_core: int, load_core: int, checking: float) -> tuple[str, bool]:
    _say("Compiling the large configuration ...")
    compiling = median(compile_seconds(*LARGE) for _ in range(3 if plan is FULL else 1))
    most_requests = max(plan.requests, RATE * plan.steady_seconds)
    disk = ROOT / "var"
    disk.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=disk) as folder,
        tempfile.TemporaryDirectory(prefix="bench-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else disk) as memory,
        Stage(Path(folder), Path(memory), server_core, most_requests) as stage,
    ):
        _say("Starting the servers ...")
        variants = stage.start()
        _say(f"Measuring {len(variants)} variants in turn, {plan.rounds} rounds ...")
        figures = measure(variants, plan, STEADY, load_core)
    _tell_how_it_went(figures)
    held = bars(figures, compiling, checking)
    return table(figures, held, plan, day.isoformat()), all(bar.held for bar in held)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="What a turn of a call costs.")
    parser.add_argument("--quick", action="store_true", help="about a minute, rougher figures")
    parser.add_argument("--parts", action="store_true", help="also say where the time of a turn goes")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    parser.add_argument(
        "--day", type=date.fromisoformat, default=datetime.now(UTC).date(), help="the date to write, YYYY-MM-DD"
    )
    return parser.parse_args(arguments)


def _cores() -> tuple[int, int]:
    """One core for the server and another one for the load."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        _say("Only one core: the load generator takes its time from the servers, so the figures are high.")
    return cores[0], cores[-1]


def _noise_now() -> str:
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    busy = " Other programs are at work here: expect noise." if load > IDLE_LOAD else ""
    return f"Load of this machine before the start: {load:.1f} on {cores} cores.{busy}"


def _tell_how_it_went(figures: dict[str, Figures]) -> None:
    """Whether the figures mean anything: a server that waits for its load costs more a request than a busy one."""
    for name, one in figures.items():
        busy, load = median(one.server_busy), median(one.load_busy)
        _say(f"{name}: the server computed {busy:.0%} of the time, the load generator {load:.0%}.")
    if max(map(noise, figures.values())) > MOST_NOISE:
        _say("This machine was too busy for a verdict on CPU or waiting times. Run it again when it is quiet.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
