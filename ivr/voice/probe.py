"""A trial write where the journal stands, for /readyz: it answers in time though the disk may not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from ivr.journal.segment import DiskHangs
from ivr.journal.writer import PATIENCE_SECONDS

PROBE_BYTES = 4096


class Probe:
    """Tries one directory, each time in a thread of its own: one that hangs holds no thread that answers calls.

    While a trial hangs no other is begun. `patience` is in seconds.
    """

    def __init__(
        self, directory: Path, patience: float = PATIENCE_SECONDS, sync: Callable[[int], None] = os.fdatasync
    ) -> None:
        self._directory = directory
        self._patience = patience
        self._sync = sync
        self._lock = threading.Lock()
        self._trial: _Trial | None = None

    def refusal(self) -> str:
        """Why nothing can be written there; "" when it can."""
        with self._lock:
            hangs = self._trial is not None and self._trial.is_alive() and self._trial.late
            if self._trial is None or not self._trial.is_alive():
                self._trial = _Trial(self._directory, self._sync)
                self._trial.start()
            trial = self._trial
        trial.join(0 if hangs else self._patience)
        if trial.is_alive():
            trial.late = True
            return DiskHangs().strerror or ""
        return trial.refusal


class _Trial(threading.Thread):
    """One trial write; `late` once somebody waited for it in vain."""

    def __init__(self, directory: Path, sync: Callable[[int], None]) -> None:
        super().__init__(name="probe", daemon=True)
        self._directory = directory
        self._sync = sync
        self.refusal = ""
        self.late = False

    def run(self) -> None:
        probe = self._directory / f".probe-{os.getpid()}"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with probe.open("wb") as file:
                    file.write(bytes(PROBE_BYTES))
                    file.flush()
                    self._sync(file.fileno())
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            self.refusal = error.strerror or type(error).__name__
