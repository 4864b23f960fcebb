"""A call played without a telephone: how far it goes, and what phones that ring together come to."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.call_flow.model import Routing
from ivr.call_flow.turn import Outcome, Ring
from ivr.routing.played_call import Start, play, story_of, together
from ivr.routing.stories import LeavesMessage, PhoneDoes, Presses, run_story
from ivr.routing.transcript import phones_did, whispered
from ivr.routing.zone import clinic_zone


@pytest.fixture
def start(routing: Routing) -> Start:
    return Start(datetime(2026, 11, 24, 10, 0, tzinfo=clinic_zone(routing)), "main", "", withheld=False)


@pytest.mark.parametrize(
    ("outcomes", "becomes"),
    [
        ([Outcome.BUSY, Outcome.ANSWERED], Outcome.ANSWERED),
        ([Outcome.BUSY, Outcome.BUSY], Outcome.BUSY),
        ([Outcome.BUSY, Outcome.FAILED], Outcome.NO_ANSWER),
        ([Outcome.DECLINED], Outcome.DECLINED),
    ],
)
def test_phones_that_ring_together_come_to_one_outcome(outcomes: list[Outcome], becomes: Outcome) -> None:
    assert together(outcomes) is becomes


def test_a_call_is_played_as_far_as_it_goes(routing: Routing, start: Start) -> None:
    call = play(routing, start, [Presses("2"), LeavesMessage(), Presses("1")])
    assert len(call.played) == 2
    assert call.fault == "a phone is ringing here: say what it does."


def test_a_played_call_makes_a_story_that_passes(routing: Routing, start: Start) -> None:
    call = play(routing, start, [Presses("2"), PhoneDoes(Outcome.ANSWERED)])
    assert not call.fault
    assert run_story(routing, story_of(routing, start, call.played, "a.yaml")).passed


def test_who_picks_up_hears_whose_call_it_is_and_each_phone_is_named(routing: Routing, start: Start) -> None:
    turn = play(routing, start, [Presses("2")]).last
    assert isinstance(turn.step, Ring)
    assert ("en-US", "Gilbert.") in whispered(routing, turn, start.at)
    told = phones_did(turn.step.phones, [Outcome.BUSY, Outcome.ANSWERED])
    assert told == "Gilbert front desk is busy. Gilbert nurse answers."
