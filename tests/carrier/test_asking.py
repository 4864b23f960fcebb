"""Asking again: Twilio's own word on when, else a wait that grows and is never the same for all."""

from __future__ import annotations

import pytest
from twilio.rest import Client

from ivr.carrier.asking import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, CarrierAway, tried
from ivr.carrier.client import rest_client
from tests.carrier.messages_double import Messages, Refusal, messages_double
from tests.carrier.twilio_double import ACCOUNT, TOKEN

BUSY, TO = 429, "+14805550131"


def asked(messages: Messages, *troubles: Refusal | str) -> list[float]:
    """The waits between tries when these things go wrong."""
    client: Client = rest_client(ACCOUNT, TOKEN, messages.client())
    messages.list_troubles += troubles
    waits: list[float] = []
    tried(lambda: client.messages.list(to=TO, limit=1), waits.append)
    return waits


def test_what_twilio_asks_for_is_waited() -> None:
    with messages_double() as messages:
        assert asked(messages, Refusal(BUSY, 20429, "7"), Refusal(503, 20503, "3")) == [7.0, 3.0]


def test_a_date_is_held_against_the_answers_own() -> None:
    with messages_double() as messages:
        messages.date = "Tue, 24 Nov 2026 17:00:00 GMT"
        assert asked(messages, Refusal(BUSY, 20429, "Tue, 24 Nov 2026 17:00:09 GMT")) == [9.0]


def test_nobody_is_kept_waiting_for_an_hour() -> None:
    with messages_double() as messages:
        assert asked(messages, Refusal(BUSY, 20429, "99999999")) == [LONGEST_WAIT_SECONDS]


@pytest.mark.parametrize("header", ["", "soon", "-5", "0", "²", "Mon, 01 Jan 2024 00:00:00 +99999999999999"])
def test_without_a_time_the_wait_grows_and_differs(header: str) -> None:
    with messages_double() as messages:
        waits = asked(messages, *[Refusal(BUSY, 20429, header.encode().decode("latin-1"))] * 3)
    assert [FIRST_WAIT_SECONDS * 2**n / 2 <= wait <= FIRST_WAIT_SECONDS * 2**n for n, wait in enumerate(waits)] == [
        True
    ] * 3


def test_who_is_told_to_wait_too_often_learns_what_twilio_said() -> None:
    with messages_double() as messages, pytest.raises(CarrierAway, match="Twilio answered 429") as caught:
        asked(messages, *[Refusal(BUSY, 20429, "1")] * 4)
    assert caught.value.status == BUSY


def test_a_refusal_that_names_a_time_is_still_no_reason_to_ask_again() -> None:
    with messages_double() as messages, pytest.raises(CarrierAway):
        asked(messages, Refusal(401, 20003, "5"))
    assert len(messages.asked) == 1
