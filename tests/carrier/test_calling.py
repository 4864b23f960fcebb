"""Calls through the real SDK against a double of Twilio's Calls: what is sent, and what every bad answer means."""

from __future__ import annotations

import pytest

from ivr.call_log.placing import Later, NotPlaced, Placed, Result, Unsure
from ivr.carrier.calling import LISTEN, Dialler, Leg
from ivr.carrier.client import rest_client
from tests.carrier.calls_double import PATH, Calls
from tests.carrier.messages_double import Refusal
from tests.carrier.twilio_double import ACCOUNT, TOKEN
from tests.local_server import nobody
from tests.twiml_rules import faults

NOT_ACCEPTED = "Twilio refused it: error 20003, the service's credentials are not accepted"
LEG = Leg("+14805550111", "+14805550100", 20)
HOST = "https://ivr.example.com"


def ring(calls: Calls, *troubles: Refusal | str, timeout: float = 5.0) -> Result:
    calls.troubles += troubles
    dialler = Dialler(rest_client(ACCOUNT, TOKEN, calls.client(timeout)))
    return dialler.ring(LEG, answered=f"{HOST}/voice/back/desk/t", over=f"{HOST}/voice/back-over/t")


def test_a_call_is_posted_as_twilio_wants_it(calls: Calls) -> None:
    assert ring(calls) == Placed(calls.sid())
    assert calls.posted == [
        (
            PATH,
            {
                "To": LEG.to,
                "From": LEG.shown,
                "Timeout": "20",
                "Url": f"{HOST}/voice/back/desk/t",
                "Method": "POST",
                "StatusCallback": f"{HOST}/voice/back-over/t",
                "StatusCallbackMethod": "POST",
                "StatusCallbackEvent": "completed",
            },
        )
    ]


def test_a_test_call_hangs_up_by_itself(calls: Calls) -> None:
    Dialler(rest_client(ACCOUNT, TOKEN, calls.client())).listen(LEG)
    (form,) = calls.placed
    assert form["Twiml"] == LISTEN
    assert not faults(LISTEN)
    assert len(LISTEN) < 4000
    assert (form["TimeLimit"], "Url" in form) == ("60", False)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal(400, 21211), NotPlaced("Twilio refused it: error 21211, there is no such number")),
        (Refusal(400, 13999), NotPlaced("Twilio refused it: error 13999")),
        (Refusal(401, 20003), NotPlaced(NOT_ACCEPTED)),
        (Refusal(429, 20429), Later(5.0)),
        (Refusal(429, 20429, "30"), Later(30.0)),
        (Refusal(503, 20503, "30"), Unsure("Twilio answered 503")),
    ],
)
def test_only_what_was_not_placed_for_certain_may_be_tried_again(
    calls: Calls, refusal: Refusal, expected: Result
) -> None:
    assert ring(calls, refusal) == expected


def test_a_wrong_token_and_a_number_that_is_not_ours_place_nothing(calls: Calls) -> None:
    calls.credentials = {ACCOUNT: "another token"}
    assert ring(calls) == NotPlaced(NOT_ACCEPTED)
    calls.credentials = {ACCOUNT: TOKEN}
    calls.ours.clear()
    assert ring(calls) == NotPlaced("Twilio refused it: error 21210, the account may not call from that number")
    assert calls.placed == []


@pytest.mark.parametrize("trouble", ["hang", "reset", "half", "lost"])
def test_when_the_answer_never_comes_the_phone_may_be_ringing(calls: Calls, trouble: str) -> None:
    result = ring(calls, trouble, timeout=0.4 if trouble == "hang" else 5.0)
    assert isinstance(result, Unsure)
    assert LEG.to not in result.why


def test_what_never_left_this_machine_may_be_tried_again(calls: Calls) -> None:
    with nobody() as port:
        assert ring(Calls(port=port)) == Later(5.0)
