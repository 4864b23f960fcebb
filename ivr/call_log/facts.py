"""Reads the facts of calls back from the log, ready to be summed up or told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from ivr.call_flow.noted import Noted, restore

from .tables import EventRow


def facts_of(connection: Connection, sids: Sequence[str]) -> dict[str, list[Noted]]:
    """Every stored fact of these calls by call id, in no order; calls without any are absent."""
    columns = EventRow.call_sid, EventRow.hop, EventRow.nth, EventRow.at, EventRow.version, EventRow.kind, EventRow.data
    found: dict[str, list[Noted]] = defaultdict(list)
    for sid, hop, nth, at, version, kind, data in connection.execute(
        select(*columns).where(EventRow.call_sid.in_(sids))
    ):
        found[sid].append(Noted(hop, nth, at, restore(kind, data), version))
    return dict(found)
