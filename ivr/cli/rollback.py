"""`rollback`: make an earlier version live again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click

from ivr.publishing.publish import Unchanged, rollback
from ivr.publishing.versions import files_of
from ivr.routing.compile import version_of
from ivr.routing.whole_file import write_whole

from .configuration import usual_folder
from .published import draft, remember_base, told
from .records import Records, records


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
            kept = _set_back(log, number)
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


def _set_back(log: Records, number: int) -> Path | None:
    """Have config/ hold exactly the files of a version; where the former ones were put, None when nothing differed."""
    folder, former, wanted = usual_folder(), draft().files, files_of(log.engine, number)
    if version_of(former) == version_of(wanted):
        return None
    kept = log.settings.data / "set-back" / f"{log.now:%Y%m%dT%H%M%S}-{version_of(former)}"
    shutil.copytree(folder, kept)
    for name, text in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, text, mode=0o644)
    for name in set(former) - set(wanted):
        (folder / name).unlink()
    return kept
