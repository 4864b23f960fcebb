"""Real services for the tests of faults: one shared by a file's tests, and more that a test starts for itself."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.service import ROOT, Service, serving
from tests.faults.shim import Shim

Start = Callable[[], contextlib.AbstractContextManager[Service]]
DAY = re.compile(r"^( +(?:mon|tues|wednes|thurs|fri|satur|sun)day): .*$", re.MULTILINE)


def copy_configuration(folder: Path) -> None:
    """The sample clinic in folder/config, but open day and night: what callers meet must not depend on the hour."""
    shutil.copytree(ROOT / "config", folder / "config")
    clinic = folder / "config" / "clinic.yaml"
    clinic.write_text(DAY.sub(r"\1: 0:00-24:00", clinic.read_text()))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service on the sample clinic; every test must leave it serving."""
    folder = tmp_path_factory.mktemp("service")
    copy_configuration(folder)
    with serving(folder / "config", folder / "var", folder / "log") as running:
        running.wait_for_workers()
        yield running


@pytest.fixture
def clinic_folder(tmp_path: Path) -> Path:
    """A folder with a copy of the sample configuration in config/, and nothing else yet."""
    copy_configuration(tmp_path)
    return tmp_path


@pytest.fixture
def start_service(clinic_folder: Path) -> Start:
    """Starts a service on the test's own folder; usable more than once, one after another."""
    return lambda: serving(clinic_folder / "config", clinic_folder / "var", clinic_folder / "log")


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Shim:
    """A wall clock and a disk that do as told."""
    try:
        return Shim(tmp_path_factory.mktemp("shim"))
    except LookupError as fault:
        pytest.skip(str(fault))
