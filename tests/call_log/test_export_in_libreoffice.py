"""An export opens in LibreOffice with every row and cell where it belongs, and nothing in it is run.

Where no LibreOffice is found (Debian: libreoffice-calc-nogui) this is skipped, and says so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from ivr.call_log.database import writing
from ivr.call_log.export import CALL_FIELDS, Export, What, export
from ivr.call_log.tables import CallRow
from ivr.call_log.written import Format, cell
from tests.call_log.libreoffice import SOFFICE, Shown, opened
from tests.call_log.made_calls import NOW, SEAL, ZONE, fill, made_calls

pytestmark = pytest.mark.skipif(not SOFFICE, reason="no LibreOffice is installed: no export was opened in one")

NUMBERS = ("wait_seconds", "ring_seconds", "talk_seconds", "total_seconds")
DROPPED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))  # its files hold none of them

FORMULAS = [
    '=HYPERLINK("http://a.example","press me")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\r\n=1+1",
    "\0=1+1",
    "\0\0-1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "\x0b=1+1",
    "\x1b=1+1",
    "{=1+1}",
    " =1+1",
    "\n=1+1",
    "\ufeff=1+1",
]
TEXTS = [
    *FORMULAS,
    'she said "yes", then left',
    '"',
    '""","',
    "'",
    "one\r\ntwo",
    "one\ntwo",
    "one\rtwo",
    '"quoted"\r\n"again", and more',
    "with\0in",
    "half \ud83d of a pair",
    "\ude00",
    "a,b;c\td|e",
    "  two blanks   three  ",
    "ketamina, ñandú, 漢字, 😀",
    "\ufffe and \uffff",
    "x" * 2000,
]


@dataclass(frozen=True, slots=True)
class Opened:
    """The same export as Python's csv reads it and as LibreOffice does: a row a call, by the fields' names."""

    written: list[dict[str, str]]
    shown: list[dict[str, Shown]]


@pytest.fixture
def both(tmp_path: Path, new_database: Callable[[str], Engine]) -> Opened:
    """An export with whole numbers. Each text stands in the path of a call, and in its line where SQLite takes it."""
    engine = new_database("sqlite")
    fill(engine)
    with writing(engine) as connection:
        for call, text in zip(made_calls().calls, TEXTS, strict=False):
            line = text.encode("utf-8", "replace").decode()
            values = {"path": [text], "line": line, "location": line}
            connection.execute(update(CallRow).where(CallRow.sid == call["sid"]).values(values))
    file = tmp_path / "calls.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        wanted = Export(What.CALLS, None, None, Format.CSV, ZONE, reveal=True)
        assert export(engine, SEAL, wanted, out, actor="dana", now=NOW) > len(TEXTS)
    written = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8"), newline="")))
    head, *rows = opened(file, tmp_path)
    assert [there.text for there in head[: len(CALL_FIELDS)]] == list(CALL_FIELDS)
    return Opened(written, [dict(zip(CALL_FIELDS, row, strict=False)) for row in rows])


def as_shown(text: str) -> str:
    """As LibreOffice has a text: each line's end is one character, and those its files cannot hold are left out."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(DROPPED)


def test_an_export_opens_with_every_row_and_cell_as_it_was_written_and_nothing_is_run(both: Opened) -> None:
    assert len(both.shown) == len(both.written) == len(made_calls().calls)
    for written, shown in zip(both.written, both.shown, strict=True):
        assert not any(there.formula for there in shown.values())
        for name in CALL_FIELDS:
            text, there = written[name], shown[name]
            if name in NUMBERS:
                assert (there.kind, float(there.text)) == ("float", float(text))
            elif name == "caller" and text.startswith("+"):
                assert (there.kind, float(there.text)) == ("float", float(text))  # a number still: without its plus
            else:
                assert there == Shown("string" if text else "", as_shown(text)), name
    found = [row["path"].text for row in both.shown[: len(TEXTS)]]
    assert found == [as_shown(cell(text)) for text in TEXTS]
