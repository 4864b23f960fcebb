"""How a record is written out: as a line of JSON, or as a row for a spreadsheet that no text in it can command."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

Value = str | int | bool | None | Sequence[str] | Mapping[str, object]
Record = Mapping[str, Value]

# A spreadsheet takes a cell that begins so for a formula (OWASP ASVS 5.0, 1.2.10), in their wide forms too.
_COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
_PHONE = re.compile(r"\+[0-9]{7,15}")


class Format(StrEnum):
    """The forms of an export."""

    CSV = "csv"
    JSONL = "jsonl"


class CsvWriter:
    """Rows as RFC 4180 has them, fields in the order given. Lists are joined with " > ", groups written as JSON."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)

    def head(self) -> str:
        """The line that names the fields."""
        return self._row(list(self._fields))

    def line(self, record: Record) -> str:
        """One record."""
        return self._row([cell(record[field]) for field in self._fields])

    def _row(self, cells: list[str]) -> str:
        self._writer.writerow(cells)
        row = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return row


class JsonWriter:
    """One JSON object a line, nothing before the first."""

    def head(self) -> str:
        """Nothing."""
        return ""

    def line(self, record: Record) -> str:
        """One record. What is no character (half a surrogate pair) becomes a question mark."""
        return whole(json.dumps(record, ensure_ascii=False, separators=(",", ":"))) + "\n"


def writer_for(form: Format, fields: Sequence[str]) -> CsvWriter | JsonWriter:
    """The writer of a format."""
    match form:
        case Format.CSV:
            return CsvWriter(fields)
        case Format.JSONL:
            return JsonWriter()


def cell(value: Value) -> str:
    """A value as a spreadsheet may have it.

    Text that a spreadsheet would run gets an apostrophe in front. A full phone number keeps its plus: it is a number,
    and other programs must be able to dial it.
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case str():
            text = whole(value)
        case Mapping():
            text = whole(json.dumps(value, ensure_ascii=False))
        case _:
            text = whole(" > ".join(value))
    return f"'{text}" if text.startswith(_COMMANDS) and not _PHONE.fullmatch(text) else text


def whole(text: str) -> str:
    """The text without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
