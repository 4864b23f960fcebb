"""The call log, opened for a command, and what goes wrong with it said in a sentence."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from ivr.call_flow.model import Routing
from ivr.call_log.database import DatabaseFault, open_database
from ivr.journal.sealing import Seal
from ivr.publishing.versions import files_of, live
from ivr.routing.compile import compile_files, compile_folder
from ivr.routing.versions import Versions
from ivr.routing.zone import clinic_zone
from ivr.settings import Settings, SettingsFault, read_settings

from .configuration import limits, usual_folder

Decorated = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Records:
    """What commands on the call log need. `actor` is who typed the command, for the audit table."""

    engine: Engine
    seal: Seal
    routing: Routing
    zone: ZoneInfo
    settings: Settings
    actor: str
    now: datetime


@contextmanager
def records() -> Iterator[Records]:
    """Open the call log the environment names. Faults of settings and database are told in a sentence, exit code 1."""
    try:
        settings = read_settings(os.environ)
        engine = open_database(settings.database_url)
    except (SettingsFault, DatabaseFault) as fault:
        raise click.ClickException(str(fault)) from None
    seal = Seal(settings.secret_keys)
    try:
        routing = usual_routing(settings, engine)
        yield Records(engine, seal, routing, clinic_zone(routing), settings, actor(), datetime.now(UTC))
    except SQLAlchemyError as fault:
        raise click.ClickException(_sentence(fault)) from None
    finally:
        engine.dispose()


def short(log: Records, moment: datetime) -> str:
    """A moment by the clinic's clock, as tables show it."""
    return f"{moment.astimezone(log.zone):%Y-%m-%d %H:%M}"


def usual_routing(settings: Settings, engine: Engine) -> Routing:
    """What callers hear: the version that is live here, else the published one, else the files, else the newest kept.

    Where valid edits go live by themselves the files come first. Exits when there is none; a mistake in a file must not
    keep anybody from reading the log.
    """
    versions = Versions(settings.data / "routing")
    live_here = [versions.folder_of(name)] if (name := versions.live()) else []
    stored = [versions.folder_of(name) for name in versions.newest_first()]
    files = usual_folder()
    if settings.autopublish:
        found = _first([files, *live_here, *stored]) or _published(engine)
    else:
        found = _first(live_here) or _published(engine) or _first([files, *stored])
    if found is None:
        raise click.ClickException(
            "There is no usable configuration, so the clinic's clock is unknown: python -m ivr check"
        )
    return found


def _first(folders: Iterable[Path]) -> Routing | None:
    """That of the first folder with a usable configuration."""
    compiled = (compile_folder(folder, limits=limits()).routing for folder in folders if folder.is_dir())
    return next((routing for routing in compiled if routing), None)


def _published(engine: Engine) -> Routing | None:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        return None  # asked, SQLite would make the file
    with suppress(SQLAlchemyError):  # no tables yet, or no database: then nothing is published as far as is known
        if now_live := live(engine):
            return compile_files(files_of(engine, now_live.number), limits=limits()).routing
    return None


def day_option(name: str, help_text: str) -> Callable[[Decorated], Decorated]:
    """An option that takes a day such as 2026-11-24."""
    return click.option(name, callback=_day, metavar="DAY", help=help_text)


def _day(_context: click.Context, _option: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write a day like 2026-11-24.") from None


def actor() -> str:
    """Who typed the command, for the audit table."""
    return f"cli:{_user()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _sentence(fault: SQLAlchemyError) -> str:
    """Never the statement or its values: they may hold what must not be shown."""
    if isinstance(fault, OperationalError | ProgrammingError) and "no such table" in str(fault.orig):
        return "The call log has no tables yet: python -m ivr migrate"
    if isinstance(fault, ProgrammingError) and "UndefinedTable" in type(fault.orig).__name__:
        return "The call log has no tables yet: python -m ivr migrate"
    return f"The call log cannot be used ({type(fault).__name__}). See DATABASE_URL and: python -m ivr status"
