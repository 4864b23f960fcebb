"""Databases as the call log's tests have them, the sample clinic's files, and edits of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from ivr.publishing.examination import Examination
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder
from tests.call_log.conftest import database, new_database, postgres, sqlite_template

__all__ = ["database", "new_database", "postgres", "sqlite_template"]

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "config"

Files = Mapping[str, bytes]
Edit = Callable[..., dict[str, bytes]]


def edited(files: Files, name: str, old: str, new: str) -> dict[str, bytes]:
    """The files with one piece of one of them replaced, which must be there exactly once."""
    assert files[name].decode().count(old) == 1, f"{old!r} is not there once"
    return {**files, name: files[name].decode().replace(old, new).encode()}


@pytest.fixture(scope="session")
def sample() -> Files:
    files, faults = read_folder(SAMPLE)
    assert not faults
    return files


def examined(files: Files) -> Examination:
    """What the checks say of files; the proof and the stories are tested beside. The same files are checked once."""
    return _examined(tuple(sorted(files.items())))


@lru_cache(maxsize=64)
def _examined(files: tuple[tuple[str, bytes], ...]) -> Examination:
    compiled = compile_files(dict(files))
    return Examination(version_of(dict(files)), compiled.routing, compiled.problems)
