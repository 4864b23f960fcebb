"""Somebody signs in in a real Chromium as people do: types name, password and a code of their app, and leaves again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from ivr.accounts.people import invite
from ivr.accounts.roles import Role
from tests.conftest import ROOT
from tests.console.browser import CHROMIUM, DESKTOP, PATIENCE_MS, Served, chromium, served
from tests.console.places import COOKIE, PASSWORD, new_person, second_factor_of

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed: nobody signed in with a browser"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("clinic")
    shutil.copytree(ROOT / "config", folder / "config")
    with served(folder) as site:
        yield site


@pytest.fixture
def page() -> Iterator[Page]:
    """A browser that nobody signed in with yet."""
    with chromium() as browser:
        page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]  # the library types it more narrowly
        page.set_default_timeout(PATIENCE_MS)
        yield page


def cookies(page: Page) -> set[str]:
    return {cookie["name"] for cookie in page.context.cookies()}


def test_name_password_and_code_let_in_and_signing_out_leads_out(page: Page, site: Served) -> None:
    app = second_factor_of(site, new_person(site, "maria"))
    site.clock.now += timedelta(minutes=2)  # the code that switched it on is used up
    page.goto(site.url + "/calls")
    page.get_by_role("heading", name="Sign in").wait_for()
    page.get_by_label("Name").click()
    page.keyboard.type("Maria")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One more step").wait_for()
    page.goto(site.url + "/calls")
    page.get_by_role("heading", name="One more step").wait_for()  # the password alone opens nothing
    page.keyboard.type("000000")  # the field has the focus
    page.keyboard.press("Enter")
    page.get_by_text("This code is not right").wait_for()
    # The refused code is gone from the field: what is typed now is all that is sent.
    page.keyboard.type(app.at(site.clock()))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today").wait_for()
    assert page.locator(".who span").inner_text() == "maria, front desk"
    page.goto(site.url + "/calls")
    page.get_by_role("heading", name="Calls", exact=True).wait_for()
    assert COOKIE in cookies(page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert COOKIE not in cookies(page)
    page.go_back()
    page.get_by_role("heading", name="Sign in").wait_for()  # the browser kept no page
    assert page.get_by_text("Every call to the clinic").count() == 0


def test_an_invited_person_chooses_a_password_by_typing_and_is_in(page: Page, site: Served) -> None:
    token = invite(site.engine, "omar", Role.MANAGER, actor="test", now=site.clock())
    page.goto(f"{site.url}/welcome/{token}")
    page.get_by_label("Password", exact=True).click()
    page.keyboard.type("short")
    page.keyboard.press("Tab")
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    page.locator("#password-wrong").wait_for()
    for label in ("Password", "The same password again"):
        page.get_by_label(label, exact=True).click()
        page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today").wait_for()
    assert page.locator(".who span").inner_text() == "omar, manager"
