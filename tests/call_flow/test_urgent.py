"""Urgent calls: a second key, then who is on call and the others in turn, then an urgent message; and their proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from ivr.call_flow.engine import advance
from ivr.call_flow.events import GoodbyeSaid, MailboxHeard, RingBudgetSpent
from ivr.call_flow.finding import Claim
from ivr.call_flow.model import Budgets, Mailbox, Override, OverrideKind, Phone, Rota, Routing, UrgentCall
from ivr.call_flow.overrides import with_overrides
from ivr.call_flow.phrases import emergency
from ivr.call_flow.proofs import prove
from ivr.call_flow.summary import Noted, summarise
from ivr.call_flow.tree import tree_of
from ivr.call_flow.turn import (
    Arrived,
    Ask,
    CallState,
    DialEnded,
    HangUp,
    Heard,
    Join,
    MessageLeft,
    Outcome,
    Pressed,
    Record,
    Ring,
    Silence,
    Turn,
)
from ivr.call_flow.whispering import answer_callee
from ivr.call_flow.wishes import UrgentConfirmed

from .conftest import CLOSED_AT, OPEN_AT, location, menu, phone, routing_of

LEE, KIM, ANA = (Phone(name, f"+1480555{2000 + number}", 20) for number, name in enumerate(("Lee", "Kim", "Ana")))
NO, TAKEN = DialEnded(Outcome.NO_ANSWER), DialEnded(Outcome.ANSWERED, 60)


def clinic(**changes: object) -> Routing:
    """Key 2 leads to the urgent call; Lee and Kim have a week each, Ana none, and Kim's is the week of CLOSED_AT."""
    plain = Rota("nights", "America/Phoenix", 480, (LEE, KIM, ANA), "mailbox", date(2026, 11, 16), ("Lee", "Kim"))
    rota = replace(plain, **changes)  # type: ignore[arg-type]  # named settings
    routing = routing_of(
        menu("main", "mailbox", "urgent"),
        location("front", phone(1)),
        Mailbox("mailbox", "greeting", 60),
        UrgentCall("urgent", rota, "5", "mailbox"),
    )
    return replace(routing, budgets=Budgets(70, 40))


def call(routing: Routing, *heard: Heard, at: datetime = CLOSED_AT) -> Turn:
    """The last turn of a call."""
    turn = advance(routing, CallState("main", "main", language="en-US"), Arrived(), at)
    for each in heard:
        turn = advance(routing, resume(turn), each, at)
    return turn


def resume(turn: Turn) -> CallState:
    assert isinstance(turn.step, Ask | Ring | Record)
    return turn.step.resume


def said(turn: Turn) -> str:
    return " ".join(str(phrase) for say in turn.say for phrase in say.phrases)


def rung(turn: Turn) -> list[str]:
    return [one.name for one in turn.step.phones] if isinstance(turn.step, Ring) else []


CONFIRMED = (Pressed("2"), Pressed("5"))


def test_it_asks_for_another_key_after_911_and_988() -> None:
    turn = call(clinic(), Pressed("2"))
    assert said(turn).startswith(f"{emergency('en-US')} en-US:urgent_confirm")
    assert "en-US:urgent_to_ring, press 5." in said(turn)
    assert rung(turn) == []


@pytest.mark.parametrize("key", ["2", "3", "", "8"])
def test_no_other_key_rings_anybody(key: str) -> None:
    assert rung(call(clinic(), Pressed("2"), Pressed(key))) == []


def test_who_can_wait_presses_1() -> None:
    assert MailboxHeard("mailbox") in call(clinic(), Pressed("2"), Pressed("1")).events


def test_the_one_on_call_rings_first_then_the_others_once_each_then_the_mailbox() -> None:
    routing = clinic()
    turns = [call(routing, *CONFIRMED, *[NO] * times) for times in range(4)]
    assert [rung(turn) for turn in turns] == [["Kim"], ["Ana"], ["Lee"], []]
    confirmed = next(event for event in turns[0].events if isinstance(event, UrgentConfirmed))
    assert (confirmed.on_call, confirmed.until) == ("Kim", "2026-11-30T08:00:00-07:00")
    assert said(turns[3]).startswith(emergency("en-US"))
    assert "en-US:urgent_nobody" in said(turns[3])
    assert MailboxHeard("mailbox") in turns[3].events
    assert all(turn.step.whisper for turn in turns[:3] if isinstance(turn.step, Ring))


def test_who_accepts_by_a_key_is_joined_and_hears_that_it_is_urgent() -> None:
    routing = clinic()
    ringing = resume(call(routing, *CONFIRMED, NO))
    asked = answer_callee(routing, ringing, 0, Arrived(), CLOSED_AT)
    assert "en-US:urgent_whisper" in said(asked)
    assert isinstance(answer_callee(routing, ringing, 0, Pressed("1"), CLOSED_AT).step, Join)
    assert isinstance(answer_callee(routing, ringing, 0, Silence(), CLOSED_AT).step, HangUp)
    assert GoodbyeSaid("urgent", "talked") in call(routing, *CONFIRMED, NO, TAKEN).events


