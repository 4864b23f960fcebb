"""Calls that came through the fallback: the service did not answer Twilio, at least once in the call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, func, select

from ivr.call_flow.events import CameThroughFallback

from .database import reading
from .tables import EventRow


def calls_through_fallback(engine: Engine, since: datetime) -> int:
    """How many calls since a moment came through the fallback, as far as anybody could tell us."""
    kind = CameThroughFallback.__name__
    query = select(func.count(EventRow.call_sid.distinct())).where(EventRow.at >= since, EventRow.kind == kind)
    with reading(engine) as connection:
        return connection.scalar(query) or 0
