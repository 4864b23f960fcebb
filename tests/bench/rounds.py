"""Runs the variants in turn, round after round, and keeps every figure: nothing is ever compared across runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.server import ROOT, BenchFault
from tests.bench.variants import Running

CALLERS = 8
RATE = 100


@dataclass(slots=True)
class Figures:
    """What was measured of one variant, one value a round. Microseconds, requests a second, milliseconds, 10^6 bytes.

    `server_busy` and `load_busy` are the shares of the time in which either side computed.
    """

    cpu: list[float] = field(default_factory=list)
    throughput: list[float] = field(default_factory=list)
    server_busy: list[float] = field(default_factory=list)
    load_busy: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: closed-loop rounds of `requests` each, open-loop rounds of `steady_seconds` each."""

    rounds: int
    requests: int
    steady_rounds: int
    steady_seconds: int


def measure(variants: Sequence[Running], plan: Plan, steady: Sequence[str], core: int) -> dict[str, Figures]:
    """All rounds of all variants; those named in `steady` also at a fixed rate. Raises BenchFault on a wrong answer."""
    figures = {variant.name: Figures() for variant in variants}
    with _load(core) as load:
        for number in range(-1, plan.rounds):  # the first round warms up and is not kept
            for variant in _turned(variants, number):
                _saturate(load, variant, plan.requests, Figures() if number < 0 else figures[variant.name])
    at_rate = [variant for variant in variants if variant.name in steady]
    for number in range(plan.steady_rounds):
        for variant in _turned(at_rate, number):
            _keep_pace(variant, plan.steady_seconds, core, figures[variant.name])
    for variant in variants:
        figures[variant.name].megabytes = variant.server.resident_megabytes()
    return figures


@contextmanager
def _load(core: int) -> Iterator[subprocess.Popen[str]]:
    with started("tests.bench.load", [str(CALLERS)], core) as process:
        try:
            yield process
        finally:
            process.kill()


def _saturate(load: subprocess.Popen[str], variant: Running, count: int, into: Figures) -> None:
    assert load.stdin is not None
    assert load.stdout is not None
    order = {"requests": str(variant.requests), "port": variant.server.port, "count": count}
    before = variant.server.cpu_seconds()
    load.stdin.write(json.dumps(order) + "\n")
    load.stdin.flush()
    answer = load.stdout.readline()
    cpu = variant.server.cpu_seconds() - before
    if not answer:
        raise BenchFault("the load generator ended early")
    outcome = json.loads(answer)
    refuse_faults(variant.name, outcome)
    if outcome["sent"] != count:
        raise BenchFault(f"{variant.name}: {outcome['sent']} requests were sent where {count} should have been")
    into.cpu.append(cpu / count * 1e6)
    into.throughput.append(count / outcome["seconds"])
    into.server_busy.append(cpu / outcome["seconds"])
    into.load_busy.append(outcome["busy"])


def _keep_pace(variant: Running, seconds: int, core: int, into: Figures) -> None:
    outcome = at_rate(variant.requests, variant.server.port, RATE, seconds, core)
    refuse_faults(variant.name, outcome)
    into.p50.append(outcome["p50"])
    into.p99.append(outcome["p99"])


def at_rate(requests: Path, port: int, rate: int, seconds: int, core: int | None = None) -> dict[str, Any]:
    """What came of the requests in this file, `rate` a second for so long: see `tests/bench/steady.py`."""
    arguments = [str(requests), str(port), str(rate), str(rate * seconds)]
    with started("tests.bench.steady", arguments, core) as process:
        answer, _ = process.communicate(timeout=seconds + 60)
    if process.returncode:
        raise BenchFault("the steady load generator failed")
    outcome: dict[str, Any] = json.loads(answer)
    return outcome


def refuse_faults(name: str, outcome: Mapping[str, Any]) -> None:
    """Raise BenchFault when an answer was wrong."""
    if outcome["failed"]:
        raise BenchFault(f"{name}: {outcome['failed']} answers were wrong, such as: {outcome['fault']}")


def started(module: str, arguments: list[str], core: int | None = None) -> subprocess.Popen[str]:
    """A load generator as a process of its own, on `core` or on any; what it says of faults goes to the terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
    )


def _turned(variants: Sequence[Running], number: int) -> list[Running]:
    """The variants, each round begun by another one."""
    first = number % len(variants)
    return [*variants[first:], *variants[:first]]
