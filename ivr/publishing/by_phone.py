"""What staff did by phone, on its way from a host's journal into the database, and what the database has by now."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select

from ivr.call_flow.events import OverrideAsked, PinAccepted, PinRefused
from ivr.call_flow.model import OverrideKind
from ivr.call_flow.noted import restore
from ivr.call_log.database import reading
from ivr.call_log.tables import EventRow
from ivr.journal.entry import Entry
from ivr.routing.phone_overrides import settle, sources

from .overrides import Wanted, bring_overrides, make
from .pins import note_refusals
from .tables import OverrideRow

ACTOR = "phone"
BY_PHONE = "by phone"
KINDS = frozenset((OverrideAsked.__name__, PinRefused.__name__))

log = logging.getLogger("ivr.publishing")


def take_over(engine: Engine, entries: Sequence[Entry], now: datetime) -> None:
    """Make the overrides that the entries ask for, and note the refused PINs; all other entries mean nothing here.

    Harmless to repeat. An entry that makes no sense is told in the log and left. Raises SQLAlchemyError.
    """
    refusals: dict[str, datetime] = {}
    for entry in entries:
        if entry.kind not in KINDS:
            continue
        match restore(entry.kind, entry.data):
            case PinRefused(locked=False):
                refusals[entry.key] = entry.at
            case OverrideAsked() as asked:
                _make(engine, entry, asked)
            case _:
                pass
    if refusals:
        note_refusals(engine, refusals, now)


def bring_with_phone(engine: Engine, folder: Path, now: datetime) -> bool:
    """Bring the overrides to this host's disk; True when they changed there.

    Those made by phone on this host are taken out of their own file only once they stand in the other one. Raises
    OSError, SQLAlchemyError.
    """
    waiting = sources(folder)
    known: Sequence[str | None] = ()
    if waiting:
        with reading(engine) as connection:
            known = connection.scalars(select(OverrideRow.source).where(OverrideRow.source.in_(waiting))).all()
    changed = bring_overrides(engine, folder, now)
    settle(folder, {source for source in known if source}, now)
    return changed


def _make(engine: Engine, entry: Entry, asked: OverrideAsked) -> None:
    try:
        begins, ends = datetime.fromisoformat(asked.begins), datetime.fromisoformat(asked.ends)
        kind = OverrideKind(asked.kind)
        if begins.utcoffset() is None or ends.utcoffset() is None:
            raise ValueError("a moment without its zone")
    except ValueError as fault:
        log.error("an override asked for by phone makes no sense: %s", type(fault).__name__)
        return
    wanted = Wanted(kind, asked.location, begins, ends, BY_PHONE)
    make(engine, wanted, actor=_actor(engine, entry), now=entry.at, source=entry.key)


def _actor(engine: Engine, entry: Entry) -> str:
    """By whose PIN, where this is known here: the turn with the PIN may still lie on another host."""
    query = (
        select(EventRow.data)
        .where(EventRow.call_sid == entry.call, EventRow.kind == PinAccepted.__name__, EventRow.hop < entry.hop)
        .order_by(EventRow.hop.desc())
    )
    with reading(engine) as connection:
        found = restore(PinAccepted.__name__, connection.scalars(query).first())
    return f"{ACTOR}:{found.pin}" if isinstance(found, PinAccepted) else ACTOR
