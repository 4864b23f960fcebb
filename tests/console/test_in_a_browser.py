"""Every page in a real Chromium, light and dark, on a desktop and a phone: no fault for axe, no error, no other host.

Where no Chromium is found these tests are skipped, and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ivr.call_log.queries import Filters, newest
from ivr.call_log.work_list import Sought, work_list
from tests.console.browser import CHROMIUM, DESKTOP, PHONE, Served, Watched, served, watching
from tests.console.furnished import bring, publish_twice, rewrite_config
from tests.console.places import REACHED
from tests.console.practice import drain, fill, telephone

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: the pages were not seen by a browser"),
    pytest.mark.timeout(600),
]
ROOT = Path(__file__).parents[2]
PAGES = (
    "/",
    "/today/change/close/gilbert",
    "/today/change/send/gilbert",
    "/today/change/say/all",
    "/today/change/swap/nights",
    "/calls",
    "/calls/{call}",
    "/call-back",
    "/call-back/{waiting}",
    "/reports",
    "/routing",
    "/routing/compare",
    "/routing/roll-back/1",
    "/routing/draft",
    "/routing/draft/hours/gilbert",
    "/routing/draft/phones",
    "/routing/draft/prompts/en-US",
    "/routing/draft/file/clinic.yaml",
    "/try",
    "/notices",
    "/health",
    "/people",
    "/audit",
    "/account",
    "/account/second-factor",
)
REFUSED = "Failed to load resource: the server responded with a status of 4"
POLL_MS = 5_000  # after which Today asks by itself
SHAPES = tuple((scheme, size) for size in (DESKTOP, PHONE) for scheme in ("light", "dark"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A practice clinic with a rota, two versions and a few calls, served from this process."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "config", folder / "config")
    with served(folder) as site:
        fill(site)
        rewrite_config(site)
        publish_twice(site)
        bring(site)
        yield site


@pytest.fixture(scope="module")
def window(browser: Browser, site: Served) -> Iterator[Watched]:
    """One window for all pages: to open one costs more than to load a page and have axe look at it four times."""
    with watching(browser, site) as window:
        yield window


@pytest.fixture
def watched(window: Watched) -> Iterator[Watched]:
    """The window with somebody who has just signed in; what goes wrong in a test is that test's."""
    context = window.page.context
    context.clear_cookies()
    context.add_cookies([window.site.cookie()])  # type: ignore[list-item]  # typed more narrowly than it is
    window.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a literal
    window.page.emulate_media(color_scheme="light")
    yield window
    window.page.goto("about:blank")  # by then the page has said all that it had to say
    wrong, window.wrong = window.wrong, []
    assert wrong == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_by_everybody(watched: Watched, path: str) -> None:
    engine, since = watched.site.engine, watched.site.clock() - timedelta(days=30)
    call = newest(engine, Filters(language="es-US")).calls[0].sid
    waiting = work_list(engine, Sought(since)).entries[0].call.sid
    assert_everybody_can_use(watched.go(path.format(call=call, waiting=waiting)))


@pytest.mark.parametrize("name", REACHED)
def test_a_page_without_an_address_can_be_used_by_everybody(watched: Watched, name: str) -> None:
    REACHED[name](watched.page, watched.site)
    watched.wrong[:] = [each for each in watched.wrong if REFUSED not in each]  # the browser tells of a 4xx as an error
    assert_everybody_can_use(watched.page)


def assert_everybody_can_use(page: Page) -> None:
    """The page as it stands, in each shape; it is not loaded anew, and axe's half megabyte is handed to it once."""
    axe, known = Axe(), Axe(axe_script="undefined")
    for scheme, size in SHAPES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal in a tuple
        page.set_viewport_size(size)  # type: ignore[arg-type]  # likewise
        page.locator(f"html[data-bs-theme={scheme}]").wait_for(state="attached")
        found = axe.run(page, options={"resultTypes": ["violations"]})
        axe = known
        assert found.violations_count == 0, f"{page.url}, {scheme}, {size}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} scrolls sideways at {size}"
    boxes = "[...document.querySelectorAll('.table-box:has(.flows)')]"
    hidden = page.evaluate(f"{boxes}.filter(box => box.scrollWidth > box.clientWidth).map(box => box.ariaLabel)")
    assert hidden == [], f"{page.url}: on a phone a part of a table is out of sight"


def test_today_shows_a_call_that_comes_in_by_itself(browser: Browser, site: Served) -> None:
    drain(site)  # calls of other tests
    with watching(browser, site) as watched:  # a window of its own, whose clock is ours
        watched.page.clock.install()
        page = watched.go("/")
        before = page.get_by_role("link", name="Follow").count()
        telephone(site, "+16025550188").dial()
        drain(site)
        page.clock.fast_forward(POLL_MS)
        page.get_by_role("link", name="Follow").nth(before).wait_for()
        assert page.get_by_role("link", name="Follow").count() == before + 1
