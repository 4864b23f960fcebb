"""Reads a configuration folder without ever blocking: a pipe, a device or an endless file is a problem, not a wait."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from .problems import Problem
from .text import Limits

PROMPTS = re.compile(r"prompts/[A-Za-z0-9_-]{1,40}\.yaml")
MOST_LANGUAGES = 20
_FIXED = ("clinic.yaml", "menus.yaml")
# NONBLOCK: opening a pipe must not wait for a writer. NOCTTY: opening a terminal must not make it ours.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def read_folder(path: Path, limits: Limits | None = None) -> tuple[dict[str, bytes], list[Problem]]:
    """The files that make a configuration, keyed as `compile_files` wants them, and those that could not be read.

    Files that do not exist are left out: `compile_files` knows which must be there. Stories are read elsewhere.
    """
    most_bytes = (limits or Limits()).bytes
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    names, trouble = _prompt_files(path)
    if trouble:
        problems.append(Problem(f"{path.name}/prompts", 0, (), trouble))
    for name in (*_FIXED, *names):
        found = _read(path / name, most_bytes)
        if isinstance(found, bytes):
            files[name] = found
        elif found:
            problems.append(Problem(f"{path.name}/{name}", 0, (), found))
    return files, problems


def _prompt_files(path: Path) -> tuple[list[str], str]:
    try:
        names = sorted(f"prompts/{entry.name}" for entry in (path / "prompts").iterdir())
    except FileNotFoundError:
        return [], ""
    except OSError as error:
        return [], _trouble(error)
    names = [name for name in names if PROMPTS.fullmatch(name)]
    if len(names) > MOST_LANGUAGES:
        return [], f"there are {len(names):,} languages here, at most {MOST_LANGUAGES} are read."
    return names, ""


def _read(path: Path, most_bytes: int) -> bytes | str | None:
    """The bytes, a sentence about why there are none, or None when the file does not exist."""
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _trouble(error)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return "this is not an ordinary file."
        if found.st_size > most_bytes:
            return f"the file is too big: {found.st_size:,} bytes, at most {most_bytes:,} are read."
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(most_bytes + 1)
    except OSError as error:
        return _trouble(error)
    finally:
        os.close(descriptor)


def _trouble(error: OSError) -> str:
    return f"it cannot be read: {(error.strerror or type(error).__name__).lower()}."
