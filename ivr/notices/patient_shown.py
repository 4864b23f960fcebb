"""What people see of texts to callers: how many of each kind became what, and what became of those of one call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select

from ivr.call_flow.text_rules import TextKind
from ivr.call_log.database import reading
from ivr.call_log.story import Step
from ivr.call_log.text_tables import PatientTextRow, TextOptOutRow

from .outgoing import State

CALLED: Mapping[str, str] = {TextKind.GUIDE: "the guide by text", TextKind.MISSED_CALL: "a text after the missed call"}


@dataclass(frozen=True, slots=True)
class TextCounts:
    """Of one kind: how many were sent, wait, or were not sent and why. Reasons name no number."""

    kind: TextKind
    sent: int
    waiting: int
    not_sent: dict[str, int]


@dataclass(frozen=True, slots=True)
class TextFate:
    """What became of a text of a call. `ended_at` is None while it is on its way; `fault` says why it was not sent.

    `kind` and `state` are as they were written: a newer release may have written others than this one knows.
    """

    kind: str
    state: str
    ended_at: datetime | None
    fault: str

    def step(self, zone: ZoneInfo) -> Step | None:
        """Its end as a step of the call's story; None while it has none."""
        if self.ended_at is None:
            return None
        what = CALLED.get(self.kind, self.kind)
        words = f"was sent {what}" if self.state == State.SENT else f"was not sent {what}: {self.fault}"
        return Step(self.ended_at.astimezone(zone), words)


def text_counts(engine: Engine, since: datetime) -> tuple[TextCounts, ...]:
    """Texts made since a moment, by kind; kinds without any are left out. Raises SQLAlchemyError."""
    row = PatientTextRow
    query = select(row.kind, row.state, row.fault, func.count()).where(row.made_at >= since)
    sent, waiting = Counter[str](), Counter[str]()
    not_sent: dict[str, Counter[str]] = {}
    with reading(engine) as connection:
        for kind, state, fault, count in connection.execute(query.group_by(row.kind, row.state, row.fault)):
            if state == State.DEAD:
                not_sent.setdefault(kind, Counter())[fault] += count
            else:
                (sent if state == State.SENT else waiting)[kind] += count
    kinds = [kind for kind in TextKind if kind in sent or kind in waiting or kind in not_sent]
    return tuple(
        TextCounts(kind, sent[kind], waiting[kind], dict(sorted(not_sent.get(kind, {}).items()))) for kind in kinds
    )


def stopped(engine: Engine) -> int:
    """How many numbers have answered STOP. Raises SQLAlchemyError."""
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(TextOptOutRow)) or 0


def texts_of(engine: Engine, sid: str) -> tuple[TextFate, ...]:
    """What became of the texts that followed from a call. Raises SQLAlchemyError."""
    row = PatientTextRow
    query = select(row.kind, row.state, row.ended_at, row.fault).where(row.call_sid == sid).order_by(row.made_at)
    with reading(engine) as connection:
        found = connection.execute(query).all()
    return tuple(TextFate(*each) for each in found)


def with_texts(steps: Sequence[Step], fates: Sequence[TextFate], zone: ZoneInfo) -> list[Step]:
    """A call's story with what became of its texts, in order of time."""
    more = [step for fate in fates if (step := fate.step(zone))]
    return sorted([*steps, *more], key=lambda step: step.at) if more else list(steps)
