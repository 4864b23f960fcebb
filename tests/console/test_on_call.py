"""On call in the console: who it is, swapping, and urgent callers on top of the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.accounts.roles import Role
from ivr.publishing.overrides import bring_overrides, standing
from ivr.services import Services
from tests.on_call import with_on_call

from .conftest import Desk
from .practice import CALLERS, drain, telephone


@pytest.fixture
def config(config: Path) -> Path:
    for name, text in with_on_call().items():
        (config / name).write_bytes(text)
    return config


def test_today_says_who_is_on_call_and_swaps_it(desk: Desk) -> None:
    guest, on = desk.signed_in(), "/today/change/swap/nights"
    page = guest.get("/").text
    assert "Dr. Lee is on call until Monday, November 30 at 8:00." in page
    assert on in page
    form = guest.get(on).text
    assert "Who is on call instead?" in form
    assert 'value="2026-11-30T08:00"' in form
    made = guest.post(on, {"make": "yes", "to": "Nurse Ana", "until": "2026-11-25T08:00", "reason": "ill"}, on=on)
    assert made.status_code == 303
    (one,) = standing(desk.engine, desk.clock())
    assert (one.override.kind, one.override.location, one.override.to) == ("swap", "nights", "Nurse Ana")
    assert "Nurse Ana is on call in the rota nights" in guest.get("/").text


def test_what_cannot_be_swapped_is_refused_in_words_of_the_page(desk: Desk) -> None:
    on = "/today/change/swap/nights"
    page = desk.signed_in().post(on, {"make": "yes", "to": "Nurse Ana", "until": "2020-01-01T08:00"}, on=on).text
    assert "It would be over before it begins: say an end that lies ahead." in page
    assert "--until" not in page


def test_the_routing_shows_who_is_on_call_in_the_next_two_weeks_swaps_included(desk: Desk) -> None:
    guest, on = desk.signed_in(), "/today/change/swap/nights"
    guest.post(on, {"make": "yes", "to": "Nurse Ana", "until": "2026-11-25T08:00", "reason": "ill"}, on=on)
    bring_overrides(desk.engine, desk.settings.data / "routing", desk.clock())
    services: Services = desk.app.extensions["ivr"]
    services.live.refresh()
    card = guest.get("/routing").text.split('id="rota-nights"')[1].split("</section>")[0]
    cells = re.findall("<td[^>]*>([^<]*)</td>", card)
    assert cells == [
        *("Nurse Ana", "now", "Wed 25 Nov, 08:00"),
        *("Dr. Lee", "Wed 25 Nov, 08:00", "Mon 30 Nov, 08:00"),
        *("Dr. Kim", "Mon 30 Nov, 08:00", "Mon 7 Dec, 08:00"),
        *("Dr. Lee", "Mon 7 Dec, 08:00", "later"),
    ]


def test_there_is_no_page_for_a_rota_that_is_not_there(desk: Desk) -> None:
    assert desk.signed_in().get("/today/change/swap/gilbert").status_code == 404
    assert desk.signed_in(name="ben").get("/today/change/close/nights").status_code == 404


def test_an_urgent_caller_is_marked_on_top(desk: Desk) -> None:
    desk.clock.set("2026-11-23 21:00")
    plain, urgent = telephone(desk, CALLERS[2]), telephone(desk, CALLERS[0])
    for phone, keys in ((plain, "11"), (urgent, "35")):
        phone.dial()
        for key in keys:
            phone.press(key)
    plain.leave_message()
    for _ in range(3):
        urgent.nobody_answers()
    urgent.press("1")
    urgent.leave_message()
    drain(desk)
    desk.clock.set("2026-11-24 10:00")
    page = desk.signed_in(Role.FRONT_DESK).get("/call-back").text
    assert page.count('<span class="pill alarm">Urgent</span>') == 1
    assert page.index(urgent.sid) < page.index(plain.sid)