def test_a_hand_over_while_phones_ring_leaves_nobody_out() -> None:
    routing, before = clinic(), datetime(2026, 11, 30, 7, 59, tzinfo=CLOSED_AT.tzinfo)
    turn = call(routing, *CONFIRMED, at=before)
    names = [*rung(turn)]
    for _ in range(2):
        turn = advance(routing, resume(turn), NO, before + timedelta(minutes=1))
        names += rung(turn)
    assert names == ["Kim", "Ana", "Lee"]


def test_the_ring_budget_holds() -> None:
    routing = replace(clinic(), budgets=Budgets(30, 40))
    second = call(routing, *CONFIRMED, NO)
    assert isinstance(second.step, Ring)
    assert second.step.seconds == 10
    last = call(routing, *CONFIRMED, NO, NO)
    assert RingBudgetSpent("urgent", 30) in last.events
    assert ("en-US:urgent_next" in said(second), "en-US:urgent_next" in said(last)) == (True, False)
    assert MailboxHeard("mailbox") in last.events


def test_when_it_is_nobodys_turn_somebody_rings_all_the_same() -> None:
    assert rung(call(clinic(weeks=()), *CONFIRMED)) == ["Lee"]


def test_who_is_out_is_not_rung_in_their_turn() -> None:
    routing = clinic(people=(LEE, replace(KIM, enabled=False), ANA))
    turns = [call(routing, *CONFIRMED, *[NO] * times) for times in range(3)]
    assert [rung(turn) for turn in turns] == [["Ana"], ["Lee"], []]
    assert UrgentConfirmed("urgent", "Ana", "2026-11-30T08:00:00-07:00") in turns[0].events


def test_a_swap_rings_somebody_else_first_while_it_lasts() -> None:
    swap = Override(1, OverrideKind.SWAP, "nights", CLOSED_AT, CLOSED_AT + timedelta(hours=1), to="Ana")
    routing = with_overrides(clinic(), (swap,))
    assert rung(call(routing, *CONFIRMED)) == ["Ana"]
    assert rung(call(routing, *CONFIRMED, at=swap.ends)) == ["Kim"]


def test_a_call_is_urgent_until_somebody_takes_it() -> None:
    def urgent(*heard: Heard) -> bool:
        routing, noted = clinic(), []
        turn = advance(routing, CallState("main", "main", language="en-US"), Arrived(), CLOSED_AT)
        for hop, each in enumerate((None, *heard)):
            turn = advance(routing, resume(turn), each, CLOSED_AT) if each else turn
            noted += [Noted(hop, nth, CLOSED_AT, event) for nth, event in enumerate(turn.events)]
        return summarise(noted).urgent

    message = MessageLeft("RE" + "0" * 32, 10)
    assert urgent(*CONFIRMED, NO, NO, NO, Pressed("1"), message)
    assert urgent(*CONFIRMED)
    assert not urgent(*CONFIRMED, TAKEN)
    assert not urgent(Pressed("2"), Pressed("1"), Pressed("1"), message)


def test_everybodys_turn_is_proved_and_nothing_is_found() -> None:
    walked: set[str] = set()

    def weigh(turn: Turn) -> None:
        walked.update(rung(turn))

    proof = prove(clinic(), OPEN_AT, days=30, weigh=weigh)
    assert [str(finding) for finding in proof.findings] == []
    assert {"Lee", "Kim", "Ana"} <= walked


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"weeks": ()}, True),
        ({"starting": date(2026, 11, 30)}, True),
        ({"weeks": (), "dates": {date(2026, 10, 1): "Lee"}}, True),
        ({"weeks": (), "dates": {date(2026, 11, 20) + timedelta(days=day): "Lee" for day in range(40)}}, False),
        ({"weeks": (), "dates": {date(2026, 11, 20) + timedelta(days=day): "Lee" for day in range(20)}}, True),
    ],
)
def test_an_hour_without_anybody_on_call_is_found_by_the_proof(changes: dict[str, object], found: bool) -> None:
    proof = prove(clinic(**changes), OPEN_AT, days=60)
    claims = {finding.claim for finding in proof.findings}
    assert claims == ({Claim.ON_CALL} if found else set())
    if found:
        assert "Press 5" in str(proof.findings[0])


def test_the_drawing_names_the_people() -> None:
    routing = clinic()
    spot = next(spot for spot in tree_of(routing, routing.main_line).spots if spot.name == "urgent")
    assert {"Lee", "Kim", "Ana"} <= set(spot.lines)
