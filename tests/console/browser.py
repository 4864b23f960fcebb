"""A console served from this process, and a real browser to look at it."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from ivr.accounts.people import enter_practice, invite
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from ivr.app import create_app
from ivr.call_log.database import migrate, open_database
from ivr.settings import Settings
from tests.conftest import Clock, settings_for

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
TUESDAY_AT_TEN = "2026-11-24 10:00"
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
PATIENCE_MS = 120_000  # of a machine that may stand still for long; a page waited for in vain fails all the same


@dataclass(frozen=True, slots=True)
class Served:
    """A running console: its address, its application and what stands behind it."""

    url: str
    app: Flask
    settings: Settings
    clock: Clock
    engine: Engine

    def cookie(self) -> dict[str, Any]:
        """A session of an admin, as a browser keeps it."""
        token = invite(self.engine, "", Role.ADMIN, actor="test", now=self.clock())
        person = enter_practice(self.engine, token, self.clock())
        assert person is not None
        session = begin(self.engine, person, self.clock())
        return {"name": "ivr-practice", "value": session, "url": self.url, "httpOnly": True, "sameSite": "Lax"}


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve the clinic whose configuration is in `folder`/config, with its console, on a port of its own."""
    address = f"sqlite:///{folder}/log.db"
    engine = open_database(address)
    migrate(engine)
    clock = Clock(TUESDAY_AT_TEN)
    settings = replace(
        settings_for(folder, folder / "config"),
        database_url=address,
        doors=frozenset({"voice", "console"}),
    )
    settings = replace(settings, public_url="http://127.0.0.1:1")
    app = create_app(settings, clock=clock, watch=False)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_port}", app, settings, clock, engine)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["ivr-database"].dispose()
        engine.dispose()


@contextlib.contextmanager
def opened(browser: Browser, site: Served, **options: Any) -> Iterator[Page]:
    """A page of an admin who is signed in."""
    context = browser.new_context(**options)
    context.add_cookies([site.cookie()])  # type: ignore[list-item]  # the library types it more narrowly than it is
    try:
        yield context.new_page()
    finally:
        context.close()


@dataclass(slots=True)
class Watched:
    """A page, and whatever went wrong while it was looked at."""

    page: Page
    site: Served
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def watching(browser: Browser, site: Served) -> Iterator[Watched]:
    """A page of an admin; nothing may have gone wrong when it is closed."""
    with opened(browser, site, viewport=DESKTOP, reduced_motion="reduce") as page:  # a colour half faded in is no fault
        page.set_default_timeout(PATIENCE_MS)
        watched = Watched(page, site)

        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                watched.wrong.append(message.text)

        def asked(request: Request) -> None:
            if urlsplit(request.url).scheme.startswith("http") and not request.url.startswith(site.url):
                watched.wrong.append(f"asked another host: {request.url}")

        page.on("console", said)
        page.on("pageerror", lambda error: watched.wrong.append(str(error)))
        page.on("request", asked)
        yield watched
        assert watched.wrong == []
