"""`python -m tests.bench.checking`: how long `python -m ivr check` takes as a whole process, over its worst inputs.

Part of `python -m tests.bench`; alone it takes about two minutes. Exit status as there.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.bench.check_inputs import worst
from tests.bench.configurations import Files
from tests.bench.report import CHECK_MARKS, MOST_CHECK_SECONDS, write_page
from tests.bench.server import ROOT, BenchFault
from tests.routing.large_config import large_config

TIMES = 5
MOST_KILOBYTES = "65536"
LARGE = "10,000 menus, 1,000 locations, IVR_CONFIG_KILOBYTES=65536 (no bar)"
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Checked:
    """One input: its size, the medians of the seconds passed and computed, and the last line of the answer."""

    what: str
    kilobytes: float
    passed: float
    computed: float
    said: str
    held_to_bar: bool = True

    def row(self) -> str:
        return f"| {self.what} | {self.kilobytes:,.0f} | {self.passed:.2f} | {self.computed:.2f} | {self.said} |"


def measured(times: int = TIMES) -> list[Checked]:
    """All inputs, each checked so many times. Raises BenchFault when a check fails otherwise than by its findings."""
    found = [_checked(what, files(), times) for what, files in worst().items()]
    raised = {"IVR_CONFIG_KILOBYTES": MOST_KILOBYTES}
    return [*found, _checked(LARGE, large_config(10_000, 1_000), times, raised, held_to_bar=False)]


def slowest(found: Sequence[Checked]) -> Checked:
    """The input that took longest of those held to the bar."""
    return max((each for each in found if each.held_to_bar), key=lambda each: each.passed)


def check_table(found: Sequence[Checked], times: int, day: str) -> str:
    """The inputs as Markdown, the slowest first."""
    worst_of_all = slowest(found)
    verdict = "held" if worst_of_all.passed <= MOST_CHECK_SECONDS else "**missed**"
    return "\n".join(
        [
            f"Measured on {day}: the whole process, median of {times}, while {os.getloadavg()[0]:.1f} programs"
            f" wanted this machine's {os.cpu_count()} cores. Bar: {MOST_CHECK_SECONDS:g} s passed, {verdict}.",
            "",
            "| Configuration | kB | Passed s | CPU s | What it says |",
            "| --- | --: | --: | --: | --- |",
            *(each.row() for each in sorted(found, key=lambda each: -each.passed)),
        ]
    )


def _checked(
    what: str, files: Files, times: int, settings: dict[str, str] | None = None, *, held_to_bar: bool = True
) -> Checked:
    with tempfile.TemporaryDirectory(prefix="check-") as name:
        for file, content in files.items():
            path = Path(name) / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        runs = [_run(name, settings or {}) for _ in range(times)]
    said = runs[0][2].replace(f"{name}: ", "").replace(f"{name} ", "").split(", version")[0]
    size = sum(map(len, files.values())) / 1000
    return Checked(what, size, median(run[0] for run in runs), median(run[1] for run in runs), said, held_to_bar)


def _run(folder: str, settings: dict[str, str]) -> tuple[float, float, str]:
    """Seconds passed, seconds computed, and the last line."""
    environment = {"PATH": os.environ.get("PATH", ""), "NO_COLOR": "1", **settings}
    before, began = _computed(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ivr", "check", folder],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    passed = time.perf_counter() - began
    lines = (done.stderr or done.stdout).splitlines()
    if done.returncode not in (0, 1) or not lines or not lines[-1].startswith(folder):
        raise BenchFault(f"check failed: {lines[-1:]}")
    return passed, _computed() - before, lines[-1]


def _computed() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: Sequence[str]) -> int:
    """Measure and print; with `--write` into docs/performance.md too."""
    try:
        found = measured()
        text = check_table(found, TIMES, datetime.now(UTC).date().isoformat())
        print(text)
        if "--write" in arguments:
            write_page(text, marks=CHECK_MARKS)
    except BenchFault as fault:
        print(f"The benchmark failed: {fault}", file=sys.stderr)
        return 2
    return 0 if slowest(found).passed <= MOST_CHECK_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
