"""`user`: let people in, change what they may do, keep them out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ivr.accounts.people import accept, people
from ivr.call_log.database import open_database
from tests.cli.conftest import Type
from tests.console.conftest import PASSWORD


def test_a_link_lets_somebody_set_a_password_once(command_line: Type, tmp_path: Path) -> None:
    made = json.loads(command_line("user", "add", "maria", "--role", "manager", "--json").out)
    token = made["link"].rpartition("/")[2]
    engine = open_database(f"sqlite:///{tmp_path}/var/ivr.db")
    assert accept(engine, token, "maria", PASSWORD, datetime.now(UTC))
    assert accept(engine, token, "maria", PASSWORD, datetime.now(UTC)) is None
    assert [(one.name, one.role) for one in people(engine)] == [("maria", "manager")]
    engine.dispose()
    assert "maria" in command_line("user", "list").out
    assert command_line("user", "role", "maria", "operator").code == 0
    assert command_line("user", "disable", "maria").code == 0
    assert json.loads(command_line("user", "list", "--json").out) == [
        {"name": "maria", "role": "operator", "state": "disabled", "phone": ""}
    ]
    assert command_line("user", "enable", "maria").code == 0


def test_a_name_that_is_none_and_a_role_nobody_has_are_refused(command_line: Type) -> None:
    assert "small letters" in command_line("user", "add", "Maria Lopez").err
    assert command_line("user", "add", "maria", "--role", "king").code == 2
    assert "Nobody is called" in command_line("user", "disable", "nobody-here").err


def test_without_anybody_the_list_says_how_to_begin(command_line: Type) -> None:
    assert "user add NAME --role admin" in command_line("user", "list").out


def test_the_phone_that_rings_for_somebody_is_one_that_the_clinic_has(command_line: Type, tmp_path: Path) -> None:
    token = json.loads(command_line("user", "add", "maria", "--json").out)["link"].rpartition("/")[2]
    engine = open_database(f"sqlite:///{tmp_path}/var/ivr.db")
    assert accept(engine, token, "maria", PASSWORD, datetime.now(UTC))
    engine.dispose()
    assert '"Gilbert front desk"' in command_line("user", "phone", "maria").out
    assert command_line("user", "phone", "maria", "Gilbert front desk").code == 0
    assert command_line("user", "phone", "maria").out == "Gilbert front desk\n"
    assert json.loads(command_line("user", "list", "--json").out)[0]["phone"] == "Gilbert front desk"
    refused = command_line("user", "phone", "maria", "+14805550121")
    assert (refused.code, '"Scottsdale front desk"' in refused.err) == (2, True)
    unknown = command_line("user", "phone", "ben", "Gilbert front desk").err
    assert "Nobody is called 'ben'." in unknown
    assert "once they have followed their link" in " ".join(unknown.split())
    assert command_line("user", "phone", "maria", "--none").code == 0
    assert "has no phone yet" in command_line("user", "phone", "maria").out
