"""The worker's rounds: everything is delivered once or dead once, counted; a way that hangs keeps no other waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from ivr.call_flow.notice_rules import NoticeRules, Rule, Way
from ivr.call_log.database import writing
from ivr.notices.addressing import address
from ivr.notices.outbox import again, claim
from ivr.notices.outgoing import LEASE
from ivr.notices.parcel import Failed, Parcel, Result, Sent
from ivr.notices.patient_sending import TextSender
from ivr.notices.sending import Sender
from ivr.notices.shown import newest
from ivr.notices.tables import LetterRow, NoticeRow
from ivr.notices.urgent import tell_urgent
from tests.conftest import ZONE

from .conftest import EVERYTHING, NOW, Clock, Kept, Killed, letters, note, rules, states, words
from .patients import SEAL, routing


def test_a_notice_is_sent_within_one_round(database: Engine, clock: Clock) -> None:
    mail = Kept()
    note(database)
    Sender(database, {Way.MAIL: mail}, "one", clock).run(words())
    (sent,) = mail.parcels
    assert (sent.to, sent.subject) == ("maria@example.com", "Sample Clinic: 1 new message for Gilbert")
    assert sent.link == "https://ivr.example.com/call-back"
    assert states(database) == {"sent": 1}


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_worker_killed_before_during_or_after_an_attempt_leaves_a_letter_that_another_sends(
    database: Engine, clock: Clock, when: str
) -> None:
    """Before it, the letter is claimed and that is all; after it, the letter left and nobody wrote that down."""
    handed_over: list[Parcel] = []

    def dying(given: Parcel) -> Result:
        if when == "after":
            handed_over.append(given)
        raise Killed

    note(database)
    if when == "before":
        address(database, rules(), ZONE, clock())
        assert len(claim(database, "one", [Way.MAIL], clock())) == 1
    else:
        with pytest.raises(Killed):
            Sender(database, {Way.MAIL: dying}, "one", clock).run(words())
    mail = Kept()
    other = Sender(database, {Way.MAIL: mail}, "two", clock)
    other.run(words())
    assert mail.parcels == []
    clock.later(seconds=LEASE.total_seconds())
    other.run(words())
    (sent,) = mail.parcels
    assert sent.unsure
    assert [each.reference for each in handed_over] in ([], [sent.reference])
    assert states(database) == {"sent": 1}


def test_the_reference_stays_at_each_attempt_and_changes_when_somebody_sends_it_again(
    outbox: Engine, clock: Clock
) -> None:
    mail = Kept(results=[Failed("away"), Sent()])
    sender = Sender(outbox, {Way.MAIL: mail}, "one", clock)
    note(outbox)
    sender.run(words())
    clock.later(hours=1)
    sender.run(words())
    again(outbox, 1, actor="cli:test", now=clock())
    sender.run(words())
    first, second, third = mail.parcels
    assert first.reference == second.reference != third.reference
    assert (first.mark, third.mark) == ("1", "1/1")


def test_a_way_whose_server_is_away_rests_and_keeps_no_other_waiting(outbox: Engine, clock: Clock) -> None:
    mail, text = Kept(results=[Failed("away", blocked=True)] * 9), Kept()
    sender = Sender(outbox, {Way.MAIL: mail, Way.TEXT: text}, "one", clock)
    note(outbox, 5)
    both = words(rules(Rule(("maria",), EVERYTHING, (Way.MAIL, Way.TEXT))))
    sender.run(both)
    assert (len(mail.parcels), len(text.parcels)) == (1, 5)
    sender.run(both)
    assert len(mail.parcels) == 1
    clock.later(seconds=6)
    sender.run(both)
    assert len(mail.parcels) == 2


def test_a_way_is_left_alone_for_as_long_as_its_server_asked(outbox: Engine, clock: Clock) -> None:
    mail = Kept(results=[Failed("busy", blocked=True, wait_seconds=1800)])
    sender = Sender(outbox, {Way.MAIL: mail}, "one", clock)
    note(outbox, 3)
    sender.run(words())
    clock.later(seconds=1799)
    sender.run(words())
    assert len(mail.parcels) == 1
    clock.later(seconds=2)
    sender.run(words())
    assert states(outbox) == {"sent": 3}


def test_somebody_who_left_the_clinic_is_told_nothing(outbox: Engine, clock: Clock) -> None:
    mail = Kept()
    note(outbox)
    sender = Sender(outbox, {}, "one", clock)
    sender.run(words())
    Sender(outbox, {Way.MAIL: mail}, "one", clock).run(words(NoticeRules()))
    (letter,) = letters(outbox)
    assert mail.parcels == []
    assert (letter.state, letter.fault) == ("dead", "clinic.yaml names no mail address for maria any more")


def test_a_letter_that_cannot_be_written_keeps_no_other_from_being_sent(outbox: Engine, clock: Clock) -> None:
    given: list[Parcel] = []

    def stumbling(parcel: Parcel) -> Result:
        given.append(parcel)
        if len(given) == 1:
            raise UnicodeEncodeError("ascii", "x", 0, 1, "no")
        return Sent()

    note(outbox, 3)
    Sender(outbox, {Way.MAIL: stumbling}, "one", clock).run(words())
    assert states(outbox) == {"sent": 2, "waiting": 1}


def test_a_notice_that_a_newer_release_wrote_stops_no_other_and_is_told_to_nobody(
    database: Engine, clock: Clock
) -> None:
    mail = Kept()
    note(database, kind="pigeon lost")
    note(database)
    Sender(database, {Way.MAIL: mail}, "one", clock).run(words())
    assert [parcel.subject for parcel in mail.parcels] == ["Sample Clinic: 1 new message for Gilbert"]
    assert [each.told for each in newest(database)] == ["message left"]


def test_a_letter_of_a_newer_release_is_sent_and_shown_as_it_is_written(database: Engine, clock: Clock) -> None:
    mail = Kept()
    note(database)
    sender = Sender(database, {Way.MAIL: mail}, "one", clock)
    address(database, rules(), ZONE, clock())
    with writing(database) as connection:
        connection.execute(update(NoticeRow).values(kind="pigeon lost", about="the white one"))
    sender.run(words())
    (sent,) = mail.parcels
    assert sent.subject == "Sample Clinic: pigeon lost for Gilbert: the white one"
    with writing(database) as connection:
        connection.execute(update(LetterRow).values(way="pigeon", state="flying"))
    assert [(each.told, each.way, each.state) for each in newest(database)] == [("pigeon lost", "pigeon", "flying")]
    note(database, tag="later")
    assert sender.run(words()).tried == 1


@pytest.mark.parametrize("passes", [False, True])
def test_what_is_tried_again_keeps_to_quiet_hours_unless_it_may_pass(
    outbox: Engine, clock: Clock, passes: bool
) -> None:
    mail = Kept(results=[Failed("away", blocked=True)])
    given = words(rules(Rule(("maria",), EVERYTHING, despite_quiet=passes)))
    sender = Sender(outbox, {Way.MAIL: mail}, "one", clock)
    clock.later(hours=9, minutes=59, seconds=55)  # five seconds before Maria's quiet hours
    note(outbox)
    sender.run(given)
    clock.later(minutes=1)
    sender.run(given)
    assert len(mail.parcels) == 1 + passes
    (letter,) = letters(outbox)
    if not passes:
        assert (letter.state, letter.attempts, letter.due_at) == ("waiting", 1, NOW + timedelta(hours=21))
        clock.now = letter.due_at
        sender.run(given)
    assert states(outbox) == {"sent": 1}
    assert not mail.parcels[-1].unsure


def test_where_nothing_waits_nobody_is_locked_out(outbox: Engine, clock: Clock) -> None:
    """SQLite has one writer at a time: these rounds, every few seconds, must not stand in the drainer's way."""
    sender = Sender(outbox, {Way.MAIL: Kept()}, "one", clock)
    texts = TextSender(outbox, lambda _text: Sent(), SEAL, "one", clock)
    with writing(outbox):
        tell_urgent(outbox, rules(), clock())
        assert sender.run(words()).tried == texts.run(routing()) == 0


def test_a_round_ends_when_it_is_told_to(outbox: Engine, clock: Clock) -> None:
    mail = Kept()
    note(outbox, 5)
    Sender(outbox, {Way.MAIL: mail}, "one", clock).run(words(), lambda: len(mail.parcels) < 2)
    assert states(outbox) == {"sent": 2, "waiting": 3}
