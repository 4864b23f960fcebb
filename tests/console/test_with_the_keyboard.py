"""The jobs of a front desk in a real Chromium by somebody who uses no mouse: Tab, letters, Enter and the space bar."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.call_log.work_list import Sought, work_list
from ivr.publishing.overrides import bring_overrides, standing
from tests.conftest import ROOT
from tests.console.browser import CHROMIUM, Served, Watched, served
from tests.console.keyboard import press, tab_to
from tests.console.practice import fill, telephone

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: the pages were not used with a keyboard"),
    pytest.mark.timeout(600),
]
POLL_MS = 10_000  # in which a page that asks by itself has asked


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    """A practice clinic after a few calls."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    with served(tmp_path) as site:
        fill(site)
        yield site


def bring(site: Served) -> None:
    """What the worker and the web process do within two seconds."""
    bring_overrides(site.engine, site.settings.data / "routing", site.clock())
    site.app.extensions["ivr"].live.refresh()


def test_a_receptionist_closes_gilbert_with_the_keyboard_alone(watched: Watched) -> None:
    site, page = watched.site, watched.go("/")
    press(page, page.locator("section", has_text="Gilbert is open").get_by_role("link", name="Close early"))
    tab_to(page, page.get_by_label("Until when?"))
    page.keyboard.type("11242026")  # after the year, which might have six digits, Tab leads to the hour
    page.keyboard.press("Tab")
    page.keyboard.type("0400PM")
    tab_to(page, page.get_by_label("Why?"))
    page.keyboard.type("Power outage")
    press(page, page.get_by_role("button", name="Close Gilbert"))
    page.get_by_text("Callers notice within two seconds").wait_for()
    page.get_by_text("Gilbert is closed until Tue 24 Nov 2026 16:00: Power outage.").first.wait_for()
    bring(site)
    caller = telephone(site)
    caller.dial()
    assert "Gilbert is closed right now" in caller.press("2").words
    press(page, page.get_by_role("button", name="End it now"), "Space")
    page.get_by_text("Ended:").wait_for()
    assert standing(site.engine, site.clock()) == []


def test_a_caller_is_called_back_and_done_with_the_keyboard_alone(watched: Watched) -> None:
    site, page = watched.site, watched.go("/call-back")
    before = waiting(site)
    press(page, page.get_by_role("button", name="I call").first, "Space")
    page.get_by_text("you, since").wait_for()
    press(page, page.get_by_role("button", name="Show the number"))
    page.get_by_text("This look was written down.").wait_for()
    tab_to(page, page.get_by_label("Add a note"))
    page.keyboard.type("Prefers mornings")
    press(page, page.get_by_role("button", name="Note it"))
    page.get_by_text("Prefers mornings").wait_for()
    press(page, page.get_by_role("button", name="Called", exact=True))
    page.get_by_text("Done: called.").wait_for()
    assert waiting(site) == before - 1


@pytest.mark.parametrize(("path", "role", "name"), [("/", "link", "Close early"), ("/call-back", "button", "I call")])
def test_a_page_that_asks_by_itself_leaves_the_focus_where_it_is(
    watched: Watched, path: str, role: str, name: str
) -> None:
    watched.page.clock.install()
    page = watched.go(path)
    control = page.get_by_role(role, name=name).nth(1)  # type: ignore[arg-type]  # a literal in a tuple
    tab_to(page, control)
    with page.expect_event("console", lambda said: said.text == "asked by itself"):
        page.evaluate(
            """document.addEventListener("htmx:afterSettle", () => console.log("asked by itself"), {once: true})"""
        )
        page.clock.fast_forward(POLL_MS)
    assert control.evaluate("control => control === document.activeElement")


@pytest.mark.parametrize("path", ["/", "/call-back", "/call-back?show=done"])
def test_whatever_can_have_the_focus_is_known_again_when_a_page_asks_by_itself(watched: Watched, path: str) -> None:
    """htmx gives the focus back to the control with the same id; ids that stand twice would lead elsewhere."""
    page = watched.go("/call-back")
    page.get_by_role("button", name="I call").first.click()  # so that one entry is taken, and one is done
    page.get_by_role("button", name="Left word").click()
    page.get_by_text("Done: left word.").wait_for()
    watched.go(path)
    ids = page.locator("[data-polls]").locator("a, button, input:not([type=hidden]), [tabindex]")
    found = ids.evaluate_all("all => all.map(one => one.id)")
    assert found
    assert "" not in found, ids.nth(found.index("")).inner_text()
    every = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert sorted(set(every)) == sorted(every)


def waiting(site: Served) -> int:
    """How many callers wait to be called back."""
    return work_list(site.engine, Sought(site.clock() - timedelta(days=30))).total
