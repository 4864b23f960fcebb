"""`story`: what happened in one call, in plain words."""

from __future__ import annotations

import json

import click

from ivr.call_flow.moments import full_date
from ivr.call_log.calling_back import BECAME, CallBack, calls_back
from ivr.call_log.database import reading
from ivr.call_log.facts import facts_of
from ivr.call_log.numbers import shown
from ivr.call_log.queries import WholeCall, calls_like, one_call
from ivr.call_log.story import Step, tell
from ivr.notices.patient_shown import texts_of, with_texts
from ivr.publishing.overrides import titles_of
from ivr.routing.problems import printable

from .calls import call_data
from .columns import duration
from .records import Records, records

LIKENESSES = 5


@click.command("story")
@click.argument("call")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def command(call: str, *, as_json: bool) -> None:
    """Tell what happened in CALL, step by step, by the clinic's clock.

    CALL is a call's id as `calls` shows it, or as much of its beginning as no other call shares.

    \b
    python -m ivr story CA0123456789abcdef0123456789abcdef
    python -m ivr story CA01234567 --json
    """
    with records() as log:
        whole = one_call(log.engine, _sid(log, call))
        assert whole is not None, "calls are never deleted"
        with reading(log.engine) as connection:
            facts = facts_of(connection, [whole.call.sid]).get(whole.call.sid, [])
        steps = tell(facts, log.zone, titles_of(log.routing))
        steps = with_texts(steps, texts_of(log.engine, whole.call.sid), log.zone)
        back = calls_back(log.engine, whole.call.sid)
        if as_json:
            told = [{"at": step.at.isoformat(timespec="seconds"), "text": step.text} for step in steps]
            data = {**call_data(log, whole.call), "story": told, "called_back": [_data(log, each) for each in back]}
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            _show(log, whole, steps)
            for each in back:
                click.echo(_called_back(log, each))


def _called_back(log: Records, call: CallBack) -> str:
    talked = f" {duration(call.talk_seconds)}" if call.talk_seconds else ""
    at = full_date(call.at.astimezone(log.zone))
    return f"called back {at} by {printable(call.by)}: {BECAME[call.became]}{talked}"


def _data(log: Records, call: CallBack) -> dict[str, str | int]:
    at = call.at.astimezone(log.zone).isoformat(timespec="seconds")
    return {"at": at, "by": call.by, "became": call.became.value, "talk_seconds": call.talk_seconds}


def _sid(log: Records, typed: str) -> str:
    found = calls_like(log.engine, typed[:34], limit=LIKENESSES) if typed.startswith("CA") else ()
    if len(found) == 1 and len(typed) <= 34:
        return found[0]
    if found and len(typed) <= 34:
        more = ", ..." if len(found) == LIKENESSES else ""
        raise click.UsageError(f"Several calls begin so: {', '.join(found)}{more}")
    raise click.UsageError("There is no such call. `python -m ivr calls` shows the newest ones and their ids.")


def _show(log: Records, whole: WholeCall, steps: list[Step]) -> None:
    call = whole.call
    click.secho(f"{full_date(call.started_at.astimezone(log.zone))} ({log.zone.key}), line {call.line}", bold=True)
    click.echo(f"  caller {shown(log.seal, call)}, {call.language}, call {call.sid}\n")
    for step in steps:
        click.echo(f"  {printable(str(step))}")
    if not steps:
        click.echo("  Its single steps are not kept any more.")
    if call.draft:
        click.echo("  A test: a tester heard a draft, or this service called its own line. It is in no statistic.")
    ended = call.disposition or "under way"
    click.secho(f"\n{ended}: waited {duration(call.wait_seconds)}, talked {duration(call.talk_seconds)}", bold=True)
