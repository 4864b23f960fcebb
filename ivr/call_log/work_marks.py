"""What people do with the list of callers to call back: take an entry, give it back, note, mark done, take that back.

Every one of these is audited under a call's id. An entry is held by one person at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Select, delete, func, insert, literal, select

from . import audit
from .database import reading, writing
from .queries import Call
from .statements import add_new
from .tables import CallRow
from .work_list import NO_LOCATION
from .work_open import KEY, key_of, of_key, open_calls
from .work_rule import refresh
from .work_tables import WorkClaimRow, WorkDoneRow, WorkNoteRow

UNDO_FOR = timedelta(days=7)
LONGEST_NOTE = 1000


class Outcome(StrEnum):
    """How an entry was dealt with."""

    CALLED = "called"
    LEFT_WORD = "left word"
    NO_NEED = "no need"


class NothingOpen(LookupError):
    """Nothing of this entry is open (or done, when that is to be taken back) any more, or there is no such call."""


class Held(Exception):
    """Somebody else holds the entry."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"{by} holds it")
        self.by = by
        self.at = at


@dataclass(frozen=True, slots=True)
class Finished:
    """Calls of one caller that were marked done together. `call` is the newest of them."""

    call: Call
    calls: int
    at: datetime
    by: str
    outcome: str


def claim(engine: Engine, sid: str, *, actor: str, now: datetime) -> None:
    """Take the entry of a call; taking what one holds changes nothing. Raises Held, NothingOpen."""
    with writing(engine) as connection:
        hold(connection, sid, actor, now)


def hold(connection: Connection, sid: str, actor: str, now: datetime) -> str:
    """Take the entry of a call within a transaction of the caller's; the entry's key. Raises Held, NothingOpen."""
    key = _key(connection, sid)
    if _take(connection, key, actor, now):
        audit.note(connection, now, actor, "call back claimed", sid)
    return key


def release(engine: Engine, sid: str, *, actor: str, anybodys: bool, now: datetime) -> None:
    """Give an entry back; with `anybodys` also one that somebody else holds. Raises Held, NothingOpen."""
    with writing(engine) as connection:
        key = _key(connection, sid)
        holder = _holder(connection, key)
        if holder is None:
            return
        if holder[0] != actor and not anybodys:
            raise Held(*holder)
        given_back = delete(WorkClaimRow).where(WorkClaimRow.entry == key, WorkClaimRow.claimed_by == holder[0])
        if connection.execute(given_back).rowcount:
            audit.note(connection, now, actor, "call back released", sid, claimed_by=holder[0])


def add_note(engine: Engine, sid: str, text: str, *, actor: str, now: datetime) -> bool:
    """Write something down about a call; False when there is nothing to write. Raises NothingOpen (no such call)."""
    text = "".join(letter if letter.isprintable() else " " for letter in text).strip()[:LONGEST_NOTE]
    if not text:
        return False
    with writing(engine) as connection:
        _key(connection, sid)
        connection.execute(insert(WorkNoteRow).values(call_sid=sid, at=now, author=actor, text=text))
        audit.note(connection, now, actor, "call back noted", sid)
    return True


def finish(engine: Engine, sid: str, outcome: Outcome, *, seen: datetime, actor: str, now: datetime) -> int:
    """Mark what is open in a call's entry as done, and give the entry back. How many calls that were.

    Calls of which the log learned something after `seen` (Entry.seen) stay open: nobody has looked at them yet.
    Raises Held when somebody else holds the entry, NothingOpen when nothing is left to mark.
    """
    with writing(engine) as connection:
        key = _key(connection, sid)
        _take(connection, key, actor, now)
        wish = open_calls(None, keys=[key])
        fresh = select(wish.c.sid, literal(now, WorkDoneRow.at.type), literal(actor), literal(outcome.value))
        fresh = fresh.where(wish.c.last_heard_at <= seen).distinct()
        marks = insert(WorkDoneRow).from_select(["call_sid", "at", "done_by", "outcome"], fresh)
        marked = connection.scalars(marks.returning(WorkDoneRow.call_sid)).all()
        if not marked:
            raise NothingOpen("there is nothing to mark")
        refresh(connection, marked)
        connection.execute(delete(WorkClaimRow).where(WorkClaimRow.entry == key))
        audit.note(connection, now, actor, "call back done", sid, outcome=outcome.value, calls=len(marked))
    return len(marked)


