"""`doctor`: what is wrong between this service and the outside world."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click

from ivr.app import fallback_writer
from ivr.call_log.findings import Finding, Severity
from ivr.carrier.client import account_client, token_clients
from ivr.carrier.doctor import CHECKS, examine, is_well
from ivr.carrier.examined import Examined
from ivr.routing.problems import printable

from .live_routing import live_routing, the_settings

COLORS = {Severity.ALARM: "red", Severity.WARNING: "yellow", Severity.NOTE: None}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """Say what is wrong with the numbers, the account, the way from outside, the fallback and this machine.

    Every finding says what it means for a patient, and how to mend it. Nothing is changed. In practice mode Twilio is
    not asked. The worker does the same every hour and shows what it finds in the console. Exit code 1 when something
    needs mending.

    \b
    python -m ivr doctor
    python -m ivr doctor --json
    """
    settings = the_settings()
    routing = live_routing(settings)
    client = None if settings.practice else account_client(settings, ctx.obj)  # as provision
    tokens = token_clients(settings, ctx.obj)
    examined = Examined(settings, routing, fallback_writer(settings), client, lambda: datetime.now(UTC), tokens)
    findings = examine(examined).findings
    well = is_well(findings)
    if as_json:
        found = [asdict(each) for each in findings]
        told = {"well": well, "twilio_asked": client is not None, "checked": list(CHECKS), "findings": found}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _show(findings, well=well, asked=client is not None)
    ctx.exit(0 if well else 1)


def _show(findings: Sequence[Finding], *, well: bool, asked: bool) -> None:
    for each in findings:
        click.secho(f"{each.severity.upper()}  {printable(each.what)}", fg=COLORS[each.severity], bold=True)
        click.echo(f"    why it matters: {printable(each.why)}")
        click.echo(f"    how to mend it: {printable(each.mend)}")
    if not asked:
        click.echo("Practice mode: there is no account, so Twilio was not asked.")
    click.secho("Nothing needs mending." if well else "This needs mending.", fg="green" if well else "red")
