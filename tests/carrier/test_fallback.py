"""The fallback document: whole by itself, the right phones in order, small enough, compared with what is hosted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ivr.app import fallback_writer
from ivr.call_flow.model import ByHours, HuntGroup, Location, Routing
from ivr.carrier.fallback import LARGEST_BIN, FallbackWriter, NotHosted, NotReadable, hosted, phones_of, same
from tests.carrier.static_host import StaticHost, static_host
from tests.conftest import PUBLIC_URL, settings_for
from tests.twiml_rules import faults

IN_TURN = ["+14805550111", "+14805550112", "+14805550121", "+14805550122"]


@pytest.fixture
def writer(tmp_path: Path, config: Path) -> FallbackWriter:
    return fallback_writer(settings_for(tmp_path, config))


@pytest.fixture
def host() -> Iterator[StaticHost]:
    with static_host() as served:
        yield served


def test_the_document_says_911_first_then_sorry_then_rings_in_turn_then_says_goodbye(
    writer: FallbackWriter, routing: Routing
) -> None:
    document = writer.write(routing, routing.main_line)
    assert faults(document.text, base=PUBLIC_URL, static=True) == []
    assert (document.fault, document.left_out) == ("", ())
    assert document.bytes <= LARGEST_BIN
    verbs = list(ElementTree.fromstring(document.text))
    assert [verb.tag for verb in verbs] == ["Say", "Say", "Dial", "Say", "Say", "Hangup"]
    assert [verb.get("language") for verb in verbs if verb.tag == "Say"] == ["en-US", "es-US", "en-US", "es-US"]
    first = "".join(verbs[0].itertext())
    assert first.startswith("If this is an emergency, hang up and dial 911.")
    assert "We are sorry" in first
    dial = verbs[2]
    assert (dial.get("sequential"), dial.get("callerId")) == ("true", routing.main_line.number)
    assert [number.text for number in dial] == IN_TURN
    assert "Goodbye" in "".join(verbs[3].itertext())


def test_the_lines_own_language_comes_first(writer: FallbackWriter, routing: Routing) -> None:
    document = writer.write(routing, replace(routing.main_line, language="es-US"))
    assert document.text.index("es-US") < document.text.index("en-US")


def test_disabled_phones_do_not_ring_and_a_number_rings_once(routing: Routing) -> None:
    scottsdale = routing.destinations["scottsdale"]
    assert isinstance(scottsdale, Location)
    first, second = scottsdale.hunt_group.phones
    group = replace(scottsdale.hunt_group, phones=(replace(first, enabled=False), second, second))
    changed = {**routing.destinations, "scottsdale": replace(scottsdale, hunt_group=group)}
    numbers = [phone.number for phone in phones_of(replace(routing, destinations=changed), routing.main_line)]
    assert numbers == ["+14805550112", "+14805550121", "+14805550122"]


def test_a_phone_that_several_places_share_keeps_its_first_place(routing: Routing) -> None:
    scottsdale = routing.destinations["scottsdale"]
    assert isinstance(scottsdale, Location)
    first, second = scottsdale.hunt_group.phones
    group = replace(scottsdale.hunt_group, phones=(first, second, replace(first, number="+14805550113"), second))
    changed = {**routing.destinations, "scottsdale": replace(scottsdale, hunt_group=group)}
    numbers = [phone.number for phone in phones_of(replace(routing, destinations=changed), routing.main_line)]
    assert numbers == ["+14805550111", "+14805550112", "+14805550113", "+14805550121", "+14805550122"]


def test_where_the_lines_person_has_no_phone_all_others_ring_in_turn(routing: Routing) -> None:
    scottsdale, gilbert = routing.destinations["scottsdale"], routing.destinations["gilbert"]
    assert isinstance(scottsdale, Location)
    assert isinstance(gilbert, Location)
    alone = {"scottsdale": replace(scottsdale, overflow=()), "gilbert": replace(gilbert, overflow=())}
    nobody = replace(routing.main_line, person="nobody")
    numbers = [phone.number for phone in phones_of(replace(routing, destinations=alone), nobody)]
    assert numbers == IN_TURN


def test_a_person_by_hours_means_who_answers_while_open(routing: Routing) -> None:
    switch = ByHours("desk", "gilbert", "gilbert", "scottsdale_mailbox")
    changed = replace(routing, destinations={**routing.destinations, "desk": switch})
    rung = phones_of(changed, replace(routing.main_line, person="desk"))
    assert [phone.number for phone in rung][:2] == ["+14805550121", "+14805550122"]


def test_what_does_not_fit_is_left_out_and_said(writer: FallbackWriter, routing: Routing) -> None:
    english, spanish = routing.languages.values()
    long = replace(spanish, prompts={**spanish.prompts, "apology": "Lo sentimos mucho. " * 150})
    document = writer.write(replace(routing, languages={"en-US": english, "es-US": long}), routing.main_line)
    assert document.bytes <= LARGEST_BIN
    assert document.left_out == ("the words in es-US",)
    assert [phone.number for phone in document.phones] == IN_TURN
    assert document.fault == ""


def test_at_most_ten_phones_ring_and_the_rest_are_named(writer: FallbackWriter, routing: Routing) -> None:
    scottsdale = routing.destinations["scottsdale"]
    assert isinstance(scottsdale, Location)
    one = scottsdale.hunt_group.phones[0]
    many = tuple(replace(one, name=f"desk {at}", number=f"+1480555{2000 + at}") for at in range(12))
    group = replace(scottsdale.hunt_group, phones=many)
    changed = {**routing.destinations, "scottsdale": replace(scottsdale, hunt_group=group, overflow=())}
    document = writer.write(replace(routing, destinations=changed), routing.main_line)
    assert len(document.phones) == 10
    assert document.left_out == ("the phone desk 10", "the phone desk 11")
    assert faults(document.text, base=PUBLIC_URL, static=True) == []


def test_what_cannot_be_made_to_fit_is_a_fault(writer: FallbackWriter, routing: Routing) -> None:
    english = routing.languages["en-US"]
    long = replace(english, prompts={**english.prompts, "apology": "We are very sorry. " * 300})
    document = writer.write(replace(routing, languages={"en-US": long}), routing.main_line)
    assert "a TwiML Bin takes 4,000" in document.fault
    assert len(document.phones) == 1


def test_what_is_hosted_elsewhere_than_in_a_bin_may_be_longer(writer: FallbackWriter, routing: Routing) -> None:
    english, spanish = routing.languages.values()
    long = replace(spanish, prompts={**spanish.prompts, "apology": "Lo sentimos mucho. " * 150})
    wordy = replace(routing, languages={"en-US": english, "es-US": long})
    document = writer.write(wordy, routing.main_line, "https://files.example.com/main.xml")
    assert (document.largest, document.left_out, document.fault) == (64_000, (), "")
    assert document.bytes > LARGEST_BIN
    bins = writer.write(wordy, routing.main_line, "https://handler.twilio.com/twiml/EH0")
    assert bins.left_out == ("the words in es-US",)
    endless = replace(spanish, prompts={**spanish.prompts, "apology": "Lo sentimos mucho. " * 9000})
    words = replace(routing, languages={"es-US": endless})
    too_long = writer.write(words, replace(routing.main_line, language="es-US"), "https://files.example.com/main.xml")
    assert "at most 64,000 are taken" in too_long.fault


def test_without_any_phone_the_document_is_of_no_use(writer: FallbackWriter, routing: Routing) -> None:
    groups = (Location, HuntGroup)
    silent = {name: place for name, place in routing.destinations.items() if not isinstance(place, groups)}
    document = writer.write(replace(routing, destinations=silent), routing.main_line)
    assert document.fault == "No phone would ring: the configuration has none that is enabled."
    assert faults(document.text, base=PUBLIC_URL, static=True) == []


def test_what_is_hosted_is_read_and_compared_by_its_meaning(
    host: StaticHost, writer: FallbackWriter, routing: Routing
) -> None:
    text = writer.write(routing, routing.main_line).text
    host.files["/main.xml"] = (200, text.replace("><", ">\n  <"))
    assert same(hosted(host.url + "/main.xml"), text)
    assert not same(text.replace("+14805550112", "+14805550113"), text)
    assert not same("<html>", text)
    assert not same("<!DOCTYPE x>" + text, text)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotHosted), (500, NotHosted), (302, NotHosted), (401, NotReadable), (403, NotReadable)]
)
def test_what_is_not_hosted_is_told(host: StaticHost, status: int, kind: type[NotHosted]) -> None:
    host.files["/x"] = (status, "")
    with pytest.raises(kind, match=str(status)):
        hosted(host.url + "/x")


def test_a_page_without_end_is_not_read(host: StaticHost) -> None:
    host.files["/x"] = (200, "x" * 70_000)
    with pytest.raises(NotHosted, match="too long"):
        hosted(host.url + "/x")


def test_a_host_that_serves_a_get_alone_or_calls_it_no_xml_is_told(host: StaticHost) -> None:
    """Twilio asks by POST, and reads as TwiML what is called XML."""
    host.files["/x"] = (200, "<Response/>")
    for host.kind in ("application/octet-stream", ""):
        with pytest.raises(NotHosted, match=r"octet-stream|no Content-Type"):
            hosted(host.url + "/x")
    host.kind = "application/xml"
    assert hosted(host.url + "/x") == "<Response/>"
    host.get_only = True
    with pytest.raises(NotHosted, match="405 to a POST"):
        hosted(host.url + "/x")


def test_an_answer_that_breaks_off_is_told(host: StaticHost) -> None:
    host.files["/x"] = (200, "<Response/>")
    host.cut = True
    with pytest.raises(NotHosted, match="does not answer"):
        hosted(host.url + "/x")
