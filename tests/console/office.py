"""A console that is asked without a server, by people of each role."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from ivr.accounts.people import accept, enter_practice, invite
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from ivr.app import create_app
from ivr.call_log.database import open_database
from ivr.settings import Settings
from tests.conftest import Clock, settings_for

PASSWORD = "seven calm horses under one lamp"


@dataclass(frozen=True, slots=True)
class Office:
    """A console and what stands behind it."""

    app: Flask
    settings: Settings
    clock: Clock
    engine: Engine

    def someone(self, role: Role) -> FlaskClient:
        """Somebody of this role, signed in; forms need no token."""
        is_admin = role is Role.ADMIN
        token = invite(self.engine, "" if is_admin else "kim", role, actor="test", now=self.clock())
        person = (
            enter_practice(self.engine, token, self.clock())
            if is_admin
            else accept(self.engine, token, "kim", PASSWORD, self.clock())
        )
        assert person is not None
        client = self.app.test_client()
        client.set_cookie("ivr-practice", begin(self.engine, person, self.clock()))
        return client


@contextlib.contextmanager
def opened_office(folder: Path, config: Path, template: Path) -> Iterator[Office]:
    """Open the console on a copy of the empty database `template`, on a Tuesday at ten."""
    shutil.copy(template, folder / "log.db")
    address = f"sqlite:///{folder}/log.db"
    engine = open_database(address)
    settings = replace(settings_for(folder, config), database_url=address, doors=frozenset({"voice", "console"}))
    settings = replace(settings, public_url="http://127.0.0.1:1")
    clock = Clock("2026-11-24 10:00")
    app = create_app(settings, clock=clock, watch=False)
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        yield Office(app, settings, clock, engine)
    finally:
        app.extensions["ivr-database"].dispose()
        engine.dispose()
