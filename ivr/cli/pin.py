"""`pin`: the PINs with which staff change something by phone."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from ivr.call_log.database import migrate
from ivr.publishing.pins import Pin, TooManyPins, pins, put, remove
from ivr.routing.pins import hashed, name_of, problem_of

from .columns import show_table
from .records import Records, records

NAME = re.compile(r"[A-Za-z][A-Za-z _.-]{0,39}")


@click.group("pin")
def command() -> None:
    """Set the PINs with which staff close and reopen locations by phone.

    NAME tells whose PIN it is; it stands in the account of every change. The PIN itself is asked for, hidden, and only
    its hash is kept. The keys that lead to the changes stand under `staff` in clinic.yaml.

    \b
    python -m ivr pin set maria
    python -m ivr pin list
    python -m ivr pin remove maria
    """


@command.command("set")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a sentence.")
def set_(name: str, *, as_json: bool) -> None:
    """Set the PIN of NAME, or replace it. It is 6 to 10 digits and asked for twice."""
    if not NAME.fullmatch(name):
        raise click.BadParameter("A name is letters, and blanks, dots, dashes or underscores between them; no digits.")
    with records() as log:
        migrate(log.engine)
        typed = click.prompt("PIN", hide_input=True, confirmation_prompt="The same PIN again", err=True)
        new = _put(log, name, typed)
        if as_json:
            _print({"set": name, "new": new})
        else:
            done = "Set" if new else "Replaced"
            click.secho(f"{done}. {name} can use it within two seconds, on every host.", fg="green")
        if log.routing.staff is None and not as_json:
            click.echo("No keys lead to changes by phone yet: see `staff` in clinic.yaml.", err=True)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_(*, as_json: bool) -> None:
    """Show whose PINs there are. A PIN itself cannot be shown."""
    with records() as log:
        migrate(log.engine)
        found = pins(log.engine)
        if as_json:
            _print([_data(log, pin) for pin in found])
        elif found:
            rows = [(pin.name, f"{pin.made_at.astimezone(log.zone):%Y-%m-%d %H:%M}", pin.made_by) for pin in found]
            show_table(("name", "set", "by"), rows)
        else:
            click.echo("Nobody has a PIN yet: python -m ivr pin set NAME")


@command.command("remove")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a sentence.")
@click.pass_context
def remove_(ctx: click.Context, name: str, *, as_json: bool) -> None:
    """Take away the PIN of NAME. Changes made with it stay."""
    with records() as log:
        migrate(log.engine)
        removed = remove(log.engine, name, actor=log.actor, now=log.now)
    if as_json:
        _print({"removed": removed})
    elif removed:
        click.secho("Removed.", fg="green")
    else:
        click.echo("No such PIN. See: python -m ivr pin list", err=True)
    ctx.exit(0 if removed else 1)


def _put(log: Records, name: str, typed: str) -> bool:
    """Keep the hash of a PIN; True when the name is new. Raises click.ClickException, which holds no digit of it."""
    if problem := problem_of(typed):
        raise click.ClickException(problem)
    known = {pin.name: pin.hash for pin in pins(log.engine)}
    if name_of(known, typed, log.seal.indexes) not in (None, name):
        raise click.ClickException("This PIN cannot be used: choose another one.")
    try:
        return put(log.engine, name, hashed(typed, log.seal.indexes), actor=log.actor, now=log.now)
    except TooManyPins as fault:
        raise click.ClickException(f"Not set: {fault}. Remove one first: python -m ivr pin remove NAME") from None


def _data(log: Records, pin: Pin) -> dict[str, str]:
    return {"name": pin.name, "set_at": pin.made_at.astimezone(log.zone).isoformat(), "by": pin.made_by}


def _print(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
