"""The filtered list of calls as a file: what the list shows, masked, harmless to a spreadsheet, on the record."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from ivr.accounts.roles import Role
from ivr.call_log.audit import deeds
from ivr.call_log.database import writing
from ivr.call_log.export import CALL_FIELDS, Export, What, pages
from ivr.call_log.queries import Filters
from ivr.call_log.tables import CallRow
from ivr.call_log.written import Format
from tests.call_log.conftest import database, filled, new_database, postgres, sqlite_template  # noqa: F401
from tests.call_log.made_calls import NOW, SEAL, ZONE, made_calls
from tests.console.office import Office, opened_office
from tests.console.practice import CALLERS, fill


@pytest.fixture
def office(tmp_path: Path, config: Path, sqlite_template: Path) -> Iterator[Office]:  # noqa: F811
    """A console with the calls of two days."""
    with opened_office(tmp_path, config, sqlite_template) as opened:
        fill(opened)
        yield opened


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_button_takes_the_filters_of_the_list_along(office: Office) -> None:
    client = office.someone(Role.ADMIN)
    listed = client.get("/calls?location=gilbert&first=2026-11-23").text
    assert 'href="/calls.csv?first=2026-11-23&amp;location=gilbert"' in listed
    answer = client.get("/calls.csv?first=2026-11-23&location=gilbert")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calls.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = rows_of(answer.text)
    assert len(rows) == listed.count('">Story<') > 0
    assert {row["location"] for row in rows} == {"gilbert"}
    assert len(rows_of(client.get("/calls.csv").text)) == 9 > len(rows)


def test_numbers_are_masked_and_nobody_names_the_file(office: Office) -> None:
    answer = office.someone(Role.ADMIN).get("/calls.csv?name=own.exe&filename=own.exe")
    assert not any(number[-7:] in answer.text for number in CALLERS)
    assert "... 47" in answer.text
    assert "own.exe" not in str(answer.headers)


def test_a_formula_in_the_log_stays_text(office: Office) -> None:
    with writing(office.engine) as connection:
        connection.execute(update(CallRow).values(line="=1+1", location="@SUM(A1)"))
    rows = rows_of(office.someone(Role.ADMIN).get("/calls.csv").text)
    assert {(row["line"], row["location"]) for row in rows} == {("'=1+1", "'@SUM(A1)")}


def test_each_export_is_audited_with_its_filter_and_its_rows(office: Office) -> None:
    answer = office.someone(Role.ADMIN).get("/calls.csv?first=2026-11-23&last=2026-11-23&language=en-US&became=missed")
    rows = len(rows_of(answer.text))
    done, begun = deeds(office.engine)[:2]
    assert (begun.action, done.action) == ("export begun", "exported")
    assert done.about == "calls from 2026-11-23T00:00:00-07:00 to 2026-11-24T00:00:00-07:00"
    assert (done.detail["rows"], done.detail["language"]) == (rows, "en-US")
    assert "no answer" in str(done.detail["dispositions"])


def test_who_may_not_export_sees_no_button_and_gets_nothing(office: Office) -> None:
    client = office.someone(Role.FRONT_DESK)
    assert "calls.csv" not in client.get("/calls").text
    assert client.get("/calls.csv").status_code == 403
    assert not any("export" in deed.action for deed in deeds(office.engine))
    assert client.get("/calls.csv?first=2020-01-01&last=2030-01-01").status_code == 403


def test_a_filter_that_is_none_is_refused(office: Office) -> None:
    client = office.someone(Role.ADMIN)
    assert client.get("/calls.csv?first=yesterday").status_code == 400
    assert client.get("/calls.csv?became=nonsense").status_code == 400


def test_the_filters_of_the_list_fit_the_same_calls_in_the_file(filled: Engine) -> None:  # noqa: F811
    calls = made_calls().calls
    some = sorted({call["disposition"] for call in calls})[:3]
    only = Filters(language=calls[0]["language"], dispositions=tuple(some), draft=False)
    wanted = Export(What.CALLS, None, None, Format.CSV, ZONE, only=only)
    text = "".join(part for part, _ in pages(filled, SEAL, wanted, actor="dana", now=NOW))
    expected = [
        call["sid"]
        for call in sorted(calls, key=lambda call: (call["started_at"], call["sid"]))
        if call["language"] == only.language and call["disposition"] in some and not call["draft"]
    ]
    assert [row["call_sid"] for row in rows_of(text)] == expected
    assert expected
    assert tuple(rows_of(text)[0]) == CALL_FIELDS


def test_an_export_that_is_broken_off_says_so(filled: Engine) -> None:  # noqa: F811
    wanted = Export(What.CALLS, None, None, Format.CSV, ZONE)
    written = pages(filled, SEAL, wanted, actor="dana", now=NOW)
    sent = sum(count for _, count in itertools.islice(written, 2))
    written.close()
    assert sent > 0
    assert (deeds(filled)[0].action, deeds(filled)[0].detail["rows"]) == ("export broken off", sent)
