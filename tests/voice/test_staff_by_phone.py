"""Staff close and reopen a location by phone, through the signed door: keys, a PIN, a choice, and a word on it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.call_log.audit import deeds
from ivr.call_log.intake import Intake
from ivr.cli.telephone import Key, Moment, Ringing, Telephone
from ivr.publishing.by_phone import bring_with_phone, take_over
from ivr.publishing.overrides import newest, standing
from ivr.publishing.pins import bring_staff, put
from ivr.routing.override_file import read_overrides
from ivr.routing.phone_overrides import NAME as BY_PHONE
from ivr.routing.phone_overrides import read_all_overrides
from ivr.routing.pins import hashed
from ivr.routing.staff_file import Staff, write_staff
from ivr.services import Services
from tests.call_log.conftest import new_database, sqlite_template
from tests.conftest import ZONE, Clinic

__all__ = ["new_database", "sqlite_template"]

PIN, WRONG = "483920", "550172"
KEYS = "*#*#"
GILBERT = "+14805550121"


@pytest.fixture
def config(config: Path) -> Path:
    """The sample clinic, whose staff may make changes by phone."""
    with (config / "clinic.yaml").open("a") as file:
        file.write(f'\nstaff:\n  keys: "{KEYS}"\n')
    return config


@pytest.fixture
def services(clinic: Clinic) -> Services:
    """Those of a clinic whose host knows one PIN."""
    services: Services = clinic.app.extensions["ivr"]
    write_staff(clinic.settings.data / "routing", Staff({"maria": hashed(PIN, services.seal.indexes)}))
    return services


@pytest.fixture
def staff(clinic: Clinic, services: Services) -> Callable[..., Telephone]:
    """A call of staff: each text is pressed at once, one after another."""

    def called(*pressed: str) -> Telephone:
        telephone = clinic.telephone()
        telephone.dial()
        for keys in (*KEYS, *pressed):
            telephone.press(keys)
        return telephone

    return called


Staffed = Callable[..., Telephone]


def rings(clinic: Clinic, keys: str) -> str:
    """The number that rings when another caller presses these keys, "" if none."""
    telephone = clinic.telephone()
    telephone.dial()
    for key in keys:
        telephone.press(key)
    wait = telephone.moment.wait
    return wait.phones[0].number if isinstance(wait, Ringing) else ""


def data_of(clinic: Clinic, telephone: Telephone, kind: str) -> list[dict[str, object]]:
    return [dict(entry.data) for entry in clinic.entries(telephone.sid) if entry.kind == kind]


def at_the_menu(moment: Moment) -> bool:
    return "For our Scottsdale location" in moment.words


def test_a_right_pin_closes_a_location_for_the_next_caller(clinic: Clinic, staff: Staffed) -> None:
    assert rings(clinic, "2") == GILBERT
    telephone = staff(PIN)
    assert "Gilbert is open until today at 5 PM." in telephone.moment.words
    assert "To close Gilbert, press 2." in telephone.moment.words
    assert "Gilbert will be closed until tomorrow at 9 AM." in telephone.press("2").words
    assert rings(clinic, "2") == GILBERT, "nothing is done before the last word"
    assert "Done. Gilbert is closed until tomorrow at 9 AM." in telephone.press("1").words
    assert rings(clinic, "2") == ""
    assert data_of(clinic, telephone, "PinAccepted") == [{"pin": "maria"}]
    (asked,) = data_of(clinic, telephone, "OverrideAsked")
    assert (asked["kind"], asked["location"]) == ("close", "gilbert")
    assert asked["ends"] == "2026-11-25T09:00:00-07:00"


def test_what_an_override_closed_is_opened_again_until_its_hours_end(clinic: Clinic, staff: Staffed) -> None:
    telephone = staff(PIN, "2", "1")
    telephone.press("2")
    assert "To reopen Gilbert, press 2." in telephone.moment.words
    assert "Gilbert will be open until today at 5 PM." in telephone.press("2").words
    assert "Done. Gilbert is open until today at 5 PM." in telephone.press("1").words
    assert rings(clinic, "2") == GILBERT


def test_what_its_hours_close_is_not_opened_by_phone(clinic: Clinic, staff: Staffed) -> None:
    clinic.clock.set("2026-11-24 20:00")
    telephone = staff(PIN)
    assert "Gilbert is closed until tomorrow at 9 AM." in telephone.moment.words
    assert "To reopen" not in telephone.moment.words
    telephone.press("2")
    assert data_of(clinic, telephone, "WrongKey")
    assert data_of(clinic, telephone, "OverrideAsked") == []


def test_whoever_goes_back_changes_nothing(clinic: Clinic, staff: Staffed) -> None:
    telephone = staff(PIN, "2", "2")
    assert "Gilbert is open until" in telephone.moment.words
    assert rings(clinic, "2") == GILBERT


def test_a_change_lasts_no_longer_than_it_was_said(clinic: Clinic, staff: Staffed) -> None:
    staff(PIN, "2", "1")
    clinic.clock.set("2026-11-25 08:59")
    assert rings(clinic, "2") == ""
    clinic.clock.set("2026-11-25 09:00")
    assert rings(clinic, "2") == GILBERT


def test_it_is_spoken_in_the_callers_language(clinic: Clinic, services: Services) -> None:
    telephone = clinic.telephone()
    telephone.dial()
    for keys in ("9", *KEYS, PIN):
        telephone.press(keys)
    assert "Gilbert está abierto hasta hoy a las 5 de la tarde." in telephone.moment.words
    assert "Para cerrar Gilbert, oprima el 2." in telephone.moment.words
    telephone.press("2")
    assert "Listo. Gilbert está cerrado hasta mañana a las 9 de la mañana." in telephone.press("1").words


def test_silence_leads_back_to_the_menu(clinic: Clinic, staff: Staffed) -> None:
    assert at_the_menu(staff().stay_silent())
    telephone = staff(PIN)
    assert not at_the_menu(telephone.stay_silent())
    assert at_the_menu(telephone.stay_silent())


def test_0_is_a_person_everywhere(staff: Staffed) -> None:
    for pressed in ((), (PIN,), (PIN, "2"), (PIN, "2", "1")):
        assert isinstance(staff(*pressed).press("0").wait, Ringing)


def test_other_keys_ask_nobody_for_a_pin(clinic: Clinic, services: Services) -> None:
    for pressed in ("*#*", "*#9*#", "*#*9#", "**##", "*#**"):
        telephone = clinic.telephone()
        telephone.dial()
        for key in pressed:
            telephone.press(key)
        assert isinstance(telephone.moment.wait, Key)
    assert "PIN" not in "".join(clinic.documents)


def test_the_keys_are_heard_after_others_too(clinic: Clinic, services: Services) -> None:
    for pressed in ("#*#*#", "**#*#", "*#*#", "7*#*#"):
        telephone = clinic.telephone()
        telephone.dial()
        for key in pressed:
            telephone.press(key)
        assert "Please type your PIN." in telephone.moment.words
        assert 'numDigits="10" finishOnKey="#"' in telephone.moment.document


def test_a_second_visit_of_the_same_places_is_worked_out_anew(clinic: Clinic, staff: Staffed) -> None:
    """Answers of menus are kept ready; none of this place may be."""
    assert "Gilbert is open" in staff(PIN).moment.words
    assert "not right" in staff(WRONG).moment.words
    assert at_the_menu(staff().stay_silent())
    assert "Gilbert is open" in staff(PIN).moment.words


def test_three_wrong_pins_are_all_a_call_has(clinic: Clinic, staff: Staffed) -> None:
    telephone = staff(WRONG, WRONG)
    assert "That PIN is not right." in telephone.moment.words
    assert at_the_menu(telephone.press(WRONG))
    for key in KEYS:
        telephone.press(key)
    assert "No PIN can be used at the moment." in telephone.press(PIN).words
    assert at_the_menu(telephone.moment)
    assert data_of(clinic, telephone, "PinAccepted") == []
    assert "Gilbert is open" in staff(PIN).moment.words, "another call has its own tries"


def test_a_wrong_pin_that_the_carrier_tells_twice_counts_once(clinic: Clinic, staff: Staffed) -> None:
    telephone = staff()
    asked = telephone.moment
    for _ in range(4):
        telephone.moment = asked
        assert "That PIN is not right." in telephone.press(WRONG).words


def test_ten_wrong_pins_from_anywhere_lock_it_for_a_quarter_of_an_hour(clinic: Clinic, staff: Staffed) -> None:
    for _ in range(3):
        staff(WRONG, WRONG, WRONG)
    assert "Gilbert is open" in staff(PIN).moment.words
    staff(WRONG)
    assert "No PIN can be used" in staff(PIN).moment.words
    clinic.clock.now += timedelta(minutes=14)
    assert "No PIN can be used" in staff(PIN).moment.words
    clinic.clock.now += timedelta(minutes=1)
    assert "Gilbert is open" in staff(PIN).moment.words


def test_a_key_that_the_carrier_tells_twice_makes_one_change(clinic: Clinic, staff: Staffed) -> None:
    telephone = staff(PIN, "2")
    asked = telephone.moment
    telephone.press("1")
    telephone.moment = asked
    assert "Done. Gilbert is closed until tomorrow at 9 AM." in telephone.press("1").words
    assert len(read_all_overrides(clinic.settings.data / "routing")) == 1


def test_nobody_hears_that_it_is_done_when_it_could_not_be_written_down(
    clinic: Clinic, services: Services, staff: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    telephone = staff(PIN, "2")
    monkeypatch.setattr(services.journal, "append_lines", lambda _lines, _count: False)
    assert "Done" not in telephone.press("1").words
    assert rings(clinic, "2") == GILBERT


def test_a_damaged_file_opens_nothing(clinic: Clinic, staff: Staffed) -> None:
    for text in ("{", "[]", '{"pins": {"maria": 1}, "refusals": {}}', '{"pins": {}}', "[" * 5000):
        (clinic.settings.data / "routing" / "staff.json").write_text(text)
        assert "No PIN can be used" in staff(PIN).moment.words


def test_no_digit_of_a_pin_is_kept_anywhere(
    clinic: Clinic, services: Services, staff: Staffed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telephone = staff(WRONG, PIN, "2", "1")
    clinic.telephone()
    kept = [path.read_bytes() for path in clinic.settings.data.rglob("*") if path.is_file()]
    assert any(b"OverrideAsked" in content for content in kept)
    everywhere = b"".join(kept) + "".join((*clinic.documents, caplog.text, telephone.moment.document)).encode()
    assert PIN.encode() not in everywhere
    assert WRONG.encode() not in everywhere


# The way through the database. ---------------------------------------------------------------------------------------


@pytest.fixture
def log(new_database: Callable[[str], Engine]) -> Engine:
    return new_database("sqlite")


def drain(clinic: Clinic, log: Engine) -> None:
    """What the worker does with the journal, at least once each."""
    entries = clinic.entries()
    Intake(log, "one", lambda: ZONE, clinic.clock).deliver(entries)
    take_over(log, entries, clinic.clock())


def test_a_change_reaches_the_database_once_and_with_its_account(clinic: Clinic, staff: Staffed, log: Engine) -> None:
    folder = clinic.settings.data / "routing"
    staff(PIN, "2", "1")
    drain(clinic, log)
    drain(clinic, log)
    (made,) = newest(log)
    assert (made.made_by, made.override.location, made.override.reason) == ("phone:maria", "gilbert", "by phone")
    assert [deed.actor for deed in deeds(log)] == ["phone:maria"]
    bring_with_phone(log, folder, clinic.clock())
    assert read_overrides(folder) == (made.override,)
    assert json.loads((folder / BY_PHONE).read_text()) == []
    clinic.app.extensions["ivr"].live.refresh()
    assert rings(clinic, "2") == ""


def test_until_the_database_has_it_this_host_keeps_it(clinic: Clinic, staff: Staffed, log: Engine) -> None:
    staff(PIN, "2", "1")
    bring_with_phone(log, clinic.settings.data / "routing", clinic.clock())
    clinic.app.extensions["ivr"].live.refresh()
    assert rings(clinic, "2") == ""
    clinic.clock.set("2026-11-25 09:00")
    bring_with_phone(log, clinic.settings.data / "routing", clinic.clock())
    assert read_all_overrides(clinic.settings.data / "routing") == ()
    assert standing(log, clinic.clock()) == []


def test_refusals_of_all_hosts_count_on_each(clinic: Clinic, services: Services, staff: Staffed, log: Engine) -> None:
    folder = clinic.settings.data / "routing"
    put(log, "maria", hashed(PIN, services.seal.indexes), actor="cli:test", now=clinic.clock())
    for _ in range(3):
        staff(WRONG, WRONG, WRONG)
    staff(WRONG)
    drain(clinic, log)
    (folder / "pin-refusals.json").unlink()  # as on a host that has refused nobody itself
    assert "Gilbert is open" in staff(PIN).moment.words
    bring_staff(log, folder, clinic.clock())
    assert "No PIN can be used" in staff(PIN).moment.words
    clinic.clock.now += timedelta(minutes=15)
    bring_staff(log, folder, clinic.clock())
    assert "Gilbert is open" in staff(PIN).moment.words
