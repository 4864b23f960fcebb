"""Staff's PINs as hashes under a name, when PINs were refused anywhere, and what each host must know of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select, update

from ivr.call_log import audit
from ivr.call_log.database import reading, writing
from ivr.call_log.statements import add_new
from ivr.routing.pins import KEPT_FOR
from ivr.routing.staff_file import Staff, write_staff

from .tables import PinRefusalRow, PinRow

MOST_PINS = 20  # each is tried while a caller waits


class TooManyPins(Exception):
    """There are as many PINs as can be tried while a caller waits."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN that may be used: its name, its hash, when it was set and by whom."""

    name: str
    hash: str
    made_at: datetime
    made_by: str


def put(engine: Engine, name: str, hashed: str, *, actor: str, now: datetime) -> bool:
    """Set the PIN `name`, or replace it; True when it is new. Raises TooManyPins, SQLAlchemyError."""
    row = {"name": name, "hash": hashed, "made_at": now, "made_by": actor}
    with writing(engine) as connection:
        names = set(connection.scalars(select(PinRow.name)))
        if name not in names and len(names) >= MOST_PINS:
            raise TooManyPins(f"there are {MOST_PINS} PINs, which is as many as can be tried while a caller waits")
        if name in names:
            connection.execute(update(PinRow).where(PinRow.name == name).values(row))
        else:
            connection.execute(insert(PinRow).values(row))
        audit.note(connection, now, actor, "pin replaced" if name in names else "pin set", name)
    return name not in names


def remove(engine: Engine, name: str, *, actor: str, now: datetime) -> bool:
    """Take the PIN `name` away; False when there is none. Raises SQLAlchemyError."""
    with writing(engine) as connection:
        gone = connection.scalars(delete(PinRow).where(PinRow.name == name).returning(PinRow.name)).all()
        if gone:
            audit.note(connection, now, actor, "pin removed", name)
    return bool(gone)


def pins(engine: Engine) -> list[Pin]:
    """All PINs by their names."""
    query = select(PinRow.name, PinRow.hash, PinRow.made_at, PinRow.made_by).order_by(PinRow.name)
    with reading(engine) as connection:
        return [Pin(*row) for row in connection.execute(query)]


def note_refusals(engine: Engine, refusals: Mapping[str, datetime], now: datetime) -> None:
    """Note refused PINs by the key of their event; telling it twice changes nothing. Those that no longer count go."""
    rows = [{"key": key, "at": at} for key, at in refusals.items()]
    with writing(engine) as connection:
        connection.execute(delete(PinRefusalRow).where(PinRefusalRow.at < now - KEPT_FOR))
        add_new(connection, PinRefusalRow, rows)


def bring_staff(engine: Engine, folder: Path, now: datetime) -> bool:
    """Bring PINs and refusals that still count to this host's disk; True when they changed there.

    Raises OSError, SQLAlchemyError.
    """
    recent = select(PinRefusalRow.key, PinRefusalRow.at).where(PinRefusalRow.at >= now - KEPT_FOR)
    with reading(engine) as connection:
        refusals = {row.key: row.at for row in connection.execute(recent)}
    return write_staff(folder, Staff({pin.name: pin.hash for pin in pins(engine)}, refusals))
