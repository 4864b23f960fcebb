"""LibreOffice opens a file without a window and says what stands in its cells."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOFFICE = shutil.which("soffice")
SECONDS = 120.0
# Commas between cells, double quotes around them, UTF-8, from the first line on: what a person picks when it asks.
AS_CSV = "CSV:44,34,76,1"
MOST_COLUMNS = 50  # a row is filled up with empty cells to its end

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: what kind LibreOffice took it for ("" when empty), the text in it, and the formula it would run."""

    kind: str
    text: str
    formula: str = ""


def opened(file: Path, folder: Path) -> list[list[Shown]]:
    """The rows of a CSV file as LibreOffice has them; what it needs for itself goes into `folder`."""
    assert SOFFICE
    profile = (folder / "profile").as_uri()
    command = [SOFFICE, f"-env:UserInstallation={profile}", "--headless", f"--infilter={AS_CSV}"]
    command += ["--convert-to", "fods", "--outdir", str(folder), str(file)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        told, _ = run.communicate(timeout=SECONDS)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)  # the program itself is a child of what we started
            run.communicate()
    made = folder / f"{file.stem}.fods"
    assert made.exists(), told.decode("utf-8", "replace")
    return [list(_cells(row)) for row in ET.parse(made).iter(f"{_TABLE}table-row") if not _is_filler(row)]


def _is_filler(row: ET.Element) -> bool:
    """One of the many empty rows at a sheet's end."""
    return not any(cell.get(f"{_OFFICE}value-type") for cell in row)


def _cells(row: ET.Element) -> Iterator[Shown]:
    for cell in row.findall(f"{_TABLE}table-cell"):
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        kind = cell.get(f"{_OFFICE}value-type", "")
        text = cell.get(f"{_OFFICE}value") or "\n".join(_text(line) for line in cell.findall(f"{_TEXT}p"))
        yield from [Shown(kind, text, cell.get(f"{_TABLE}formula", ""))] * min(times, MOST_COLUMNS)


def _text(line: ET.Element) -> str:
    """The text of a paragraph; several blanks, tabs and breaks stand in it as elements."""
    written = line.text or ""
    for part in line:
        match part.tag.removeprefix(_TEXT):
            case "s":
                written += " " * int(part.get(f"{_TEXT}c", "1"))
            case "tab":
                written += "\t"
            case "line-break":
                written += "\n"
            case _:
                written += _text(part)
        written += part.tail or ""
    return written
