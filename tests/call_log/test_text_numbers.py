"""The numbers of texts: forgotten in time with proof, sealed anew with the secret; who answered STOP stays known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from ivr.call_flow.model import Retention
from ivr.call_log import numbers as call_log_numbers
from ivr.call_log.database import reading
from ivr.call_log.numbers import rekey
from ivr.call_log.recorder import record
from ivr.call_log.rekeyed import Rekeyed
from ivr.call_log.retention import TEXTS, forget
from ivr.call_log.text_tables import PatientTextRow, TextOptOutRow
from ivr.journal.sealing import Seal
from ivr.notices.parcel import Refused
from ivr.notices.patient_sending import TextSender
from ivr.notices.patient_shown import stopped
from ivr.notices.patient_texts import STOPPED, TextBirths, has_stopped
from tests.conftest import ZONE
from tests.notices.conftest import NOW, Clock, clock, outbox
from tests.notices.patients import ASKED, CALLER, SEAL, Phones, a_call, fates, routing, sender, written_down

__all__ = ["clock", "outbox"]

OTHER = "+14805550148"
STOP = Refused("this phone has answered STOP (Twilio error 21610)", opted_out=True)


def numbers(engine: Engine) -> list[tuple[str | None, str | None]]:
    row = PatientTextRow
    with reading(engine) as connection:
        return [tuple(each) for each in connection.execute(select(row.number, row.number_index).order_by(row.id))]  # type: ignore[misc]


def test_numbers_of_texts_are_forgotten_in_time_and_stops_are_kept(database: Engine, clock: Clock) -> None:
    written_down(database, a_call(1, *ASKED), a_call(2, *ASKED, caller=OTHER))
    sender(database, Phones(results=[STOP]), clock).run(routing())
    keep = Retention(numbers_days=10)
    for days, count in ((9, 0), (11, 2), (12, 0)):
        erased = forget(database, keep, now=NOW + timedelta(days=days), actor="t", erase_recording=lambda _: True)
        assert [each.count for each in erased if each.what == TEXTS] == [count]
    assert numbers(database) == [(None, None), (None, None)]
    assert [state for _, state, _ in fates(database)] == ["dead", "sent"], "that they were is still known"
    assert stopped(database) == 1


def test_a_new_secret_seals_numbers_and_stops_anew(database: Engine, clock: Clock) -> None:
    written_down(database, a_call(1, *ASKED), a_call(2, *ASKED, caller=OTHER))
    sender(database, Phones(results=[STOP]), clock).run(routing())
    new = "a new secret of these tests, long enough"
    both = Seal([new, "a secret of these tests, long enough"])
    done = rekey(database, both)
    assert (done.sealed, done.unreadable) == (5, 0), "two calls, two texts, one that answered STOP"
    again = rekey(database, both)
    assert (again.sealed, again.already) == (0, 5)
    alone = Seal([new])
    assert [index for _, index in numbers(database)] == [alone.index(CALLER), alone.index(OTHER)]
    assert [alone.unseal(token or "") for token, _ in numbers(database)] == [CALLER, OTHER]
    with reading(database) as connection:
        assert has_stopped(connection, alone.indexes(CALLER))
        assert not has_stopped(connection, SEAL.indexes(CALLER))
    births = TextBirths(routing, alone)
    later = NOW + timedelta(days=2)
    record(database, a_call(3, *ASKED, at=later, seal=alone), zone=ZONE, heard_at=later, follow=births)
    assert fates(database)[-1] == ("guide", "dead", STOPPED)


def test_numbers_are_sealed_anew_page_by_page_and_all_of_them_are_told_of(
    outbox: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_log_numbers, "BATCH", 2)
    callers = [f"+1480555{number:04}" for number in range(160, 165)]
    written_down(outbox, *(a_call(at, *ASKED, caller=caller) for at, caller in enumerate(callers)))
    sender(outbox, Phones(results=[STOP] * 3), clock).run(routing())
    told: list[tuple[int, int]] = []
    both = Seal(["a new secret of these tests, long enough", "a secret of these tests, long enough"])
    done = rekey(outbox, both, progress=lambda done, total: told.append((done, total)))
    assert done == Rekeyed(sealed=13), "five calls, five texts, three that answered STOP"
    assert [done for done, _ in told] == [2, 4, 5, 7, 9, 10, 12, 13]
    assert {total for _, total in told} == {13}
    assert rekey(outbox, both) == Rekeyed(already=13)


def test_a_number_that_answered_stop_under_both_secrets_is_one(outbox: Engine, clock: Clock) -> None:
    new = Seal(["a new secret of these tests, long enough"])
    both = Seal(["a new secret of these tests, long enough", "a secret of these tests, long enough"])
    written_down(outbox, a_call(1, *ASKED))
    sender(outbox, Phones(results=[STOP]), clock).run(routing())
    record(outbox, a_call(2, *ASKED, seal=new), zone=ZONE, heard_at=NOW, follow=TextBirths(routing, new))
    TextSender(outbox, Phones(results=[STOP]), new, "one", clock).run(routing())
    assert stopped(outbox) == 2
    rekey(outbox, both)
    assert stopped(outbox) == 1


def test_what_no_secret_opens_is_counted_and_left(outbox: Engine) -> None:
    written_down(outbox, a_call(1, *ASKED))
    before = numbers(outbox)
    done = rekey(outbox, Seal(["quite another secret of these tests"]))
    assert (done.sealed, done.unreadable) == (0, 2)
    with reading(outbox) as connection:
        assert connection.scalars(select(TextOptOutRow.at)).all() == []
    assert numbers(outbox) == before
