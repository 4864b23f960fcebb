"""Attacks and oddities at Twilio's door: no 5xx, well-formed XML, nothing foreign recorded, nothing secret said."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from ivr.app import build_services, create_app
from ivr.call_flow.model import Routing
from ivr.cli.telephone import Ringing
from ivr.routing.live import Live
from ivr.settings import PRACTICE_ACCOUNT
from ivr.voice.apology import LastResort
from tests.conftest import CALLER, LINE, PUBLIC_URL, TOKEN, Clinic
from tests.twiml_rules import faults

SID = "CA" + "1" * 32
FORM_TYPE = "application/x-www-form-urlencoded"
BASE = {
    "CallSid": SID,
    "AccountSid": PRACTICE_ACCOUNT,
    "From": CALLER,
    "To": LINE,
    "CallStatus": "ringing",
    "Direction": "inbound",
}
Pairs = Sequence[tuple[str, str]]


def sign(path: str, pairs: Pairs, token: str = TOKEN, base: str = PUBLIC_URL) -> str:
    return str(RequestValidator(token).compute_signature(base + path, MultiDict(pairs)))


def post(clinic: Clinic, path: str, fields: Mapping[str, str] | Pairs, **headers: str) -> TestResponse:
    """A signed request with the usual fields and these."""
    extra = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
    named = {name for name, _ in extra}
    pairs = [(name, value) for name, value in BASE.items() if name not in named] + extra
    signature = headers.pop("signature", sign(path, pairs))
    return clinic.client.post(
        path,
        data=urlencode(pairs, errors="surrogatepass"),
        content_type=FORM_TYPE,
        headers={"X-Twilio-Signature": signature, **headers},
    )


def first_link(clinic: Clinic) -> str:
    """The address of the main menu's turn."""
    telephone = clinic.telephone()
    wait = telephone.dial().wait
    return str(getattr(wait, "action")).removeprefix(PUBLIC_URL)  # noqa: B009


def good_twiml(response: TestResponse) -> bool:
    return response.status_code == 200 and not faults(response.data, base=PUBLIC_URL)


# Signature -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signature", ["", "x", "é", "A" * 27 + "=", "A" * 5000, "=" * 28])
@pytest.mark.parametrize(
    "path", ["/voice/incoming", "/voice/status", "/voice/turn/a", "/voice/recording", "/voice/sorry"]
)
def test_what_is_not_signed_is_refused_and_not_recorded(clinic: Clinic, path: str, signature: str) -> None:
    headers = {"X-Twilio-Signature": signature.encode().decode("latin-1")} if signature else {}
    response = clinic.client.post(path, data=BASE, headers=headers)
    assert (response.status_code, response.data) == (403, b"")
    assert clinic.entries() == []


@pytest.mark.parametrize("base", ["http://ivr.example.com", "https://evil.example.com", "https://ivr.example.com/x"])
def test_a_signature_over_another_address_is_refused(clinic: Clinic, base: str) -> None:
    pairs = list(BASE.items())
    assert post(clinic, "/voice/incoming", {}, signature=sign("/voice/incoming", pairs, base=base)).status_code == 403


def test_a_trailing_slash_is_another_address(clinic: Clinic) -> None:
    signature = sign("/voice/incoming", list(BASE.items()))
    assert post(clinic, "/voice/incoming/", {}, signature=signature).status_code in {403, 404}


def test_a_spoofed_host_changes_nothing(clinic: Clinic) -> None:
    headers = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "http"}
    response = post(clinic, "/voice/incoming", {}, **headers)
    assert good_twiml(response)
    assert b"evil" not in response.data


def test_a_signature_for_the_spoofed_host_is_refused(clinic: Clinic) -> None:
    signature = sign("/voice/incoming", list(BASE.items()), base="https://evil.example.com")
    assert post(clinic, "/voice/incoming", {}, signature=signature, Host="evil.example.com").status_code == 403


def test_no_header_chooses_the_algorithm(clinic: Clinic) -> None:
    headers = {"X-Twilio-Webhooks-Signature-Settings": "algorithm=none"}
    assert post(clinic, "/voice/incoming", {}, signature="none", **headers).status_code == 403


def test_a_foreign_account_is_refused_and_not_recorded(clinic: Clinic) -> None:
    assert post(clinic, "/voice/incoming", {"AccountSid": "AC" + "9" * 32}).status_code == 403
    assert clinic.entries() == []


