"""Where the journal's drainer hands over: entries into the call log, and word of the lines that had to be set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from ivr.journal import called_out
from ivr.journal.drainer import Poison, Unacceptable
from ivr.journal.entry import Entry

from .database import writing
from .placing import take_facts
from .recorder import Follow, record
from .statements import insert_into
from .tables import SetAside

# A database that is away, locked or out of room raises other kinds; those are waited out.
CONTENT_FAULTS = (DataError, IntegrityError, ValueError, TypeError, OverflowError, LookupError, AttributeError)


class Intake:
    """Takes what a host's drainer hands over. `zone` gives the clinic's time zone, `clock` the moment (aware).

    `follow` adds what follows from calls, in the same transaction.
    """

    def __init__(
        self,
        engine: Engine,
        host: str,
        zone: Callable[[], ZoneInfo],
        clock: Callable[[], datetime],
        follow: Follow | None = None,
    ) -> None:
        self._engine = engine
        self._host = host
        self._zone = zone
        self._clock = clock
        self._follow = follow

    def deliver(self, entries: Sequence[Entry]) -> Mapping[str, str]:
        """Record entries; key -> reason for those that are neither a call's nor a fact of a call that we placed.

        Such facts go into a table of their own, in a transaction before that of the calls: no patient made these. What
        is handed over again after a failure in between changes nothing.
        Raises Unacceptable when the database will never take something in them, SQLAlchemyError when it cannot now.
        """
        calls = [entry for entry in entries if entry.kind != called_out.KIND]
        told = {entry.key: called_out.of_entry(entry) for entry in entries if entry.kind == called_out.KIND}
        try:
            if facts := [fact for fact in told.values() if fact is not None]:
                take_facts(self._engine, facts)
            recorded = record(self._engine, calls, zone=self._zone(), heard_at=self._clock(), follow=self._follow)
        except Exception as fault:
            if _is_about_content(fault):
                raise Unacceptable(f"the call log cannot take it: {_kind_of(fault)}") from None
            raise
        refused = {key: "this is no fact of a call of ours" for key, fact in told.items() if fact is None}
        return {**refused, **{each.entry.key: each.reason for each in recorded.refused}}

    def note(self, poison: Sequence[Poison]) -> None:
        """Note in the database which lines were set aside; telling it twice changes nothing. Raises SQLAlchemyError."""
        now = self._clock()
        rows = [
            {"host": self._host, "file": each.file, "offset": each.offset, "at": now, "reason": each.reason}
            for each in poison
        ]
        with writing(self._engine) as connection:
            connection.execute(insert_into(connection, SetAside).on_conflict_do_nothing(), rows)


def _is_about_content(fault: Exception) -> bool:
    if isinstance(fault, StatementError) and not isinstance(fault, DBAPIError):
        return True  # a value that could not even be handed to the driver
    return isinstance(fault, CONTENT_FAULTS)


def _kind_of(fault: Exception) -> str:
    """The kind of fault alone: its message may repeat what was in the entry."""
    driver = getattr(fault, "orig", None)
    return type(driver if driver is not None else fault).__name__
