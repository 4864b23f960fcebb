"""`backup`: copy the call log while everything runs."""

from __future__ import annotations

from pathlib import Path

import click

from ivr.call_log.backup import BackupFault, backup

from .records import records


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Copy the call log to FILE while the service and the worker run (SQLite; PostgreSQL has pg_dump).

    The copy is checked before it takes its name, and readable by its owner only. Numbers in it are as encrypted as in
    the log: keep SECRET_KEY elsewhere. To go back to it, stop the worker, put FILE in the place of the database (and
    remove the files that end in -wal and -shm beside it), start the worker.

    \b
    python -m ivr backup backups/2026-11-24.db
    python -m ivr backup /mnt/elsewhere/call-log.db
    """
    with records() as log:
        try:
            size = backup(log.engine, file)
        except BackupFault as fault:
            raise click.ClickException(str(fault)) from None
    click.echo(f"{file}: {size / 1e6:,.1f} MB, checked.")
