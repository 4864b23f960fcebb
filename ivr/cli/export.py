"""`export`: calls or events as a file for a spreadsheet or a program."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TextIO

import click

from ivr.call_log.days import Days
from ivr.call_log.export import Export, What, export, how_many
from ivr.call_log.written import Format

from .records import Records, day_option, records


@click.command("export")
@click.argument("what", type=click.Choice([each.value for each in What]))
@day_option("--from", "The first day, such as 2026-11-01; needed.")
@day_option("--to", "The last day; needed.")
@click.option(
    "--format", "form", type=click.Choice([each.value for each in Format]), default="csv", help="csv or jsonl."
)
@click.option("--reveal", is_flag=True, help="Whole phone numbers instead of masked ones. Who did so is written down.")
@click.option("--output", type=click.Path(path_type=Path), help="The file to write; the terminal if left out.")
def command(what: str, form: str, output: Path | None, *, reveal: bool, **days: date | None) -> None:
    """Write all calls or events of some days out, both days included, times by the clinic's clock with their offset.

    Every export is in the audit table. A file is readable by its owner only and appears when it is complete.

    \b
    python -m ivr export calls --from 2026-11-01 --to 2026-11-30 --output november.csv
    python -m ivr export events --from 2026-11-24 --to 2026-11-24 --format jsonl
    """
    first, last = days["from"], days["to"]
    if first is None or last is None:
        raise click.UsageError("Say which days: --from 2026-11-01 --to 2026-11-30")
    if last < first:
        raise click.UsageError("--to is before --from.")
    with records() as log:
        since, until = Days(first, last).moments(log.zone)
        wanted = Export(What(what), since, until, Format(form), log.zone, reveal)
        with _opened(output) as out:
            rows = _export(log, wanted, out)
    click.echo(f"{rows:,} {what} exported.", err=True)


def _export(log: Records, wanted: Export, out: TextIO) -> int:
    if not sys.stderr.isatty():
        return export(log.engine, log.seal, wanted, out, actor=log.actor, now=log.now)
    total = how_many(log.engine, wanted)
    with click.progressbar(length=total, label="Exporting", file=sys.stderr) as bar:
        return export(log.engine, log.seal, wanted, out, actor=log.actor, now=log.now, progress=bar.update)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        yield sys.stdout
        return
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    except OSError as fault:
        raise click.ClickException(f"{output} cannot be written: {fault.strerror}.") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            yield out
        Path(draft).replace(output)
    except OSError as fault:
        raise click.ClickException(f"{output} could not be written: {fault.strerror}.") from None
    finally:
        Path(draft).unlink(missing_ok=True)
