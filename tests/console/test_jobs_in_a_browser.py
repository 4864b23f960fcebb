"""The clinic's own jobs from end to end in a real Chromium: hours, a rollback, a caller who waits, an early closing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ivr.call_log.work_list import Sought, work_list
from ivr.publishing.publish import publish
from ivr.publishing.versions import Publication, live
from ivr.routing.folder import read_folder
from tests.console.browser import CHROMIUM, Served, Watched, served
from tests.console.furnished import bring
from tests.console.practice import fill
from tests.publishing.conftest import examined

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: the jobs were not done in a browser"),
    pytest.mark.timeout(1200),
]
ROOT = Path(__file__).parents[2]
PROOF_MS = 400_000  # publishing proves every call that can be made first
FRIDAY_AFTERNOON = "2026-12-04T16:05"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    """A practice clinic after a few calls, with version 1 live."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    with served(tmp_path) as site:
        fill(site)
        files = read_folder(site.settings.config)[0]
        now = site.clock()
        made = publish(site.engine, files, examined(files), parent=None, author="ana", message="As it was", now=now)
        assert isinstance(made, Publication)
        yield site


def heard_when_gilbert_is_chosen(page: Page, at: str) -> str:
    """Call in the browser's telephone at that time, press 2 and give the last answer with its reasons."""
    page.get_by_label("When, by the clinic’s clock").fill(at)
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_text("Press a key").first.wait_for()
    page.get_by_role("button", name="2", exact=True).click()
    page.get_by_text("TwiML of step 2").wait_for(state="attached")
    return page.locator("#now").inner_text()


def waiting(site: Served) -> int:
    """How many callers wait to be called back."""
    return work_list(site.engine, Sought(site.clock() - timedelta(days=30))).total


def live_number(site: Served) -> int:
    now = live(site.engine)
    return now.number if now else 0


def test_fridays_hours_are_changed_published_heard_and_taken_back(watched: Watched) -> None:
    site, page = watched.site, watched.go("/routing/draft/hours/gilbert")
    page.get_by_label("Friday", exact=True).fill("9:00-15:00")
    page.get_by_role("button", name="Save the week").click()
    page.get_by_text("Saved in the draft.").wait_for()
    page.get_by_role("link", name="Back to the draft").click()
    page.get_by_text("closes 15:00 instead of 17:00").wait_for()
    page.get_by_role("link", name="Try a call on the draft").click()
    assert "Gilbert is closed right now" in heard_when_gilbert_is_chosen(page, FRIDAY_AFTERNOON)
    page.get_by_label("What to try").select_option("What is live now")
    assert "These phones ring together" in heard_when_gilbert_is_chosen(page, FRIDAY_AFTERNOON)
    watched.go("/routing/draft")
    page.get_by_label("What changes, in your words?").fill("Short Fridays in Gilbert")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Version 2 is live.").wait_for(timeout=PROOF_MS)
    bring(site)
    watched.go("/try")
    assert "Gilbert is closed right now" in heard_when_gilbert_is_chosen(page, FRIDAY_AFTERNOON)
    watched.go("/routing")
    page.get_by_text("Short Fridays in Gilbert").first.wait_for()
    page.get_by_role("link", name="Make live again").first.click()
    page.get_by_label("Why?").fill("Fridays are long again")
    page.get_by_role("button", name="Make version 1 live").click()
    page.get_by_text("Fridays are long again").first.wait_for()
    assert live_number(site) == 1
    bring(site)
    watched.go("/try")
    assert "These phones ring together" in heard_when_gilbert_is_chosen(page, FRIDAY_AFTERNOON)


def test_what_is_closed_early_is_heard_in_the_telephone_of_the_browser(watched: Watched) -> None:
    site, page = watched.site, watched.go("/")
    page.locator("section", has_text="Gilbert is open").get_by_role("link", name="Close early").click()
    page.get_by_label("Until when?").fill("2026-11-24T16:00")
    page.get_by_label("Why?").fill("Power outage")
    page.get_by_role("button", name="Close Gilbert").click()
    page.get_by_text("Callers notice within two seconds").wait_for()
    bring(site)
    watched.go("/try")
    assert "Gilbert is closed right now" in heard_when_gilbert_is_chosen(page, "2026-11-24T15:00")


def test_a_caller_is_claimed_called_noted_and_done(watched: Watched) -> None:
    site, page = watched.site, watched.go("/call-back")
    before = waiting(site)
    page.get_by_role("button", name="I call").first.click()
    page.get_by_text("you, since").wait_for()
    page.get_by_role("button", name="Show the number").click()
    page.get_by_text("This look was written down.").wait_for()
    page.get_by_label("Add a note").fill("Prefers mornings")
    page.get_by_role("button", name="Note it").click()
    page.get_by_text("Prefers mornings").wait_for()
    page.get_by_role("button", name="Left word").click()
    page.get_by_text("callers wait" if before > 2 else "caller waits").wait_for()
    assert waiting(site) == before - 1
