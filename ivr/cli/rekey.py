"""`rekey`: seal all callers' numbers under the current secret."""

from __future__ import annotations

import sys

import click

from ivr.accounts.second_factor import reseal
from ivr.call_log import audit
from ivr.call_log.database import writing
from ivr.call_log.numbers import rekey
from ivr.call_log.rekeyed import Rekeyed

from .records import Records, records


@click.command("rekey")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Encrypt every caller's number, and the secrets of second factors, anew under the first secret of SECRET_KEY.

    To replace a secret: set SECRET_KEY=new,old and restart everything, run this, then remove the old one. It may be
    stopped and run again. Exit code 1 when some numbers could not be read with the secrets given.

    \b
    SECRET_KEY=new,old python -m ivr rekey
    python -m ivr rekey
    """
    with records() as log:
        done = _rekey(log)
        factors, lost = reseal(log.engine, log.seal)
        with writing(log.engine) as connection:
            audit.note(connection, log.now, log.actor, "numbers sealed anew", sealed=done.sealed, factors=factors)
    click.echo(f"{done.sealed:,} numbers sealed anew, {done.already:,} were so already.")
    if factors:
        click.echo(f"{factors:,} second factors sealed anew.")
    if lost:
        click.echo(f"{lost:,} second factors cannot be read; those people sign in with a recovery code.", err=True)
    if done.unreadable:
        click.echo(
            f"{done.unreadable:,} numbers cannot be read: the secret they were sealed under is not in SECRET_KEY."
            " Add it and run this again.",
            err=True,
        )
    if done.unreadable or lost:
        ctx.exit(1)


def _rekey(log: Records) -> Rekeyed:
    if not sys.stderr.isatty():
        return rekey(log.engine, log.seal)
    with click.progressbar(length=100, label="Sealing", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.update(done * 100 // max(total, 1) - bar.pos)

        return rekey(log.engine, log.seal, progress=show)
