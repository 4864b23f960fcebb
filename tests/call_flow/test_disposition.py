"""How a call ended, in one word: the first definition that fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.call_flow.disposition import Disposition, disposition_of
from ivr.call_flow.events import (
    Apologised,
    CallArrived,
    CameThroughFallback,
    Event,
    FoundClosed,
    GoodbyeSaid,
    InformationHeard,
    MailboxHeard,
    MenuHeard,
    Rang,
    RingBudgetSpent,
    RingingEnded,
)
from ivr.call_flow.turn import Outcome
from ivr.call_flow.wishes import CallbackRequested

ARRIVED, MENU = CallArrived("main", "en-US"), MenuHeard("main")
RANG = Rang("scottsdale", ("desk",), 20, 1, "scottsdale", True)
NOBODY = RingingEnded("scottsdale", ("desk",), 1, Outcome.NO_ANSWER, 0)
CLOSED = FoundClosed("scottsdale", "hours", "", None)
FIRST_PART, LAST_PART = InformationHeard("pain", 1, 2), InformationHeard("pain", 2, 2)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([ARRIVED, MENU], Disposition.ABANDONED_IN_MENU),
        ([ARRIVED, MENU, FIRST_PART], Disposition.ABANDONED_IN_INFORMATION),
        ([ARRIVED, MENU, FIRST_PART, MENU], Disposition.ABANDONED_IN_MENU),
        ([ARRIVED, MENU, FIRST_PART, LAST_PART, MENU], Disposition.INFORMATION_ONLY),
        ([ARRIVED, MENU, FIRST_PART, LAST_PART, RANG], Disposition.ABANDONED_WHILE_RINGING),
        ([ARRIVED, MENU, RANG, NOBODY, MailboxHeard("box")], Disposition.NO_ANSWER),
        ([ARRIVED, MENU, RANG, NOBODY, RANG], Disposition.ABANDONED_WHILE_RINGING),
        ([ARRIVED, MENU, RANG, NOBODY, RingBudgetSpent("scottsdale", 90)], Disposition.NO_ANSWER),
        ([ARRIVED, MENU, CLOSED, MailboxHeard("box")], Disposition.CLOSED),
        ([ARRIVED, MENU, CLOSED, RANG, NOBODY], Disposition.NO_ANSWER),
        ([ARRIVED, MENU, RANG, NOBODY, CLOSED], Disposition.CLOSED),
        ([ARRIVED, MENU, CLOSED, CallbackRequested("callback")], Disposition.CALLBACK),
        ([ARRIVED, MENU, GoodbyeSaid("round", "loop")], Disposition.FAILED),
        ([ARRIVED, MENU, RANG, NOBODY, GoodbyeSaid("main", "hops")], Disposition.NO_ANSWER),
        ([ARRIVED, MENU, GoodbyeSaid("farewell", "goodbye")], Disposition.INFORMATION_ONLY),
        ([ARRIVED, MENU, Apologised("OSError")], Disposition.FAILED),
        ([CameThroughFallback("11205")], Disposition.FAILED),
        ([ARRIVED, MENU, RANG, NOBODY, CameThroughFallback()], Disposition.FAILED),
        ([CameThroughFallback(), ARRIVED, MENU], Disposition.ABANDONED_IN_MENU),
        ([ARRIVED], Disposition.FAILED),
        ([], Disposition.FAILED),
    ],
)
def test_the_first_definition_that_fits_counts(events: list[Event], expected: Disposition) -> None:
    assert disposition_of(events, answered=False, messages=0) is expected


@pytest.mark.parametrize("events", [[ARRIVED, MENU, RANG], [ARRIVED, MENU, CLOSED], [ARRIVED, Apologised("OSError")]])
def test_being_joined_outweighs_everything_and_a_message_all_but_that(events: list[Event]) -> None:
    assert disposition_of(events, answered=True, messages=1) is Disposition.ANSWERED
    assert disposition_of(events, answered=False, messages=1) is Disposition.MESSAGE


@pytest.mark.parametrize("status", ["canceled", "no-answer"])
def test_a_caller_who_hung_up_before_the_first_words_abandoned_the_call(status: str) -> None:
    assert disposition_of([], answered=False, messages=0, status=status) is Disposition.ABANDONED_IN_MENU


def test_every_disposition_is_defined_in_the_operations_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    defined = [line.split("|")[1].strip() for line in page.partition("## Dispositions")[2].splitlines() if "|" in line]
    assert defined[2:] == [each.value for each in Disposition]
