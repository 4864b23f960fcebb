"""Composition root: settings -> services -> doors. Everything is built here, once, and handed down."""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from .journal.sealing import Seal
from .journal.writer import Journal
from .routing.compile import compile_files, version_of
from .routing.folder import read_folder
from .routing.live import Live
from .routing.text import Limits
from .services import Services
from .settings import Settings, read_settings
from .voice.routes import VoiceFirst, health_route

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now, watch: bool = True) -> Flask:
    """The web application. With `watch`, a thread adopts valid edits of the configuration as they are saved.

    Raises SettingsFault when the environment cannot be used, NoRouting when neither the configuration nor a last
    good one can be.
    """
    services = build_services(settings or read_settings(os.environ), clock)
    services.live.boot()
    if watch:
        threading.Thread(target=services.live.watch, args=(threading.Event(),), name="routing", daemon=True).start()
    app = Flask("ivr", static_folder=None)
    app.extensions["ivr"] = services
    app.register_blueprint(health_route(services))
    app.wsgi_app = VoiceFirst(services, app.wsgi_app)  # type: ignore[method-assign]  # as Flask's documentation does
    return app


def show_log() -> None:
    """Write the service's log to standard error, where process managers collect it."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    log = logging.getLogger("ivr")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def build_services(settings: Settings, clock: Clock = utc_now) -> Services:
    """What the doors need, nothing started yet."""
    log = logging.getLogger("ivr")
    limits = Limits.of_kilobytes(settings.config_kilobytes)
    compiled = functools.partial(compile_files, live=not settings.practice, limits=limits, folder=str(settings.config))
    live = Live(
        settings.config,
        settings.data / "routing",
        read=functools.partial(read_folder, limits=limits),
        compile=compiled,
        version_of=version_of,
        log=log,
    )
    journal = Journal(settings.data / "journal", on_trouble=log.error)
    return Services(settings, live, journal, Seal(settings.secret_keys), clock)
