"""The leg to a member of staff, through the signed door: accepted, not accepted, too late, replayed, forged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from ivr.call_flow.turn import Outcome
from ivr.journal.called_out import KIND, CalledOut, What, of_entry
from ivr.journal.sealing import Seal
from ivr.journal.ticket import BadTicket, Ticket, good_until, read_ticket, write_ticket
from ivr.services import Services
from tests.conftest import CALLER, LINE, PUBLIC_URL, TOKEN, Clinic

DESK = "+14805550121"
LEG, OTHER_LEG = "CA" + "e" * 32, "CA" + "d" * 32
PRESSED = {"Digits": "1"}


class Leg:
    """The leg to the desk, as Twilio would ask about it."""

    def __init__(self, clinic: Clinic, location: str = "gilbert", sid: str = LEG) -> None:
        self.clinic = clinic
        self.sid = sid
        services: Services = clinic.app.extensions["ivr"]
        ticket = Ticket(7, CALLER, LINE, location, good_until(clinic.clock(), 180))
        self.seal = services.seal
        self.ticket = write_ticket(services.seal, ticket)

    def ask(self, address: str, form: dict[str, str] | None = None, *, token: str = TOKEN) -> tuple[int, str]:
        fields = {"CallSid": self.sid, "AccountSid": self.clinic.settings.account_sid, "From": LINE, "To": DESK}
        fields |= {"Direction": "outbound-api", "CallStatus": "in-progress", **(form or {})}
        return self.clinic.ask(address, fields, token)

    def pick_up(self) -> str:
        """The address to which the key goes."""
        status, text = self.ask(f"{PUBLIC_URL}/voice/back/desk/{self.ticket}")
        assert status == 200
        gather = ElementTree.fromstring(text).find("Gather")
        return "" if gather is None else gather.attrib["action"]

    def facts(self) -> list[CalledOut]:
        found = [of_entry(entry) for entry in self.clinic.entries() if entry.kind == KIND]
        assert all(fact is not None for fact in found)
        return [fact for fact in found if fact is not None]

    def whats(self) -> list[What]:
        return [fact.what for fact in self.facts()]


@pytest.fixture
def leg(clinic: Clinic) -> Leg:
    return Leg(clinic)


def test_the_desk_hears_whom_it_is_about_and_1_rings_the_caller_with_the_clinics_number(leg: Leg) -> None:
    to_key = leg.pick_up()
    assert "Call back for Gilbert. Press 1 to be connected." in leg.clinic.documents[-1]
    status, text = leg.ask(to_key, PRESSED)
    dial = ElementTree.fromstring(text).find("Dial")
    assert status == 200
    assert dial is not None
    assert (dial.attrib["callerId"], dial.findtext("Number")) == (LINE, CALLER)
    ended = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "185"}
    _, text = leg.ask(dial.attrib["action"], ended)
    assert "<Hangup/>" in text
    assert leg.ask(f"{PUBLIC_URL}/voice/back-over/{leg.ticket}", {"CallStatus": "completed"}) == (204, "")
    assert leg.whats() == [What.ANSWERED, What.ACCEPTED, What.DIALLED, What.ENDED]
    assert {fact.errand for fact in leg.facts()} == {7}
    assert (leg.facts()[2].outcome, leg.facts()[2].seconds) == (Outcome.ANSWERED, 185)


def test_no_address_and_no_line_of_the_journal_holds_a_number(leg: Leg) -> None:
    to_key = leg.pick_up()
    _, text = leg.ask(to_key, PRESSED)
    addresses = [leg.ticket, to_key, ElementTree.fromstring(text)[0].attrib["action"]]
    for plain in [*addresses, *map(repr, leg.clinic.entries())]:
        assert CALLER[1:] not in plain
        assert "5550147" not in plain


@pytest.mark.parametrize("form", [{}, {"Digits": ""}, {"Digits": "2"}, {"Digits": "11"}, {"SpeechResult": "one"}])
def test_silence_and_every_other_key_reach_nobody(leg: Leg, form: dict[str, str]) -> None:
    """A voicemail of a colleague's phone presses no key."""
    _, text = leg.ask(leg.pick_up(), form)
    assert "<Dial" not in text
    assert "<Hangup/>" in text
    assert What.ACCEPTED not in leg.whats()


