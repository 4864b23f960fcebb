"""The overrides as they stand on this host's disk: one small JSON file, written whole, read by every web process.

A file that cannot be read or understood leaves the last good overrides as they were. An override that has ended needs
nobody to take it away: the moment decides.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ivr.call_flow.model import Override, OverrideKind

from .whole_file import write_whole

NAME = "overrides.json"
LARGEST_BYTES = 1_000_000


class UnreadableOverrides(ValueError):
    """The file holds something else than overrides; the text says what."""


def write_overrides(folder: Path, overrides: Sequence[Override]) -> bool:
    """Put these into `folder`, unless they stand there already; True when the file was written. Raises OSError."""
    text = json.dumps([as_data(override) for override in overrides], ensure_ascii=False).encode()
    path = folder / NAME
    with contextlib.suppress(OSError):
        if path.read_bytes() == text:
            return False
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, text, durable=True)
    return True


def read_overrides(folder: Path, name: str = NAME) -> tuple[Override, ...]:
    """The overrides in a file of `folder`, none when there is no file. Raises OSError, UnreadableOverrides."""
    try:
        return tuple(_of_data(each) for each in read_records(folder, name))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        if isinstance(fault, UnreadableOverrides):
            raise
        raise UnreadableOverrides(f"{name} does not hold overrides ({type(fault).__name__})") from None


def read_records(folder: Path, name: str) -> list[dict[str, Any]]:
    """What stands in the file, not looked at. Raises OSError, UnreadableOverrides; ValueError for what is no JSON."""
    try:
        with (folder / name).open("rb") as file:
            text = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return []
    if len(text) > LARGEST_BYTES:
        raise UnreadableOverrides(f"{name} is larger than {LARGEST_BYTES:,} bytes")
    return list(json.loads(text))


def as_data(override: Override) -> dict[str, Any]:
    """An override as it stands in a file."""
    return {
        "id": override.id,
        "kind": override.kind.value,
        "location": override.location,
        "begins": override.begins.isoformat(),
        "ends": override.ends.isoformat(),
        "reason": override.reason,
        "say": dict(override.say),
        "to": override.to,
    }


class OverrideFile:
    """Follows the file: looks at it again only when it was replaced."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        self._folder = folder
        self._name = name
        self._seen: tuple[int, int, int] | None = None
        self._overrides: tuple[Override, ...] = ()
        self._fault = ""

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The last good ones."""
        return self._overrides

    @property
    def fault(self) -> str:
        """Why the file on disk is not in use, "" when it is."""
        return self._fault

    def look(self) -> bool:
        """Read the file if it was replaced since; True when the overrides are others now."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        try:
            found = read_overrides(self._folder, self._name)
        except (OSError, UnreadableOverrides) as fault:
            self._fault = str(fault) if isinstance(fault, UnreadableOverrides) else f"{self._name} cannot be read"
            self._seen = stamp
            return False
        self._seen, self._fault = stamp, ""
        if found == self._overrides:
            return False
        self._overrides = found
        return True

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = (self._folder / self._name).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _of_data(data: dict[str, Any]) -> Override:
    begins, ends = datetime.fromisoformat(data["begins"]), datetime.fromisoformat(data["ends"])
    if begins.utcoffset() is None or ends.utcoffset() is None:
        raise ValueError("a moment without its zone")
    return Override(
        id=int(data["id"]),
        kind=OverrideKind(data["kind"]),
        location=_text(data["location"]),
        begins=begins,
        ends=ends,
        reason=_text(data["reason"]),
        say={_text(language): _text(words) for language, words in data["say"].items()},
        to=_text(data["to"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
