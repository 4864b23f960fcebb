"""Pressing "call" on the list: whose phone rings, who may, why not, and how the call stands on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.accounts.desk import phone_of
from ivr.accounts.roles import Role
from ivr.call_log.audit import deeds
from ivr.call_log.calling_back import BLOCKS_FOR, UNDER_WAY, calls_back
from ivr.call_log.intake import Intake
from ivr.journal.called_out import CalledOut, What, to_entry
from tests.conftest import ZONE

from .conftest import Desk, Guest
from .practice import CALLERS, gave_up
from .test_call_back import POLL, call

PHONE = "Gilbert front desk"
LEG = "CA" + "e" * 32


@pytest.fixture
def live_desk(open_desk: Callable[..., Desk], config: Path) -> Desk:
    """A console of a live service; its numbers are like a clinic's own."""
    clinic = config / "clinic.yaml"
    clinic.write_text(clinic.read_text().replace("+1480555", "+1480994"))
    return open_desk(practice=False)


@pytest.fixture
def waiting(live_desk: Desk) -> str:
    """A caller who gave up an hour ago."""
    return call(live_desk, CALLERS[2], gave_up)


def maria_with_a_phone(desk: Desk) -> Guest:
    maria = desk.signed_in(Role.FRONT_DESK, "maria")
    assert maria.post("/account/phone", {"phone": PHONE}, on="/account").status_code == 303
    return maria


def told(desk: Desk, sid: str, what: What, outcome: str = "", seconds: int = 0) -> None:
    number = calls_back(desk.engine, sid)[0].id
    fact = CalledOut(number, LEG, what, desk.clock(), outcome, seconds)
    Intake(desk.engine, "tests", lambda: ZONE, desk.clock).deliver([to_entry(fact)])


def test_a_press_asks_for_the_call_and_the_page_follows_it_to_its_end(live_desk: Desk, waiting: str) -> None:
    maria, on = maria_with_a_phone(live_desk), f"/call-back/{waiting}"
    assert f"{on}/call" not in maria.get("/call-back").text
    maria.post(f"{on}/claim", on=on)
    assert f"{on}/call" in maria.get("/call-back").text
    assert f"{PHONE} rings first" in maria.get(on).text
    answer = maria.post(f"{on}/call", {"number": "+19005550147", "phone": "Scottsdale front desk"}, on=on)
    assert answer.headers["Location"].endswith(on)
    page = maria.get(on).text
    assert "your phone is about to ring" in page
    assert f'hx-get="{on}/calls"' in page
    assert [each.phone for each in calls_back(live_desk.engine, waiting)] == [PHONE]
    told(live_desk, waiting, What.DIALLED, "answered", 180)
    fragment = maria.get(f"{on}/calls", **POLL).text
    assert "talked 3 min" in fragment
    assert "hx-get" not in fragment
    assert "<html" not in fragment
    for place in ("/call-back", f"/calls/{waiting}"):
        assert "talked 3 min" in maria.get(place).text
    assert waiting in maria.get("/call-back").text  # a person decides whether it is done
    done = [deed for deed in deeds(live_desk.engine) if deed.action == "call back asked for"]
    assert [(deed.actor, deed.about, deed.detail) for deed in done] == [("maria", waiting, {"phone": PHONE})]


def test_a_second_press_while_one_is_under_way_asks_for_nothing(live_desk: Desk, waiting: str) -> None:
    maria, on = maria_with_a_phone(live_desk), f"/call-back/{waiting}"
    maria.post(f"{on}/claim", on=on)
    for _ in range(2):
        maria.post(f"{on}/call", on=on)
    assert len(calls_back(live_desk.engine, waiting)) == 1
    assert UNDER_WAY in maria.get(on).text


def test_a_call_back_whose_end_was_lost_blocks_the_page_no_longer_than_the_next_press(
    live_desk: Desk, waiting: str
) -> None:
    maria, on = maria_with_a_phone(live_desk), f"/call-back/{waiting}"
    for _ in range(2):
        maria.post(f"{on}/call", on=on)
        told(live_desk, waiting, What.ACCEPTED)
    assert UNDER_WAY in maria.get(on).text
    assert len(calls_back(live_desk.engine, waiting)) == 1
    live_desk.clock.now += BLOCKS_FOR
    assert UNDER_WAY not in maria.get(on).text
    maria.post(f"{on}/call", on=on)
    assert len(calls_back(live_desk.engine, waiting)) == 2


