"""Where the journal's drainer hands over: entries into the call log, and word of the lines that had to be set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from ivr.journal.drainer import Poison, Unacceptable
from ivr.journal.entry import Entry

from .database import writing
from .recorder import record
from .tables import SetAside

# A database that is away, locked or out of room raises other kinds; those are waited out.
CONTENT_FAULTS = (DataError, IntegrityError, ValueError, TypeError, OverflowError, LookupError, AttributeError)


class Intake:
    """Takes what a host's drainer hands over. `zone` gives the clinic's time zone, `clock` the moment (aware)."""

    def __init__(self, engine: Engine, host: str, zone: Callable[[], ZoneInfo], clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._host = host
        self._zone = zone
        self._clock = clock

    def deliver(self, entries: Sequence[Entry]) -> Mapping[str, str]:
        """Record entries in one transaction; key -> reason for those that are none of a call's.

        Raises Unacceptable when the database will never take something in them, SQLAlchemyError when it cannot now.
        """
        try:
            recorded = record(self._engine, entries, zone=self._zone(), heard_at=self._clock())
        except Exception as fault:
            if _is_about_content(fault):
                raise Unacceptable(f"the call log cannot take it: {_kind_of(fault)}") from None
            raise
        return {each.entry.key: each.reason for each in recorded.refused}

    def note(self, poison: Sequence[Poison]) -> None:
        """Note in the database which lines were set aside; telling it twice changes nothing. Raises SQLAlchemyError."""
        now = self._clock()
        rows = [
            {"host": self._host, "file": each.file, "offset": each.offset, "at": now, "reason": each.reason}
            for each in poison
        ]
        with writing(self._engine) as connection:
            connection.execute(_insert(connection).on_conflict_do_nothing(), rows)


def _insert(connection: Connection) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(SetAside) if connection.dialect.name == "sqlite" else postgresql.insert(SetAside)


def _is_about_content(fault: Exception) -> bool:
    if isinstance(fault, StatementError) and not isinstance(fault, DBAPIError):
        return True  # a value that could not even be handed to the driver
    return isinstance(fault, CONTENT_FAULTS)


def _kind_of(fault: Exception) -> str:
    """The kind of fault alone: its message may repeat what was in the entry."""
    driver = getattr(fault, "orig", None)
    return type(driver if driver is not None else fault).__name__
