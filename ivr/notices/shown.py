"""What people see of the outbox: the newest letters, and how many were given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from ivr.call_log.database import reading

from .outgoing import State
from .tables import LetterNoticeRow, LetterRow, NoticeRow

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter and how it stands. `kinds` counts its notices; `due_at` is when it is tried next, if it is waiting.

    Its words are as they were written: a newer release may have written others than this one knows.
    """

    id: int
    person: str
    way: str
    state: str
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    attempts: int
    fault: str
    kinds: Mapping[str, int]

    @property
    def told(self) -> str:
        """`message left (2), missed call`."""
        return ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in self.kinds.items())

    @property
    def whom(self) -> str:
        return self.person or "the webhook"


def newest(engine: Engine, *, dead: bool = False, limit: int = MOST_SHOWN) -> list[Shown]:
    """The newest letters first, with `dead` those given up alone. Raises SQLAlchemyError."""
    row = LetterRow
    columns = (row.id, row.person, row.way, row.state, row.made_at, row.due_at, row.ended_at, row.attempts, row.fault)
    query = select(*columns).order_by(row.made_at.desc(), row.id.desc()).limit(limit)
    if dead:
        query = query.where(row.state == State.DEAD.value)
    counted = (
        select(LetterNoticeRow.letter, NoticeRow.kind, func.count())
        .join(NoticeRow, NoticeRow.key == LetterNoticeRow.notice)
        .group_by(LetterNoticeRow.letter, NoticeRow.kind)
        .order_by(NoticeRow.kind)
    )
    with reading(engine) as connection:
        letters = connection.execute(query).all()
        kinds: dict[int, dict[str, int]] = {}
        wanted = counted.where(LetterNoticeRow.letter.in_([letter.id for letter in letters]))
        for number, kind, count in connection.execute(wanted):
            kinds.setdefault(number, {})[kind] = count
    return [
        Shown(
            each.id,
            each.person,
            each.way,
            each.state,
            each.made_at,
            each.due_at,
            each.ended_at,
            each.attempts,
            each.fault,
            kinds.get(each.id, {}),
        )
        for each in letters
    ]


def given_up(engine: Engine, since: datetime) -> int:
    """How many letters were given up since a moment and not sent again. Raises SQLAlchemyError."""
    query = select(func.count()).where(LetterRow.state == State.DEAD.value, LetterRow.ended_at >= since)
    with reading(engine) as connection:
        return connection.scalar(query) or 0
