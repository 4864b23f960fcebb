"""`publish`: make the files in config/ what callers hear, once they pass every check."""

from __future__ import annotations

import json

import click

from ivr.call_log.database import migrate
from ivr.publishing.publish import Overtaken, Refused, Unchanged, publish
from ivr.publishing.versions import Publication, files_of, live

from .published import base, changes, draft, examine, remember_base, show_reasons, told
from .records import Records, records


@click.command("publish")
@click.option("-m", "--message", required=True, help="What changes, in your words.")
@click.option(
    "--after",
    type=int,
    metavar="NUMBER",
    help="The version you began with; left out, the one last published from here.",
)
@click.option("--author", help="Who publishes; left out, your login name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@click.pass_context
def command(ctx: click.Context, message: str, after: int | None, author: str | None, *, as_json: bool) -> None:
    """Publish the configuration in config/.

    It is checked, proved and held against the stories first; what fails is shown, and nothing changes. Calls under way
    end on the version they began with.

    \b
    python -m ivr publish -m "Gilbert closes at 15:00 on Fridays"
    python -m ivr publish -m "New topic" --after 12
    """
    with records() as log:
        migrate(log.engine)
        before = live(log.engine)
        wanted = draft()
        told_changes = changes(log, files_of(log.engine, before.number), wanted.files) if before else []
        outcome = publish(
            log.engine,
            wanted.files,
            examine(log, wanted.files),
            parent=after if after is not None else base(log, before),
            author=author or log.actor,
            message=message,
            now=log.now,
            action="publish" if before else "first",
        )
        if isinstance(outcome, Publication):
            remember_base(log, outcome.number)
        if as_json:
            click.echo(json.dumps(_data(outcome, told_changes), ensure_ascii=False, indent=2))
        else:
            _show(log, outcome, told_changes)
    ctx.exit(1 if isinstance(outcome, Refused | Overtaken) else 0)


def _show(log: Records, outcome: Publication | Overtaken | Refused | Unchanged, told_changes: list[str]) -> None:
    match outcome:
        case Publication():
            click.secho(f"Version {outcome.number} is live.", fg="green")
            for line in told_changes:
                click.echo(f"- {line}")
        case Unchanged(published):
            click.echo(f"Nothing to publish: config/ is what is live ({told(published, log)}).")
        case Refused(examination):
            show_reasons(examination)
            click.secho("Not published: nothing changed for callers.", fg="red", err=True)
        case Overtaken(by):
            click.secho("Not published: somebody else came first.", fg="red", err=True)
            click.echo(f"Live now is {told(by, log)}: {by.message}", err=True)
            click.echo("Your files in config/ are untouched. See what differs:", err=True)
            click.echo(f"    python -m ivr diff {by.number} draft", err=True)
            click.echo("Bring both together in config/, then publish on top of it:", err=True)
            click.echo(f"    python -m ivr publish -m ... --after {by.number}", err=True)


def _data(outcome: Publication | Overtaken | Refused | Unchanged, told_changes: list[str]) -> dict[str, object]:
    match outcome:
        case Publication():
            return {"published": True, "version": outcome.number, "hash": outcome.hash, "changes": told_changes}
        case Unchanged(published):
            return {"published": False, "reason": "unchanged", "version": published.number}
        case Refused(examination):
            return {"published": False, "reason": "refused", "findings": examination.reasons()}
        case Overtaken(by):
            return {"published": False, "reason": "overtaken", "version": by.number, "by": by.actor}