def test_the_next_token_is_accepted_while_tokens_are_rotated(clinic: Clinic) -> None:
    rotated = dataclasses.replace(clinic.settings, auth_tokens=("the-new-token", TOKEN))
    client = create_app(rotated, clock=clinic.clock, watch=False).test_client()
    for token in ("the-new-token", TOKEN):
        signature = sign("/voice/incoming", list(BASE.items()), token)
        assert client.post("/voice/incoming", data=BASE, headers={"X-Twilio-Signature": signature}).status_code == 200


def test_names_and_values_that_sign_alike_mean_nothing(clinic: Clinic) -> None:
    path = first_link(clinic)
    response = post(clinic, path, {"Dig": "its1"}, signature=sign(path, [*BASE.items(), ("Digits", "1")]))
    assert good_twiml(response)
    assert b"<Dial" not in response.data
    path_and_name = "/voice/incomingDigits1"
    assert post(clinic, path_and_name, {}).status_code == 404


def test_practice_takes_no_call_from_another_machine(clinic: Clinic) -> None:
    pairs = list(BASE.items())
    headers = {"X-Twilio-Signature": sign("/voice/incoming", pairs)}
    other = {"REMOTE_ADDR": "203.0.113.9"}
    response = clinic.client.post("/voice/incoming", data=BASE, headers=headers, environ_overrides=other)
    assert response.status_code == 403


# Repeats and order ---------------------------------------------------------------------------------------------------


def test_a_repeated_request_gets_the_same_answer_and_no_second_event(clinic: Clinic) -> None:
    path = first_link(clinic)
    answers = [post(clinic, path, {"Digits": "1"}) for _ in range(4)]
    assert len({answer.data for answer in answers}) == 1
    assert sorted(clinic.kinds(SID)) == ["KeyChosen", "Rang"]


def test_a_repeated_arrival_is_one_arrival(clinic: Clinic) -> None:
    for _ in range(3):
        post(clinic, "/voice/incoming", {})
    assert clinic.kinds(SID) == ["CallArrived", "MenuHeard"]


def test_status_callbacks_are_answered_204_and_never_go_back(clinic: Clinic) -> None:
    for status in ("completed", "ringing", "in-progress", "completed", "nonsense", ""):
        assert post(clinic, "/voice/status", {"CallStatus": status, "CallDuration": "12"}).status_code == 204
    assert [(entry.kind, entry.data["status"]) for entry in clinic.entries(SID)] == [("CallEnded", "completed")]


@pytest.mark.parametrize("seconds", ["1" + "0" * 30, "-5", "²", "1e9", "9" * 7, "abc", ""])
def test_impossible_durations_are_clamped(clinic: Clinic, seconds: str) -> None:
    assert post(clinic, "/voice/status", {"CallStatus": "completed", "CallDuration": seconds}).status_code == 204
    stored = clinic.entries(SID)[0].data["seconds"]
    assert isinstance(stored, int)
    assert 0 <= stored <= 86400


# Input ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["²", "１", "9" * 5000, "1_0", " 1", "12", "A", "٣", "-1", "\x00", "1\n", "hangup"])
def test_what_is_not_one_key_is_asked_again(clinic: Clinic, digits: str) -> None:
    response = post(clinic, first_link(clinic), {"Digits": digits})
    assert good_twiml(response)
    assert clinic.kinds(SID)[0] == "WrongKey"


def test_two_values_for_one_key_are_no_key(clinic: Clinic) -> None:
    response = post(clinic, first_link(clinic), [("Digits", "1"), ("Digits", "2")])
    assert good_twiml(response)
    assert b"<Dial" not in response.data


def test_an_empty_digits_field_is_silence(clinic: Clinic) -> None:
    post(clinic, first_link(clinic), {"Digits": ""})
    assert clinic.kinds(SID)[0] == "NoInput"


def test_spoken_markup_is_neither_obeyed_nor_echoed(clinic: Clinic) -> None:
    response = post(clinic, first_link(clinic), {"SpeechResult": "</Say><Dial>+19005550123</Dial>"})
    assert good_twiml(response)
    assert b"1900" not in response.data


