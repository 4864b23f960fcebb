"""Nobody passes without a right: every address for every role, forged forms, foreign pages, headers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.accounts.roles import RIGHTS, Right, Role
from ivr.call_log.audit import deeds
from ivr.console.door import Door
from tests.conftest import ROOT

from .conftest import HTTPS, Desk

PUBLIC = {
    "console.static",
    "console.library",
    "console.sign_in",
    "console.second_step",
    "console.sign_out",
    "console.welcome",
}
OWN = {"health.healthz", "health.readyz", "health.figures"}
VALUES = {"sid": "CA" + "0" * 32, "name": "nobody", "number": 1, "kind": "close", "location": "gilbert", "token": "x"}


def rules(desk: Desk) -> list[tuple[str, str, str]]:
    """Every address of the console with its endpoint and each method it takes."""
    adapter = desk.app.url_map.bind("ivr.example.com", url_scheme="https")
    found = []
    for rule in desk.app.url_map.iter_rules():
        if rule.endpoint in OWN or rule.endpoint in ("console.static", "console.library"):
            continue
        values = {name: VALUES.get(name, "1") for name in rule.arguments}
        address = adapter.build(rule.endpoint, values)
        found += [(rule.endpoint, method, address) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def test_a_stranger_is_sent_to_sign_in_from_every_page(desk: Desk) -> None:
    walked = 0
    desk.app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, method, address in rules(desk):
        if endpoint in PUBLIC:
            continue
        answer = desk.stranger().client.open(address, method=method, base_url=HTTPS)
        assert answer.status_code == 302, (endpoint, method)
        assert "/sign-in" in answer.location
        walked += 1
    assert walked > 10


@pytest.mark.parametrize("role", list(Role))
def test_every_page_opens_to_those_with_its_right_alone_and_the_audit_names_the_others(desk: Desk, role: Role) -> None:
    guest = desk.signed_in(role, "kim")
    desk.app.config["WTF_CSRF_ENABLED"] = False
    wanted = _rights(desk)
    refused = []
    for endpoint, method, address in rules(desk):
        right = wanted[endpoint]
        if right is None or (method == "POST" and right in RIGHTS[role]):
            continue
        answer = guest.client.open(address, method=method, base_url=HTTPS)
        assert (answer.status_code == 403) == (right not in RIGHTS[role]), (endpoint, method, answer.status_code)
        if right not in RIGHTS[role]:
            refused.append(("kim", right.value, {"page": endpoint.removeprefix("console.")}))
            desk.clock.now += timedelta(minutes=10)  # else the next one without this right is the same line
    lines = [deed for deed in reversed(deeds(desk.engine, limit=500)) if deed.action == "not allowed"]
    assert [(line.actor, line.about, line.detail) for line in lines] == refused
    assert bool(refused) == (role is not Role.ADMIN)


def test_a_page_that_names_no_right_is_not_there(desk: Desk) -> None:
    """Denied by default: every address of the application is one of the known public ones, or names its right."""
    known = {**_rights(desk)}
    for rule in desk.app.url_map.iter_rules():
        assert rule.endpoint in OWN or rule.endpoint in known
        assert rule.endpoint in OWN or known[rule.endpoint] is not None or rule.endpoint in PUBLIC


def test_the_menu_shows_only_what_its_reader_may_open(desk: Desk) -> None:
    front = desk.signed_in(Role.FRONT_DESK).get("/").text
    assert 'href="/calls"' in front
    assert 'href="/people"' not in front
    assert 'href="/people"' in desk.signed_in(Role.ADMIN).get("/").text


def test_a_form_without_its_token_changes_nothing(desk: Desk) -> None:
    guest = desk.signed_in(Role.ADMIN)
    answer = guest.client.post("/people", data={"name": "evelyn", "role": "admin"}, base_url=HTTPS)
    assert answer.status_code == 403
    assert "evelyn" not in guest.get("/audit").text


def test_no_address_at_all_takes_a_form_without_its_token(desk: Desk) -> None:
    """Of somebody who may do everything, so that nothing but the token is missing."""
    guest = desk.signed_in(Role.ADMIN)
    forms = [address for _, method, address in rules(desk) if method == "POST"]
    assert len(forms) > 20
    for address in forms:
        assert guest.client.post(address, base_url=HTTPS).status_code == 403, address


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_sent_from_another_site_changes_nothing(desk: Desk, site: str) -> None:
    guest = desk.signed_in(Role.ADMIN)
    desk.app.config["WTF_CSRF_ENABLED"] = False
    answer = guest.client.post("/people", data={"name": "evelyn"}, base_url=HTTPS, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


@pytest.mark.parametrize("address", ["/", "/sign-in", "/nothing/here", "/calls?first=never"])
def test_no_page_is_kept_or_framed_or_takes_anything_from_elsewhere(desk: Desk, address: str) -> None:
    headers = desk.signed_in(Role.ADMIN).get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "max-age" in headers["Strict-Transport-Security"]


def test_pages_hold_no_script_or_style_of_their_own(busy_desk: Desk) -> None:
    guest = busy_desk.signed_in(Role.ADMIN)
    for endpoint, method, address in rules(busy_desk):
        if method == "GET" and endpoint not in PUBLIC:
            text = guest.get(address).text
            assert "<style" not in text, endpoint
            assert " style=" not in text, endpoint
            assert " onclick" not in text, endpoint
            assert "<script>" not in text, endpoint
            assert 'src="http' not in text, endpoint


def test_what_a_caller_or_colleague_typed_is_text_and_never_markup(desk: Desk) -> None:
    guest = desk.signed_in(Role.ADMIN)
    evil = "<script>alert(1)</script>"
    guest.post(
        "/today/change/close/gilbert",
        {"make": "yes", "until": "2026-11-24T15:00", "reason": evil},
        on="/today/change/close/gilbert",
    )
    page = guest.get("/").text
    assert evil not in page
    assert "&lt;script&gt;" in page


def _rights(desk: Desk) -> dict[str, Right | None]:
    door: Door = desk.app.extensions["ivr-console"]
    return door.rights


def test_the_documentation_says_who_may_do_what() -> None:
    lines = [line for line in (ROOT / "docs" / "console.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    told = {cells[0]: cells[1:] for line in lines if (cells := [cell.strip() for cell in line.strip("|").split("|")])}
    assert told["May"] == [role.value.capitalize() for role in Role]
    for right in Right:
        assert told[right.value] == ["yes" if right in RIGHTS[role] else "no" for role in Role]
