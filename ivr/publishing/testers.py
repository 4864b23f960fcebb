"""Who may hear the draft, besides those named in clinic.yaml: kept as keyed hashes of their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, select

from ivr.call_log import audit
from ivr.call_log.database import reading, writing
from ivr.call_log.statements import add_new

from .tables import TesterRow

ID_LENGTH = 8


@dataclass(frozen=True, slots=True)
class AddedTester:
    """A tester added by command: the keyed hash of the number, when it was added and by whom."""

    caller_index: str
    added_at: datetime
    added_by: str

    @property
    def id(self) -> str:
        """By what a tester can be told from others and removed, since the number itself is not kept."""
        return self.caller_index[:ID_LENGTH]


def add(engine: Engine, indexes: Sequence[str], *, actor: str, now: datetime) -> bool:
    """Make the number with these hashes (Seal.indexes) a tester; False when it is one. Raises SQLAlchemyError."""
    row = {"caller_index": indexes[0], "added_at": now, "added_by": actor}
    with writing(engine) as connection:
        known = connection.scalar(select(TesterRow.caller_index).where(TesterRow.caller_index.in_(indexes)))
        if known or not add_new(connection, TesterRow, [row], returning="caller_index"):
            return False
        audit.note(connection, now, actor, "tester added", indexes[0][:ID_LENGTH])
    return True


def remove(engine: Engine, indexes: Sequence[str], *, actor: str, now: datetime) -> bool:
    """Let the number with these hashes hear what everybody hears; False when it was no tester."""
    with writing(engine) as connection:
        gone = delete(TesterRow).where(TesterRow.caller_index.in_(indexes)).returning(TesterRow.caller_index)
        removed = connection.scalars(gone).all()
        for index in removed:
            audit.note(connection, now, actor, "tester removed", index[:ID_LENGTH])
    return bool(removed)


def all_testers(engine: Engine) -> list[AddedTester]:
    """All testers added by command, the oldest first."""
    row = TesterRow
    query = select(row.caller_index, row.added_at, row.added_by).order_by(row.added_at, row.caller_index)
    with reading(engine) as connection:
        return [AddedTester(*each) for each in connection.execute(query)]
