"""A console without a server: people of each role ask it through Flask's own client, against a real call log.

And a browser for tests of pages: each such file has its own `site` for it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from playwright.sync_api import Browser
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from ivr.accounts.people import accept, invite
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from ivr.app import create_app
from ivr.settings import Settings
from tests.call_log.conftest import new_database, postgres, sqlite_template
from tests.conftest import Clock, settings_for
from tests.console.browser import Served, Watched, chromium, watching
from tests.console.practice import fill

__all__ = ["new_database", "postgres", "sqlite_template"]

PASSWORD = "seven calm horses under one lamp"
HOST = "ivr.example.com"
HTTPS = f"https://{HOST}"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Desk:
    """A console and what stands behind it."""

    app: Flask
    settings: Settings
    clock: Clock
    engine: Engine

    def someone(self, name: str, role: Role) -> None:
        """Make an account with the password of these tests."""
        token = invite(self.engine, name, role, actor="test", now=self.clock())
        assert accept(self.engine, token, name, PASSWORD, self.clock())

    def stranger(self) -> Guest:
        return Guest(self.app.test_client(), self)

    def signed_in(self, role: Role = Role.ADMIN, name: str = "") -> Guest:
        """Somebody of this role, signed in."""
        name = name or role.value.replace(" ", "-")
        guest = self.stranger()
        token = invite(self.engine, name, role, actor="test", now=self.clock())
        person = accept(self.engine, token, name, PASSWORD, self.clock())
        assert person is not None
        guest.client.set_cookie("__Host-ivr", begin(self.engine, person, self.clock()), domain=HOST, secure=True)
        return guest


@dataclass(frozen=True, slots=True)
class Guest:
    """A browser: forms are sent with the token of the page they stand on."""

    client: FlaskClient
    desk: Desk

    def get(self, address: str, **headers: str) -> TestResponse:
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.get(address, base_url=HTTPS, headers=names)

    def post(self, address: str, form: dict[str, str] | None = None, *, on: str = "/sign-in") -> TestResponse:
        """Send a form that stands on the page `on`."""
        found = _TOKEN.search(self.get(on).text)
        token = {"csrf_token": found[1]} if found else {}
        return self.client.post(
            address, data={**token, **(form or {})}, base_url=HTTPS, headers={"Referer": HTTPS + on}
        )

    def sign_in(self, name: str, password: str = PASSWORD, to: str = "") -> TestResponse:
        address = "/sign-in" + (f"?next={to}" if to else "")
        return self.post(address, {"name": name, "password": password})


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates are compiled once a run, not once a test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def open_desk(
    tmp_path: Path, config: Path, sqlite_template: Path, kept: BytecodeCache
) -> Iterator[Callable[..., Desk]]:
    """Opens the console on the configuration as it is then; a live service behind https, on a Tuesday at ten."""
    opened: list[Desk] = []

    def build(**changes: object) -> Desk:
        path = tmp_path / f"console{len(opened)}.db"
        shutil.copy(sqlite_template, path)
        plain = replace(settings_for(tmp_path, config), practice=True, doors=frozenset({"voice", "console"}))
        settings = replace(plain, database_url=f"sqlite:///{path}", **changes)  # type: ignore[arg-type]  # named settings
        clock = Clock("2026-11-24 10:00")
        app = create_app(settings, clock=clock, watch=False)
        app.jinja_env.bytecode_cache = kept
        desk = Desk(app, settings, clock, app.extensions["ivr-database"])
        opened.append(desk)
        return desk

    yield build
    for desk in opened:
        desk.engine.dispose()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A console whose call log is empty."""
    return open_desk()


@pytest.fixture
def busy_desk(desk: Desk) -> Desk:
    """A console after a few calls."""
    fill(desk)
    return desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window, for all tests of a file."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def watched(browser: Browser, site: Served) -> Iterator[Watched]:
    """The file's `site` as an admin sees it in a window of its own; nothing may have gone wrong in it."""
    with watching(browser, site) as watched:
        yield watched
