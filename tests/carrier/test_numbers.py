"""Numbers are planned before they are set, set only where they differ, and never bought, released or cleared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.call_flow.model import Line, Routing
from ivr.carrier.asking import CarrierAway
from ivr.carrier.client import account_client
from ivr.carrier.numbers import FIELDS, Change, LinePlan, Numbers, plan, wanted
from ivr.settings import Settings
from tests.carrier.account_double import number_fields
from tests.carrier.twilio_double import ACCOUNT, Double
from tests.conftest import LINE, settings_for

SID = "PN" + "1" * 32
BOUGHT = number_fields(SID, LINE)
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{SID}.json"


@pytest.fixture
def settings(tmp_path: Path, config: Path) -> Settings:
    fallbacks = (("", "https://elsewhere.example/all.xml"), ("main", "https://elsewhere.example/main.xml"))
    return replace(settings_for(tmp_path, config), fallbacks=fallbacks)


@pytest.fixture
def numbers(twilio: Double, settings: Settings) -> Numbers:
    return Numbers(account_client(settings, twilio.client()), pause=lambda _seconds: None)


def planned(settings: Settings, numbers: Numbers, routing: Routing) -> LinePlan:
    (only,) = plan(settings, routing.lines.values(), numbers)
    return only


def test_a_number_as_bought_gets_all_three_addresses_by_post_with_their_overrides(
    twilio: Double, settings: Settings, numbers: Numbers, routing: Routing
) -> None:
    twilio.numbers.append({**BOUGHT, "voice_method": "GET", "voice_url": "https://demo.twilio.com/welcome"})
    numbers.change(planned(settings, numbers, routing))
    assert twilio.posted == [
        (
            PATH,
            {
                "VoiceUrl": "https://ivr.example.com/voice/incoming#ct=2000&rt=4000&rc=2&rp=all",
                "VoiceMethod": "POST",
                "VoiceFallbackUrl": "https://elsewhere.example/main.xml#ct=2000&rt=4000&rc=2&rp=all",
                "StatusCallback": "https://ivr.example.com/voice/status#rc=2&rp=all",
            },
        )
    ]


def test_a_second_time_there_is_nothing_to_do_and_nothing_is_sent(
    twilio: Double, settings: Settings, numbers: Numbers, routing: Routing
) -> None:
    twilio.numbers.append(dict(BOUGHT))
    numbers.change(planned(settings, numbers, routing))
    again = planned(settings, numbers, routing)
    numbers.change(again)
    assert again.changes == ()
    assert len(twilio.posted) == 1
    assert {request.split()[0] for request in twilio.asked} == {"GET", "POST"}


def test_only_what_differs_is_sent(twilio: Double, settings: Settings, numbers: Numbers, routing: Routing) -> None:
    twilio.numbers.append({**BOUGHT, **wanted(settings, "main"), "status_callback": ""})
    numbers.change(planned(settings, numbers, routing))
    assert [set(form) for _, form in twilio.posted] == [{"StatusCallback"}]


def test_a_number_of_somebody_else_is_named_and_left_alone(
    twilio: Double, settings: Settings, numbers: Numbers, routing: Routing
) -> None:
    twilio.numbers.append(number_fields(SID, LINE + "9"))
    found = planned(settings, numbers, routing)
    numbers.change(found)
    assert found.owned is None
    assert twilio.posted == []


def test_a_trunk_an_application_and_fax_are_hindrances_that_are_told_and_not_cleared(
    twilio: Double, settings: Settings, numbers: Numbers, routing: Routing
) -> None:
    others = {"trunk_sid": "TK1", "voice_application_sid": "AP1", "voice_receive_mode": "fax"}
    twilio.numbers.append({**BOUGHT, **others})
    found = planned(settings, numbers, routing)
    numbers.change(found)
    assert found.hindrances == ("the trunk TK1", "the TwiML application AP1", "the mode for faxes")
    assert {name: twilio.numbers[0][name] for name in others} == others


def test_every_line_has_its_own_plan(twilio: Double, settings: Settings, numbers: Numbers) -> None:
    other = "+14805550101"
    twilio.numbers += [dict(BOUGHT), number_fields("PN" + "2" * 32, other)]
    lines = [Line("main", LINE, "main", "scottsdale", "en-US"), Line("spanish", other, "main", "scottsdale", "es-US")]
    main, spanish = plan(settings, lines, numbers)
    assert {change.after for change in main.changes} != {change.after for change in spanish.changes}
    assert "https://elsewhere.example/all.xml" in {each.after.partition("#")[0] for each in spanish.changes}


def test_twilio_takes_no_fallback_without_the_address_before_it(twilio: Double, numbers: Numbers) -> None:
    """What is planned holds both, so that the first address is never missing."""
    twilio.numbers.append(dict(BOUGHT))
    owned = numbers.find(LINE)
    alone = Change("voice_fallback_url", "", "https://elsewhere.example/main.xml")
    with pytest.raises(CarrierAway, match="answered 400"):
        numbers.change(LinePlan("main", LINE, owned, (alone,)))
    assert twilio.numbers == [BOUGHT]


def test_without_a_hosted_fallback_our_own_apology_is_the_fallback(settings: Settings) -> None:
    bare = replace(settings, fallbacks=())
    assert wanted(bare, "main")["voice_fallback_url"].startswith("https://ivr.example.com/voice/sorry#")
    assert set(wanted(bare, "main")) == set(FIELDS)


@pytest.mark.parametrize("fault", [429, 503, "reset", "half", "nonsense"])
def test_a_bad_moment_of_twilio_is_waited_out(
    twilio: Double, settings: Settings, numbers: Numbers, routing: Routing, fault: int | str
) -> None:
    twilio.numbers.append(dict(BOUGHT))
    found = planned(settings, numbers, routing)
    twilio.faults += [fault, fault]
    numbers.change(found)
    assert len(twilio.posted) == 1


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_lasting_fault_is_told_without_a_number(
    twilio: Double, settings: Settings, numbers: Numbers, routing: Routing, status: int
) -> None:
    twilio.faults += [status] * 4
    with pytest.raises(CarrierAway, match=f"answered {status}") as caught:
        planned(settings, numbers, routing)
    assert caught.value.refused is (status == 401)
    assert LINE not in str(caught.value)


def test_a_twilio_that_hangs_is_given_up(twilio: Double, settings: Settings, routing: Routing) -> None:
    twilio.faults += ["hang"] * 4
    impatient = Numbers(account_client(settings, twilio.client(timeout=0.2)), pause=lambda _seconds: None)
    with pytest.raises(CarrierAway, match="Timeout"):
        planned(settings, impatient, routing)


def test_numbers_are_found_over_pages_and_a_search_goes_on_as_it_began(
    twilio: Double, settings: Settings, numbers: Numbers
) -> None:
    others = [number_fields(f"PN{at:032x}", f"{LINE}{at}") for at in range(5)]
    twilio.numbers += [*others, dict(BOUGHT)]
    found = numbers.find(LINE)
    assert found is not None
    assert found.sid == SID
    assert all("PhoneNumber=%2B14805550100" in request for request in twilio.asked)


def test_an_api_key_asks_in_the_tokens_place(twilio: Double, settings: Settings, routing: Routing) -> None:
    keyed = replace(settings, api_key="SK" + "1" * 32, api_secret="the secret")
    twilio.credentials = {keyed.api_key: "the secret"}
    assert planned(keyed, Numbers(account_client(keyed, twilio.client())), routing).owned is None
    with pytest.raises(CarrierAway) as caught:
        planned(settings, Numbers(account_client(settings, twilio.client())), routing)
    assert caught.value.refused
    client = account_client(keyed)
    assert (client.username, client.password, client.account_sid) == (keyed.api_key, "the secret", ACCOUNT)
    assert client.http_client.timeout == 5.0
