"""What a host must know to check a PIN: one small JSON file, brought by the worker. Hashes only, never a digit."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .whole_file import write_whole

NAME = "staff.json"
LARGEST_BYTES = 1_000_000


class UnreadableStaff(ValueError):
    """The file holds something else; the text says what and repeats none of it."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The hash of each PIN by its name, and when PINs were refused anywhere, by the key of the event."""

    pins: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, datetime] = field(default_factory=dict)


def write_staff(folder: Path, staff: Staff) -> bool:
    """Put this into `folder`, unless it stands there already; True when it was written. Raises OSError."""
    refusals = {key: at.isoformat() for key, at in sorted(staff.refusals.items())}
    text = json.dumps({"pins": dict(staff.pins), "refusals": refusals}, ensure_ascii=False).encode()
    path = folder / NAME
    with contextlib.suppress(OSError):
        if path.read_bytes() == text:
            return False
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, text, durable=True)
    return True


def read_staff(folder: Path) -> Staff:
    """What is in `folder`; no PIN at all when there is no file. Raises OSError, UnreadableStaff."""
    try:
        with (folder / NAME).open("rb") as file:
            text = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return Staff()
    if len(text) > LARGEST_BYTES:
        raise UnreadableStaff(f"{NAME} is larger than {LARGEST_BYTES:,} bytes")
    try:
        found = json.loads(text)
        return Staff(dict(_texts(found["pins"])), moments(found["refusals"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise UnreadableStaff(f"{NAME} does not hold what staff need ({type(fault).__name__})") from None


def moments(found: Any) -> dict[str, datetime]:
    """Aware moments by their keys. Raises ValueError, TypeError, AttributeError for anything else."""
    read = {key: datetime.fromisoformat(at) for key, at in _texts(found).items()}
    if any(at.utcoffset() is None for at in read.values()):
        raise ValueError("a moment without its zone")
    return read


def _texts(found: Any) -> dict[str, str]:
    if not all(isinstance(each, str) for pair in found.items() for each in pair):
        raise TypeError("not a text")
    return dict(found)