def undo(engine: Engine, sid: str, *, actor: str, now: datetime) -> int:
    """Open again the calls that were marked done together with this one; how many. Raises NothingOpen after 7 days."""
    with writing(engine) as connection:
        mark = select(WorkDoneRow.at).where(WorkDoneRow.call_sid == sid, WorkDoneRow.at >= now - UNDO_FOR)
        at = connection.scalar(mark)
        if at is None:
            raise NothingOpen("there is nothing to open again")
        theirs = select(CallRow.sid).where(of_key(_key(connection, sid)))
        together = delete(WorkDoneRow).where(WorkDoneRow.at == at, WorkDoneRow.call_sid.in_(theirs))
        opened = connection.scalars(together.returning(WorkDoneRow.call_sid)).all()
        refresh(connection, opened)
        audit.note(connection, now, actor, "call back reopened", sid, calls=len(opened))
    return len(opened)


def finished(
    engine: Engine, since: datetime, *, sid: str = "", location: str = "", by: str = "", limit: int = 50
) -> tuple[Finished, ...]:
    """What was marked done since a moment, newest first: of all callers, or of the one who made the call `sid`."""
    wanted = [WorkDoneRow.at >= since]
    if location:
        # Written so that no index serves it: the marks of a week are to be walked, not all calls of a location.
        wanted.append(func.coalesce(CallRow.location, "") == ("" if location == NO_LOCATION else location))
    if by:
        wanted.append(WorkDoneRow.done_by == by)
    with reading(engine) as connection:
        if sid:
            found = key_of(connection, sid)
            wanted.append(of_key(found[0] if found else ""))
        # However much was done, only so many newest moments can be on the page.
        newest = _of_marks(WorkDoneRow.at).where(*wanted).distinct().order_by(WorkDoneRow.at.desc()).limit(limit)
        first = connection.scalar(select(func.min(newest.subquery().c.at)))
        rows = connection.execute(_finished([*wanted, WorkDoneRow.at >= first], limit)).all() if first else []
        calls = connection.execute(select(CallRow.__table__).where(CallRow.sid.in_([row.sid for row in rows])))
        of_sid = {call.sid: call for call in (Call(*row) for row in calls)}
    return tuple(Finished(of_sid[row.sid], row.calls, row.at, row.done_by, row.outcome) for row in rows)


def _key(connection: Connection, sid: str) -> str:
    found = key_of(connection, sid)
    if found is None:
        raise NothingOpen("there is no such call")
    return found[0]


def _take(connection: Connection, key: str, actor: str, now: datetime) -> bool:
    """Take an entry in one conditional statement; False when it was this person's already."""
    row = {"entry": key, "claimed_by": actor, "claimed_at": now}
    if not add_new(connection, WorkClaimRow, [row], returning="entry"):
        holder = _holder(connection, key)
        if holder is None:  # given back between the two statements
            raise Held("somebody", now)
        if holder[0] != actor:
            raise Held(*holder)
        return False
    # Asked after taking it: whoever marked the entry done meanwhile is finished with it by now.
    if connection.execute(select(open_calls(None, keys=[key]).c.sid).limit(1)).first() is None:
        raise NothingOpen("nothing of it is open")
    return True


def _holder(connection: Connection, key: str) -> tuple[str, datetime] | None:
    row = connection.execute(
        select(WorkClaimRow.claimed_by, WorkClaimRow.claimed_at).where(WorkClaimRow.entry == key)
    ).first()
    return (row[0], row[1]) if row else None


def _finished(wanted: list[Any], limit: int) -> Select[Any]:
    """Marks of one caller and one moment are one line; its call is the newest."""
    done = WorkDoneRow
    group = KEY, done.at
    newest_first = CallRow.started_at.desc(), CallRow.sid.desc()
    ranked = (
        _of_marks(
            CallRow.sid,
            done.at,
            done.done_by,
            done.outcome,
            func.count().over(partition_by=group).label("calls"),
            func.row_number().over(partition_by=group, order_by=newest_first).label("place"),
        )
        .where(*wanted)
        .subquery()
    )
    newest = select(ranked).where(ranked.c.place == 1)
    return newest.order_by(ranked.c.at.desc(), ranked.c.sid.desc()).limit(limit)


def _of_marks(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(WorkDoneRow).join(CallRow, CallRow.sid == WorkDoneRow.call_sid)
