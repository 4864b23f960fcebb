"""Composition root: settings -> services -> doors. Everything is built here, once, and handed down."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask

from .journal.sealing import Seal
from .journal.writer import Journal
from .routing.compile import compile_files, version_of
from .routing.folder import read_folder
from .routing.live import Live
from .routing.pins import Pins
from .routing.text import Limits
from .services import Services
from .settings import Settings, read_settings
from .telemetry.metrics import Metrics
from .voice.health import health_routes
from .voice.routes import VoiceFirst
from .voice.static import static_document
from .voice.twiml import document
from .voice.weighing import weigh_document
from .voice.weighing import weigher as weigher  # for the command line, which may not import a door

if TYPE_CHECKING:
    from .carrier.fallback import FallbackWriter
    from .publishing.examination import Examiner
    from .worker.loop import Worker

Clock = Callable[[], datetime]
TELL_SECONDS = 1.0
READ_SECONDS = 5.0  # a page that takes longer is broken off: nobody waits for it, and the call log grows meanwhile


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now, watch: bool = True) -> Flask:
    """The web application. With `watch`, a thread adopts valid edits of the configuration as they are saved.

    Raises SettingsFault when the environment cannot be used, NoRouting when neither the configuration nor a last
    good one can be.
    """
    services = build_services(settings or read_settings(os.environ), clock)
    services.live.boot()
    metrics = Metrics(services.settings.data, clock)
    tell = functools.partial(tell_figures, services, metrics)
    if watch:
        _start_watching(services)
        _start_telling(tell)
    app = Flask("ivr", static_folder=None)
    app.extensions["ivr"] = services
    app.register_blueprint(health_routes(services, metrics, tell))
    if "console" in services.settings.doors:
        _open_console(app, services)
    if "voice" in services.settings.doors:
        app.wsgi_app = VoiceFirst(services, metrics, app.wsgi_app)  # type: ignore[method-assign]  # as Flask's documentation does
    return app


def import_doors(settings: Settings) -> None:
    """Import what `create_app` will need and this module left out; it builds nothing."""
    if "console" in settings.doors:
        from .carrier import playing  # noqa: F401  being loaded is the point
        from .console import pages  # noqa: F401  likewise


def create_worker(settings: Settings, clock: Clock = utc_now) -> Worker:
    """The worker of this host. Raises NoRouting as above, DatabaseFault when DATABASE_URL is of no use.

    Processes that answer calls carry no database: what only the worker needs is imported here.
    """
    from .call_log.database import open_database
    from .worker.jobs import Brought, jobs
    from .worker.loop import Worker

    services = build_services(settings, clock)
    engine = open_database(settings.database_url)
    services.live.boot()
    _start_watching(services)
    return Worker(services, engine, jobs(services, Brought(engine, examiner(settings), fallback_writer(settings))))


def _open_console(app: Flask, services: Services) -> None:
    """Processes that only answer calls carry no database and no pages: what the console needs is imported here."""
    from .call_log.database import DatabaseFault, open_database
    from .carrier.playing import usual_player
    from .console.pages import add_console

    try:
        engine = open_database(services.settings.database_url, read_seconds=READ_SECONDS)
    except DatabaseFault as fault:  # a database that is away costs the console, not the calls
        logging.getLogger("ivr").error("the console has no database: %s", fault)
        engine = open_database(services.settings.database_url, read_seconds=READ_SECONDS, wait_for_folder=True)
    app.extensions["ivr-database"] = engine
    render = functools.partial(document, services.settings.public_url)
    player = usual_player(services.settings)
    add_console(app, services, engine, examiner(services.settings), render, player)


def examiner(settings: Settings) -> Examiner:
    """How versions are examined before callers may hear them."""
    from .publishing.examination import Examiner

    limits = Limits.of_kilobytes(settings.config_kilobytes)
    return Examiner(not settings.practice, limits, str(settings.config), weigher)


def fallback_writer(settings: Settings) -> FallbackWriter:
    """Writes fallback documents: the carrier's room says what stands in them, Twilio's door how it is written."""
    from .carrier.fallback import FallbackWriter

    return FallbackWriter(functools.partial(static_document, settings.public_url), weigh_document)


def tell_figures(services: Services, metrics: Metrics) -> None:
    """Add what this process counted to what all processes share."""
    live, journal = services.live, services.journal
    metrics.note(
        problems=len(live.problems), adopted_at=live.adopted_at, trouble=bool(journal.trouble), lost=journal.lost
    )


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
        adopts=settings.autopublish,
        log=log,
    )
    journal = Journal(settings.data / "journal", on_trouble=log.error, on_recovery=log.info)
    seal = Seal(settings.secret_keys)
    return Services(settings, live, journal, seal, Pins(settings.data / "routing", seal.indexes), clock)


def _start_watching(services: Services) -> None:
    threading.Thread(target=services.live.watch, args=(threading.Event(),), name="routing", daemon=True).start()


def _start_telling(tell: Callable[[], None]) -> None:
    """Every second, and once more at the end."""

    def repeat() -> None:
        while not never.wait(TELL_SECONDS):
            tell()

    never = threading.Event()
    threading.Thread(target=repeat, name="figures", daemon=True).start()
    atexit.register(tell)
