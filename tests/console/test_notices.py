"""The page Notices: what was sent and what was not, for those who look after it; sending again; the alarm on Today."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.accounts.roles import Role
from ivr.call_flow.notice_rules import NoticeRules, Rule, Told, Way
from ivr.call_log.audit import deeds
from ivr.notices.addressing import address
from ivr.notices.outbox import claim, settle
from ivr.notices.parcel import Refused
from ivr.notices.patient_sending import TextSender
from tests.conftest import ZONE
from tests.notices.conftest import EVERYTHING, note, states
from tests.notices.patients import ASKED, CALLER, SEAL, Phones, a_call, sid, written_down
from tests.notices.patients import routing as texting

from .conftest import Desk
from .furnished import SETTINGS

PEOPLE = {"maria": Told("Maria Lopez", "maria@example.com")}


@pytest.fixture
def troubled(open_desk: Callable[..., Desk], config: Path) -> Desk:
    """A console of a clinic whose mail is off, after one letter was given up."""
    with (config / "clinic.yaml").open("a") as file:
        file.write(SETTINGS)
    desk = open_desk()
    now = desk.clock()
    note(desk.engine, at=now)
    address(desk.engine, NoticeRules(PEOPLE, (Rule(("maria",), EVERYTHING),)), ZONE, now)
    (letter,) = claim(desk.engine, "one", [Way.MAIL], now)
    settle(desk.engine, letter, "one", Refused("the mail server answered 550"), now)
    return desk


def test_a_clinic_that_tells_nobody_is_told_how(desk: Desk) -> None:
    assert "Nobody was told of anything." in desk.signed_in(Role.MANAGER).get("/notices").text


def test_a_clinic_whose_rules_told_nobody_yet_is_not_told_to_write_rules(
    open_desk: Callable[..., Desk], config: Path
) -> None:
    with (config / "clinic.yaml").open("a") as file:
        file.write(SETTINGS)
    page = open_desk().signed_in(Role.MANAGER).get("/notices").text
    assert "Nobody was told of anything yet." in page
    assert "to change that" not in page


def test_a_letter_that_was_given_up_shows_with_its_reason_and_is_sent_again(troubled: Desk) -> None:
    guest = troubled.signed_in(Role.OPERATOR, "olga")
    for address_ in ("/notices", "/notices?dead=1"):
        page = guest.get(address_).text
        assert "Maria Lopez" in page
        assert "the mail server answered 550" in page
    assert guest.post("/notices/1/again", on="/notices").status_code == 303
    assert "Letter 1 is sent again." in guest.get("/notices").text
    assert states(troubled.engine) == {"waiting": 1}
    assert (deeds(troubled.engine)[0].actor, deeds(troubled.engine)[0].action) == ("olga", "notice sent again")
    guest.post("/notices/99/again", on="/notices")
    assert "not there any more" in guest.get("/notices").text


def test_today_shows_that_somebody_was_not_told_and_that_a_way_is_off(troubled: Desk) -> None:
    page = troubled.signed_in(Role.FRONT_DESK).get("/").text
    assert "1 notice could not be sent: somebody was not told." in page
    assert "Notices by mail are off, but clinic.yaml uses them" in page


def test_the_front_desk_does_not_see_the_page(troubled: Desk) -> None:
    assert troubled.signed_in(Role.FRONT_DESK).get("/notices").status_code == 403


def test_the_page_counts_texts_to_callers_and_names_no_number(desk: Desk) -> None:
    now = desk.clock()
    written_down(desk.engine, a_call(1, *ASKED, at=now), a_call(2, *ASKED, at=now), now=now)
    TextSender(desk.engine, Phones(), SEAL, "one", desk.clock).run(texting())
    page = desk.signed_in(Role.MANAGER).get("/notices").text
    assert "Texts to callers, in the last 30 days" in page
    assert "1: this number had one that day" in page
    assert CALLER[-4:] not in page
    story = desk.signed_in(Role.FRONT_DESK, "vera").get(f"/calls/{sid(1)}").text
    assert "asked for the guide by text" in story
    assert "was sent the guide by text" in story
