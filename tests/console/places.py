"""Pages that no address alone leads to: how to come to stand before each, for the tests and for the screenshots."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

import pyotp
from playwright.sync_api import Page

from ivr.accounts.people import Person, accept, invite
from ivr.accounts.roles import Role
from ivr.accounts.second_factor import switch_on
from ivr.accounts.sessions import begin
from tests.console.browser import Served
from tests.console.practice import CALLERS

PASSWORD = "seven calm horses under one lamp"
COOKIE = "ivr-practice"


def new_person(site: Served, name: str, role: Role = Role.FRONT_DESK) -> Person:
    """Somebody with the password of these tests."""
    token = invite(site.engine, name, role, actor="test", now=site.clock())
    person = accept(site.engine, token, name, PASSWORD, site.clock())
    assert person is not None
    return person


def second_factor_of(site: Served, person: Person) -> pyotp.TOTP:
    """Ask this person for a code from now on; gives what their app would show."""
    secret = pyotp.random_base32()
    switch_on(site.engine, site.app.extensions["ivr"].seal, person, secret, site.clock())
    return pyotp.TOTP(secret)


def sign_in(page: Page, site: Served) -> None:
    page.context.clear_cookies()
    page.goto(site.url + "/sign-in")


def sign_in_refused(page: Page, site: Served) -> None:
    sign_in(page, site)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Type your name.").wait_for()


def second_step(page: Page, site: Served) -> None:
    page.context.clear_cookies()
    person = new_person(site, f"rosa{secrets.token_hex(4)}")
    second_factor_of(site, person)
    waiting = begin(site.engine, person, site.clock(), waits=True)
    page.context.add_cookies([{"name": COOKIE, "value": waiting, "url": site.url}])
    page.goto(site.url + "/sign-in/code")
    page.get_by_role("heading", name="One more step").wait_for()


def welcome(page: Page, site: Served) -> None:
    page.context.clear_cookies()
    token = invite(site.engine, "olga", Role.FRONT_DESK, actor="test", now=site.clock())
    page.goto(f"{site.url}/welcome/{token}")
    page.get_by_role("heading", name="Welcome, olga").wait_for()


def void_link(page: Page, site: Served) -> None:
    page.context.clear_cookies()
    page.goto(f"{site.url}/welcome/{'x' * 32}")


def search(page: Page, site: Served) -> None:
    page.goto(site.url + "/calls")
    page.get_by_label("A caller’s number").fill(CALLERS[0])
    page.get_by_role("button", name="Find this caller’s calls").click()
    page.wait_for_url("**/calls/search")
    page.get_by_role("link", name="Story").first.wait_for()


def search_refused(page: Page, site: Served) -> None:
    page.goto(site.url + "/calls")
    page.get_by_label("A caller’s number").fill("nobody")
    page.get_by_role("button", name="Find this caller’s calls").click()
    page.locator("#number-wrong").wait_for()


def try_menu(page: Page, site: Served) -> None:
    page.goto(site.url + "/try")
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_text("Press a key").first.wait_for()


def try_ringing(page: Page, site: Served) -> None:
    try_menu(page, site)
    page.get_by_role("button", name="2", exact=True).click()
    page.locator("b", has_text="Ringing for").wait_for()
    page.locator("#told", has_text="Ringing for").wait_for(state="attached")  # who sees nothing is told a moment later


def try_over(page: Page, site: Served) -> None:
    try_menu(page, site)
    page.get_by_role("button", name="Hang up").click()
    page.get_by_text("The call is over").first.wait_for()
    page.get_by_text("Save as a story").click()


REACHED: Mapping[str, Callable[[Page, Served], None]] = {
    "sign-in": sign_in,
    "sign-in-refused": sign_in_refused,
    "second-step": second_step,
    "welcome": welcome,
    "void-link": void_link,
    "search": search,
    "search-refused": search_refused,
    "try-menu": try_menu,
    "try-ringing": try_ringing,
    "try-over": try_over,
}
