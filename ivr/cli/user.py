"""`user`: who may enter the console."""

from __future__ import annotations

import json
from typing import Any

import click

from ivr.accounts.desk import phone_of, phones_by_account, set_phone
from ivr.accounts.people import NAME, NAME_RULE, LastAdmin, Person, disable, enable, invite, people, set_role
from ivr.accounts.roles import Role
from ivr.call_flow.desk_phones import desk_phones
from ivr.call_log.database import migrate

from .columns import show_table
from .records import Records, records

ROLES = click.Choice([role.value for role in Role])


@click.group("user")
def command() -> None:
    """Let people into the console, change what they may do, or keep them out.

    \b
    python -m ivr user add maria --role "front desk"
    python -m ivr user role maria manager
    python -m ivr user disable maria
    python -m ivr user phone maria "Gilbert front desk"
    """


@command.command("add")
@click.argument("name")
@click.option("--role", type=ROLES, default=Role.FRONT_DESK.value, show_default=True, help="What NAME may do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def add(name: str, role: str, *, as_json: bool) -> None:
    """Print a link with which NAME sets a password, once and within a day.

    For somebody who has an account it sets a new password and takes the second factor away.
    """
    if not NAME.fullmatch(name):
        raise click.BadParameter(NAME_RULE)
    with records() as log:
        migrate(log.engine)
        token = invite(log.engine, name, Role(role), actor=log.actor, now=log.now)
        link = f"{log.settings.public_url}/welcome/{token}"
        if as_json:
            _print({"name": name, "role": role, "link": link})
        else:
            click.echo(f"Give {name} this link. It works once, within a day:\n{link}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_(*, as_json: bool) -> None:
    """Show everybody who has an account."""
    with records() as log:
        migrate(log.engine)
        found, phones = people(log.engine), phones_by_account(log.engine)
        if as_json:
            _print([{**_data(person), "phone": phones.get(person.name, "")} for person in found])
        elif found:
            rows = [(person.name, person.role.value, _state(person), phones.get(person.name, "")) for person in found]
            show_table(("name", "role", "state", "phone"), rows)
        else:
            click.echo("Nobody has an account yet: python -m ivr user add NAME --role admin")


@command.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
def role_(name: str, role: str) -> None:
    """Give NAME another role. Their browsers are signed out."""
    with records() as log:
        migrate(log.engine)
        _tell(name, found=_unless_last(lambda: _set_role(log, name, role)))


@command.command("disable")
@click.argument("name")
def disable_(name: str) -> None:
    """Keep NAME out, from this moment."""
    with records() as log:
        migrate(log.engine)
        _tell(name, found=_unless_last(lambda: disable(log.engine, name, actor=log.actor, now=log.now)))


@command.command("enable")
@click.argument("name")
def enable_(name: str) -> None:
    """Let NAME in again."""
    with records() as log:
        migrate(log.engine)
        _tell(name, found=enable(log.engine, name, actor=log.actor, now=log.now))


@command.command("phone")
@click.argument("name")
@click.argument("phone", required=False)
@click.option("--none", "takes_away", is_flag=True, help="NAME has no phone any more.")
def phone_(name: str, phone: str | None, *, takes_away: bool) -> None:
    """Say which of the clinic's phones rings when NAME calls somebody back: one that clinic.yaml names.

    Without PHONE it shows which it is. Nobody can give a number here.

    \b
    python -m ivr user phone maria "Gilbert front desk"
    python -m ivr user phone maria --none
    """
    with records() as log:
        migrate(log.engine)
        if phone is None and not takes_away:
            own = phone_of(log.engine, name)
            click.echo(own or f"{name} has no phone yet. Choose one of: {_named(log)}.")
            return
        if phone is not None and (takes_away or phone not in desk_phones(log.routing)):
            raise click.BadParameter(f"Give one of the phones of clinic.yaml, or --none. There are: {_named(log)}.")
        _tell(name, found=set_phone(log.engine, name, phone or "", actor=log.actor, now=log.now))


def _named(log: Records) -> str:
    return ", ".join(f'"{name}"' for name in desk_phones(log.routing)) or "none yet"


def _set_role(log: Records, name: str, role: str) -> bool:
    return set_role(log.engine, name, Role(role), actor=log.actor, now=log.now)


def _unless_last(change: Any) -> bool:
    try:
        return bool(change())
    except LastAdmin as fault:
        raise click.ClickException(f"Nothing was changed: {fault}.") from None


def _tell(name: str, *, found: bool) -> None:
    if not found:
        invited = "Whoever was invited has an account once they have followed their link."
        raise click.BadParameter(f"Nobody is called {name!r}. {invited} See: python -m ivr user list")
    click.secho("Done.", fg="green")


def _state(person: Person) -> str:
    if person.disabled_at:
        return "disabled"
    factor = ", with a second factor" if person.has_second_factor else ""
    return f"active{factor}" if person.has_password else "no password yet"


def _data(person: Person) -> dict[str, str]:
    return {"name": person.name, "role": person.role.value, "state": _state(person)}


def _print(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