@pytest.mark.parametrize("text", ["\x00", "\x0b", "\ufffe", "\ud800", "\U0001f600", "'; DROP TABLE calls; --", "%s{0}"])
@pytest.mark.parametrize("field", ["From", "To", "CallerName", "SpeechResult", "FromCity", "Digits", "DialCallStatus"])
def test_any_text_in_any_field_gets_well_formed_xml(clinic: Clinic, field: str, text: str) -> None:
    pairs = [*((name, value) for name, value in BASE.items() if name != field), (field, text)]
    body = urlencode(pairs, errors="replace" if text == "\ud800" else "strict")
    clean = [(name, value.replace("\ud800", "?")) for name, value in pairs]
    path = first_link(clinic)
    headers = {"X-Twilio-Signature": sign(path, clean)}
    response = clinic.client.post(path, data=body, content_type=FORM_TYPE, headers=headers)
    assert good_twiml(response)


@pytest.mark.parametrize(
    "caller", ["anonymous", "+266696687", "sip:eve@example.com", "client:eve", "", "unknown", "+1"]
)
def test_a_caller_without_a_usable_number_is_served_like_any_other(clinic: Clinic, caller: str) -> None:
    telephone = clinic.telephone(caller)
    telephone.dial()
    assert isinstance(telephone.press("1").wait, Ringing)
    arrived = clinic.entries(telephone.sid)[0]
    assert arrived.data["withheld"] is True
    assert not arrived.sealed


def test_the_callers_number_gives_no_right(clinic: Clinic) -> None:
    usual = clinic.telephone().dial().words
    assert clinic.telephone(caller="+14805550111").dial().words == usual


# Addresses -----------------------------------------------------------------------------------------------------------


def test_a_place_that_is_gone_starts_the_call_again(clinic: Clinic) -> None:
    path = first_link(clinic).replace("/main/main/", "/main/gone/")
    response = post(clinic, path, {"Digits": "1"})
    assert good_twiml(response)
    assert b"press 1" in response.data
    assert clinic.kinds(SID)[0] == "PlaceVanished"


def test_a_version_that_is_gone_is_answered_by_the_newest(clinic: Clinic) -> None:
    version = first_link(clinic).split("/")[3]
    response = post(clinic, first_link(clinic).replace(version, "0" * len(version)), {"Digits": "1"})
    assert b"<Dial" in response.data


@pytest.mark.parametrize("path", ["a", "a/b/c", "../admin", "x/main/main/²/0/0/0/en-US/normal/0/shown", "/" * 30])
def test_a_signed_address_we_cannot_read_starts_the_call_again(clinic: Clinic, path: str) -> None:
    response = post(clinic, f"/voice/turn/{path}", {"Digits": "1"})
    assert response.status_code in {200, 403, 404, 308}
    if response.status_code == 200:
        assert good_twiml(response)


@pytest.mark.parametrize("path", ["/voice/leg", "/voice/leg/", "/voice/leg/0/x", "/voice/leg/99999/1/2/3"])
def test_the_end_of_a_leg_at_an_address_we_cannot_read_is_not_asked_for_again(clinic: Clinic, path: str) -> None:
    """A 503 would have Twilio tell us again and again what we shall never understand."""
    assert post(clinic, path, {"CallStatus": "completed"}).status_code == 204


def test_a_query_is_part_of_what_is_signed(clinic: Clinic) -> None:
    path = first_link(clinic)
    assert post(clinic, f"{path}?node=../admin", {}, signature=sign(path, list(BASE.items()))).status_code == 403


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "trace"])
def test_only_post_is_served(clinic: Clinic, method: str) -> None:
    refused = clinic.client.open("/voice/incoming", method=method.upper())
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


# Bodies --------------------------------------------------------------------------------------------------------------


def test_a_body_over_64_kilobytes_is_refused(clinic: Clinic) -> None:
    assert post(clinic, "/voice/incoming", {"Filler": "x" * 66_000}).status_code == 413


def test_a_claimed_body_of_ten_gigabytes_is_refused_unread(clinic: Clinic) -> None:
    response = clinic.client.post("/voice/incoming", environ_overrides={"CONTENT_LENGTH": "10000000000"})
    assert response.status_code == 413


def test_more_than_a_hundred_fields_are_refused(clinic: Clinic) -> None:
    assert post(clinic, "/voice/incoming", {f"Field{number}": "" for number in range(101)}).status_code == 413


