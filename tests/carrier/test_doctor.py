"""Every finding is produced on purpose, and nothing is found where nothing is wrong."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from errno import EACCES
from pathlib import Path

import pytest

from ivr.app import create_app
from ivr.call_flow.model import Routing
from ivr.call_log.findings import Severity
from ivr.carrier.check_door import BETWEEN_SECONDS, DOOR_KINDS
from ivr.carrier.doctor import is_well
from ivr.journal.reader import read
from tests.carrier import account_double as account
from tests.carrier.account_double import allow_calls_to, country
from tests.carrier.static_host import static_host
from tests.carrier.twilio_double import Double, recording_fields
from tests.carrier.ward import Ward, at
from tests.certificates import self_signed
from tests.conftest import settings_for
from tests.local_server import nobody, served

RECORDING = "RE" + "1" * 32


@pytest.fixture
def ward(tmp_path: Path, config: Path, routing: Routing, twilio: Double) -> Iterator[Ward]:
    plain = settings_for(tmp_path, config)
    with static_host() as host, served(lambda port: create_app(at(plain, port), watch=False)) as port:
        elsewhere = host.url.replace("127.0.0.1", "localhost") + "/main.xml"
        found = Ward(replace(at(plain, port), fallbacks=(("", elsewhere),)), routing, twilio, host)
        twilio.recordings.append(recording_fields(RECORDING, "CA" + "1" * 32, datetime.now(UTC), 20))
        found.put_right()
        yield found


def test_where_nothing_is_wrong_nothing_is_found_but_the_samples_own_numbers(ward: Ward) -> None:
    found = ward.examine()
    assert {(each.code, each.severity) for each in found} == {("fictional", Severity.NOTE)}
    assert is_well(found)


def test_an_examination_leaves_no_trace_in_the_journal_and_changes_nothing_at_twilio(ward: Ward) -> None:
    ward.examine()
    assert list(read(ward.settings.data / "journal")) == []
    assert ward.twilio.posted == []
    assert {request.split()[0] for request in ward.twilio.asked} == {"GET", "HEAD"}


def test_every_finding_says_what_it_means_for_a_patient_and_the_cure(ward: Ward) -> None:
    ward.twilio.numbers.clear()
    ward.twilio.resources[account.BALANCE_PATH] = {"balance": "-1", "currency": "USD"}
    ward.host.files.clear()
    for each in ward.examine(free=lambda _folder: 0):
        for text in (each.what, each.why, each.mend):
            assert len(text) > 10
            assert text[0].isupper()
            assert "+1480" not in text


# The way from outside. -----------------------------------------------------------------------------------------------


def test_a_service_that_is_not_there_is_unreachable(ward: Ward) -> None:
    with nobody() as port:
        found = ward.found(settings=at(ward.settings, port))
    assert found["unreachable"].severity is Severity.ALARM
    assert "nobody listens where PUBLIC_URL says: see its host and port." in found["unreachable"].what


def test_a_wrong_token_refuses_the_honest_request(ward: Ward) -> None:
    found = ward.found(settings=replace(ward.settings, auth_tokens=("f" * 32,)))
    assert "TWILIO_AUTH_TOKEN" in found["signature"].mend


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (302, {"redirect"}),
        (404, {"wrong-answer"}),
        (502, {"wrong-answer"}),
        (200, {"wrong-answer", "tampering"}),
        (204, {"tampering"}),
    ],
)
def test_something_else_in_our_place_is_named_and_an_open_door_only_where_one_is(
    ward: Ward, status: int, codes: set[str]
) -> None:
    ward.host.posted = status
    found = ward.found(settings=replace(ward.settings, public_url=ward.host.url))
    assert codes == set(found) & (DOOR_KINDS - {"slow"})


def test_a_service_that_is_just_being_started_is_no_finding(ward: Ward) -> None:
    """The worker is started beside it, and looks at once."""
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            ward.host.posted = 204

    ward.host.posted = 502
    found = ward.found(settings=replace(ward.settings, public_url=ward.host.url), pause=pause, door_tries=3)
    assert "wrong-answer" not in found
    assert waits == [BETWEEN_SECONDS] * 2


@pytest.mark.parametrize(("seconds", "slow"), [(2.0, False), (2.1, True)])
def test_a_slow_answer_is_found(ward: Ward, seconds: float, slow: bool) -> None:
    """By a clock of its own: how busy the machine of a test is must not matter."""
    found = ward.found(timer=itertools.count(0.0, seconds).__next__)
    assert ("slow" in found) is slow
    if slow:
        assert found["slow"].severity is Severity.WARNING
        assert "took 2.1 seconds" in found["slow"].what


def test_a_tampered_request_is_refused_by_the_real_door(ward: Ward) -> None:
    assert "tampering" not in ward.found()


# Numbers. ------------------------------------------------------------------------------------------------------------


def test_a_number_set_otherwise_is_found_field_by_field_without_a_password_in_it(ward: Ward) -> None:
    ward.twilio.numbers[0] |= {"voice_url": "https://me:secret@old.example/voice", "status_callback": ""}
    found = ward.found()
    assert found["number-voice_url"].severity is Severity.ALARM
    assert "old.example/voice" in found["number-voice_url"].what
    assert "secret" not in found["number-voice_url"].what
    assert found["number-status_callback"].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("field_name", "text", "severity"),
    [
        ("voice_method", "GET", Severity.ALARM),
        ("voice_fallback_url", "https://old.example/fallback", Severity.WARNING),
        ("voice_fallback_method", "GET", Severity.WARNING),
        ("status_callback_method", "GET", Severity.WARNING),
    ],
)
def test_every_other_field_that_is_set_otherwise_is_a_finding_of_its_own(
    ward: Ward, field_name: str, text: str, severity: Severity
) -> None:
    ward.twilio.numbers[0][field_name] = text
    found = [each for each in ward.examine() if each.code != "fictional"]
    assert [(each.code, each.severity) for each in found] == [(f"number-{field_name}", severity)]
    assert f"{field_name} of the line main is {text}, not " in found[0].what


def test_a_number_that_takes_faxes_is_found(ward: Ward) -> None:
    ward.twilio.numbers[0]["voice_receive_mode"] = "fax"
    assert "the mode for faxes is set on the number of the line main" in ward.found()["led-elsewhere"].what


@pytest.mark.parametrize("field_name", ["voice_application_sid", "trunk_sid"])
def test_what_counts_before_our_addresses_is_found(ward: Ward, field_name: str) -> None:
    ward.twilio.numbers[0][field_name] = "XX1"
    assert "XX1" in ward.found()["led-elsewhere"].what


def test_a_number_that_is_not_ours_is_found_and_that_it_may_not_be_shown(ward: Ward) -> None:
    (number,) = ward.twilio.numbers
    ward.twilio.numbers.clear()
    assert {"not-owned", "caller-id"} <= set(ward.found())
    verified = {"outgoing_caller_ids": [{"sid": "PN1", "phone_number": number["phone_number"]}], "next_page_uri": None}
    ward.twilio.resources[account.VERIFIED_PATH] = verified
    assert "caller-id" not in ward.found()


# The account. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "code"),
    [({"status": "suspended", "type": "Full"}, "not-active"), ({"status": "active", "type": "Trial"}, "trial")],
)
def test_the_state_of_the_account_is_found(ward: Ward, state: dict[str, str], code: str) -> None:
    ward.twilio.resources[account.ACCOUNT_PATH] = state
    assert ward.found()[code].severity is Severity.ALARM


@pytest.mark.parametrize(("balance", "severity"), [("19.99", Severity.WARNING), ("-0.20", Severity.ALARM)])
def test_a_low_balance_is_found(ward: Ward, balance: str, severity: Severity) -> None:
    ward.twilio.resources[account.BALANCE_PATH] = {"balance": balance, "currency": "USD"}
    assert ward.found()["balance"].severity is severity


def test_a_balance_that_is_no_number_is_a_note(ward: Ward) -> None:
    ward.twilio.resources[account.BALANCE_PATH] = {"balance": None, "currency": None}
    found = ward.examine()
    assert [each.what for each in found if each.code == "not-told"] == ["Twilio does not tell us the balance."]
    assert is_well(found)


def test_a_missing_business_profile_is_found(ward: Ward) -> None:
    ward.twilio.resources[account.PROFILES_PATH] = account.listed("results", [])
    assert "two or three legs" in ward.found()["profile"].why
    assert any("Status=twilio-approved" in request for request in ward.twilio.asked)


def test_countries_beyond_the_configured_ones_are_found(ward: Ward) -> None:
    allow_calls_to(ward.twilio, country("US"), country("LV"), country("CU", low=False, fraud=True))
    found = ward.found()
    assert "LV; the clinic needs US" in found["countries-wider"].what
    assert "CU" in found["countries-risky"].what


def test_a_configured_country_that_may_not_be_called_is_found(ward: Ward) -> None:
    allow_calls_to(ward.twilio, country("CA"))
    assert ward.found()["countries-missing"].severity is Severity.ALARM


def test_recordings_that_anybody_can_hear_are_found_without_hearing_one(ward: Ward) -> None:
    ward.twilio.open_media = True
    assert ward.found()["recordings-open"].severity is Severity.ALARM
    media = [request for request in ward.twilio.asked if ".mp3" in request]
    assert [request.split()[0] for request in media] == ["HEAD"]


def test_without_a_recording_nobody_can_tell_yet(ward: Ward) -> None:
    ward.twilio.recordings.clear()
    assert ward.found()["not-told"].severity is Severity.NOTE


def test_recordings_that_cannot_be_asked_for_are_a_note(ward: Ward) -> None:
    with nobody() as port:
        found = ward.found(api=f"http://127.0.0.1:{port}")
    assert found["not-told"].about == "whether recordings are protected"
    assert found["not-told"].severity is Severity.NOTE


def test_what_a_key_may_not_ask_is_a_note(ward: Ward) -> None:
    ward.twilio.resources[account.ACCOUNT_PATH] = 401
    found = ward.examine()
    assert {each.code for each in found} == {"fictional", "not-told"}
    assert is_well(found)


def test_refused_credentials_are_found(ward: Ward) -> None:
    ward.twilio.credentials = {ward.settings.account_sid: "another token"}
    assert ward.found()["credentials"].severity is Severity.ALARM


def test_a_twilio_that_does_not_answer_is_a_finding_and_the_rest_goes_on(ward: Ward) -> None:
    ward.twilio.faults += [503] * 4
    found = ward.found(free=lambda _folder: 0)
    assert "503" in found["carrier-away"].what
    assert "disk" in found


def test_a_wrong_clock_is_found(ward: Ward) -> None:
    ward.twilio.date = format_datetime(datetime.now(UTC) - timedelta(minutes=3), usegmt=True)
    assert ward.found()["clock"].severity is Severity.WARNING


def test_in_practice_mode_twilio_is_not_asked(ward: Ward) -> None:
    ward.examine(client=None)
    assert ward.twilio.asked == []


# The fallback. -------------------------------------------------------------------------------------------------------


def test_a_line_without_a_hosted_fallback_is_found(ward: Ward) -> None:
    assert "no-fallback" in ward.found(settings=replace(ward.settings, fallbacks=()))


@pytest.mark.parametrize(
    ("status", "code"), [(404, "fallback-gone"), (403, "fallback-unread"), (200, "fallback-differs")]
)
def test_a_hosted_fallback_that_is_gone_or_closed_or_another_is_found(ward: Ward, status: int, code: str) -> None:
    ward.host.files["/main.xml"] = (status, "<Response><Hangup/></Response>")
    assert code in ward.found()


def test_a_fallback_on_the_same_host_is_found(ward: Ward) -> None:
    here = replace(ward.settings, fallbacks=(("", ward.host.url + "/main.xml"),))
    assert "fallback-here" in ward.found(settings=here)


def test_a_fallback_that_rings_nobody_is_found(ward: Ward) -> None:
    silent = replace(ward.routing, destinations={})
    assert "fallback-useless" in ward.found(routing=silent)


# This machine. -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("free", "severity"), [(10**9, Severity.WARNING), (10**8, Severity.ALARM)])
def test_a_disk_that_fills_up_is_found(ward: Ward, free: int, severity: Severity) -> None:
    assert ward.found(free=lambda _folder: free)["disk"].severity is severity


def test_a_folder_that_cannot_be_looked_at_is_an_alarm(ward: Ward) -> None:
    def closed(_folder: Path) -> int:
        raise PermissionError(EACCES, "Permission denied")

    found = ward.found(free=closed)["disk"]
    assert found.severity is Severity.ALARM
    assert "cannot be looked at (Permission denied)" in found.what


def test_an_edit_that_is_not_live_is_found_and_a_mistake_is_worse(ward: Ward) -> None:
    clinic = ward.settings.config / "clinic.yaml"
    clinic.write_text(clinic.read_text().replace("friday: 9:00-17:00", "friday: 9:00-15:00"))
    assert ward.found()["configuration"].severity is Severity.NOTE
    clinic.write_text("clinic: [")
    assert ward.found()["configuration"].severity is Severity.WARNING


def test_fictional_numbers_in_a_live_service_are_an_alarm(ward: Ward) -> None:
    found = [each for each in ward.examine(settings=replace(ward.settings, practice=False)) if each.code == "fictional"]
    assert [(each.about, each.severity) for each in found] == [("lines", Severity.ALARM), ("phones", Severity.ALARM)]


# The certificate. ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "severity"), [(60, None), (10, Severity.WARNING), (2, Severity.ALARM), (-1, Severity.ALARM)]
)
def test_a_certificate_that_ends_soon_is_found(ward: Ward, tmp_path: Path, days: int, severity: Severity) -> None:
    serving, asking = self_signed(tmp_path / "certificate.pem", timedelta(days=days))
    with static_host(serving) as host:
        public = host.url.replace("http:", "https:")
        found = ward.found(settings=replace(ward.settings, public_url=public), tls=asking)
    assert (found["certificate"].severity if "certificate" in found else None) == severity
    assert "not trusted" in found["unreachable"].what