def test_silence_alone_hangs_up_without_asking_us(leg: Leg) -> None:
    leg.pick_up()
    assert leg.clinic.documents[-1].endswith("</Gather><Hangup/></Response>")


def test_a_ticket_is_good_for_three_minutes(open_clinic: Callable[..., Clinic]) -> None:
    clinic = open_clinic("2026-11-24 10:00")
    leg = Leg(clinic)
    to_key = leg.pick_up()
    clinic.clock.set("2026-11-24 10:03")
    _, late = leg.ask(to_key, PRESSED)
    assert "too old" in late
    assert leg.pick_up() == ""
    assert leg.whats() == [What.ANSWERED]


def test_a_ticket_joins_on_the_leg_that_was_answered_and_on_no_other(leg: Leg) -> None:
    to_key = leg.pick_up()
    replayed = Leg(leg.clinic, sid=OTHER_LEG)
    _, text = replayed.ask(to_key, PRESSED)
    assert "<Dial" not in text
    assert What.ACCEPTED not in leg.whats()


def test_the_first_ticket_joins_nobody_by_itself(leg: Leg) -> None:
    _, text = leg.ask(f"{PUBLIC_URL}/voice/back/key/{leg.ticket}", PRESSED)
    assert "<Dial" not in text


def test_what_is_forged_is_refused_and_what_is_no_ticket_is_hung_up(leg: Leg) -> None:
    address = f"{PUBLIC_URL}/voice/back/desk/{leg.ticket}"
    assert leg.ask(address, token="another token entirely")[0] == 403
    for text in ("", "nonsense", leg.ticket[:-4] + "AAAA", write_sealed(leg.seal, "+14805550147"), "a" * 3000):
        status, document = leg.ask(f"{PUBLIC_URL}/voice/back/desk/{text}")
        assert (status, "<Gather" in document, "<Dial" in document) == (200, False, False)
    assert leg.ask(f"{PUBLIC_URL}/voice/back/elsewhere/{leg.ticket}")[1].endswith("<Response><Hangup/></Response>")
    assert leg.facts() == []


def write_sealed(seal: Seal, text: str) -> str:
    """A value sealed for another purpose, such as a caller's number in the journal."""
    return seal.seal(text).rstrip("=")


def test_a_ticket_of_another_secret_or_to_no_number_is_none(leg: Leg) -> None:
    with pytest.raises(BadTicket):
        read_ticket(Seal(["another secret of some length"]), leg.ticket)
    for number in ("911", "+911", "tel:+14805550147", ""):
        odd = write_ticket(leg.seal, replace(read_ticket(leg.seal, leg.ticket), number=number))
        with pytest.raises(BadTicket):
            read_ticket(leg.seal, odd)


@pytest.mark.parametrize(
    ("status", "words"),
    [("busy", "The line is busy"), ("no-answer", "Nobody answered"), ("failed", "could not be made")],
)
def test_the_desk_hears_why_nobody_was_reached(leg: Leg, status: str, words: str) -> None:
    _, text = leg.ask(leg.pick_up(), PRESSED)
    _, told = leg.ask(ElementTree.fromstring(text)[0].attrib["action"], {"DialCallStatus": status})
    assert words in told


def test_a_location_that_is_gone_is_called_the_clinic(clinic: Clinic) -> None:
    Leg(clinic, location="tempe").pick_up()
    assert "Call back for the clinic." in clinic.documents[-1]


def test_a_patient_whom_a_phone_with_the_clinics_number_passes_on_is_no_test(clinic: Clinic) -> None:
    patient = clinic.telephone(caller=LINE)
    patient.dial()
    assert clinic.entries(patient.sid)[0].data["test"] is False
