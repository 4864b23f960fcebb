"""Whether the wall clock can be trusted to tell how long something has lasted: it may be set while the worker runs.

The monotonic clock is one for all processes since the machine was started, so a worker can take over from the one
before it what that one had seen. After a start of the machine it finds a clock that was set, which costs patience only.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from ivr.telemetry.worker_file import WorkerState

STEP_SECONDS = 30.0  # more than any clock is slewed in a second

log = logging.getLogger("ivr.worker")


class Steady:
    """Compares a wall clock with one that only runs forward. `look` is called every second or so.

    `before` is what the last worker of this host left. `set_at` is the moment of the last step by the monotonic clock,
    None when none is known of, and `offset` by how much the two clocks differ.
    """

    def __init__(
        self,
        before: WorkerState | None = None,
        wall: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._ticks = ticks
        known = before.clock_offset if before else None
        self.offset = wall() - ticks() if known is None else known
        self.set_at = before.clock_set_at if before else None
        self.look()

    def look(self) -> bool:
        """True when the wall clock was set since the last look."""
        offset = self._wall() - self._ticks()
        stepped = abs(offset - self.offset) > STEP_SECONDS
        self.offset = offset
        if stepped:
            self.set_at = self._ticks()
            log.warning("the clock of this machine was set")
        return stepped

    def for_seconds(self, seconds: float) -> bool:
        """Whether it has not been set for so long, as far as anybody knows."""
        self.look()
        return self.set_at is None or not 0 <= self._ticks() - self.set_at < seconds

    def noted_in(self, state: WorkerState) -> WorkerState:
        """For the next worker to know."""
        return replace(state, clock_offset=self.offset, clock_set_at=self.set_at)
