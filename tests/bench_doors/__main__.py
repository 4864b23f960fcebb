"""`python -m tests.bench_doors`: do people at the console and an export slow calls? See docs/performance.md.

Exit status: 0 when the bar is held, 1 when it is missed, 2 when an answer was wrong or something did not start.
"""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from tests.bench.report import Bar, write_page
from tests.bench.server import ROOT, BenchFault
from tests.bench_doors.report import MARKS, bars, tables
from tests.bench_doors.rounds import Plan, measure
from tests.bench_doors.stage import opened
from tests.bench_log.empty import ENGINES
from tests.faults.service import TooLate


def main(arguments: list[str]) -> int:
    """Measure, print, and write the page where asked."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that everything started is ended here too
    try:
        text, held = _measured(options)
        print(text)
        if options.write:
            write_page(text, marks=MARKS)
    except (BenchFault, TooLate) as fault:
        _say(f"The benchmark failed: {fault}")
        return 2
    return 0 if all(bar.held for bar in held) else 1


def _measured(options: argparse.Namespace) -> tuple[str, list[Bar]]:
    plan = Plan(options.rounds, options.seconds)
    options.folder.mkdir(exist_ok=True)
    with opened(options.engine, options.folder, options.calls) as site:
        figures = measure(site, plan, _say)
    held = bars(figures)
    told = f"Measured on {options.day.isoformat()} with {options.calls:,} calls in {options.engine}"
    return tables(figures, held, plan, told), held


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_doors", description=__doc__)
    parser.add_argument("--calls", type=int, default=300_000, help="how many calls the log holds")
    parser.add_argument("--rounds", type=int, default=6, help="of each condition")
    parser.add_argument("--seconds", type=int, default=40, help="of a round")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where log and journal may lie: a real disk")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    parser.add_argument(
        "--day", type=date.fromisoformat, default=datetime.now(UTC).date(), help="the date to write, YYYY-MM-DD"
    )
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
