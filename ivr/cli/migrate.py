"""`migrate`: bring the call log's tables up to this release."""

from __future__ import annotations

import click

from ivr.call_log.database import migrate

from .records import records


@click.command("migrate")
@click.option("--to", "revision", default="head", help="An earlier revision to go back to; base removes every table.")
@click.option("--yes", is_flag=True, help="Go back without asking. Going back erases what newer tables hold.")
def command(revision: str, *, yes: bool) -> None:
    """Bring the call log's tables up to this release. The worker does so at its start; it may be repeated.

    \b
    python -m ivr migrate
    python -m ivr migrate --to base
    """
    if revision != "head" and not yes:
        click.confirm("Going back erases what the newer tables hold. Go on?", abort=True)
    with records() as log:
        migrate(log.engine, revision)
        click.echo(f"The call log's tables are at: {revision}.")
