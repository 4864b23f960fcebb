"""The configurations that the benchmark serves, always open, so that no figure depends on the hour of the day."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from ivr.routing.compile import compile_files
from tests.bench.server import ROOT, BenchFault
from tests.routing.large_config import LARGE_LIMITS, large_config

ALL_DAY = "0:00-24:00"
CLINIC = "clinic.yaml"
LARGE = (10_000, 1_000)
SMALL = (12, 2)

Files = Mapping[str, bytes]


def sample() -> Files:
    """The sample clinic of this repository."""
    folder = ROOT / "config"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.yaml") if _belongs(path)}


def write_always_open(files: Files, folder: Path) -> None:
    """Write a configuration's files with every location open day and night, without holidays and closures."""
    clinic = yaml.load(files[CLINIC], Loader=yaml.CBaseLoader)
    clinic.pop("holidays", None)
    clinic.pop("closures", None)
    for location in clinic["locations"].values():
        location["hours"] = dict.fromkeys(location["hours"], ALL_DAY)
        location.pop("holidays", None)
    opened = yaml.dump(clinic, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False).encode()
    for name, content in {**files, CLINIC: opened}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def compile_seconds(menus: int, locations: int) -> float:
    """How long a configuration of this size takes to compile, from the files' bytes to the routing."""
    files = large_config(menus, locations)
    started = time.perf_counter()
    compiled = compile_files(files, limits=LARGE_LIMITS)
    seconds = time.perf_counter() - started
    if compiled.routing is None:
        raise BenchFault(f"the large configuration is refused: {compiled.problems[0]}")
    return seconds


def _belongs(path: Path) -> bool:
    """Stored calls are no part of a routing."""
    return path.parent.name != "stories"
