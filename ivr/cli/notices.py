"""`notices`: who was told of what, what could not be sent, a test, sending again, and urgent calls that wait."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
from twilio.http import HttpClient

from ivr.call_flow.notice_rules import Way
from ivr.call_log import audit
from ivr.call_log.database import migrate, writing
from ivr.carrier.client import account_client
from ivr.notices.outbox import again as send_again
from ivr.notices.parcel import Failed, Refused, Result, Sent
from ivr.notices.patient_shown import stopped, text_counts
from ivr.notices.sending import address_of
from ivr.notices.set_up import missing, off
from ivr.notices.shown import Shown, newest
from ivr.notices.urgent import Urgent, waiting
from ivr.notices.urgent import acknowledge as note_acknowledged
from ivr.notices.ways import usual_ways
from ivr.notices.wording import trial_parcel
from ivr.publishing.overrides import titles_of
from ivr.routing.problems import printable

from .columns import show_table
from .records import Records, records, short

TEXTS_SHOWN = timedelta(days=30)


@click.group("notices", invoke_without_command=True)
@click.option("--dead", is_flag=True, help="Only letters that were given up.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def command(ctx: click.Context, *, dead: bool, as_json: bool) -> None:
    """Show who was told of what, and which ways of telling are set up.

    Whom to tell stands in clinic.yaml under `notices`. Exit code 1 when clinic.yaml uses a way that is not set up.

    \b
    python -m ivr notices
    python -m ivr notices --dead
    python -m ivr notices test maria
    python -m ivr notices again 12
    python -m ivr notices urgent
    python -m ivr notices acknowledge 3
    """
    if ctx.invoked_subcommand is not None:
        return
    with records() as log:
        migrate(log.engine)
        letters = newest(log.engine, dead=dead)
        unset = off(log.settings)
        faults = missing(log.settings, log.routing)
        if as_json:
            ways = {way.value: unset.get(way, "on") for way in Way}
            told = {"ways": ways, "faults": faults, "letters": [_data(letter) for letter in letters]}
            _print({**told, "texts_to_callers": _texts(log)})
        else:
            _show(log, letters, faults, dead=dead)
            _show_texts(log)
    ctx.exit(1 if faults else 0)


@command.command("test")
@click.argument("person")
@click.option("--by", "way", type=click.Choice([way.value for way in Way]), help="Only this way.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
@click.pass_context
def test(ctx: click.Context, person: str, way: str | None, *, as_json: bool) -> None:
    """Send PERSON a test notice now, by each way they have; `webhook` tests the webhook.

    It names nobody and nothing. Exit code 1 when it could not be handed over.

    \b
    python -m ivr notices test maria
    python -m ivr notices test maria --by text
    python -m ivr notices test webhook
    """
    with records() as log:
        migrate(log.engine)
        results = _tested(log, person, [Way(way)] if way else list(Way), ctx.obj)  # as provision
    if as_json:
        _print({"person": person, "results": {each.value: _outcome(result) for each, result in results}})
    else:
        for each, result in results:
            click.echo(f"{each}: {_outcome(result)}")
    ctx.exit(0 if all(isinstance(result, Sent) for _, result in results) else 1)


@command.command("again")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def again(number: int, *, as_json: bool) -> None:
    """Send letter NUMBER again, as `notices` numbers it. The worker does it within seconds.

    \b
    python -m ivr notices again 12
    """
    with records() as log:
        migrate(log.engine)
        try:
            waits = send_again(log.engine, number, actor=log.actor, now=log.now)
        except LookupError:
            raise click.ClickException(f"There is no letter {number}. See: python -m ivr notices") from None
    if as_json:
        _print({"letter": number, "sent_again": waits})
    else:
        click.echo(f"Letter {number} is sent again." if waits else f"Letter {number} is still on its way.")


@command.command("urgent")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def urgent(*, as_json: bool) -> None:
    """Show the urgent calls that nobody took and nobody acknowledged: people are told of them again and again.

    \b
    python -m ivr notices urgent
    """
    with records() as log:
        migrate(log.engine)
        found = waiting(log.engine)
        titles = titles_of(log.routing)
        if as_json:
            _print([_urgent_data(each) for each in found])
        elif not found:
            click.echo("No urgent call waits.")
        else:
            rows = [
                (
                    str(each.number),
                    short(log, each.at),
                    titles.get(each.location, each.location) or "-",
                    f"told {_times(each.told)}",
                )
                for each in found
            ]
            show_table(("number", "when", "location", "state"), rows)
            click.echo("Somebody deals with one? python -m ivr notices acknowledge NUMBER")


@command.command("acknowledge")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def acknowledge(number: int, *, as_json: bool) -> None:
    """Say that somebody deals with urgent call NUMBER: then people are not told of it again.

    Taking the caller under To call back in the console, or calling them back from there, does the same.

    \b
    python -m ivr notices acknowledge 3
    """
    with records() as log:
        migrate(log.engine)
        try:
            fresh = note_acknowledged(log.engine, number, actor=log.actor, now=log.now)
        except LookupError:
            sentence = f"There is no urgent call {number}. See: python -m ivr notices urgent"
            raise click.ClickException(sentence) from None
    if as_json:
        _print({"urgent_call": number, "acknowledged": fresh})
    else:
        click.echo(f"Urgent call {number} is {'acknowledged' if fresh else 'acknowledged already'}.")


def _urgent_data(call: Urgent) -> dict[str, object]:
    return {
        "urgent_call": call.number,
        "call": call.sid,
        "location": call.location,
        "at": call.at.isoformat(),
        "told": call.told,
        "next_at": call.next_at.isoformat(),
    }


def _tested(log: Records, person: str, wanted: Sequence[Way], http: HttpClient | None) -> list[tuple[Way, Result]]:
    """What came of a test by each way that this person has. Raises click.ClickException when there is none."""
    settings, rules = log.settings, log.routing.notices
    if person != Way.WEBHOOK and person not in rules.people:
        known = ", ".join([*rules.people, Way.WEBHOOK.value])
        raise click.ClickException(f"Nobody under `notices` in clinic.yaml is called {person}. There: {known}.")
    client = None if settings.practice else account_client(settings, http)
    ways, unset = usual_ways(settings, client, lambda: datetime.now(UTC)), off(settings)
    has = [Way.WEBHOOK] if person == Way.WEBHOOK else [way for way in Way if way is not Way.WEBHOOK]
    found: list[tuple[Way, Result]] = []
    for way in (each for each in has if each in wanted):
        to = address_of(rules, person, way)
        if to is None:
            continue
        given = trial_parcel(log.routing.clinic, to, settings.public_url, log.now)
        found.append((way, ways[way](given) if way in ways else Refused(f"{way} is off: {unset.get(way, '')}")))
    if not found:
        raise click.ClickException(f"{person} has no address for that in clinic.yaml.")
    with writing(log.engine) as connection:
        audit.note(connection, log.now, log.actor, "notice tested", person)
    return found


def _outcome(result: Result) -> str:
    match result:
        case Sent():
            return "handed over"
        case Refused(why) | Failed(why):
            return why


def _show(log: Records, letters: Sequence[Shown], faults: Sequence[str], *, dead: bool) -> None:
    unset = off(log.settings)
    for way in Way:
        click.echo(f"{way.value.capitalize():<8} {f'off: {unset[way]}' if way in unset else 'on'}")
    for fault in faults:
        click.secho(fault, fg="red")
    click.echo()
    if not letters:
        click.echo("No letter was given up." if dead else "Nobody was told of anything yet.")
        return
    rows = [
        (str(each.id), short(log, each.made_at), each.whom, each.way, each.told, _state(log, each)) for each in letters
    ]
    show_table(("letter", "made", "to", "by", "of", "state"), rows)


def _texts(log: Records) -> dict[str, object]:
    """Texts to callers of the last 30 days, and how many numbers want none."""
    counts = text_counts(log.engine, log.now - TEXTS_SHOWN)
    kinds = {
        each.kind.value: {"sent": each.sent, "waiting": each.waiting, "not_sent": each.not_sent} for each in counts
    }
    return {"days": TEXTS_SHOWN.days, "kinds": kinds, "answered_stop": stopped(log.engine)}


def _show_texts(log: Records) -> None:
    for each in text_counts(log.engine, log.now - TEXTS_SHOWN):
        not_sent = "".join(f", {count} not sent: {printable(why)}" for why, count in each.not_sent.items())
        waiting = f", {each.waiting} on their way" if each.waiting else ""
        click.echo(f"Texts to callers ({each.kind}), last {TEXTS_SHOWN.days} days: {each.sent} sent{waiting}{not_sent}")
    if count := stopped(log.engine):
        click.echo(f"Numbers that answered STOP: {count}")


def _state(log: Records, letter: Shown) -> str:
    fault = f": {printable(letter.fault)}" if letter.fault else ""
    if letter.ended_at is None and letter.attempts:
        return f"{letter.state}, tried {_times(letter.attempts)}{fault}"
    return f"{letter.state} {short(log, letter.ended_at or letter.due_at)}{fault}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _data(letter: Shown) -> dict[str, object]:
    return {
        "letter": letter.id,
        "person": letter.person,
        "way": letter.way,
        "state": letter.state,
        "notices": dict(letter.kinds),
        "made_at": letter.made_at.isoformat(),
        "due_at": letter.due_at.isoformat(),
        "ended_at": letter.ended_at.isoformat() if letter.ended_at else None,
        "attempts": letter.attempts,
        "fault": letter.fault,
    }


def _print(found: object) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
