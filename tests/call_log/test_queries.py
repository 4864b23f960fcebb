"""Every list of calls is what filtering and sorting all rows by hand gives, on both engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, update

from ivr.call_log.database import writing
from ivr.call_log.queries import Call, Filters, Place, calls_like, history, newest, one_call, read_place
from ivr.call_log.tables import CallRow
from tests.call_log.made_calls import SEAL, MadeCalls, made_calls, number_of

A_DAY = datetime(2026, 11, 2, 5, tzinfo=UTC)


@pytest.fixture
def calls() -> MadeCalls:
    return made_calls()


def by_hand(calls: MadeCalls, filters: Filters) -> list[dict[str, Any]]:
    def fits(call: Mapping[str, Any]) -> bool:
        return (
            (filters.since is None or call["started_at"] >= filters.since)
            and (filters.until is None or call["started_at"] < filters.until)
            and filters.location in ("", call["location"])
            and filters.line in ("", call["line"])
            and filters.language in ("", call["language"])
            and (not filters.dispositions or call["disposition"] in filters.dispositions)
            and (not filters.callers or call["caller_index"] in filters.callers)
        )

    found = [call for call in calls.calls if fits(call)]
    return sorted(found, key=lambda call: (call["started_at"], call["sid"]), reverse=True)


def all_pages(database: Engine, filters: Filters, size: int) -> list[Call]:
    found: list[Call] = []
    before: Place | None = None
    while True:
        page = newest(database, filters, limit=size, before=before)
        found += page.calls
        if page.more is None:
            return found
        assert len(page.calls) == size
        before = read_place(str(page.more))


FILTERS = st.builds(
    Filters,
    since=st.sampled_from([None, A_DAY, A_DAY + timedelta(days=3)]),
    until=st.sampled_from([None, A_DAY + timedelta(days=1), A_DAY + timedelta(days=5)]),
    location=st.sampled_from(["", "scottsdale", "gilbert", "nowhere"]),
    line=st.sampled_from(["", "main"]),
    language=st.sampled_from(["", "es-US"]),
    dispositions=st.sampled_from([(), ("answered",), ("closed", "no answer"), ("",)]),
    callers=st.sampled_from([(), (SEAL.index(number_of(0)),), (SEAL.index(number_of(3)), "0" * 32)]),
)


def test_any_filter_and_any_page_size_give_what_sorting_by_hand_gives(asked: Engine, calls: MadeCalls) -> None:
    database = asked

    @settings(max_examples=12)
    @given(filters=FILTERS, size=st.integers(7, 120))
    def check(filters: Filters, size: int) -> None:
        assert [asdict(call) for call in all_pages(database, filters, size)] == by_hand(calls, filters)

    check()


def test_calls_of_the_same_millisecond_are_each_on_one_page(filled: Engine, calls: MadeCalls) -> None:
    with writing(filled) as connection:
        connection.execute(update(CallRow).values(started_at=A_DAY))
    sids = [call.sid for call in all_pages(filled, Filters(), 7)]
    assert sids == sorted((call["sid"] for call in calls.calls), reverse=True)


def test_a_callers_history_holds_their_calls_only(asked: Engine, calls: MadeCalls) -> None:
    database = asked
    indexes = SEAL.indexes(number_of(0))
    found = history(database, indexes).calls
    assert len(found) > 5
    assert [asdict(call) for call in found] == by_hand(calls, Filters(callers=indexes))[:50]
    assert history(database, ()).calls == ()


def test_one_call_comes_with_all_that_belongs_to_it(asked: Engine, calls: MadeCalls) -> None:
    database = asked
    for call in calls.calls[::7]:
        whole = one_call(database, call["sid"])
        assert whole is not None
        assert asdict(whole.call) == call
        assert [asdict(leg) for leg in whole.legs] == [leg for leg in calls.legs if leg["call_sid"] == call["sid"]]
        messages = [message for message in calls.messages if message["call_sid"] == call["sid"]]
        assert [asdict(message) for message in whole.messages] == messages
        callbacks = [callback for callback in calls.callbacks if callback["call_sid"] == call["sid"]]
        assert ([asdict(whole.callback)] if whole.callback else []) == callbacks
        assert whole.events == sum(fact["call_sid"] == call["sid"] for fact in calls.events)


def test_a_call_that_is_not_there_is_none(asked: Engine, calls: MadeCalls) -> None:
    assert one_call(asked, "CA" + "0" * 32) is None


def test_a_call_is_found_by_the_beginning_of_its_id(asked: Engine, calls: MadeCalls) -> None:
    database = asked
    sid = calls.calls[0]["sid"]
    assert calls_like(database, sid) == (sid,)
    assert calls_like(database, sid[:12]) == (sid,)
    assert len(calls_like(database, "CA")) == 2
    assert calls_like(database, "CA" + "0" * 20) == ()


@pytest.mark.parametrize("text", ["", "12", ".CA", "x.CA", "-1.CA", "1" * 15 + ".CA", "1." + "C" * 35, "²." + "CA"])
def test_a_text_that_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        read_place(text)


def test_a_call_has_the_tables_columns_in_the_tables_order() -> None:
    assert [field.name for field in fields(Call)] == [column.name for column in CallRow.__table__.columns]


INDEXES = [
    (Filters(), "call_started"),
    (Filters(location="gilbert"), "call_location"),
    (Filters(location="gilbert", dispositions=("failed",)), "call_location_disposition"),
    (Filters(line="main"), "call_line"),
    (Filters(language="es-US"), "call_language"),
    (Filters(dispositions=("",)), "call_disposition_caller"),
    (Filters(callers=("0" * 32,)), "call_caller"),
]


def test_every_filter_walks_its_index_and_sorts_nothing_but_ties(database: Engine) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith("SELECT call.sid"):
            asked.append((statement, parameters))

    event.listen(database, "before_cursor_execute", note)
    for filters, _ in INDEXES:
        newest(database, filters)
    event.remove(database, "before_cursor_execute", note)
    for question, (_, index) in zip(asked, INDEXES, strict=True):
        plan = plan_of(database, *question, index)
        assert index in plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan
        assert "Seq Scan" not in plan


def plan_of(database: Engine, statement: str, parameters: Any, index: str) -> str:
    """How the database would go about it. PostgreSQL, to which all ways through an empty table are alike, may neither
    read it whole nor walk the index that serves every question."""
    with database.connect() as connection:
        if database.dialect.name != "postgresql":
            return "\n".join(map(str, connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)))
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        if index != "call_started":
            connection.exec_driver_sql("DROP INDEX call_started")
        plan = "\n".join(map(str, connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)))
        connection.rollback()
        return plan
