"""What sealing numbers anew did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What a rotation did: numbers sealed anew, those that were so already, and those that none of our keys opens."""

    sealed: int = 0
    already: int = 0
    unreadable: int = 0

    def __add__(self, other: Rekeyed) -> Rekeyed:
        return Rekeyed(self.sealed + other.sealed, self.already + other.already, self.unreadable + other.unreadable)

    @property
    def looked_at(self) -> int:
        return self.sealed + self.already + self.unreadable