def test_without_a_phone_the_button_is_off_and_says_what_to_do(live_desk: Desk, waiting: str) -> None:
    maria, on = live_desk.signed_in(Role.FRONT_DESK, "maria"), f"/call-back/{waiting}"
    maria.post(f"{on}/claim", on=on)
    page = maria.get(on).text
    assert 'disabled aria-describedby="no-call"' in page
    assert "Choose your phone on your account page first" in page
    maria.post(f"{on}/call", on=on)
    assert calls_back(live_desk.engine, waiting) == ()


def test_in_practice_mode_nobody_is_rung_and_the_page_says_so(desk: Desk) -> None:
    sid = call(desk, CALLERS[2], gave_up)
    maria, on = maria_with_a_phone(desk), f"/call-back/{sid}"
    maria.post(f"{on}/claim", on=on)
    assert "Practice mode rings nobody." in maria.get(on).text
    maria.post(f"{on}/call", on=on)
    assert calls_back(desk.engine, sid) == ()


def test_who_holds_no_entry_and_whose_role_does_not_call_gets_nowhere(live_desk: Desk, waiting: str) -> None:
    maria, on = maria_with_a_phone(live_desk), f"/call-back/{waiting}"
    live_desk.signed_in(Role.FRONT_DESK, "ben").post(f"{on}/claim", on=on)
    assert maria.post(f"{on}/call", on=on).status_code == 409
    machines = live_desk.signed_in(Role.OPERATOR, "otto")
    assert machines.post(f"{on}/call", on="/").status_code == 403
    assert machines.post("/account/phone", {"phone": PHONE}, on="/").status_code == 403
    assert calls_back(live_desk.engine, waiting) == ()


def test_ones_phone_is_one_of_the_clinics_and_nobody_types_a_number(live_desk: Desk) -> None:
    maria = maria_with_a_phone(live_desk)
    assert f"<option selected>{PHONE}</option>" in maria.get("/account").text
    assert maria.post("/account/phone", {"phone": "+14809940147"}, on="/account").status_code == 400
    assert phone_of(live_desk.engine, "maria") == PHONE
    maria.post("/account/phone", {"phone": ""}, on="/account")
    assert phone_of(live_desk.engine, "maria") == ""


def test_an_admin_sets_a_colleagues_phone_and_nobody_else_does(live_desk: Desk) -> None:
    colleague, admin = live_desk.signed_in(Role.FRONT_DESK, "maria"), live_desk.signed_in(Role.ADMIN, "ana")
    there, form = "/people/maria", {"do": "phone", "phone": PHONE}
    assert admin.post(there, form, on="/people").status_code == 303
    assert phone_of(live_desk.engine, "maria") == PHONE
    assert f"<option selected>{PHONE}</option>" in admin.get("/people").text
    (deed,) = [deed for deed in deeds(live_desk.engine) if deed.action == "desk phone set"]
    assert (deed.actor, deed.about, deed.detail) == ("ana", "maria", {"phone": PHONE})
    assert admin.post(there, {"do": "phone", "phone": "+14809940147"}, on="/people").status_code == 400
    assert colleague.post(there, {"do": "phone", "phone": ""}, on="/").status_code == 403
    admin.post("/people/nobody", form, on="/people")
    assert "There is nobody of this name any more." in admin.get("/people").text
    assert phone_of(live_desk.engine, "maria") == PHONE


def test_a_number_abroad_is_not_called_whoever_wants_it_to_be(live_desk: Desk) -> None:
    sid = call(live_desk, "+447911123456", gave_up)
    maria, on = maria_with_a_phone(live_desk), f"/call-back/{sid}"
    maria.post(f"{on}/claim", on=on)
    assert "may not be called: this number is in another country" in maria.get(on).text
