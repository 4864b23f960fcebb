"""`rollback`: make an earlier version live again."""

from __future__ import annotations

import json

import click

from ivr.publishing.publish import Unchanged, rollback
from ivr.publishing.set_back import set_back
from ivr.publishing.versions import files_of

from .configuration import limits, usual_folder
from .published import remember_base, told
from .records import records


@click.command("rollback")
@click.argument("number", type=int)
@click.option("-m", "--message", required=True, help="Why, in your words.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def command(number: int, message: str, *, as_json: bool) -> None:
    """Make version NUMBER live again, as it was. Calls under way end on the version they began with.

    Where edits of config/ publish themselves (IVR_AUTOPUBLISH), its files are set back too; what stood there is kept
    in a folder beside the database.

    \b
    python -m ivr versions
    python -m ivr rollback 3 -m "The new hours were wrong"
    python -m ivr rollback 3 -m "Back to summer" --json
    """
    with records() as log:
        try:
            outcome = rollback(log.engine, number, actor=log.actor, message=message, now=log.now)
        except LookupError:
            raise click.UsageError(f"There is no version {number}. See: python -m ivr versions") from None
        kept = None
        if log.settings.autopublish:
            kept = set_back(usual_folder(), log.settings.data, files_of(log.engine, number), limits(), log.now)
            remember_base(log, number)
        live = outcome.live if isinstance(outcome, Unchanged) else outcome
        if as_json:
            data = {"version": live.number, "hash": live.hash, "changed": not isinstance(outcome, Unchanged)}
            click.echo(json.dumps(data, indent=2))
        elif isinstance(outcome, Unchanged):
            click.echo(f"Nothing to do: live is {told(live, log)}.")
        else:
            click.secho(f"Version {number} is live again.", fg="green")
        if kept and not as_json:
            click.echo(f"config/ holds its files now. What stood there before is in {kept}.")
