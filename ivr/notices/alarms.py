"""Alarms: what lasts until it is cleared, and is told once while it lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from ivr.call_flow.notice_rules import NoticeKind
from ivr.call_log.statements import Row, add_new, insert_into
from ivr.call_log.tables import EPOCH, MILLISECOND

from .tables import AlarmRow, NoticeRow

LONGEST_ABOUT = 100
# What comes and goes is not told every time.
LEAST_PAUSE = timedelta(hours=1)


def known_as(about: str) -> str:
    """What an alarm is known by: as much of what it is about as fits."""
    return about[:LONGEST_ABOUT]


def raise_alarm(connection: Connection, kind: NoticeKind, about: str, now: datetime, *, location: str = "") -> bool:
    """Say that something lasts; True when people are told of it now, which is once until it is cleared.

    `about` names a host, a finding or a location and is shown to people: never anything of a caller. It is cut at 100
    characters. Two hosts that say it at the same moment make one notice. `now` is aware. Raises SQLAlchemyError.
    """
    about = known_as(about)
    row = insert_into(connection, AlarmRow).values(kind=kind.value, about=about, told_at=now, cleared_at=None)
    again = AlarmRow.cleared_at.is_not(None) & (AlarmRow.told_at <= now - LEAST_PAUSE)
    told = row.on_conflict_do_update(
        index_elements=[AlarmRow.kind, AlarmRow.about],
        set_={"told_at": row.excluded.told_at, "cleared_at": None},
        where=again,
    ).returning(AlarmRow.about)
    if connection.execute(told).first() is None:
        return False
    key = f"{kind.value}:{about}:{(now - EPOCH) // MILLISECOND}"
    add_new(connection, NoticeRow, [notice_row(key, kind, now, now, location=location, about=about)])
    return True


def hold_alarm(connection: Connection, kind: NoticeKind, about: str, now: datetime) -> None:
    """Say that something lasts that people were told of in other words just now. Raises SQLAlchemyError."""
    row = insert_into(connection, AlarmRow).values(kind=kind.value, about=known_as(about), told_at=now, cleared_at=None)
    held = {"told_at": row.excluded.told_at, "cleared_at": None}
    connection.execute(row.on_conflict_do_update(index_elements=[AlarmRow.kind, AlarmRow.about], set_=held))


def clear_alarm(connection: Connection, kind: NoticeKind, about: str, now: datetime) -> None:
    """Say that it is over; what was not raised stays so. Raises SQLAlchemyError."""
    here = AlarmRow.kind == kind.value, AlarmRow.about == known_as(about), AlarmRow.cleared_at.is_(None)
    connection.execute(update(AlarmRow).where(*here).values(cleared_at=now))


def lasting(connection: Connection, kind: NoticeKind) -> list[str]:
    """What alarms of a kind that were raised and not cleared are about. Raises SQLAlchemyError."""
    here = AlarmRow.kind == kind.value, AlarmRow.cleared_at.is_(None)
    return list(connection.scalars(select(AlarmRow.about).where(*here).order_by(AlarmRow.about)))


def notice_row(key: str, kind: NoticeKind, at: datetime, now: datetime, *, location: str = "", about: str = "") -> Row:
    """A notice as its table has it, nobody told yet."""
    return {"key": key, "kind": kind.value, "location": location, "about": about, "at": at, "made_at": now}
