"""An outbox on both engines, rules of a small clinic, and ways of telling that keep what they are handed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, Rule, Told
from ivr.call_log.database import reading, writing
from ivr.call_log.statements import add_new
from ivr.notices.alarms import notice_row
from ivr.notices.parcel import Item, Parcel, Result, Sent
from ivr.notices.sending import Words
from ivr.notices.tables import LetterRow, NoticeRow
from tests.call_log.conftest import database, new_database, postgres, sqlite_template
from tests.carrier.conftest import messages
from tests.conftest import ZONE

__all__ = ["database", "messages", "new_database", "postgres", "sqlite_template"]

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # ten o'clock in Phoenix
CONSOLE = "https://ivr.example.com"
MARIA = Told("Maria", "maria@example.com", "+14805550131", quiet=(20 * 60, 31 * 60))
SAM = Told("Sam", "sam@example.com")
EVERYTHING = frozenset(NoticeKind)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


class Killed(BaseException):
    """What a kill is to the code: nothing after it runs."""


@dataclass
class Kept:
    """A way of telling that keeps what it is handed; `results` are used up one an attempt, then all is well."""

    parcels: list[Parcel] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def __call__(self, given: Parcel) -> Result:
        self.parcels.append(given)
        return self.results.pop(0) if self.results else Sent()


def rules(*given: Rule) -> NoticeRules:
    return NoticeRules({"maria": MARIA, "sam": SAM}, given or (Rule(("maria",), EVERYTHING),))


def words(given: NoticeRules | None = None) -> Words:
    titles = {"gilbert": "Gilbert", "scottsdale": "Scottsdale"}
    return Words(given or rules(), "Sample Clinic", titles, ZONE, CONSOLE)


def note(
    engine: Engine,
    count: int = 1,
    *,
    kind: NoticeKind | str = NoticeKind.MESSAGE_LEFT,
    location: str = "gilbert",
    at: datetime = NOW,
    tag: str = "",
) -> None:
    """Write down notices as if something had happened."""
    usual = NoticeKind.MESSAGE_LEFT
    rows = [
        {**notice_row(f"{kind}:{tag}{number}", usual, at, at, location=location), "kind": str(kind)}
        for number in range(count)
    ]
    with writing(engine) as connection:
        add_new(connection, NoticeRow, rows)


def states(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return dict(connection.execute(select(LetterRow.state, func.count()).group_by(LetterRow.state)).all())


def letters(engine: Engine) -> list[LetterRow]:
    with reading(engine) as connection:
        return list(connection.execute(select(LetterRow.__table__).order_by(LetterRow.id)))  # type: ignore[arg-type]


def a_parcel(to: str, **changes: object) -> Parcel:
    items = [Item("message left", "gilbert", 1, "1 new message for Gilbert")]
    given = {
        "reference": "12-0-abcdef",
        "mark": "12",
        "to": to,
        "clinic": "Sample Clinic",
        "subject": "Sample Clinic: 1 new message for Gilbert",
        "items": items,
        "link": f"{CONSOLE}/call-back",
        "since": datetime.now(UTC),
        **changes,
    }
    return Parcel(**given)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(new_database: Callable[[str], Engine]) -> Engine:
    """An empty outbox on SQLite, where the engine makes no difference."""
    return new_database("sqlite")
