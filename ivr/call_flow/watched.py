"""Destinations that note which of them are looked up, so that a walk knows what a turn can depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .model import Destination


class Watched(Mapping[str, Destination]):
    """`seen` holds the names looked up, in order, until it is cleared."""

    __slots__ = ("_found", "seen")

    def __init__(self, found: Mapping[str, Destination]) -> None:
        self._found = found
        self.seen: list[str] = []

    def find(self, name: str) -> Destination | None:
        """Look one up without a note of it."""
        return self._found.get(name)

    def __getitem__(self, name: str) -> Destination:
        self.seen.append(name)
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
