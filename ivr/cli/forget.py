"""`forget`: erase what has been kept long enough."""

from __future__ import annotations

from dataclasses import replace

import click

from ivr.call_log.retention import forget
from ivr.carrier.recordings import usual_eraser

from .columns import show_table
from .records import records

DAYS = click.IntRange(1, 3650)


@click.command("forget")
@click.option("--numbers-older-than", type=DAYS, metavar="DAYS", help="Instead of numbers_days; notes too.")
@click.option("--events-older-than", type=click.IntRange(30, 3650), metavar="DAYS", help="Instead of events_days.")
@click.option("--messages-older-than", type=DAYS, metavar="DAYS", help="Instead of messages_days.")
@click.pass_context
def command(
    ctx: click.Context,
    numbers_older_than: int | None,
    events_older_than: int | None,
    messages_older_than: int | None,
) -> None:
    """Erase numbers, events, messages and notes older than `keep` in clinic.yaml allows, and leave proof of it.

    The worker does this every night. Recordings are erased at Twilio as well. Exit code 1 when some could not be.

    \b
    python -m ivr forget
    python -m ivr forget --numbers-older-than 30
    """
    with records() as log:
        keep = log.routing.keep
        keep = replace(
            keep,
            numbers_days=numbers_older_than or keep.numbers_days,
            events_days=events_older_than or keep.events_days,
            messages_days=messages_older_than or keep.messages_days,
        )
        erased = forget(log.engine, keep, now=log.now, actor=log.actor, erase_recording=usual_eraser(log.settings))
        rows = [(each.what, f"{each.up_to.astimezone(log.zone):%Y-%m-%d %H:%M}", f"{each.count:,}") for each in erased]
    show_table(("erased", "from before", "how many"), rows)
    left = sum(each.left for each in erased)
    if left:
        click.echo(f"Twilio did not confirm {left:,} recordings; they are tried again next time.", err=True)
        ctx.exit(1)
