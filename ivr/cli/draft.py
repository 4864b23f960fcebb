"""`draft`: what the files in config/ would change, and whether they may be published."""

from __future__ import annotations

import json

import click

from ivr.publishing.versions import files_of, live

from .published import changes, draft, examine, show_changes, show_reasons, told
from .records import records


@click.command("draft")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """Show what publishing config/ would change, and whether it passes the checks, the proof and the stories.

    Exit code 1 when it does not pass. Nothing is published.

    \b
    python -m ivr draft
    python -m ivr draft --json
    """
    with records() as log:
        wanted, published = draft(), live(log.engine)
        examination = examine(log, wanted.files)
        before = files_of(log.engine, published.number) if published else {}
        if as_json:
            data = {
                "live": published.number if published else None,
                "changes": changes(log, before, wanted.files) if published else [],
                "passes": examination.passed,
                "reasons": examination.reasons(),
            }
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            if published:
                click.echo(f"Compared with {told(published, log)}:")
                show_changes(log, before, wanted.files, text=False)
            else:
                click.echo("Nothing was published yet.")
            show_reasons(examination)
            verdict = (
                f"It passes, {examination.stories} stories included." if examination.passed else "It does not pass."
            )
            click.secho(verdict, fg="green" if examination.passed else "red")
    ctx.exit(0 if examination.passed else 1)
