"""Many letters, a bad world and workers that are killed at any moment: each is delivered once or dead once, counted."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from ivr.call_flow.notice_rules import NoticeKind, Rule, Way
from ivr.carrier.client import rest_client
from ivr.notices.mail import Mailer
from ivr.notices.outgoing import LEASE
from ivr.notices.parcel import Deliver, Failed, Parcel, Refused, Result, Sent
from ivr.notices.sending import Sender
from ivr.notices.text import Texter
from ivr.settings_notices import MailServer
from tests.carrier.messages_double import Messages, Refusal
from tests.carrier.twilio_double import ACCOUNT, TOKEN

from .conftest import Clock, Killed, note, rules, states, words
from .mail_server import DIES, Running, mail_server

MANY, CUT_OFF = int(os.environ.get("IVR_LETTERS", "2500")), 8
SOME = 80  # fewer than Twilio's list is looked through for; usually a person is sent 30 texts an hour at most
FROM = "+14805550100"


@dataclass
class Mortal:
    """Hands letters to a way and dies now and then: before the hand-over, or after it with nothing written down."""

    way: Deliver
    likely: float
    chance: Random = field(default_factory=lambda: Random(5))
    deaths: Counter[str] = field(default_factory=Counter)

    def __call__(self, given: Parcel) -> Result:
        self._perhaps("before")
        result = self.way(given)
        self._perhaps("after")
        return result

    def _perhaps(self, when: str) -> None:
        if self.chance.random() < self.likely:
            self.deaths[when] += 1
            raise Killed


def work(engine: Engine, clock: Clock, way: Way, deliver: Mortal, at_once: int = 1) -> None:
    """A day and more of workers, one after the other: each goes on until it is killed."""
    person = "sam" if way is Way.MAIL else "maria"
    rule = Rule((person,), frozenset({NoticeKind.MESSAGE_LEFT}), (way,), despite_quiet=True)
    until, given = clock() + timedelta(hours=26), words(rules(rule))
    while clock() < until:
        holder = f"worker {deliver.deaths.total()}"
        sender = Sender(engine, {way: deliver}, holder, clock, at_once=at_once, most_an_hour=MANY)
        try:
            while sender.run(given).tried:
                clock.later(minutes=3)  # a way that did not answer has rested
        except Killed:
            clock.later(seconds=LEASE.total_seconds() + 1)
            continue
        clock.later(minutes=30)


@pytest.mark.timeout(900)  # many times what an idle machine needs
def test_each_of_many_letters_is_delivered_once_or_dead_once(outbox: Engine, clock: Clock) -> None:
    """The other side knows what it took, as Twilio's list does; a tenth is refused, a tenth fails now and then, some
    never get through. Claims are taken by the hundred, so that each death leaves many in hand."""
    taken, chance = Counter[str](), Random(7)

    def carrier(parcel: Parcel) -> Result:
        number = int(parcel.mark)
        if parcel.unsure and taken[parcel.reference]:
            return Sent()
        if number % 10 == 3:
            return Refused("no such mailbox")
        if number % 10 == 7 and chance.random() < 0.3:
            return Failed("not now")
        if number % 100 == 9:
            return Failed("never")
        taken[parcel.reference] += 1
        return Sent()

    note(outbox, MANY, at=clock())
    mortal = Mortal(carrier, 0.002)
    work(outbox, clock, Way.MAIL, mortal, at_once=100)
    assert min(mortal.deaths["before"], mortal.deaths["after"]) >= 3
    refused, never = MANY // 10, MANY // 100
    assert states(outbox) == {"sent": MANY - refused - never, "dead": refused + never}
    assert len(taken) == MANY - refused - never
    assert set(taken.values()) == {1}


def test_no_text_leaves_twice_whatever_twilio_and_the_worker_die_of(
    outbox: Engine, messages: Messages, clock: Clock
) -> None:
    clock.now = datetime.now(UTC)  # Twilio's list tells real moments
    note(outbox, SOME, at=clock())
    bad_days: list[Refusal | str] = ["lost", "hang", "reset", "half", "lost", Refusal(429, 20429), Refusal(503, 20503)]
    messages.troubles += Random(5).sample(bad_days * 2, 14)
    messages.list_troubles += [Refusal(500, 20500), "reset"]
    mortal = Mortal(Texter(rest_client(ACCOUNT, TOKEN, messages.client(0.3)), FROM), 0.05)
    work(outbox, clock, Way.TEXT, mortal)
    assert min(mortal.deaths["before"], mortal.deaths["after"]) >= 3
    assert (messages.troubles, messages.list_troubles) == ([], [])
    assert states(outbox) == {"sent": SOME}
    bodies = Counter(each["body"] for each in messages.taken)
    assert len(bodies) == SOME
    assert set(bodies.values()) == {1}


@pytest.fixture
def dying() -> Iterator[Running]:
    """A mail server that takes a letter and is gone before it says so, now and then."""
    with mail_server() as server:
        server.handler.words += Random(5).sample([DIES] * CUT_OFF + ["451 try later"] * 4 + ["250 OK"] * 28, 40)
        yield server


def test_every_mail_arrives_and_a_repeat_is_known_by_its_message_id(
    outbox: Engine, dying: Running, clock: Clock
) -> None:
    note(outbox, SOME, at=clock())
    mortal = Mortal(Mailer(MailServer("smtp", "127.0.0.1", dying.port), "desk@clinic.example"), 0.05)
    work(outbox, clock, Way.MAIL, mortal)
    assert min(mortal.deaths["before"], mortal.deaths["after"]) >= 3
    assert states(outbox) == {"sent": SOME}
    arrived = Counter(mail["Message-ID"] for mail in dying.handler.taken)
    assert len(arrived) == SOME
    repeats = arrived.total() - SOME
    assert 0 < repeats <= CUT_OFF + mortal.deaths["after"], "only what nobody could know of is repeated"
