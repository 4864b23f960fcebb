"""`prove`: walk every call that can be made in the next 400 days, and show the shortest one that strands a caller."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.app import weigher
from ivr.call_flow.finding import Finding
from ivr.call_flow.moments import UnclearMoment, read_moment
from ivr.call_flow.proofs import Proof, prove
from ivr.call_flow.situations import DAYS_AHEAD
from ivr.routing.problems import printable
from ivr.routing.zone import clinic_zone

from .calling import AT_HELP
from .configuration import folder_option, load_or_stop
from .published import bar


@click.command("prove")
@click.option("--at", default="now", show_default=True, help=f"Where the 400 days begin. {AT_HELP}")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@folder_option
@click.pass_context
def command(ctx: click.Context, at: str, draft_folder: Path | None, *, as_json: bool) -> None:
    """Prove that no caller is stranded, whatever they press and whenever they call.

    Every menu, topic and mailbox is visited in every language, by open and by closed locations, on each holiday and
    closure of the next 400 days, under the overrides you may make, with every key, silence and speech, and whatever
    the phones do. What breaks is shown as the shortest call that a person could make to hear it.

    \b
    python -m ivr prove
    python -m ivr prove --draft-folder drafts/winter
    python -m ivr prove --json
    """
    routing = load_or_stop(draft_folder)
    try:
        since = read_moment(at, datetime.now(UTC), clinic_zone(routing))
    except UnclearMoment as unclear:
        raise click.BadParameter(str(unclear), param_hint="--at") from None
    with bar() as progress:
        proof = prove(routing, since, weigh=weigher(routing), progress=progress)
    if as_json:
        click.echo(json.dumps(_data(proof, routing.version, since), ensure_ascii=False, indent=2))
    else:
        _show(proof)
    ctx.exit(1 if proof.findings else 0)


def _data(proof: Proof, version: str, since: datetime) -> dict[str, object]:
    return {
        "version": version,
        "since": since.isoformat(),
        "days": DAYS_AHEAD,
        "situations": proof.situations,
        "states": proof.states,
        "turns": proof.turns,
        "findings": [asdict(finding) for finding in proof.findings],
    }


def _show(proof: Proof) -> None:
    for finding in proof.findings:
        _show_finding(finding)
    walked = f"{proof.states:,} states, {proof.situations:,} situations of the next {DAYS_AHEAD} days"
    if proof.findings:
        count = len(proof.findings)
        click.secho(f"{count:,} {'finding' if count == 1 else 'findings'} ({walked}).", fg="red", err=True)
    else:
        click.secho(f"No caller is stranded: {walked}.", fg="green")


def _show_finding(finding: Finding) -> None:
    head, *lines = map(printable, str(finding).splitlines())
    click.secho(f"{head}", bold=True)
    click.echo(f"    Broken: {finding.claim}. Language: {finding.language}. The shortest such call:")
    for line in lines:
        click.echo(line)
    click.echo()
