"""Every page in a real Chromium: nothing for axe to complain of in light, dark and on a phone, no error, no other host.

Where no Chromium is found these tests are skipped, and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from ivr.call_log.queries import Filters, newest
from ivr.publishing.overrides import bring_overrides, standing
from tests.console.browser import CHROMIUM, Served, opened, served
from tests.console.practice import drain, fill, telephone

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: the pages were not seen by a browser"),
    pytest.mark.timeout(600),
]
ROOT = Path(__file__).parents[2]
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
PAGES = (
    "/",
    "/today/change/close/gilbert",
    "/today/change/say/all",
    "/calls",
    "/calls/{call}",
    "/call-back",
    "/reports",
    "/routing",
    "/routing/draft",
    "/routing/draft/hours/gilbert",
    "/routing/draft/phones",
    "/routing/draft/file/clinic.yaml",
    "/try",
    "/health",
    "/people",
    "/audit",
    "/account",
    "/account/second-factor",
)


@dataclass(slots=True)
class Watched:
    """A page, and whatever went wrong while it was looked at."""

    page: Page
    site: Served
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A practice clinic after a few calls, served from this process."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "config", folder / "config")
    with served(folder) as site:
        fill(site)
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser, site: Served) -> Iterator[Watched]:
    """A page of an admin; nothing may have gone wrong when the test is over."""
    with opened(browser, site, viewport=DESKTOP, reduced_motion="reduce") as page:  # a colour half faded in is no fault
        page.set_default_timeout(60_000)
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


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_by_everybody(watched: Watched, path: str) -> None:
    call = newest(watched.site.engine, Filters(language="es-US")).calls[0].sid
    page = watched.go(path.format(call=call))
    for scheme, size in (("light", DESKTOP), ("dark", PHONE)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal in a tuple
        page.set_viewport_size(size)  # type: ignore[arg-type]  # likewise
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{scheme}, {size}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} scrolls sideways at {size}"


def test_a_receptionist_closes_gilbert_with_the_keyboard_alone(watched: Watched) -> None:
    page = watched.go("/")
    page.locator("section", has_text="Gilbert is open").get_by_role("link", name="Close early").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Until when?").fill("2026-11-24T16:00")
    page.get_by_label("Why?").focus()
    page.keyboard.type("Power outage")
    page.get_by_role("button", name="Close Gilbert").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Callers notice within two seconds").wait_for()
    site = watched.site
    live = site.app.extensions["ivr"].live
    try:
        bring_overrides(site.engine, site.settings.data / "routing", site.clock())
        live.refresh()
        caller = telephone(site)
        caller.dial()
        assert "Gilbert is closed right now" in caller.press("2").words
        page.get_by_role("button", name="End it now").click()
        page.get_by_text("Ended:").wait_for()
        assert standing(site.engine, site.clock()) == []
    finally:
        bring_overrides(site.engine, site.settings.data / "routing", site.clock())
        live.refresh()


def test_today_shows_a_call_that_comes_in_by_itself(watched: Watched) -> None:
    page = watched.go("/")
    before = page.get_by_role("link", name="Follow").count()
    telephone(watched.site, "+16025550188").dial()
    drain(watched.site)
    page.get_by_role("link", name="Follow").nth(before).wait_for()
