"""Calls kept as data: events as they were written down, and the row and story they must give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Engine, select

from ivr.call_flow.noted import Noted, restore
from ivr.call_log.database import reading
from ivr.call_log.tables import CallbackRequestRow, CallRow, LegRow, MessageRow, Table
from ivr.journal.entry import Entry

FOLDER = Path(__file__).parent / "calls"
ZONE = ZoneInfo("America/Phoenix")
WRITTEN = "%Y-%m-%d %H:%M:%S"
# Of a call's row: what depends on the moment of recording, or on more than its events.
LEFT_OUT = {"sid", "last_heard_at", "caller", "caller_index", "number_forgotten_at", "reconciled_at"}
OF_OTHERS = {"call_sid", "erased_at"}


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One file: what it is about, its entries, and what it expects."""

    path: Path
    sid: str
    about: str
    entries: tuple[Entry, ...]
    row: Mapping[str, Any]
    story: list[str]

    @property
    def noted(self) -> list[Noted]:
        return [Noted(e.hop, e.nth, e.at, restore(e.kind, e.data), e.version) for e in self.entries]


@cache  # five files of tests ask for them while pytest collects, in each of its processes
def recorded_calls() -> tuple[RecordedCall, ...]:
    return tuple(_read(path, number) for number, path in enumerate(sorted(FOLDER.glob("*.yaml"))))


def rewrite(call: RecordedCall, row: Mapping[str, Any], story: list[str]) -> None:
    """Put what was found in place of what was expected; the events stay to the letter."""
    events = call.path.read_text().partition("\nrow:")[0].rstrip("\n")
    found = yaml.safe_dump({"row": dict(row), "story": story}, sort_keys=False, width=110, allow_unicode=True)
    call.path.write_text(f"{events}\n{found}")


def rows_of(engine: Engine) -> dict[str, dict[str, Any]]:
    """Every call in the log with its legs, messages and wish to be called back, by call id, in plain values."""
    calls = {row["sid"]: _plain(row, LEFT_OUT) for row in _all(engine, CallRow)}
    for name, table in (("legs", LegRow), ("messages", MessageRow), ("callbacks", CallbackRequestRow)):
        for call in calls.values():
            call[name] = []
        for row in _all(engine, table):
            calls[row["call_sid"]][name].append(_plain(row, OF_OTHERS))
    return calls


def _all(engine: Engine, table: type[Table]) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        found = connection.execute(select(table.__table__).order_by(*table.__table__.primary_key)).mappings()
        return [{str(name): value for name, value in row.items()} for row in found]


def _plain(row: Mapping[str, Any], left_out: set[str]) -> dict[str, Any]:
    return {name: _told(value) for name, value in row.items() if name not in left_out}


def _told(value: Any) -> Any:
    return value.astimezone(ZONE).strftime(WRITTEN) if isinstance(value, datetime) else value


def _read(path: Path, number: int) -> RecordedCall:
    found = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    sid = f"CA{number:032x}"
    entries = tuple(_entry(sid, _with_own_recordings(event, path)) for event in found["events"])
    return RecordedCall(path, sid, found["about"], entries, found.get("row", {}), found.get("story", []))


def _with_own_recordings(event: dict[str, Any], path: Path) -> dict[str, Any]:
    """The files count their recordings from 1; a carrier never gives two calls the same."""
    if recording := event["data"].get("recording"):
        own = f"RE{sha256(path.stem.encode()).hexdigest()[:30]}{recording[-2:]}"
        return {**event, "key": event["key"].replace(recording, own), "data": {**event["data"], "recording": own}}
    return event


def _entry(sid: str, event: Mapping[str, Any]) -> Entry:
    at = datetime.strptime(event["at"], WRITTEN).replace(tzinfo=ZONE).astimezone(UTC)
    return Entry(
        f"{sid}:{event['key']}", sid, event["hop"], event["nth"], at, event["version"], event["kind"], event["data"]
    )
