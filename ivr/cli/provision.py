"""`provision`: sets the clinic's numbers at Twilio so that their calls reach this service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click
from sqlalchemy.exc import SQLAlchemyError

from ivr.call_log.audit import note
from ivr.call_log.database import DatabaseFault, migrate, open_database, writing
from ivr.carrier.asking import OF_ONE_ACCOUNT, CarrierAway
from ivr.carrier.client import account_client
from ivr.carrier.numbers import FIELDS, LinePlan, Numbers, plan
from ivr.settings import Settings

from .columns import show_table
from .live_routing import live_routing, the_settings
from .records import actor

NO_FALLBACK = (
    "Warning: FALLBACK_URL names no fallback for {lines}. Its calls fall back on this service itself, which is of no"
    " help when the whole machine is gone. See: python -m ivr fallback --help"
)
STAYS = "What was changed before stays changed; run it again."


@click.command("provision")
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before changing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table; changes only with --yes.")
@click.pass_context
def command(ctx: click.Context, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Set each line's number at Twilio: where calls, their end, and failures go.

    The plan is shown first, and you are asked. Only numbers that the account owns are changed, only in these six
    fields; nothing is bought, released or cleared. When all is as it should be, nothing is sent. Exit code 1 when a
    line's number is not the account's, or something set on a number keeps the addresses from counting.

    \b
    python -m ivr provision --dry-run
    python -m ivr provision
    python -m ivr provision --yes --json
    """
    settings = the_settings()
    if settings.practice:
        raise click.ClickException("Practice mode has no account. Set TWILIO_AUTH_TOKEN and the rest first.")
    routing = live_routing(settings)
    numbers = Numbers(account_client(settings, ctx.obj))  # tests hand in what carries requests
    done: list[str] = []
    try:
        plans = plan(settings, routing.lines.values(), numbers)
        _warn(settings, plans)
        if not as_json:
            _show(plans)
        if _agreed(plans, dry_run, yes, as_json):
            _carry_out(settings, numbers, plans, done)
    except CarrierAway as away:
        raise click.ClickException(_why_not_all(away, done)) from None
    if as_json:  # once, at the end
        click.echo(json.dumps([_data(each, each.line in done) for each in plans], indent=2))
    ctx.exit(0 if all(each.owned and not each.hindrances for each in plans) else 1)


def _agreed(plans: Sequence[LinePlan], dry_run: bool, yes: bool, as_json: bool) -> bool:
    """Whether to go on. Without anything to change, nobody is asked."""
    if dry_run or not any(each.changes for each in plans):
        return False
    agreed = yes or (not as_json and click.confirm("Change this at Twilio?"))
    if not agreed:
        click.echo("Nothing was changed.", err=True)
    return agreed


def _carry_out(settings: Settings, numbers: Numbers, plans: Sequence[LinePlan], done: list[str]) -> None:
    """Change each number, add its line to `done`, and write down that it was done. Raises CarrierAway."""
    try:
        for each in plans:
            if each.changes:
                numbers.change(each)
                done.append(each.line)
                click.secho(f"The line {each.line} is set.", fg="green", err=True)
    finally:
        _account_for(settings, [each for each in plans if each.line in done])


def _why_not_all(away: CarrierAway, done: Sequence[str]) -> str:
    """What Twilio said and what to do. Who is refused at once has changed nothing; else an answer may be lost."""
    sentences = [f"{away}."]
    if away.refused:
        sentences.append(OF_ONE_ACCOUNT)
    if done or not away.refused:
        sentences.append(STAYS)
    return " ".join(sentences)


def _account_for(settings: Settings, done: Sequence[LinePlan]) -> None:
    """A line of the audit for each number. A database that is away does not undo what was done at Twilio."""
    try:
        engine = open_database(settings.database_url)
        try:
            migrate(engine)
            with writing(engine) as connection:
                for each in done:
                    fields = ", ".join(change.field for change in each.changes)
                    note(connection, datetime.now(UTC), actor(), "provision", f"line {each.line}", fields=fields)
        finally:
            engine.dispose()
    except (SQLAlchemyError, DatabaseFault, OSError) as fault:
        click.secho(f"Warning: it is not in the audit ({type(fault).__name__}).", fg="yellow", err=True)


def _warn(settings: Settings, plans: Sequence[LinePlan]) -> None:
    bare = [each.line for each in plans if not settings.fallback_of(each.line)]
    if bare:
        click.secho(NO_FALLBACK.format(lines=", ".join(bare)), fg="yellow", err=True)
    for each in plans:
        if each.owned is None:
            text = (
                f"The account does not own the number of the line {each.line}, {each.number}. Nothing is done for it."
            )
            click.secho(text, fg="red", err=True)
        for hindrance in each.hindrances:
            text = f"On the number of the line {each.line} {hindrance} is set, which counts before all addresses."
            click.secho(f"{text} Take it away in the Twilio console.", fg="red", err=True)


def _show(plans: Sequence[LinePlan]) -> None:
    rows = [(each.line, FIELDS[one.field], one.before or "–", one.after) for each in plans for one in each.changes]
    if rows:
        show_table(("line", "when", "now", "will be"), rows)
    elif all(each.owned for each in plans):
        click.echo("Every number is set as it should be: there is nothing to do.")


def _data(each: LinePlan, done: bool) -> dict[str, object]:
    return {
        "line": each.line,
        "number": each.number,
        "owned": each.owned is not None,
        "hindrances": list(each.hindrances),
        "changes": [asdict(change) for change in each.changes],
        "changed": done,
    }
