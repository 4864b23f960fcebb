"""Urgent calls that nobody took: told again and again until somebody takes the entry, calls back or acknowledges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, ScalarSelect, and_, func, select, update
from sqlalchemy.orm import aliased

from ivr.call_flow.notice_rules import NoticeKind, NoticeRules
from ivr.call_flow.summary import NOTHING_RECORDED, CallSummary
from ivr.call_log import audit
from ivr.call_log.database import reading, writing
from ivr.call_log.outbound_tables import OutboundCallRow
from ivr.call_log.statements import add_new, insert_into
from ivr.call_log.tables import CallRow
from ivr.call_log.work_open import KEY, key_in
from ivr.call_log.work_tables import WorkClaimRow, WorkDoneRow

from .alarms import notice_row
from .outgoing import State
from .tables import LetterNoticeRow, LetterRow, NoticeRow, UrgentRow

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Urgent:
    """An urgent call that waits. `number` names it; `told` is how often it was told, `next_at` when it is again."""

    number: int
    sid: str
    location: str
    at: datetime
    told: int
    next_at: datetime


def raise_urgent(connection: Connection, calls: Mapping[str, CallSummary], now: datetime) -> None:
    """Keep the urgent calls among these, by id, that left a message or are over unanswered. Raises SQLAlchemyError.

    One that is kept stays as it is; a tester's is none. `now` is aware.
    """
    for sid, call in calls.items():
        left = any(message.status not in NOTHING_RECORDED for message in call.messages)
        if not call.urgent or call.draft or not (left or call.callback or call.ended_at):
            continue
        row = {"call_sid": sid, "location": call.location, "at": call.started_at, "made_at": now}
        added = insert_into(connection, UrgentRow).values(**row, told=0, next_at=now)
        connection.execute(added.on_conflict_do_nothing(index_elements=[UrgentRow.call_sid]))


def tell_urgent(engine: Engine, rules: NoticeRules, now: datetime) -> int:
    """Note who acknowledged by what they did, and make the notices of the others that are due; how many.

    One of which nothing has left yet is not told again meanwhile: its letters are tried anyway. Raises SQLAlchemyError.
    """
    told = 0
    if not how_many_wait(engine):  # this is asked every few seconds, and nearly always there is none
        return told
    with writing(engine) as connection:
        _note_taken(connection, now)
        due = select(UrgentRow.__table__).where(
            UrgentRow.acknowledged_at.is_(None), UrgentRow.next_at <= now, UrgentRow.told < rules.urgent_times
        )
        rows = connection.execute(due.order_by(UrgentRow.number).limit(MOST_AT_ONCE).with_for_update(skip_locked=True))
        for row in rows.all():
            again = {"next_at": now + timedelta(minutes=rules.urgent_minutes)}
            if not _is_stuck(connection, row):
                told += 1
                _tell(connection, row, now)
                again["told"] = row.told + 1
            connection.execute(update(UrgentRow).where(UrgentRow.number == row.number).values(again))
    return told


def acknowledge(engine: Engine, number: int, *, actor: str, now: datetime) -> bool:
    """Say that somebody deals with it; False when somebody said so before.

    Raises LookupError when there is none, SQLAlchemyError.
    """
    wanted = UrgentRow.number == number, UrgentRow.acknowledged_at.is_(None)
    with writing(engine) as connection:
        done = update(UrgentRow).where(*wanted).values(acknowledged_at=now, acknowledged_by=actor)
        if connection.execute(done.returning(UrgentRow.number)).first():
            audit.note(connection, now, actor, "urgent call acknowledged", f"urgent call {number}")
            return True
        if connection.scalar(select(UrgentRow.number).where(UrgentRow.number == number)) is None:
            raise LookupError(f"there is no urgent call {number}")
        return False


def waiting(engine: Engine) -> list[Urgent]:
    """The urgent calls that nobody acknowledged, the oldest first. Raises SQLAlchemyError."""
    row = UrgentRow
    columns = (row.number, row.call_sid, row.location, row.at, row.told, row.next_at)
    query = select(*columns).where(row.acknowledged_at.is_(None)).order_by(row.at, row.number)
    with reading(engine) as connection:
        return [Urgent(*each) for each in connection.execute(query.limit(MOST_AT_ONCE))]


def how_many_wait(engine: Engine) -> int:
    """How many urgent calls nobody acknowledged. Raises SQLAlchemyError."""
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).where(UrgentRow.acknowledged_at.is_(None))) or 0


def _note_taken(connection: Connection, now: datetime) -> None:
    """Whoever took or finished an entry, or called its caller back, after an urgent call came in has acknowledged it.

    One that proves to be none is over as well, with nobody's name: a person took the call after all, or it was a test.
    """
    call, claim, done = CallRow, WorkClaimRow, WorkDoneRow
    wanted = call.urgent & call.draft.is_(False)
    by = func.coalesce(done.done_by, claim.claimed_by, _called_back_by())
    query = (
        select(UrgentRow.number, by.label("actor"), wanted.label("wanted"))
        .join(call, call.sid == UrgentRow.call_sid)
        .outerjoin(claim, and_(claim.entry == KEY, claim.claimed_at >= UrgentRow.made_at))
        .outerjoin(done, done.call_sid == UrgentRow.call_sid)
        .where(UrgentRow.acknowledged_at.is_(None), by.is_not(None) | ~wanted)
    )
    for row in connection.execute(query).all():
        over = {"acknowledged_at": now, "acknowledged_by": row.actor if row.wanted else None}
        taken = update(UrgentRow).where(UrgentRow.number == row.number, UrgentRow.acknowledged_at.is_(None))
        connection.execute(taken.values(over))


def _called_back_by() -> ScalarSelect[str]:
    """Who first asked to be joined with the caller of an urgent call since it came in."""
    back, theirs = OutboundCallRow, aliased(CallRow)
    asked = select(back.asked_by).join(theirs, theirs.sid == back.call_sid)
    since = asked.where(key_in(theirs) == KEY, back.asked_at >= UrgentRow.made_at)
    return since.order_by(back.id).limit(1).correlate(CallRow, UrgentRow).scalar_subquery()


def _tell(connection: Connection, row: Row[*tuple[object, ...]], now: datetime) -> None:
    about = f"urgent call {row.number}"
    notice = notice_row(
        _key(row.call_sid, row.told + 1), NoticeKind.URGENT_CALL, row.at, now, location=row.location, about=about
    )
    add_new(connection, NoticeRow, [notice])


def _is_stuck(connection: Connection, row: Row[*tuple[object, ...]]) -> bool:
    """Whether the last notice has letters, and all of them are still on their way."""
    states = connection.scalars(
        select(LetterRow.state)
        .join(LetterNoticeRow, LetterNoticeRow.letter == LetterRow.id)
        .where(LetterNoticeRow.notice == _key(row.call_sid, row.told))
    ).all()
    return bool(states) and set(states) <= {State.WAITING.value, State.SENDING.value}


def _key(sid: str, nth: int) -> str:
    return f"{NoticeKind.URGENT_CALL}:{sid}:{nth}"
