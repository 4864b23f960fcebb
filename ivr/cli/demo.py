"""`demo`: fills a practice log with a fortnight of imagined calls, so that there is something to look at."""

from __future__ import annotations

import sys

import click

from ivr.call_log.database import migrate
from ivr.call_log.demo import DAYS, Made, NotEmpty, fill

from .records import Records, records


@click.command("demo")
@click.option("--seed", type=click.IntRange(0, 999_999), default=1, show_default=True, help="Another makes others.")
@click.option("--more", is_flag=True, help="Add a fortnight to the calls that are there.")
def command(seed: int, *, more: bool) -> None:
    """Fill the practice call log with the imagined calls of a fortnight up to now.

    They take the ways of your own menus and hours, by the engine that answers real calls, and come from fictional
    numbers (555-01xx). A live service refuses: its call log is for patients' calls alone.

    \b
    python -m ivr demo
    python -m ivr demo --more --seed 2
    """
    with records() as log:
        if not log.settings.practice:
            raise click.ClickException(
                "This service is live, and a call log of patients is no place for imagined calls. "
                "The demo fills practice logs only: leave TWILIO_AUTH_TOKEN out, or set IVR_PRACTICE=1 and "
                "DATABASE_URL to a database of its own."
            )
        migrate(log.engine)
        try:
            made = _fill(log, seed, more=more)
        except NotEmpty:
            raise click.ClickException(
                "This call log holds calls already. To add imagined ones to them: python -m ivr demo --more"
            ) from None
    click.secho(f"{made.calls} imagined calls from {made.first} to {made.last}.", fg="green")
    click.echo("Look at them: python -m ivr serve opens the console; python -m ivr calls and report show them here.")


def _fill(log: Records, seed: int, *, more: bool) -> Made:
    with click.progressbar(length=DAYS, label="Imagining calls", file=sys.stderr) as bar:
        shown = bar.update if sys.stderr.isatty() else lambda _days: None
        return fill(
            log.engine,
            log.seal,
            log.routing,
            log.zone,
            now=log.now,
            seed=seed,
            actor=log.actor,
            more=more,
            progress=shown,
        )
