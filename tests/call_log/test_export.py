"""An export holds every row once, hurts no spreadsheet, shows no number unless asked, and is on the record."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, update

from ivr.call_log import export as exporting
from ivr.call_log.audit import deeds
from ivr.call_log.database import writing
from ivr.call_log.export import CALL_FIELDS, EVENT_FIELDS, Export, What, export, how_many
from ivr.call_log.tables import CallRow, EventRow
from ivr.call_log.written import CsvWriter, Format, JsonWriter, cell
from tests.call_log.made_calls import NOW, SEAL, UNTIL, ZONE, MadeCalls, made_calls

SINCE = datetime(2026, 10, 31, tzinfo=ZONE)
END = datetime(2026, 11, 3, tzinfo=ZONE)


@pytest.fixture
def calls() -> MadeCalls:
    return made_calls()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 7)


def exported(database: Engine, what: What, form: Format, *, reveal: bool = False) -> tuple[int, str]:
    out = io.StringIO(newline="")
    wanted = Export(what, SINCE, END, form, ZONE, reveal)
    rows = export(database, SEAL, wanted, out, actor="dana", now=NOW)
    assert rows == how_many(database, wanted)
    return rows, out.getvalue()


def within(rows: Any, column: str) -> list[dict[str, Any]]:
    return [row for row in rows if SINCE <= row[column] < END]


@pytest.mark.usefixtures("small_pages")
def test_every_call_of_the_days_is_in_the_file_once_oldest_first(filled: Engine, calls: MadeCalls) -> None:
    rows, text = exported(filled, What.CALLS, Format.CSV)
    expected = within(calls.calls, "started_at")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert rows == len(expected) > 30
    assert [row["call_sid"] for row in found] == [call["sid"] for call in expected]
    for row, call in zip(found, expected, strict=True):
        assert tuple(row) == CALL_FIELDS
        began = datetime.fromisoformat(row["started_at"])
        assert began == call["started_at"].replace(microsecond=0)
        assert began.utcoffset() == call["started_at"].astimezone(ZONE).utcoffset()
        assert row["disposition"] == call["disposition"]
        assert row["path"] == " > ".join(call["path"])
        legs = sum(leg["call_sid"] == call["sid"] for leg in calls.legs)
        assert row["legs"].count("rang") == legs


def test_an_urgent_call_is_marked(filled: Engine, calls: MadeCalls) -> None:
    urgent = within(calls.calls, "started_at")[3]["sid"]
    with writing(filled) as connection:
        connection.execute(update(CallRow).where(CallRow.sid == urgent).values(urgent=True))
    _, text = exported(filled, What.CALLS, Format.JSONL)
    assert [row["call_sid"] for row in map(json.loads, text.splitlines()) if row["urgent"]] == [urgent]


@pytest.mark.usefixtures("small_pages")
def test_every_event_of_the_days_is_in_the_file_once(filled: Engine, calls: MadeCalls) -> None:
    rows, text = exported(filled, What.EVENTS, Format.JSONL)
    found = [json.loads(line) for line in text.splitlines()]
    expected = sorted(within(calls.events, "at"), key=lambda event: (event["at"], event["call_sid"], event["key"]))
    assert rows == len(expected) > 30
    assert [(event["call_sid"], event["key"], event["data"]) for event in found] == [
        (event["call_sid"], event["key"], event["data"]) for event in expected
    ]
    assert all(tuple(event) == EVENT_FIELDS for event in found)


@pytest.mark.usefixtures("small_pages")
def test_rows_of_one_moment_are_each_in_the_file_once(filled: Engine, calls: MadeCalls) -> None:
    with writing(filled) as connection:
        connection.execute(update(CallRow).values(started_at=SINCE))
        connection.execute(update(EventRow).values(at=SINCE))
    _, text = exported(filled, What.CALLS, Format.JSONL)
    sids = [json.loads(line)["call_sid"] for line in text.splitlines()]
    assert sids == sorted(call["sid"] for call in calls.calls)
    _, text = exported(filled, What.EVENTS, Format.JSONL)
    keys = [json.loads(line)["key"] for line in text.splitlines()]
    assert keys == sorted(event["key"] for event in calls.events)


@pytest.mark.parametrize("form", Format)
def test_numbers_are_masked_unless_they_are_to_be_revealed(asked: Engine, calls: MadeCalls, form: Format) -> None:
    database = asked
    known = [SEAL.unseal(call["caller"]) for call in within(calls.calls, "started_at") if call["caller"]]
    masked, revealed = (exported(database, What.CALLS, form, reveal=reveal)[1] for reveal in (False, True))
    assert not any(number[1:] in masked for number in known)
    assert all(number in revealed for number in known)
    assert "withheld" in masked


def test_an_export_is_on_the_record_with_its_filter_and_its_rows(filled: Engine, calls: MadeCalls) -> None:
    rows, _ = exported(filled, What.CALLS, Format.CSV, reveal=True)
    done, begun = deeds(filled)
    assert (begun.action, done.action, done.actor) == ("export begun", "exported", "dana")
    assert done.about == begun.about == "calls from 2026-10-31T00:00:00-04:00 to 2026-11-03T00:00:00-05:00"
    assert done.detail == {"rows": rows, "format": "csv", "reveal": True}


def test_a_long_export_grows_the_memory_by_a_page_and_not_by_the_rows(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 50)
    event = {"hop": 0, "nth": 0, "version": "v", "kind": "MenuHeard", "data": {"menu": "x" * 300}}
    rows = [
        {**event, "call_sid": f"CA{number:032x}", "key": "k", "at": SINCE + timedelta(seconds=number % 900)}
        for number in range(1500)
    ]
    with writing(database) as connection:
        connection.execute(insert(EventRow), rows)
    del rows

    class Nowhere(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    wanted = Export(What.EVENTS, SINCE, END, Format.JSONL, ZONE)
    tracemalloc.start()
    assert export(database, SEAL, wanted, Nowhere(), actor="dana", now=NOW) == 1500
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000  # a page of 50 rows; all of them would be some 4 MB


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("+14805550147", "+14805550147"),
        ("+14805550147;=1", "'+14805550147;=1"),
        ("+1480555014\n", "'+1480555014\n"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\0=1", "'\0=1"),
        ("＝1", "'＝1"),
        ("＠x", "'＠x"),
        ("main", "main"),
        ("", ""),
    ],
)
def test_no_cell_can_command_a_spreadsheet(text: str, written: str) -> None:
    assert cell(text) == written


def test_a_list_that_begins_with_a_command_is_disarmed_too() -> None:
    assert cell(["=cmd", "x"]) == "'=cmd > x"


@given(st.lists(st.text(st.characters(), max_size=12), min_size=3, max_size=3))
def test_any_text_comes_back_from_csv_and_json(texts: list[str]) -> None:
    """But for halves of surrogate pairs, which no file can hold."""
    record = dict(zip(("a", "b", "c"), texts, strict=True))
    whole = {name: text.encode("utf-8", "replace").decode() for name, text in record.items()}
    writer = CsvWriter(("a", "b", "c"))
    written = (writer.head() + writer.line(record)).encode("utf-8").decode("utf-8")
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert {
        name: text.removeprefix("'") if cell(whole[name]) != whole[name] else text for name, text in row.items()
    } == whole
    line = JsonWriter().line(record).encode("utf-8")
    assert line.count(b"\n") == 1
    assert json.loads(line) == whole


def test_the_history_reaches_beyond_the_days_asked_for(asked: Engine, calls: MadeCalls) -> None:
    database = asked
    rows, _ = exported(database, What.CALLS, Format.CSV)
    assert rows < len(calls.calls)
    assert max(call["started_at"] for call in calls.calls).astimezone(ZONE).date() < UNTIL
