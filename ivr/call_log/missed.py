"""Callers who wanted us and got nobody, one entry a caller, so that nobody is called back twice or forgotten.

Testers' calls of a draft miss nobody and settle nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select

from ivr.call_flow.disposition import Disposition

from .database import reading
from .queries import Call
from .tables import CallRow

# Neither reached a person nor left a message or a request. Who only wanted information was not missed.
MISSED = (
    Disposition.ABANDONED_IN_MENU,
    Disposition.ABANDONED_WHILE_RINGING,
    Disposition.CLOSED,
    Disposition.NO_ANSWER,
    Disposition.FAILED,
)
SETTLED = (Disposition.ANSWERED, Disposition.MESSAGE, Disposition.CALLBACK)


@dataclass(frozen=True, slots=True)
class MissedCaller:
    """A caller's missed calls of the time asked for. `last` is the newest of them.

    `settled_at` is when the same caller later reached somebody or left word, None while nobody has dealt with it.
    Callers who withhold their number, or whose number was forgotten, cannot be told apart: they are one entry.
    """

    caller_index: str | None
    calls: int
    first_at: datetime
    last: Call
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class MissedFilters:
    """Which missed calls count, in the words of queries.Filters; what is empty does not matter.

    A test is no missed call, and what became of a call is given: those filters have no place here.
    """

    location: str = ""
    line: str = ""
    language: str = ""
    callers: tuple[str, ...] = ()


ALL = MissedFilters()


def missed_callers(
    engine: Engine, since: datetime, until: datetime, *, filters: MissedFilters = ALL, limit: int = 200
) -> tuple[MissedCaller, ...]:
    """Who was missed from `since` to `until` (aware, the end excluded), the newest first."""
    with reading(engine) as connection:
        rows = connection.execute(_query(_missed(since, until, filters), limit)).all()
        last = [(Call(*row[:-2]), row[-2], row[-1]) for row in rows]
        settled = _settled(connection, [call.caller_index for call, _, _ in last if call.caller_index], since)
    return tuple(
        MissedCaller(
            caller_index=call.caller_index,
            calls=calls,
            first_at=first_at,
            last=call,
            settled_at=_after(settled.get(call.caller_index or "", ()), call.started_at),
        )
        for call, calls, first_at in last
    )


def how_many_missed(engine: Engine, since: datetime, until: datetime, *, location: str = "") -> int:
    """How many entries `missed_callers` has for the same time without a limit, at one location or at all."""
    # Grouped, not distinct: PostgreSQL would sort them all for that.
    query = select(CallRow.caller_index, func.count().label("calls"))
    query = query.where(*_missed(since, until, MissedFilters(location=location)))
    callers = query.group_by(CallRow.caller_index).subquery()
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(callers)) or 0)


def _missed(since: datetime, until: datetime, filters: MissedFilters) -> list[ColumnElement[bool]]:
    during = [CallRow.started_at >= since, CallRow.started_at < until]
    conditions = [*during, CallRow.disposition.in_(MISSED), CallRow.draft.is_(False)]
    chosen = (
        (CallRow.location, filters.location),
        (CallRow.line, filters.line),
        (CallRow.language, filters.language),
    )
    conditions += [column == wanted for column, wanted in chosen if wanted]
    return [*conditions, CallRow.caller_index.in_(filters.callers)] if filters.callers else conditions


def _query(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    """The newest missed call of each caller, with how many there were and when the first began."""
    whose = CallRow.caller_index
    newest_first = CallRow.started_at.desc(), CallRow.sid.desc()
    ranked = (
        select(
            CallRow.__table__,
            func.count().over(partition_by=whose).label("calls"),
            func.min(CallRow.started_at).over(partition_by=whose).label("first_at"),
            func.row_number().over(partition_by=whose, order_by=newest_first).label("place"),
        )
        .where(*conditions)
        .subquery()
    )
    wanted = [column for column in ranked.c if column.name != "place"]
    return (
        select(*wanted)
        .where(ranked.c.place == 1)
        .order_by(ranked.c.started_at.desc(), ranked.c.sid.desc())
        .limit(limit)
    )


def _settled(connection: Connection, callers: Sequence[str], since: datetime) -> dict[str, list[datetime]]:
    """When these callers reached somebody or left word since then, oldest first."""
    query = select(CallRow.caller_index, CallRow.started_at).where(
        CallRow.caller_index.in_(callers),
        CallRow.started_at >= since,
        CallRow.disposition.in_(SETTLED),
        CallRow.draft.is_(False),
    )
    found: dict[str, list[datetime]] = {}
    for caller, at in connection.execute(query.order_by(CallRow.started_at)):
        found.setdefault(caller or "", []).append(at)
    return found


def _after(moments: Sequence[datetime], moment: datetime) -> datetime | None:
    return next((each for each in moments if each > moment), None)
