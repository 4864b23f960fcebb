"""Texts through the real SDK against a double of Twilio's Messages: what is sent, and what every bad answer means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ivr.call_flow.notice_rules import Rule, Way
from ivr.carrier.client import rest_client
from ivr.notices.parcel import Failed, Refused, Sent
from ivr.notices.sending import Sender
from ivr.notices.text import Texter
from tests.carrier.messages_double import PATH, Messages, Refusal
from tests.carrier.twilio_double import ACCOUNT, TOKEN
from tests.worker.conftest import wait_until

from .conftest import EVERYTHING, Clock, a_parcel, note, rules, states, words

FROM, TO = "+14805550100", "+14805550131"
SERVICE = "MG" + "a" * 32


def texter(messages: Messages, sender: str = FROM, timeout: float = 5.0) -> Texter:
    return Texter(rest_client(ACCOUNT, TOKEN, messages.client(timeout)), sender)


def test_a_text_is_posted_as_twilio_wants_it(messages: Messages) -> None:
    assert texter(messages)(a_parcel(TO)) == Sent("SM" + "0" * 32)
    assert messages.asked == [f"POST {PATH}"]
    body = "Sample Clinic: 1 new message for Gilbert. https://ivr.example.com/call-back (no. 12)"
    ((_, form),) = messages.posted
    assert form == {"To": TO, "From": FROM, "Body": body}


def test_a_messaging_service_stands_in_for_a_number(messages: Messages) -> None:
    texter(messages, SERVICE)(a_parcel(TO))
    ((_, form),) = messages.posted
    assert form["MessagingServiceSid"] == SERVICE
    assert "From" not in form


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal(400, 21610), Refused("this phone has answered STOP (Twilio error 21610)", opted_out=True)),
        (Refusal(400, 21211), Refused("Twilio refused it: error 21211")),
        (Refusal(400, 21614), Refused("Twilio refused it: error 21614")),
        (Refusal(400, 21606), Failed("Twilio answered 400, error 21606: see TEXT_FROM", blocked=True)),
        (
            Refusal(401, 20003),
            Failed(
                "Twilio answered 401, error 20003: see TWILIO_ACCOUNT_SID, and TWILIO_AUTH_TOKEN or the API key",
                blocked=True,
            ),
        ),
        (Refusal(429, 20429), Failed("Twilio answered 429, error 20429", blocked=True, wait_seconds=30)),
        (Refusal(429, 20429, "90"), Failed("Twilio answered 429, error 20429", blocked=True, wait_seconds=90)),
        (Refusal(503, 20503), Failed("Twilio answered 503", unsure=True, blocked=True)),
    ],
)
def test_what_is_final_and_what_is_tried_again(messages: Messages, refusal: Refusal, expected: object) -> None:
    messages.troubles.append(refusal)
    assert texter(messages)(a_parcel(TO)) == expected


def test_a_wrong_token_rests_the_way_and_is_no_fault_of_the_letter(messages: Messages) -> None:
    messages.credentials = {ACCOUNT: "another token"}
    for unsure in (False, True):
        result = texter(messages)(a_parcel(TO, unsure=unsure))
        assert isinstance(result, Failed)
        assert (result.blocked, result.unsure) == (True, unsure)
    assert messages.taken == []


@pytest.mark.parametrize("trouble", ["hang", "reset", "half"])
def test_when_the_answer_never_comes_it_may_have_arrived(messages: Messages, trouble: str) -> None:
    messages.troubles.append(trouble)
    result = texter(messages, timeout=0.3)(a_parcel(TO))
    assert isinstance(result, Failed)
    assert result.unsure
    assert TO not in result.why


def test_a_text_that_arrived_though_its_answer_was_lost_is_not_sent_again(
    outbox: Engine, messages: Messages, clock: Clock
) -> None:
    clock.now = datetime.now(UTC)
    note(outbox, at=clock())
    messages.troubles.append("lost")
    sender = Sender(outbox, {Way.TEXT: texter(messages)}, "one", clock)
    given = words(rules(Rule(("maria",), EVERYTHING, (Way.TEXT,), despite_quiet=True)))
    for _ in range(3):
        sender.run(given)
        clock.later(minutes=5)
    assert states(outbox) == {"sent": 1}
    assert [line.split()[0] for line in messages.asked] == ["POST", "GET"]
    assert len(messages.taken) == 1


def test_one_that_did_not_arrive_is_sent_after_twilio_was_asked(messages: Messages) -> None:
    assert texter(messages)(a_parcel(TO, unsure=True)) == Sent("SM" + "0" * 32)
    assert [line.split()[0] for line in messages.asked] == ["GET", "POST"]
    assert "To=%2B14805550131" in messages.asked[0]


def test_while_twilios_list_cannot_be_read_nothing_is_sent(messages: Messages) -> None:
    messages.list_troubles.append(Refusal(500, 20500))
    result = texter(messages)(a_parcel(TO, unsure=True))
    assert isinstance(result, Failed)
    assert result.unsure
    assert messages.posted == []


def test_when_the_list_says_how_long_to_wait_that_is_passed_on(messages: Messages) -> None:
    messages.list_troubles.append(Refusal(503, 20503, "600"))
    result = texter(messages)(a_parcel(TO, unsure=True))
    assert isinstance(result, Failed)
    assert (result.unsure, result.blocked, result.wait_seconds) == (True, True, 600.0)


def test_a_like_text_of_long_ago_or_of_another_letter_is_no_proof(messages: Messages) -> None:
    texter(messages)(a_parcel(TO))
    texter(messages)(a_parcel(TO, mark="120"))
    later = datetime.now(UTC) + timedelta(days=1)
    texter(messages)(a_parcel(TO, unsure=True, since=later))
    assert len(messages.taken) == 3
    texter(messages)(a_parcel(TO, mark="2", unsure=True))
    assert len(messages.taken) == 4


def test_a_text_that_twilio_could_not_deliver_is_dead(messages: Messages) -> None:
    texter(messages)(a_parcel(TO))
    messages.taken[0].update(status="undelivered", error_code=30034)
    result = texter(messages)(a_parcel(TO, unsure=True))
    assert result == Refused("Twilio could not deliver it: error 30034")


def test_a_hanging_twilio_costs_one_attempt_a_round(outbox: Engine, messages: Messages, clock: Clock) -> None:
    note(outbox, 5)
    messages.troubles += ["hang"] * 5
    sender = Sender(outbox, {Way.TEXT: texter(messages, timeout=0.2)}, "one", clock)
    sender.run(words(rules(Rule(("maria",), EVERYTHING, (Way.TEXT,)))))
    wait_until(lambda: messages.posted, "the attempt")  # who hung up may be ahead of who answers
    assert len(messages.posted) == 1
    assert states(outbox) == {"waiting": 5}
