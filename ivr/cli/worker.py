"""`worker`: moves what happened from this host's journal into the database, and does the jobs that go with it."""

from __future__ import annotations

import os
import signal
import threading

import click

from ivr.app import create_worker
from ivr.call_log.database import DatabaseFault
from ivr.journal.drainer import DrainerBusy
from ivr.routing.live import NoRouting
from ivr.settings import SettingsFault, read_settings
from ivr.telemetry.logs import show_logs

TRY_LATER = 75  # EX_TEMPFAIL in sysexits.h


@click.command("worker")
def command() -> None:
    """Work until told to stop: one worker runs on each host, beside `serve`.

    It drains the journal into the database, closes calls that never reported their end, and tells how the host
    stands. A database that is away is waited for. SIGTERM and Ctrl-C end it after the batch at hand. Exit code 75
    means that this host has a worker already.

    \b
    python -m ivr worker
    DATABASE_URL=postgresql://ivr@db.example.com/ivr python -m ivr worker
    """
    show_logs()
    try:
        settings, stop = read_settings(os.environ), _stopped_by_signals()
        while create_worker(settings).run(stop):
            pass
    except DrainerBusy as busy:
        click.echo(str(busy), err=True)
        raise click.exceptions.Exit(TRY_LATER) from None
    except (SettingsFault, DatabaseFault) as fault:
        raise click.ClickException(str(fault)) from None
    except NoRouting as fault:
        raise click.ClickException(f"There is no configuration that can be used:\n{fault}") from None


def _stopped_by_signals() -> threading.Event:
    """Set by SIGTERM and by Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
