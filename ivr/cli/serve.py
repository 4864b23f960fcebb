"""`serve`: checks the settings and the configuration, then hands over to gunicorn.

The one place that knows how gunicorn is started; the Procfile and the Makefile call this command.
"""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from ivr.accounts.people import anybody, invite
from ivr.accounts.roles import Role
from ivr.call_log.database import DatabaseFault, migrate, open_database
from ivr.routing.compile import compile_folder
from ivr.routing.problems import render
from ivr.routing.versions import Versions
from ivr.settings import MOST_WORKERS, Settings, SettingsFault, read_settings
from ivr.telemetry.metrics import SHARED

from .configuration import errors, load

THREADS = 16  # they wait for the disk together and share one sync; four leave the processor idle
TIMEOUT_SECONDS = 15
KEEP_ALIVE_SECONDS = 30
LOCK_SECONDS = 2.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  a worker's heartbeat on a disk can stop it


@click.command("serve")
@click.option("--workers", type=click.IntRange(1, MOST_WORKERS), help="Processes; WEB_CONCURRENCY or 2 if left out.")
def command(workers: int | None) -> None:
    """Check the settings and the configuration, then answer calls.

    Without a Twilio token, or with IVR_PRACTICE=1, it serves practice calls from this machine only.

    \b
    python -m ivr serve
    PORT=8080 python -m ivr serve
    """
    try:
        settings = read_settings(os.environ)
    except SettingsFault as fault:
        raise click.ClickException(str(fault)) from None
    _check_configuration(settings)
    if settings.practice:
        _tell_how_to_practise(settings)
    if "console" in settings.doors:
        _tell_the_way_in(settings)
    environment = {**os.environ, **_shared_figures(settings.data / "metrics" / str(settings.port))}
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, gunicorn_command(settings, workers or settings.workers), environment)  # noqa: S606  our own interpreter


def gunicorn_command(settings: Settings, workers: int) -> list[str]:
    """The command line that serves: this interpreter, gunicorn and its settings."""
    memory = ["--worker-tmp-dir", str(SHARED_MEMORY)] if SHARED_MEMORY.is_dir() else []
    return [
        *(sys.executable, "-m", "gunicorn"),
        *("--bind", f"{settings.host}:{settings.port}"),
        *("--workers", str(workers)),
        *("--threads", str(THREADS)),
        *("--worker-class", "gthread"),
        *("--config", "python:ivr.serving"),
        "--no-control-socket",
        *("--timeout", str(TIMEOUT_SECONDS)),
        *("--graceful-timeout", str(TIMEOUT_SECONDS)),
        *("--keep-alive", str(KEEP_ALIVE_SECONDS)),
        *memory,
        "wsgi:app",
    ]


def _shared_figures(folder: Path) -> dict[str, str]:
    """What the processes to come need to count together in `folder`; what an earlier service left there is gone.

    The doors may be services of their own with one data folder, so the folder is named by the port: if another one
    emptied it, the first would count into files that nobody reads. A folder that cannot be had costs the figures, not
    the calls.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return {SHARED: str(folder.absolute())}
    except OSError as fault:
        click.secho(f"Warning: figures are counted by each process alone: {fault.strerror}.", fg="yellow", err=True)
        return {}


def _check_configuration(settings: Settings) -> None:
    """Print what is wrong. Exits 1 when neither the configuration nor a last good one can be used."""
    live = not settings.practice
    if settings.config.is_dir():
        compiled = load(settings.config, live=live)
        if compiled.routing:
            return
        click.echo(render(errors(compiled.problems)).rstrip("\n"), err=True)
    else:
        click.echo(
            f"There is no folder {settings.config}. IVR_CONFIG names the folder that holds clinic.yaml.", err=True
        )
    good = _last_good(Versions(settings.data / "routing"), live=live)
    if good is None:
        click.secho("The service does not start: there is no configuration it can use.", fg="red", err=True)
        raise click.exceptions.Exit(1)
    click.secho(f"Warning: calls are answered by the last good configuration, {good}.", fg="yellow", err=True)


def _last_good(versions: Versions, *, live: bool) -> str | None:
    """The stored version the service will use, the one that was live first."""
    try:
        stored = dict.fromkeys((versions.live(), *versions.newest_first()))
    except OSError:
        return None
    for version in stored:
        if version and compile_folder(versions.folder_of(version), live=live).routing:
            return version
    return None


def _tell_the_way_in(settings: Settings) -> None:
    """As long as nobody has a password: a link that makes whoever follows it the first admin.

    A database that is away costs the console, not the calls.
    """
    now = datetime.now(UTC)
    try:
        engine = open_database(settings.database_url, lock_seconds=LOCK_SECONDS)
    except DatabaseFault as fault:
        click.secho(f"Warning: the console has no database. {fault}", fg="yellow", err=True)
        return
    try:
        migrate(engine)
        if anybody(engine):
            click.echo(f"Console: {settings.public_url}/")
            return
        token = invite(engine, "", Role.ADMIN, actor="serve", now=now)
        click.echo(f"Console, for the first admin, once and within a day: {settings.public_url}/welcome/{token}")
    except SQLAlchemyError as fault:
        click.secho(f"Warning: the console has no database ({type(fault).__name__}).", fg="yellow", err=True)
    finally:
        engine.dispose()


def _tell_how_to_practise(settings: Settings) -> None:
    click.secho(f"Practice mode: calls are taken from this machine only, at {settings.public_url}.", bold=True)
    click.echo("Place a practice call in another window: python -m ivr call")
    click.echo("Walk the menus without the service:      python -m ivr try")
