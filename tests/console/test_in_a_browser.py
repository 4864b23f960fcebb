"""Every page in a real Chromium: nothing for axe to complain of in light, dark and on a phone, no error, no other host.

Where no Chromium is found these tests are skipped, and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from ivr.call_log.queries import Filters, newest
from ivr.publishing.overrides import bring_overrides, standing
from tests.console.browser import CHROMIUM, DESKTOP, PHONE, Served, Watched, chromium, served, watching
from tests.console.practice import drain, fill, telephone

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: the pages were not seen by a browser"),
    pytest.mark.timeout(600),
]
ROOT = Path(__file__).parents[2]
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
    "/notices",
    "/health",
    "/people",
    "/audit",
    "/account",
    "/account/second-factor",
)


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
    with chromium() as browser:
        yield browser


@pytest.fixture
def watched(browser: Browser, site: Served) -> Iterator[Watched]:
    with watching(browser, site) as watched:
        yield watched


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
    drain(watched.site)  # calls of other tests
    page = watched.go("/")
    before = page.get_by_role("link", name="Follow").count()
    telephone(watched.site, "+16025550188").dial()
    drain(watched.site)
    page.get_by_role("link", name="Follow").nth(before).wait_for()
    assert page.get_by_role("link", name="Follow").count() == before + 1
