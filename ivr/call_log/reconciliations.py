"""What the comparisons with the carrier's own list found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from .database import reading
from .tables import Reconciliation


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One comparison, and what it added or corrected."""

    id: int
    at: datetime
    since: datetime
    until: datetime
    calls_seen: int
    calls_added: int
    calls_corrected: int
    recordings_seen: int
    recordings_added: int


def last_reconciliation(engine: Engine) -> Reconciled | None:
    """The newest comparison; None before the first."""
    query = select(Reconciliation.__table__).order_by(Reconciliation.id.desc()).limit(1)
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return None if row is None else Reconciled(*row)
