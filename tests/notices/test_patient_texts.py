"""Whether a caller gets a text: once a number and day, so many an hour, never after STOP, on both engines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import OperationalError

from ivr.call_flow.text_rules import TextKind, TextRules
from ivr.call_log.database import reading, writing
from ivr.call_log.recorder import record
from ivr.call_log.text_tables import PatientTextRow, TextOptOutRow
from ivr.journal.sealing import Seal
from ivr.notices.parcel import Failed, Refused
from ivr.notices.patient_sending import TextSender
from ivr.notices.patient_shown import TextCounts, stopped, text_counts, texts_of
from ivr.notices.patient_texts import FULL, NO_NUMBER, OFF, STOPPED, TWICE, TextBirths, full_until
from tests.conftest import ZONE

from .conftest import NOW, Clock
from .patients import (
    ASKED,
    CALLED_BACK,
    CALLER,
    GUIDE_WORDS,
    LINK,
    MISSED,
    MISSED_WORDS,
    SEAL,
    Phones,
    a_call,
    fates,
    routing,
    sender,
    sid,
    written_down,
)

LATER = timedelta(minutes=3)
HOSTS, TRIES = 6, 5


def test_who_asks_for_the_guide_gets_its_link_once(database: Engine, clock: Clock) -> None:
    phones = Phones()
    written_down(database, a_call(1, *ASKED), a_call(1, *ASKED))
    for _ in range(2):
        sender(database, phones, clock).run(routing())
    assert [(text.to, text.body) for text in phones.texts] == [(CALLER, GUIDE_WORDS)]
    assert fates(database) == [("guide", "sent", "")]


def test_a_hundred_wishes_from_one_number_make_one_text_a_day(database: Engine, clock: Clock) -> None:
    phones = Phones()
    written_down(database, [entry for number in range(100) for entry in a_call(number, *ASKED)])
    sender(database, phones, clock).run(routing())
    assert len(phones.texts) == 1
    assert text_counts(database, NOW) == (TextCounts(TextKind.GUIDE, 1, 0, {TWICE: 99}),)
    tomorrow = clock.later(days=1)
    written_down(database, a_call(200, *ASKED, at=tomorrow), now=tomorrow)
    sender(database, phones, clock).run(routing())
    assert len(phones.texts) == 2


def test_hosts_that_decide_at_once_make_one_text(database: Engine) -> None:
    """Calls that go on still: those that are over are counted, and whoever counts waits for the others anyway."""
    together = threading.Barrier(HOSTS)

    def host(number: int) -> None:
        """As the worker does: what waited too long for a lock is tried again."""
        together.wait()
        for _ in range(TRIES):
            with suppress(OperationalError):
                return written_down(database, a_call(number, *ASKED, over=False))
        return written_down(database, a_call(number, *ASKED, over=False))

    with ThreadPoolExecutor(HOSTS) as pool:
        list(pool.map(host, range(HOSTS)))
    assert len(fates(database)) == HOSTS
    assert [state for _, state, _ in fates(database)].count("waiting") == 1


def test_the_hour_has_a_ceiling_for_all_numbers_together(database: Engine, clock: Clock) -> None:
    rules = TextRules(LINK, an_hour=3)
    for number in range(5):
        written_down(database, a_call(number, *ASKED, caller=f"+148055501{number:02}"), rules=rules)
    assert [fault for _, _, fault in fates(database)] == ["", "", "", FULL, FULL]
    with reading(database) as connection:
        assert full_until(connection, TextKind.GUIDE, 3, NOW) == NOW + timedelta(hours=1)
        assert full_until(connection, TextKind.MISSED_CALL, 3, NOW) is None
    later = clock.later(minutes=61)
    written_down(database, a_call(9, *ASKED, at=later, caller="+14805550109"), now=later, rules=rules)
    assert fates(database)[-1] == ("guide", "waiting", "")


@pytest.mark.parametrize("caller", ["", "+18005550147", "+19005550147", "+442079460958", "+16045550147", "+123"])
def test_numbers_that_get_no_texts_are_sent_none(outbox: Engine, clock: Clock, caller: str) -> None:
    phones = Phones()
    written_down(outbox, a_call(1, *ASKED, caller=caller), a_call(2, *MISSED, caller=caller))
    sender(outbox, phones, clock).run(routing())
    assert phones.texts == []
    assert fates(outbox) == [("guide", "dead", NO_NUMBER)]


def test_a_phone_that_answered_stop_is_never_sent_anything_again(database: Engine, clock: Clock) -> None:
    phones = Phones(results=[Refused("this phone has answered STOP (Twilio error 21610)", opted_out=True)])
    written_down(database, a_call(1, *ASKED))
    sender(database, phones, clock).run(routing())
    assert stopped(database) == 1
    for days in (1, 400):
        clock.now = NOW + timedelta(days=days)
        calls = a_call(days * 10, *ASKED, at=clock()), a_call(days * 10 + 1, *MISSED, at=clock())
        written_down(database, *calls, now=clock())
        clock.later(minutes=3)
        sender(database, phones, clock).run(routing())
    assert len(phones.texts) == 1
    assert [fault for _, _, fault in fates(database)[1:]] == [STOPPED, STOPPED]


def test_a_stop_that_comes_while_a_text_waits_holds_it_back(outbox: Engine, clock: Clock) -> None:
    phones = Phones()
    written_down(outbox, a_call(1, *ASKED))
    with writing(outbox) as connection:
        stop = {"number_index": SEAL.index(CALLER), "number": SEAL.seal(CALLER), "at": NOW}
        connection.execute(insert(TextOptOutRow).values(stop))
    sender(outbox, phones, clock).run(routing())
    assert phones.texts == []
    assert fates(outbox) == [("guide", "dead", STOPPED)]


def test_while_secrets_change_a_number_still_gets_one_text_a_day(outbox: Engine) -> None:
    old = "another secret of these tests, long enough"
    both = Seal(["a new secret of these tests, long enough", old])
    for births_seal, number in ((Seal([old]), 1), (both, 2)):
        births = TextBirths(routing, births_seal)
        record(outbox, a_call(number, *ASKED, seal=Seal([old])), zone=ZONE, heard_at=NOW, follow=births)
    assert [fault for _, _, fault in fates(outbox)] == ["", TWICE]


def test_testers_of_a_draft_and_calls_of_long_ago_make_none(outbox: Engine) -> None:
    written_down(outbox, a_call(1, *ASKED, draft=True), a_call(2, *ASKED, at=NOW - timedelta(hours=2)))
    assert fates(outbox) == []


def test_a_clinic_that_sends_no_texts_any_more_says_so(outbox: Engine, clock: Clock) -> None:
    written_down(outbox, a_call(1, *ASKED), rules=TextRules())
    written_down(outbox, a_call(2, *ASKED))
    sender(outbox, Phones(), clock).run(routing(TextRules()))
    assert fates(outbox) == [("guide", "dead", OFF), ("guide", "dead", OFF)]


def test_a_number_that_none_of_our_secrets_opens_is_sent_nothing(outbox: Engine) -> None:
    written_down(outbox, a_call(1, *ASKED, seal=Seal(["a secret that this host does not have"])))
    assert fates(outbox) == [("guide", "dead", NO_NUMBER)]


# Missed calls --------------------------------------------------------------------------------------------------------


def test_a_missed_caller_is_told_once_a_day_in_their_language(database: Engine, clock: Clock) -> None:
    phones = Phones()
    written_down(
        database, a_call(1, *MISSED), a_call(2, *MISSED), a_call(3, *MISSED, caller="+14805550148", language="es-US")
    )
    sender(database, phones, clock).run(routing())
    assert phones.texts == [], "many call again at once"
    clock.now = NOW + LATER
    sender(database, phones, clock).run(routing())
    spanish = "Sample Clinic, llame al 480-555-0100. Responda STOP para cancelar."
    assert phones.words == [MISSED_WORDS, spanish]


@pytest.mark.parametrize(
    ("hour", "count"), [(13, 0), (15, 0), (16, 1), (22, 1), (24 + 2, 0)], ids=["6:00", "8:00", "9:00", "15:00", "19:00"]
)
def test_at_night_nobody_is_told_then_or_later(outbox: Engine, clock: Clock, hour: int, count: int) -> None:
    clock.now = NOW.replace(hour=0) + timedelta(hours=hour)
    phones = Phones()
    written_down(outbox, a_call(1, *MISSED, at=clock()), now=clock())
    for _ in range(2):
        clock.later(minutes=3)
        sender(outbox, phones, clock).run(routing())
    clock.later(hours=13)
    sender(outbox, phones, clock).run(routing())
    assert len(phones.texts) == count


@pytest.mark.parametrize("after", [CALLED_BACK, (), MISSED[:2]], ids=["left word", "calls now", "rings now"])
def test_who_was_served_since_or_is_calling_needs_no_text(
    outbox: Engine, clock: Clock, after: tuple[object, ...]
) -> None:
    phones = Phones()
    written_down(outbox, a_call(1, *MISSED))
    again = NOW + timedelta(minutes=1)
    over = after is CALLED_BACK
    written_down(outbox, a_call(2, *after, at=again, over=over), now=again)  # type: ignore[arg-type]
    clock.now = NOW + LATER
    sender(outbox, phones, clock).run(routing())
    assert phones.texts == []
    assert fates(outbox) == [("missed call", "dead", "the caller was reached meanwhile")]


def test_who_left_word_or_was_not_told_of_texts_is_not_missed_by_text(outbox: Engine) -> None:
    written_down(outbox, a_call(1, *MISSED, *CALLED_BACK), a_call(2, *MISSED[1:]), a_call(3, *MISSED, draft=True))
    assert fates(outbox) == []


def test_a_call_that_is_heard_of_late_makes_no_text(outbox: Engine) -> None:
    written_down(outbox, a_call(1, *MISSED), now=NOW + timedelta(minutes=40))
    assert fates(outbox) == []


def test_texts_after_missed_calls_are_off_by_default(outbox: Engine) -> None:
    written_down(outbox, a_call(1, *MISSED), rules=TextRules(LINK))
    assert fates(outbox) == []


# Sending -------------------------------------------------------------------------------------------------------------


def test_what_cannot_be_sent_in_an_hour_is_given_up(outbox: Engine, clock: Clock) -> None:
    phones = Phones(results=[Failed("Twilio answered 503", blocked=True)] * 100)
    written_down(outbox, a_call(1, *ASKED))
    for _ in range(80):
        sender(outbox, phones, clock).run(routing())
        clock.later(minutes=1)
    assert fates(outbox) == [("guide", "dead", "Twilio answered 503")]
    assert 4 <= len(phones.texts) <= 20


def test_a_killed_worker_is_followed_by_one_that_knows_it_may_have_arrived(database: Engine, clock: Clock) -> None:
    class Killed(BaseException):
        pass

    class Deadly(Phones):
        def __call__(self, given: object) -> object:  # type: ignore[override]
            super().__call__(given)  # type: ignore[arg-type]
            raise Killed

    written_down(database, a_call(1, *ASKED))
    with pytest.raises(Killed):
        sender(database, Deadly(), clock, "killed").run(routing())
    phones = Phones()
    sender(database, phones, clock, "next").run(routing())
    assert phones.texts == [], "the killed one may still be at it"
    clock.later(minutes=6)
    sender(database, phones, clock, "next").run(routing())
    assert [text.unsure for text in phones.texts] == [True]
    assert phones.texts[0].signs == (LINK,)
    assert fates(database) == [("guide", "sent", "")]


def test_while_texts_are_not_set_up_wishes_wait_and_then_end(outbox: Engine, clock: Clock) -> None:
    off = TextSender(outbox, None, SEAL, "one", clock)
    written_down(outbox, a_call(1, *ASKED))
    off.run(routing())
    assert fates(outbox) == [("guide", "waiting", "")]
    clock.later(minutes=61)
    off.run(routing())
    assert fates(outbox) == [("guide", "dead", "it could not be sent in time: are texts set up?")]


def test_twilio_is_left_alone_for_as_long_as_it_asked_whoever_the_next_text_is_for(
    outbox: Engine, clock: Clock
) -> None:
    phones = Phones(results=[Failed("busy", blocked=True, wait_seconds=600)])
    written_down(outbox, *(a_call(number, *ASKED, caller=f"+1480555014{number}") for number in range(3)))
    sending = sender(outbox, phones, clock)
    sending.run(routing())
    clock.later(seconds=599)
    sending.run(routing())
    assert len(phones.texts) == 1
    clock.later(seconds=2)
    sending.run(routing())
    assert [state for _, state, _ in fates(outbox)] == ["sent"] * 3


def test_a_text_whose_kind_was_taken_out_of_the_configuration_says_so(outbox: Engine, clock: Clock) -> None:
    written_down(outbox, a_call(1, *MISSED))
    clock.later(minutes=3)
    sender(outbox, Phones(), clock).run(replace(routing(), texts=None))
    assert fates(outbox) == [("missed call", "dead", OFF)]


def test_a_wish_that_is_told_before_the_calls_arrival_waits_for_its_number(database: Engine, clock: Clock) -> None:
    entries = a_call(1, *ASKED)
    written_down(database, [entry for entry in entries if entry.kind != "CallArrived"])
    assert fates(database) == []
    written_down(database, entries)
    phones = Phones()
    sender(database, phones, clock).run(routing())
    assert [text.to for text in phones.texts] == [CALLER]


def test_the_story_tells_what_became_of_it(outbox: Engine, clock: Clock) -> None:
    written_down(outbox, a_call(1, *ASKED), a_call(2, *ASKED))
    sender(outbox, Phones(), clock).run(routing())
    steps = [fate.step(ZONE) for number in (1, 2) for fate in texts_of(outbox, sid(number))]
    assert [step and step.text for step in steps] == [
        "was sent the guide by text",
        f"was not sent the guide by text: {TWICE}",
    ]


def test_a_text_that_a_newer_release_made_stops_no_other_and_its_call_still_shows(
    database: Engine, clock: Clock
) -> None:
    phones = Phones()
    written_down(database, a_call(1, *ASKED), a_call(2, *ASKED, caller="+14805550148"))
    with writing(database) as connection:
        connection.execute(update(PatientTextRow).where(PatientTextRow.call_sid == sid(1)).values(kind="a song"))
    sender(database, phones, clock).run(routing())
    assert [text.to for text in phones.texts] == ["+14805550148"]
    clock.later(minutes=61)
    sender(database, phones, clock).run(routing())
    (fate,) = texts_of(database, sid(1))
    step = fate.step(ZONE)
    assert step is not None
    assert step.text.startswith("was not sent a song: it could not be sent in time")


def test_no_row_holds_a_number_that_can_be_read(outbox: Engine) -> None:
    written_down(outbox, a_call(1, *ASKED), a_call(2, *ASKED))
    with reading(outbox) as connection:
        assert connection.scalar(select(func.count()).select_from(PatientTextRow)) == 2
        rows = connection.execute(select(PatientTextRow.__table__)).all()
    assert CALLER[1:] not in repr(rows)
    assert [row.number is None for row in rows] == [False, True]
