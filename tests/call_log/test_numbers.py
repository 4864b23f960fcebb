"""Numbers are masked, revealed on the record only, found however they are typed, and sealed anew in batches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from ivr.call_log import numbers
from ivr.call_log.audit import deeds
from ivr.call_log.database import reading, writing
from ivr.call_log.numbers import NoNumber, NotANumber, look_up, masked, rekey, reveal, shown
from ivr.call_log.queries import Filters, history, newest
from ivr.call_log.rekeyed import Rekeyed
from ivr.call_log.tables import CallRow
from ivr.journal.sealing import Seal
from tests.call_log.made_calls import NOW, SEAL, MadeCalls, made_calls, number_of

OLD = "the first secret of these tests"
NEW = Seal(["the second secret of these tests", OLD])
NEW_ONLY = Seal(["the second secret of these tests"])


@pytest.fixture
def calls() -> MadeCalls:
    return made_calls()


def with_number(calls: MadeCalls) -> list[dict[str, Any]]:
    return [call for call in calls.calls if call["caller"]]


def test_a_number_is_masked_to_its_last_two_digits() -> None:
    assert masked("+14805550147") == "... 47"


def test_a_call_shows_its_number_masked_or_why_there_is_none(asked: Engine, calls: MadeCalls) -> None:
    page = newest(asked, Filters(), limit=300).calls
    known = next(call for call in page if call.caller)
    assert shown(SEAL, known) == masked(SEAL.unseal(known.caller or ""))
    assert shown(NEW_ONLY, known) == "unreadable"
    assert shown(SEAL, next(call for call in page if call.withheld)) == "withheld"
    assert shown(SEAL, replace(known, caller=None)) == "unknown"
    assert shown(SEAL, replace(known, caller=None, number_forgotten_at=NOW)) == "forgotten"


def test_a_reveal_is_on_the_record_and_the_record_holds_no_number(filled: Engine, calls: MadeCalls) -> None:
    call = with_number(calls)[0]
    number = reveal(filled, SEAL, call["sid"], actor="dana", now=NOW)
    assert number == SEAL.unseal(call["caller"])
    (deed,) = deeds(filled)
    assert (deed.at, deed.actor, deed.action, deed.about) == (NOW, "dana", "number revealed", call["sid"])
    assert number[-7:] not in repr(deed)


def test_there_is_no_number_to_reveal_of_who_withholds_it(filled: Engine, calls: MadeCalls) -> None:
    withheld = next(call for call in calls.calls if call["withheld"])
    for sid, why in ((withheld["sid"], "withheld"), ("CA" + "0" * 32, "no such call")):
        with pytest.raises(NoNumber, match=why):
            reveal(filled, SEAL, sid, actor="dana", now=NOW)
    with pytest.raises(NoNumber, match="unreadable"):
        reveal(filled, NEW_ONLY, with_number(calls)[0]["sid"], actor="dana", now=NOW)
    assert deeds(filled) == []


@pytest.mark.parametrize(
    "typed", ["+14805550003", "(480) 555-0003", "480 555 0003", "1-480-555-0003", " 480.555.0003 "]
)
def test_a_caller_is_found_however_the_number_is_typed(asked: Engine, calls: MadeCalls, typed: str) -> None:
    database = asked
    found = history(database, look_up(SEAL, typed)).calls
    assert {call.sid for call in found} == {
        call["sid"] for call in with_number(calls) if SEAL.unseal(call["caller"]) == number_of(3)
    }
    assert found


@pytest.mark.parametrize("typed", ["", "911", "hello", "+", "480555", "4" * 5000, "'; drop table call; --"])
def test_what_is_no_number_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(NotANumber) as refused:
        look_up(SEAL, typed)
    assert len(typed) < 4 or typed not in str(refused.value)


def test_while_secrets_change_a_caller_is_found_under_both(filled: Engine, calls: MadeCalls) -> None:
    before = history(filled, look_up(SEAL, number_of(0)), limit=300).calls
    half = {"caller": NEW.seal(number_of(0)), "caller_index": NEW.index(number_of(0))}
    with writing(filled) as connection:
        connection.execute(update(CallRow).where(CallRow.sid.in_([call.sid for call in before[::2]])).values(half))
    found = history(filled, look_up(NEW, number_of(0)), limit=300).calls
    assert [call.sid for call in found] == [call.sid for call in before]


def test_after_a_rotation_the_new_secret_alone_opens_every_number(
    filled: Engine, calls: MadeCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "BATCH", 50)
    told: list[tuple[int, int]] = []
    known = with_number(calls)
    done = rekey(filled, NEW, progress=lambda done, total: told.append((done, total)))
    assert done == Rekeyed(sealed=len(known), already=0, unreadable=0)
    assert told[-1] == (len(known), len(known))
    assert len(told) == -(-len(known) // 50)
    with reading(filled) as connection:
        rows = connection.execute(select(CallRow.sid, CallRow.caller, CallRow.caller_index)).all()
    after = {sid: (NEW_ONLY.unseal(token), index) for sid, token, index in rows if token}
    assert after == {call["sid"]: (number := SEAL.unseal(call["caller"]), NEW_ONLY.index(number)) for call in known}
    assert rekey(filled, NEW) == Rekeyed(0, len(known), 0)


def test_a_rotation_that_was_stopped_goes_on(filled: Engine, calls: MadeCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "BATCH", 50)

    def stop(done: int, _total: int) -> None:
        if done >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rekey(filled, NEW, progress=stop)
    known = len(with_number(calls))
    assert rekey(filled, NEW) == Rekeyed(sealed=known - 100, already=100, unreadable=0)


def test_numbers_under_a_lost_secret_are_counted_and_left(filled: Engine, calls: MadeCalls) -> None:
    known = with_number(calls)
    assert rekey(filled, NEW_ONLY) == Rekeyed(0, 0, len(known))
    assert len(history(filled, look_up(SEAL, number_of(0)), limit=300).calls) > 5
