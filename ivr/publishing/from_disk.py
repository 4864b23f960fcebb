"""What a host's disk still knows when the database lost it: the overrides that stand, and staff's PINs.

Callers meet them from the disk; an empty database would have them taken away there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from ivr.call_flow.events import OverrideAsked
from ivr.call_log.database import writing
from ivr.call_log.statements import add_new
from ivr.journal.entry import Entry
from ivr.routing.override_file import read_overrides
from ivr.routing.staff_file import read_staff

from .tables import OverrideRow, PinRefusalRow, PinRow

ACTOR = "this host's disk"


def restore(engine: Engine, folder: Path, now: datetime) -> None:
    """Write them down again under their own numbers and names; what is known already stays as it is.

    Raises OSError, SQLAlchemyError, UnreadableOverrides, UnreadableStaff.
    """
    made = {"made_at": now, "made_by": ACTOR}
    overrides = [
        {**asdict(each), "kind": each.kind.value, "say": dict(each.say), **made} for each in read_overrides(folder)
    ]
    staff = read_staff(folder)
    pins = [{"name": name, "hash": hashed, **made} for name, hashed in staff.pins.items()]
    refusals = [{"key": key, "at": at} for key, at in staff.refusals.items()]
    with writing(engine) as connection:
        for table, rows in ((OverrideRow, overrides), (PinRow, pins), (PinRefusalRow, refusals)):
            if rows:
                add_new(connection, table, rows)


def not_asked_again(entries: Sequence[Entry], lost_at: datetime, waiting: Collection[str]) -> list[Entry]:
    """The entries without wishes for overrides from before the database was lost, which the journal tells again.

    Those that stood then were restored, and all others were over or ended by somebody. `waiting` are the keys of those
    that the database never had.
    """
    old = OverrideAsked.__name__
    return [each for each in entries if each.kind != old or each.at >= lost_at or each.key in waiting]
