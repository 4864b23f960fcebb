"""Whether the wall clock can be trusted to tell how long something has lasted: it may be set while the worker runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger("ivr.worker")

STEP_SECONDS = 30.0  # more than any clock is slewed in a second


class Steady:
    """Compares a wall clock with one that only runs forward. `look` is called every second or so."""

    def __init__(self, wall: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._ticks = ticks
        self._offset = wall() - ticks()
        self._since = ticks()
        self.was_set = False

    def look(self) -> bool:
        """True when the wall clock was set since the last look."""
        offset = self._wall() - self._ticks()
        stepped = abs(offset - self._offset) > STEP_SECONDS
        self._offset = offset
        if stepped:
            self._since, self.was_set = self._ticks(), True
            log.warning("the clock of this machine was set")
        return stepped

    @property
    def seconds(self) -> float:
        """For how long it has not been set, as far as this process knows."""
        return self._ticks() - self._since
