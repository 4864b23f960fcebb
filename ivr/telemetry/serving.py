"""gunicorn's settings file for what the service needs of it: `gunicorn --config python:ivr.telemetry.serving`."""

from __future__ import annotations

import os

from gunicorn.config import Config
from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead

from .logs import json_formatter
from .metrics import SHARED


class GunicornLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own lines in the form of all others."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.propagate = False
        for handler in self.error_log.handlers:
            handler.setFormatter(json_formatter())


logger_class = GunicornLog


def child_exit(_server: object, worker: object) -> None:
    """What a process that is gone said of itself no longer counts; what it counted does."""
    pid = getattr(worker, "pid", None)
    if isinstance(pid, int) and SHARED in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]  # the library leaves it untyped
