"""`diff`: what another version changes for callers, in plain words, and the exact lines below."""

from __future__ import annotations

import json

import click

from ivr.publishing.difference import text_difference

from .published import changes, named, show_changes
from .records import records


@click.command("diff")
@click.argument("old", default="live")
@click.argument("new", default="draft")
@click.option("--words-only", is_flag=True, help="Leave out the lines of the files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def command(old: str, new: str, *, words_only: bool, as_json: bool) -> None:
    """Show how NEW differs from OLD: version numbers, `live`, or `draft` for the files in config/.

    \b
    python -m ivr diff                  the draft against what is live
    python -m ivr diff 3 4
    """
    with records() as log:
        before, after = named(log, old), named(log, new)
        if as_json:
            data = {
                "old": before.name,
                "new": after.name,
                "changes": changes(log, before.files, after.files),
                "text": text_difference(before.files, after.files),
            }
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            show_changes(log, before.files, after.files, text=not words_only)