@pytest.mark.parametrize("content_type", ["application/json", "text/xml", "multipart/form-data; boundary=x", ""])
def test_other_kinds_of_body_are_refused(clinic: Clinic, content_type: str) -> None:
    body = json.dumps(BASE).encode()
    headers = {"X-Twilio-Signature": sign("/voice/incoming", list(BASE.items()))}
    response = clinic.client.post("/voice/incoming", data=body, content_type=content_type, headers=headers)
    assert response.status_code == 403


# Our own faults ------------------------------------------------------------------------------------------------------


class BrokenLive(Live):
    """A live routing whose pinned versions cannot be read."""

    def pinned(self, version: str) -> None:  # type: ignore[override]
        raise RuntimeError(f"cannot read {version}")


def test_a_fault_of_our_own_ends_in_an_apology_and_a_ringing_clinic_phone(clinic: Clinic) -> None:
    path = first_link(clinic)
    clinic.app.extensions["ivr"].live.__class__ = BrokenLive
    response = post(clinic, path, {"Digits": "1"})
    assert good_twiml(response)
    text = response.text
    assert text.index("911") < text.index("We are sorry") < text.index("<Dial")
    assert "+14805550111" in text
    assert clinic.kinds(SID) == ["Apologised"]
    assert good_twiml(post(clinic, "/voice/sorry", {"DialCallStatus": "no-answer"}))


class LostLive(Live):
    """A live routing that cannot be had."""

    def routing(self) -> Routing:
        raise RuntimeError("the routing is lost")


class LinelessLive(Live):
    """A live routing without any line, of which no apology can be made."""

    def routing(self) -> Routing:
        return dataclasses.replace(super().routing(), lines={})


class RenumberedLive(Live):
    """A live routing of which the main line has another number."""

    def routing(self) -> Routing:
        found = super().routing()
        name, main = next(iter(found.lines.items()))
        return dataclasses.replace(found, lines={name: dataclasses.replace(main, number="+14805550177")})


@pytest.mark.parametrize("path", ["/voice/incoming", "turn", "/voice/sorry"])
def test_a_routing_that_is_lost_still_ends_in_an_apology_and_a_ringing_clinic_phone(clinic: Clinic, path: str) -> None:
    asked = first_link(clinic) if path == "turn" else path
    clinic.app.extensions["ivr"].live.__class__ = LostLive
    response = post(clinic, asked, {"Digits": "1", "ErrorCode": "11205"})
    assert good_twiml(response)
    text = response.text
    assert text.index("911") < text.index("We are sorry") < text.index("<Dial") < text.index("+14805550111")
    after = post(clinic, "/voice/sorry", {"DialCallStatus": "no-answer"})
    assert good_twiml(after)
    assert "You can call us at" in after.text
    assert "<Dial" not in after.text  # else the phones would ring without an end


def test_the_apology_that_is_kept_is_of_the_routing_that_answered_the_last_call(clinic: Clinic) -> None:
    live = clinic.app.extensions["ivr"].live
    live.__class__ = RenumberedLive
    clinic.telephone().dial()
    live.__class__ = LostLive
    assert 'callerId="+14805550177"' in post(clinic, "/voice/incoming", {}).text


def test_without_any_routing_ever_the_apology_is_spoken_alone(clinic: Clinic) -> None:
    last_resort = LastResort(build_services(clinic.settings, clinic.clock).live, PUBLIC_URL)  # not booted
    for document in (last_resort.apology(), last_resort.farewell()):
        assert not faults(document.encode(), base=PUBLIC_URL)
        assert document.index("9 1 1") < document.index("We are sorry") < document.index("Lo sentimos")
        assert "<Dial" not in document


def test_a_routing_of_which_no_apology_can_be_made_leaves_the_one_before(clinic: Clinic) -> None:
    live = clinic.app.extensions["ivr"].live
    last_resort = LastResort(live, PUBLIC_URL)
    before = last_resort.apology()
    live.__class__ = LinelessLive
    assert [last_resort.apology() for _ in range(2)] == [before] * 2


def test_a_fault_on_the_callees_side_still_joins_the_two(clinic: Clinic) -> None:
    telephone = clinic.telephone()
    telephone.dial()
    wait = telephone.press("1").wait
    assert isinstance(wait, Ringing)
    clinic.app.extensions["ivr"].live.__class__ = BrokenLive
    response = post(clinic, wait.phones[0].whisper.removeprefix(PUBLIC_URL), {})
    assert response.status_code == 200
    assert b"Hangup" not in response.data


