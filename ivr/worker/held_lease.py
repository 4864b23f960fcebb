"""A lease while its job runs: kept for longer before it expires, as long as nobody else has got it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine

from ivr.call_log.leases import keep


class HeldLease:
    """The lease on `job` that `holder` has just claimed for `seconds`. Once lost it is lost for this run.

    Whoever has it now may have done the job, or may give it back half done: a run that began again after a pause
    would work beside the next holder's. `monotonic` counts seconds.
    """

    def __init__(
        self,
        engine: Engine,
        job: str,
        holder: str,
        seconds: float,
        stop: threading.Event,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._job = job
        self._holder = holder
        self._seconds = seconds
        self._stop = stop
        self._monotonic = monotonic
        self._claimed = monotonic()
        self._lost = False

    def go_on(self) -> bool:
        """False when the worker ends or the lease is lost, from then on always. Raises SQLAlchemyError."""
        if self._lost or self._stop.is_set():
            return False
        asked = self._monotonic()
        if asked - self._claimed > self._seconds / 3:
            self._lost = not keep(self._engine, self._job, self._holder, seconds=self._seconds)
            self._claimed = asked  # not before: what fails is tried again when asked again
        return not self._lost
