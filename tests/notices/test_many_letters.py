"""Many letters, a bad world and workers that are killed at any moment: each is delivered once or dead once, counted."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from ivr.call_flow.notice_rules import NoticeKind, Rule, Way
from ivr.notices.outgoing import LEASE
from ivr.notices.parcel import Deliver, Failed, Parcel, Refused, Result, Sent
from ivr.notices.sending import Sender
from tests.carrier.messages_double import Messages

from .conftest import Clock, Killed, note, rules, states, words
from .letter_storm import Storm, repeats

MANY = 500
LETTERS = int(os.environ.get("IVR_LETTERS", "160"))  # through real servers, half of them texts
NOTICES = 40 if LETTERS > 1000 else 25  # to each person by each way: fewer than Twilio's list is looked through for


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


def work(engine: Engine, clock: Clock, deliver: Mortal) -> None:
    """A day and more of workers, one after the other: each goes on until it is killed."""
    rule = Rule(("sam",), frozenset({NoticeKind.MESSAGE_LEFT}), (Way.MAIL,), despite_quiet=True)
    until, given = clock() + timedelta(hours=26), words(rules(rule))
    while clock() < until:
        holder = f"worker {deliver.deaths.total()}"
        sender = Sender(engine, {Way.MAIL: deliver}, holder, clock, at_once=100, most_an_hour=MANY)
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
    mortal = Mortal(carrier, 0.012)
    work(outbox, clock, mortal)
    assert min(mortal.deaths["before"], mortal.deaths["after"]) >= 3
    refused, never = MANY // 10, MANY // 100
    assert states(outbox) == {"sent": MANY - refused - never, "dead": refused + never}
    assert len(taken) == MANY - refused - never
    assert set(taken.values()) == {1}


@pytest.mark.timeout(1800)  # of which an idle machine needs a small part
def test_through_real_servers_no_text_arrives_twice_and_a_mail_only_if_nobody_could_know(
    outbox: Engine, messages: Messages, tmp_path: Path
) -> None:
    """The worker is a process and killed, the mail server dies, hangs and is away, Twilio does all it can do wrong.

    A mail may come again when its worker was killed before it wrote down that it was taken, or had no answer.
    """
    people = max(3, -(-LETTERS // (2 * NOTICES)))
    note(outbox, NOTICES, at=datetime.now(UTC))
    storm = Storm(tmp_path, f"sqlite:///{outbox.url.database}", people, messages)
    each_way = NOTICES * (people - 1)  # nobody gets what the last one is sent
    storm.rage(2 * each_way)
    assert states(outbox) == {"sent": 2 * each_way, "dead": 2 * NOTICES}
    bodies = Counter(each["body"] for each in messages.taken)
    assert (len(bodies), set(bodies.values())) == (each_way, {1})
    arrived = [mail["Message-ID"] for mail in storm.mail.taken]
    unanswered = Counter(f"<notice-{each['reference']}@clinic.example>" for each in storm.failures() if each["unsure"])
    again = repeats(arrived)
    assert len(set(arrived)) == each_way
    assert again <= storm.doubtful + unanswered, "only what nobody could know of is repeated"
    assert again.total() > 0
    assert (storm.mail.words, messages.troubles, messages.list_troubles) == ([], [], [])
    assert set(storm.killed) == {"after a mail", "after a text", "at any time"}
    whys = Counter(each["why"] for each in storm.failures())
    told = f"{2 * each_way} letters arrived, {2 * NOTICES} are dead; mails that came again: {again.total()}"
    print(told, dict(storm.killed), *whys.items(), sep="\n")
