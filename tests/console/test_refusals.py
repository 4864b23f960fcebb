"""What a role does not allow is refused, and the audit says to whom, what was missing and where: once a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from ivr.accounts.people import Person, accept, invite
from ivr.accounts.refusals import note_refusal
from ivr.accounts.roles import Right, Role
from ivr.call_log.audit import deeds
from tests.call_log.conftest import database
from tests.conftest import Clock

from .conftest import HTTPS, PASSWORD, Desk

__all__ = ["database"]

SID = "CA" + "5" * 32
TEN_MINUTES = timedelta(minutes=10)


def refused(engine: Engine) -> list[tuple[str, str, str]]:
    """Who lacked which right for which page, the oldest first."""
    found = [deed for deed in reversed(deeds(engine)) if deed.action == "not allowed"]
    return [(deed.actor, deed.about, str(deed.detail["page"])) for deed in found]


def test_a_page_that_asks_by_itself_leaves_one_line_in_ten_minutes(desk: Desk) -> None:
    kim = desk.signed_in(Role.FRONT_DESK, "kim")
    for _ in range(30):
        assert kim.get("/health", HX_Request="true", HX_Polled="1").status_code == 403
        desk.clock.now += timedelta(seconds=10)
    assert refused(desk.engine) == [("kim", Right.HEALTH.value, "health")]
    desk.clock.now += TEN_MINUTES / 2
    assert kim.get("/health").status_code == 403
    assert refused(desk.engine) == [("kim", Right.HEALTH.value, "health")] * 2


def test_another_person_and_another_right_are_other_lines(desk: Desk) -> None:
    kim, lee = desk.signed_in(Role.FRONT_DESK, "kim"), desk.signed_in(Role.MANAGER, "lee")
    for guest, address in ((kim, "/people"), (lee, "/people"), (kim, "/audit"), (lee, "/audit"), (kim, "/people")):
        assert guest.get(address).status_code == 403
    people, reading = Right.PEOPLE.value, Right.AUDIT.value
    assert refused(desk.engine) == [
        ("kim", people, "people"),
        ("lee", people, "people"),
        ("kim", reading, "audit"),
        ("lee", reading, "audit"),
    ]


def test_the_line_names_no_call_and_nothing_that_was_typed(desk: Desk) -> None:
    """An operator asks for a caller's number: the address names the call, the form whatever somebody put into it."""
    desk.app.config["WTF_CSRF_ENABLED"] = False
    lou = desk.signed_in(Role.OPERATOR, "lou")
    form = {"number": "+14805550147"}
    answer = lou.client.post(f"/calls/{SID}/number?note=4805550147", data=form, base_url=HTTPS)
    assert answer.status_code == 403
    assert refused(desk.engine) == [("lou", Right.REVEAL.value, "reveal_number")]
    assert not any(part in repr(deeds(desk.engine)) for part in (SID, "5550147"))


def test_administrators_read_it_on_the_page_audit(desk: Desk) -> None:
    assert desk.signed_in(Role.FRONT_DESK, "kim").get("/people").status_code == 403
    page = desk.signed_in(Role.ADMIN, "ada").get("/audit").text
    assert "<td>kim</td><td>not allowed</td>" in page
    assert Right.PEOPLE.value in page
    assert "page: people" in page


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER])
def test_what_a_role_allows_leaves_no_such_line(desk: Desk, role: Role) -> None:
    guest = desk.signed_in(role)
    for address in ("/", "/calls", "/health", "/reports"):
        assert guest.get(address).status_code == 200
    assert guest.get("/calls/" + SID).status_code == 404  # allowed, and not there
    assert refused(desk.engine) == []


def test_several_at_once_are_one_line_on_each_kind_of_database(database: Engine) -> None:
    now = Clock("2026-11-24 10:00")()
    kim = person(database)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: note_refusal(database, kim, Right.AUDIT, "audit", now), range(24)))
    note_refusal(database, kim, Right.AUDIT, "audit", now + TEN_MINUTES - timedelta(seconds=1))
    assert refused(database) == [("kim", Right.AUDIT.value, "audit")]
    note_refusal(database, kim, Right.AUDIT, "audit", now + TEN_MINUTES)
    assert refused(database) == [("kim", Right.AUDIT.value, "audit")] * 2


def person(engine: Engine) -> Person:
    now = Clock("2026-11-24 10:00")()
    found = accept(engine, invite(engine, "kim", Role.FRONT_DESK, actor="test", now=now), "kim", PASSWORD, now)
    assert found is not None
    return found
