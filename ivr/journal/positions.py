"""How far each journal file has been drained: one small file beside the journal, replaced whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

NAME = "positions.json"


def read_positions(directory: Path) -> dict[str, int]:
    """File name -> bytes drained. Empty when the file is missing or damaged: draining again changes nothing."""
    try:
        found = json.loads((directory / NAME).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: offset for name, offset in found.items() if type(offset) is int and offset >= 0}


class Positions:
    """The positions of the one drainer of a journal. They hold in memory even while the disk refuses them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._offsets = read_positions(directory)

    def of(self, name: str) -> int:
        return self._offsets.get(name, 0)

    def move(self, offsets: Mapping[str, int]) -> None:
        """Note how far files are drained. Raises OSError when it could not be stored; it holds in memory then."""
        self._offsets.update(offsets)
        self._store()

    def keep_only(self, names: Collection[str]) -> None:
        """Forget files that are gone. Raises OSError."""
        if gone := self._offsets.keys() - set(names):
            for name in gone:
                del self._offsets[name]
            self._store()

    def _store(self) -> None:
        draft = self._directory / f"{NAME}.new"
        with draft.open("w") as file:
            json.dump(self._offsets, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._directory / NAME)
