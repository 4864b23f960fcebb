"""Urgent calls through the signed door: a second key, who is on call, the others, and the urgent mailbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.call_flow.noted import Noted, restore
from ivr.call_flow.summary import summarise
from ivr.cli.telephone import Ended, Key, Message, Ringing, Telephone
from tests.conftest import Clinic
from tests.on_call import ANA, KIM, LEE, with_on_call

EMERGENCY = "If this is an emergency, hang up and dial 911. For crisis support, call or text 988."
NIGHT = "2026-11-24 22:00"


@pytest.fixture
def config(config: Path) -> Path:
    for name, text in with_on_call().items():
        (config / name).write_bytes(text)
    return config


def rung(telephone: Telephone) -> list[str]:
    wait = telephone.moment.wait
    assert isinstance(wait, Ringing)
    return [phone.number for phone in wait.phones]


def pressing(clinic: Clinic, keys: str) -> Telephone:
    telephone = clinic.telephone()
    telephone.dial()
    for key in keys:
        telephone.press(key)
    return telephone


def test_two_keys_ring_who_is_on_call_and_a_key_of_theirs_joins_them(open_clinic: Callable[..., Clinic]) -> None:
    clinic = open_clinic(NIGHT)
    telephone = pressing(clinic, "3")
    assert isinstance(telephone.moment.wait, Key)
    assert telephone.moment.words.startswith(EMERGENCY)
    telephone.press("5")
    assert rung(telephone) == [LEE]
    assert isinstance(telephone.clinic_answers().wait, Ended)
    kinds = clinic.kinds(telephone.sid)
    assert [kind for kind in kinds if kind in ("UrgentConfirmed", "WhisperHeard", "CallAccepted")] == [
        "UrgentConfirmed",
        "WhisperHeard",
        "CallAccepted",
    ]
    assert any("This is an urgent call for the clinic." in document for document in clinic.documents)


def test_a_voicemail_swallows_nobody_and_the_next_ones_ring_until_the_urgent_mailbox(
    open_clinic: Callable[..., Clinic],
) -> None:
    clinic = open_clinic(NIGHT)
    telephone = pressing(clinic, "35")
    telephone.voicemail_answers()
    assert rung(telephone) == [KIM]
    telephone.nobody_answers()
    assert rung(telephone) == [ANA]
    words = telephone.nobody_answers("busy").words
    assert EMERGENCY in words
    assert "it is marked as urgent" in words
    assert isinstance(telephone.press("1").wait, Message)
    assert isinstance(telephone.leave_message().wait, Ended)
    assert "MessageTaken" in clinic.kinds(telephone.sid)


def test_an_urgent_call_is_of_the_location_that_the_caller_was_told_is_closed(
    open_clinic: Callable[..., Clinic],
) -> None:
    clinic = open_clinic(NIGHT)
    telephone = pressing(clinic, "35")
    for _ in range(3):
        telephone.nobody_answers()
    entries = clinic.entries(telephone.sid)
    found = summarise(
        Noted(each.hop, each.nth, each.at, restore(each.kind, each.data), each.version) for each in entries
    )
    assert (found.urgent, found.location) == (True, "scottsdale")


def test_in_spanish_it_is_spanish(open_clinic: Callable[..., Clinic]) -> None:
    telephone = pressing(open_clinic(NIGHT), "93")
    assert "Si esto no puede esperar hasta que abramos, oprima el 5." in telephone.moment.words


@pytest.mark.parametrize(("at", "offered"), [(NIGHT, True), ("2026-11-24 10:00", False)])
def test_it_is_offered_while_the_clinic_is_closed_and_not_while_it_is_open(
    open_clinic: Callable[..., Clinic], at: str, offered: bool
) -> None:
    assert ("cannot wait" in open_clinic(at).telephone().dial().words) is offered


def test_a_single_key_rings_nobody(open_clinic: Callable[..., Clinic]) -> None:
    for keys in ("1", "2", "3", "31", "33"):
        assert not isinstance(pressing(open_clinic(NIGHT), keys).moment.wait, Ringing), keys
