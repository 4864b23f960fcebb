"""gunicorn's settings file for what the service needs of it: `gunicorn --config python:ivr.serving`."""

from __future__ import annotations

import gc
import os

from gunicorn.config import Config
from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead

from .app import import_doors
from .settings import read_settings
from .telemetry.logs import json_formatter
from .telemetry.metrics import SHARED


class GunicornLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own lines in the form of all others."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.propagate = False
        for handler in self.error_log.handlers:
            handler.setFormatter(json_formatter())


logger_class = GunicornLog


def on_starting(_server: object) -> None:
    """Import before there are workers: each of them, and whichever replaces a killed one, then answers at once.

    What is imported stays shared memory as long as nobody writes to it, so the garbage collector leaves it alone.
    """
    import_doors(read_settings(os.environ))
    gc.freeze()


def child_exit(_server: object, worker: object) -> None:
    """What a process that is gone said of itself no longer counts; what it counted does."""
    pid = getattr(worker, "pid", None)
    if isinstance(pid, int) and SHARED in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]  # the library leaves it untyped
