"""From notices to letters: whom the rules name now. Each notice is addressed once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row, Select, func, or_, select, update

from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, read_kind
from ivr.call_log.database import reading, writing
from ivr.call_log.statements import add_new, insert_into
from ivr.call_log.tables import EPOCH, MILLISECOND, CallRow

from .outbox import GIVE_UP
from .outgoing import FRESH, State
from .rules import Telling, after_quiet, quiet_of, tellings
from .tables import LetterNoticeRow, LetterRow, NoticeRow

AT_ONCE = 500
# More letters an hour than this to one person by one way are not read any more: the others wait and come as one.
MOST_AN_HOUR = 30
HOUR = timedelta(hours=1)
# The end of a call can be drained before its middle: from another file, or by another host. A call of which nobody has
# told the arrival was answered elsewhere, or came through the fallback alone.
SETTLES, HALF_TOLD = timedelta(minutes=2), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter to be made or joined: its key, and what it tells of."""

    key: str
    telling: Telling
    notice: str


def address(
    engine: Engine, rules: NoticeRules, zone: ZoneInfo, now: datetime, *, most_an_hour: int = MOST_AN_HOUR
) -> int:
    """Make the letters of notices that have none yet; how many notices there were. Raises SQLAlchemyError.

    What waits for a digest, for the end of quiet hours or for the next hour shares one letter for each person and way.
    """
    done = 0
    with reading(engine) as connection:
        if not connection.execute(_unaddressed(now).limit(1)).first():
            return done
    while True:
        with writing(engine) as connection:
            waiting = _waiting(connection, now)
            if not waiting:
                return done
            letters = list(_letters(connection, waiting, rules, zone, now, most_an_hour))
            _put(connection, letters, now)
            keys = [row.key for row in waiting]
            connection.execute(update(NoticeRow).where(NoticeRow.key.in_(keys)).values(addressed_at=now))
        done += len(waiting)


def _waiting(connection: Connection, now: datetime) -> Sequence[Row[str, str, str]]:
    ordered = _unaddressed(now).order_by(NoticeRow.made_at, NoticeRow.key).limit(AT_ONCE)
    return connection.execute(ordered.with_for_update(skip_locked=True)).all()


def _unaddressed(now: datetime) -> Select[str, str, str]:
    """Those of which nobody has been told; of a missed call not before it is likely that all of it is known."""
    sid = func.substr(NoticeRow.key, len(f"{NoticeKind.MISSED_CALL}:") + 1)
    arrived = select(CallRow.sid).where(CallRow.sid == sid, CallRow.line != "").exists()
    settled = (NoticeRow.made_at <= now - SETTLES) & arrived
    ripe = or_(NoticeRow.kind != NoticeKind.MISSED_CALL.value, settled, NoticeRow.made_at <= now - HALF_TOLD)
    return select(NoticeRow.key, NoticeRow.kind, NoticeRow.location).where(NoticeRow.addressed_at.is_(None), ripe)


def _letters(
    connection: Connection,
    waiting: Sequence[Row[str, str, str]],
    rules: NoticeRules,
    zone: ZoneInfo,
    now: datetime,
    most_an_hour: int,
) -> Iterator[_Letter]:
    sent = _of_the_last_hour(connection, now)
    next_hour = EPOCH + ((now - EPOCH) // HOUR + 1) * HOUR
    for row in waiting:
        for telling in tellings(rules, read_kind(row.kind), row.location, zone, now):
            whom = telling.person, telling.way
            if telling.due_at > now:
                yield _Letter(_shared(telling, telling.due_at), telling, row.key)
            elif sent.get(whom, 0) < most_an_hour or telling.passes:
                sent[whom] = sent.get(whom, 0) + 1
                yield _Letter(f"{row.key}|{telling.person}|{telling.way}", telling, row.key)
            else:
                due_at = after_quiet(quiet_of(rules, telling.person), next_hour, zone)
                later = Telling(telling.person, telling.way, due_at, passes=False)
                yield _Letter(_shared(later, due_at), later, row.key)


def _shared(telling: Telling, due_at: datetime) -> str:
    return f"until:{(due_at - EPOCH) // MILLISECOND}|{telling.person}|{telling.way}"


def _of_the_last_hour(connection: Connection, now: datetime) -> dict[tuple[str, str], int]:
    query = select(LetterRow.person, LetterRow.way, func.count()).where(LetterRow.made_at > now - HOUR)
    counts = connection.execute(query.group_by(LetterRow.person, LetterRow.way))
    return {(person, way): count for person, way, count in counts}


def _put(connection: Connection, letters: Sequence[_Letter], now: datetime) -> None:
    """Make the letters that are missing and join the others; one that has left already gets a successor."""
    if not letters:
        return
    gone = {key for key, row in _known(connection, letters).items() if row.state != State.WAITING}
    letters = [
        _Letter(f"{each.notice}|{each.telling.person}|{each.telling.way}", each.telling, each.notice)
        if each.key in gone
        else each
        for each in letters
    ]
    rows = {each.key: _row(each, now) for each in letters}
    made = insert_into(connection, LetterRow).on_conflict_do_nothing(index_elements=[LetterRow.key])
    connection.execute(made, list(rows.values()))
    known = _known(connection, letters)
    links = [{"letter": known[each.key].id, "notice": each.notice} for each in letters]
    add_new(connection, LetterNoticeRow, links)


def _known(connection: Connection, letters: Sequence[_Letter]) -> dict[str, Row[int, str, str]]:
    query = select(LetterRow.id, LetterRow.key, LetterRow.state)
    rows = connection.execute(query.where(LetterRow.key.in_({each.key for each in letters})).with_for_update())
    return {row.key: row for row in rows}


def _row(letter: _Letter, now: datetime) -> dict[str, Any]:
    telling = letter.telling
    return {
        "key": letter.key,
        "person": telling.person,
        "way": telling.way.value,
        **FRESH,
        "made_at": now,
        "due_at": telling.due_at,
        "give_up_at": telling.due_at + GIVE_UP,
        "round": 0,
    }