def test_a_full_disk_never_ends_a_call_and_asks_for_status_again(clinic: Clinic) -> None:
    folder = clinic.settings.data / "journal"
    folder.write_text("a file where a folder should be")
    telephone = clinic.telephone()
    telephone.dial()
    assert isinstance(telephone.press("1").wait, Ringing)
    assert post(clinic, "/voice/status", {"CallStatus": "completed"}).status_code == 503
    health = clinic.client.get("/healthz").get_json()
    assert health["status"] == "degraded"
    assert health["journal"]["lost"] > 0


def test_the_log_says_when_the_journal_cannot_be_written_and_when_it_can_again(
    clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    folder = clinic.settings.data / "journal"
    folder.write_text("a file where a folder should be")
    for _ in range(2):
        clinic.telephone().dial()
    folder.unlink()
    with caplog.at_level("INFO"):
        until = time.monotonic() + 20  # it looks at its directory twice a second
        while clinic.app.extensions["ivr"].journal.trouble and time.monotonic() < until:
            clinic.telephone().dial()
    told = [(record.levelname, record.message) for record in caplog.records if "journal" in record.message]
    assert [level for level, _ in told] == ["ERROR", "INFO"]
    assert told[0][1].startswith(f"The journal cannot be written in {folder} (")
    assert told[1][1] == f"The journal is written in {folder} again."


def test_health_tells_no_secret(clinic: Clinic) -> None:
    text = clinic.client.get("/healthz").text
    assert json.loads(text)["status"] == "ok"
    assert not any(secret in text for secret in (TOKEN, CALLER, *clinic.settings.secret_keys, "AC000"))


def test_no_number_reaches_the_logs(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    path = first_link(clinic)
    clinic.app.extensions["ivr"].live.__class__ = BrokenLive
    with caplog.at_level("DEBUG"):
        post(clinic, path, {"Digits": "1", "SpeechResult": "my secret words"})
    assert caplog.records
    assert not any(word in caplog.text for word in (CALLER, "5550147", "secret words", TOKEN))


# Anything ------------------------------------------------------------------------------------------------------------

FIELDS = st.sampled_from(
    [
        "Digits",
        "SpeechResult",
        "DialCallStatus",
        "DialBridged",
        "RecordingSid",
        "RecordingUrl",
        "CallStatus",
        "From",
        "X",
    ]
)
TEXTS = st.one_of(st.text(max_size=12), st.sampled_from([*"0123456789*#", "completed", "busy", "true", "false"]))
NOT_SURROGATE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    extra=st.lists(st.tuples(FIELDS, st.one_of(NOT_SURROGATE, TEXTS.filter(str.isascii))), max_size=6),
    signed=st.booleans(),
)
def test_any_form_gets_200_or_403_and_well_formed_xml(
    clinic: Clinic, extra: list[tuple[str, str]], signed: bool
) -> None:
    path = first_link(clinic)
    response = post(clinic, path, extra) if signed else post(clinic, path, extra, signature="no")
    assert good_twiml(response) if signed else response.status_code == 403


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from([*"0123456789*#-", "ring", "talk", "words"]), max_size=25))
def test_any_order_of_keys_is_answered_to_the_end(clinic: Clinic, acts: list[str]) -> None:
    telephone = clinic.telephone()
    telephone.dial()
    for act in acts:
        wait = type(telephone.moment.wait).__name__
        if wait == "Ended":
            break
        if wait == "Ringing":
            telephone.clinic_answers() if act == "talk" else telephone.nobody_answers(
                "busy" if act == "1" else "no-answer"
            )
        elif wait == "Message":
            telephone.stay_silent() if act == "-" else telephone.leave_message()
        elif act == "words" and getattr(telephone.moment.wait, "speech", False):
            telephone.say("Gilbert please")
        else:
            telephone.press(act) if act in "0123456789*#" else telephone.stay_silent()
    kinds = clinic.kinds(telephone.sid)
    assert kinds[0] == "CallArrived"
    assert ("CallEnded" in kinds) == (type(telephone.moment.wait).__name__ == "Ended")
    assert "Apologised" not in kinds
