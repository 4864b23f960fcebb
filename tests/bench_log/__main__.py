"""`python -m tests.bench_log`: how quickly the call log answers when it is full, held to the bars.

A made-up history is written straight into the tables, then people's questions are timed, each many times with other
values, from the call of the function to the last row read.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine

from tests.bench_log.empty import ENGINES, empty_log
from tests.bench_log.exporting import export_figure
from tests.bench_log.history import Plan, three_years
from tests.bench_log.load import load
from tests.bench_log.pages import page_figures
from tests.bench_log.questions import Figure, drain_rate, timed
from tests.bench_log.table import table, write


def main() -> int:
    """Run on the engines asked for; exit code 1 when a bar is missed."""
    wanted = _arguments()
    plan = three_years(wanted.calls, date(2026, 11, 22), wanted.events_of)
    figures: dict[str, list[Figure]] = {}
    for kind in ENGINES if wanted.engine == "both" else (wanted.engine,):
        with empty_log(kind, wanted.folder) as engine:
            figures[kind] = _measured(engine, plan, wanted.folder)
    text = table(figures, plan)
    sys.stdout.write(text)
    if wanted.write:
        write(text)
    return 0 if all(figure.held for found in figures.values() for figure in found) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_log", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--events-of", type=int, default=20, help="one call in so many has its events too")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where the databases may lie")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def _measured(engine: Engine, plan: Plan, folder: Path) -> list[Figure]:
    done, began = 0, perf_counter()

    def show(calls: int) -> None:
        nonlocal done
        done += calls
        sys.stderr.write(f"\r{engine.dialect.name}: {done:,} calls written in {perf_counter() - began:.0f} s")
        sys.stderr.flush()

    _, last = load(engine, plan, progress=show)
    sys.stderr.write(f"; loaded with indexes in {perf_counter() - began:.0f} s\n")
    found = [*timed(engine, plan, last), *page_figures(engine, plan, last)]
    with tempfile.TemporaryDirectory(prefix="ivr-bench-export-", dir=folder) as place:
        found.append(export_figure(engine, plan, Path(place)))
    if engine.dialect.name == "postgresql":
        found.append(drain_rate(engine, plan))
    return found


if __name__ == "__main__":
    sys.exit(main())
