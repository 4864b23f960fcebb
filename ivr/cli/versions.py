"""`versions`: what was live when, and who made it so."""

from __future__ import annotations

import json

import click

from ivr.publishing.versions import publications

from .columns import show_table
from .records import records


@click.command("versions")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(limit: int, *, as_json: bool) -> None:
    """Show what went live, the newest first.

    \b
    python -m ivr versions
    python -m ivr versions --limit 5 --json
    """
    with records() as log:
        found = publications(log.engine, limit=limit)
        if as_json:
            rows = [
                {
                    "version": each.number,
                    "hash": each.hash,
                    "at": each.at.astimezone(log.zone).isoformat(),
                    "actor": each.actor,
                    "action": each.action,
                    "message": each.message,
                    "live": index == 0,
                }
                for index, each in enumerate(found)
            ]
            click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        elif not found:
            click.echo("Nothing was published yet. The worker publishes config/ as version 1 when it starts.")
        else:
            show_table(
                ("version", "went live", "how", "by", "message"),
                [
                    (
                        f"{each.number} (live)" if index == 0 else str(each.number),
                        f"{each.at.astimezone(log.zone):%Y-%m-%d %H:%M}",
                        each.action,
                        each.actor,
                        each.message,
                    )
                    for index, each in enumerate(found)
                ],
            )
