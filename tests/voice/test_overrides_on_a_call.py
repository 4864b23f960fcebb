"""Overrides as callers meet them, through the signed door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from ivr.call_flow.model import Override, OverrideKind, Routing
from ivr.cli.telephone import Ringing, Telephone
from ivr.routing.live import Live
from ivr.routing.override_file import NAME, write_overrides
from ivr.services import Services
from ivr.voice.door import FORM, Request, VoiceDoor
from tests.conftest import CALLER, LINE, PUBLIC_URL, TOKEN, ZONE, Clinic

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
GILBERT, SCOTTSDALE = "+14805550121", "+14805550111"
WORDS = {"en-US": "The street is flooded.", "es-US": "La calle está inundada."}

Put = Callable[..., None]


@pytest.fixture
def put(clinic: Clinic) -> Put:
    """Brings overrides to the host, as its worker does, and has the web process look."""

    def brought(*overrides: Override) -> None:
        services = clinic.app.extensions["ivr"]
        write_overrides(clinic.settings.data / "routing", overrides)
        services.live.refresh()

    return brought


def override(kind: OverrideKind, where: str, hours: float = 2, to: str = "", number: int = 1) -> Override:
    say = WORDS if kind is not OverrideKind.OPEN else {}
    return Override(number, kind, where, TEN, TEN + timedelta(hours=hours), "flood", say, to)


def call(clinic: Clinic, keys: str) -> Telephone:
    telephone = clinic.telephone()
    telephone.dial()
    for key in keys:
        telephone.press(key)
    return telephone


def rings(telephone: Telephone) -> str:
    wait = telephone.moment.wait
    return wait.phones[0].number if isinstance(wait, Ringing) else ""


def test_a_location_closed_early_says_why_and_takes_a_message(clinic: Clinic, put: Put) -> None:
    assert rings(call(clinic, "2")) == GILBERT
    put(override(OverrideKind.CLOSE, "gilbert"))
    telephone = call(clinic, "2")
    assert rings(telephone) == ""
    assert "The street is flooded. We open again today at noon." in telephone.moment.words.replace("  ", " ")
    assert "message" in telephone.moment.words


def test_it_is_over_at_its_end_whether_anybody_takes_it_away_or_not(clinic: Clinic, put: Put) -> None:
    put(override(OverrideKind.CLOSE, "gilbert"))
    clinic.clock.set("2026-11-24 11:59")
    assert rings(call(clinic, "2")) == ""
    clinic.clock.set("2026-11-24 12:00")
    assert rings(call(clinic, "2")) == GILBERT


def test_a_closed_location_may_be_opened(clinic: Clinic, put: Put) -> None:
    clinic.clock.set("2026-11-24 20:00")
    assert rings(call(clinic, "2")) == ""
    put(override(OverrideKind.OPEN, "gilbert", hours=12))
    assert rings(call(clinic, "2")) == GILBERT


def test_calls_are_sent_across_and_their_overflow_follows(clinic: Clinic, put: Put) -> None:
    put(override(OverrideKind.SEND, "scottsdale", to="gilbert"))
    telephone = call(clinic, "1")
    assert telephone.moment.words.startswith("The street is flooded.")
    assert rings(telephone) == GILBERT
    assert "SentAcross" in clinic.kinds(telephone.sid)
    telephone.nobody_answers()
    assert rings(telephone) == "", "Scottsdale sends its calls away, so it is not rung instead"


def test_a_person_is_wherever_the_calls_are_sent(clinic: Clinic, put: Put) -> None:
    put(override(OverrideKind.SEND, "scottsdale", to="gilbert"))
    assert rings(call(clinic, "0")) == GILBERT


def test_two_that_send_to_each_other_do_not_go_round(clinic: Clinic, put: Put) -> None:
    there = override(OverrideKind.SEND, "scottsdale", to="gilbert")
    back = override(OverrideKind.SEND, "gilbert", to="scottsdale", number=2)
    put(there, back)
    assert rings(call(clinic, "1")) == GILBERT
    assert rings(call(clinic, "2")) == SCOTTSDALE


def test_an_emergency_closes_all_whatever_else_is_set(clinic: Clinic, put: Put) -> None:
    put(
        override(OverrideKind.EMERGENCY, ""),
        override(OverrideKind.OPEN, "gilbert", number=2),
        override(OverrideKind.SEND, "scottsdale", to="gilbert", number=3),
    )
    for keys in "120":
        telephone = call(clinic, keys)
        assert rings(telephone) == ""
        assert "The street is flooded." in telephone.moment.words


def test_a_message_for_all_comes_after_911_and_before_the_menu_in_each_language(clinic: Clinic, put: Put) -> None:
    call(clinic, "9")  # whatever is remembered of this answer must not hide the message
    put(override(OverrideKind.SAY, ""))
    telephone = clinic.telephone()
    words = telephone.dial().words
    assert words.index("988") < words.index("The street is flooded.") < words.index("press 1")
    assert "La calle está inundada." in telephone.press("9").words
    clinic.clock.set("2026-11-24 12:00")
    assert "La calle" not in call(clinic, "9").moment.words
    assert "flooded" not in clinic.telephone().dial().words


def test_a_message_of_one_location_is_heard_there_only(clinic: Clinic, put: Put) -> None:
    put(override(OverrideKind.SAY, "gilbert"))
    assert "flooded" not in clinic.telephone().dial().words
    assert "flooded" not in call(clinic, "1").moment.words
    assert call(clinic, "2").moment.words.startswith("The street is flooded.")
    assert call(clinic, "92").moment.words.startswith("La calle está inundada.")


def test_a_call_under_way_meets_the_override_of_the_moment(clinic: Clinic, put: Put) -> None:
    telephone = call(clinic, "")
    put(override(OverrideKind.CLOSE, "gilbert"))
    telephone.press("2")
    assert rings(telephone) == ""


WITHOUT_A_ZONE = (
    '[{"id":1,"kind":"close","location":"gilbert","begins":"2026-11-24T10:00","ends":"2026-11-24T12:00",'
    '"reason":"","say":{},"to":""}]'
)


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"id": 1}]', '"x"', "[" * 5000, WITHOUT_A_ZONE])
def test_a_damaged_file_leaves_the_last_good_overrides(clinic: Clinic, put: Put, text: str) -> None:
    put(override(OverrideKind.CLOSE, "gilbert"))
    (clinic.settings.data / "routing" / NAME).write_text(text)
    live = clinic.app.extensions["ivr"].live
    live.refresh()
    assert rings(call(clinic, "2")) == ""
    assert "overrides on disk are not in use" in live.trouble
    put(override(OverrideKind.CLOSE, "gilbert", number=2))
    assert live.trouble is None


def test_when_the_file_is_gone_so_are_the_overrides(clinic: Clinic, put: Put) -> None:
    put(override(OverrideKind.CLOSE, "gilbert"))
    (clinic.settings.data / "routing" / NAME).unlink()
    clinic.app.extensions["ivr"].live.refresh()
    assert rings(call(clinic, "2")) == GILBERT


def test_it_survives_a_restart(clinic: Clinic, put: Put, open_clinic: Callable[..., Clinic]) -> None:
    put(override(OverrideKind.CLOSE, "gilbert"))
    again = open_clinic()
    assert rings(call(again, "2")) == ""


class Interrupted:
    """The live routing; `arrive` is called once, right after somebody looked at it for the `looks`-th time."""

    def __init__(self, live: Live, arrive: Callable[[], None]) -> None:
        self._live = live
        self._arrive = arrive
        self.looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._live, name)

    @property
    def overrides(self) -> tuple[Override, ...]:
        found = self._live.overrides
        self._looked()
        return found

    def routing(self) -> Routing:
        found = self._live.routing()
        self._looked()
        return found

    def _looked(self) -> None:
        self.looks -= 1
        if self.looks == 0:
            self._arrive()


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_a_message_that_comes_while_a_call_is_answered_is_heard_by_the_next(
    clinic: Clinic, put: Put, looks: int
) -> None:
    services: Services = clinic.app.extensions["ivr"]
    live = Interrupted(services.live, lambda: put(override(OverrideKind.SAY, "")))
    door = VoiceDoor(replace(services, live=cast("Live", live)))
    form = {"CallSid": "CA" + "1" * 32, "AccountSid": clinic.settings.account_sid, "From": CALLER, "To": LINE}
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + "/voice/incoming", form)
    request = Request("/voice/incoming", FORM, urlencode(form).encode(), signature)

    live.looks = looks
    door.answer(request)

    assert live.looks <= 0, "the message came"
    assert "The street is flooded." in door.answer(request).body
