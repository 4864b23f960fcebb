"""Letters on their way: claimed before an attempt, settled after it, buried when nobody could be reached in a day.

How rows are claimed and settled is the same for all that goes out: see `outgoing.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, select, update

from ivr.call_flow.notice_rules import NoticeKind, Way, read_kind
from ivr.call_log import audit
from ivr.call_log.database import writing

from .outgoing import State, give_up_late, is_due, put_down, put_off, take
from .parcel import Result
from .tables import LetterNoticeRow, LetterRow, NoticeRow, UrgentRow

GIVE_UP = timedelta(hours=24)
KEPT = timedelta(days=90)
OVER = frozenset({State.SENT, State.DEAD})  # and can be sent again


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact that a letter tells of. `kind` is a mere word when a newer release wrote it."""

    kind: NoticeKind | str
    location: str
    about: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is ours to send. `attempts` counts the one at hand."""

    id: int
    key: str
    person: str
    way: Way
    attempts: int
    round: int
    unsure: bool
    made_at: datetime
    give_up_at: datetime
    notices: tuple[Notice, ...]


def claim(engine: Engine, holder: str, ways: Collection[Way], now: datetime, *, limit: int = 1) -> list[Letter]:
    """Take letters that are due by one of these ways, the longest due first. Raises SQLAlchemyError."""
    by_these = LetterRow.way.in_([way.value for way in ways])
    if not ways or not is_due(engine, LetterRow, now, by_these):
        return []
    with writing(engine) as connection:
        numbers = take(connection, LetterRow, holder, now, by_these, limit=limit)
        return _letters(connection, numbers) if numbers else []


def settle(engine: Engine, letter: Letter, holder: str, result: Result, now: datetime) -> bool:
    """Write down what came of an attempt; False when the letter passed to another meanwhile. Raises SQLAlchemyError."""
    with writing(engine) as connection:
        return put_down(connection, LetterRow, letter, holder, result, now)


def postpone(engine: Engine, letter: Letter, holder: str, due_at: datetime) -> None:
    """Let a letter wait until then, untried. Raises SQLAlchemyError."""
    with writing(engine) as connection:
        put_off(connection, LetterRow, letter, holder, due_at)


def bury(engine: Engine, now: datetime) -> int:
    """Give up letters that have waited a day; how many. Raises SQLAlchemyError."""
    return give_up_late(engine, LetterRow, now, "it could not be sent within 24 hours: is this way set up?")


def again(engine: Engine, number: int, *, actor: str, now: datetime) -> bool:
    """Send a letter again that arrived or was given up; False when it is still on its way.

    Raises LookupError when there is none, SQLAlchemyError.
    """
    over = LetterRow.state.in_([state.value for state in OVER])
    with writing(engine) as connection:
        anew = {
            "state": State.WAITING.value,
            "due_at": now,
            "give_up_at": now + GIVE_UP,
            "attempts": 0,
            "round": LetterRow.round + 1,
            "unsure": False,
            "ended_at": None,
            "fault": "",
        }
        changed = connection.execute(update(LetterRow).where(LetterRow.id == number, over).values(anew)).rowcount
        if changed:
            audit.note(connection, now, actor, "notice sent again", f"letter {number}")
            return True
        if connection.scalar(select(LetterRow.id).where(LetterRow.id == number)) is None:
            raise LookupError(f"there is no letter {number}")
        return False


def clear_away(engine: Engine, now: datetime) -> int:
    """Delete letters and notices that were over 90 days ago, and the urgent calls of that time, acknowledged or not.

    How many letters. Raises SQLAlchemyError.
    """
    before = now - KEPT
    with writing(engine) as connection:
        letters = connection.execute(delete(LetterRow).where(LetterRow.ended_at < before)).rowcount
        lonely = ~select(LetterNoticeRow.letter).where(LetterNoticeRow.notice == NoticeRow.key).exists()
        connection.execute(delete(NoticeRow).where(NoticeRow.made_at < before, lonely))
        connection.execute(delete(UrgentRow).where(UrgentRow.made_at < before))
        return letters


def _letters(connection: Connection, numbers: list[int]) -> list[Letter]:
    link, notice = LetterNoticeRow, NoticeRow
    told = select(link.letter, notice.kind, notice.location, notice.about, notice.at).join(
        notice, notice.key == link.notice
    )
    found: dict[int, list[Notice]] = {}
    for each in connection.execute(told.where(link.letter.in_(numbers)).order_by(notice.at, notice.key)):
        found.setdefault(each.letter, []).append(Notice(read_kind(each.kind), each.location, each.about, each.at))
    row = LetterRow
    columns = (row.id, row.key, row.person, row.way, row.attempts, row.round, row.unsure, row.made_at, row.give_up_at)
    letters = connection.execute(select(*columns).where(row.id.in_(numbers)).order_by(row.due_at, row.id))
    return [
        Letter(
            each.id,
            each.key,
            each.person,
            Way(each.way),
            each.attempts,
            each.round,
            each.unsure,
            each.made_at,
            each.give_up_at,
            tuple(found.get(each.id, ())),
        )
        for each in letters
    ]
