"""Signing in and staying in: passwords tried, counted and refused, and sessions that are rows and can be ended.

A session ends after 15 minutes without a request of its person, 12 hours after it began, at sign-out, and when the
account is disabled or gets another password or role (OWASP ASVS 5.0, chapter 7).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Engine, delete, func, insert, or_, select, update

from ivr.call_log import audit
from ivr.call_log.database import reading, writing

from .passwords import fits
from .people import Person, fingerprint, person_of
from .tables import AccountRow, FailedSignInRow, SessionRow

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
TIME_FOR_CODE = timedelta(minutes=5)
TOUCHED_EVERY = timedelta(seconds=30)
A_NAME = timedelta(minutes=15)
AN_ADDRESS = timedelta(hours=1)
MOST_OF_A_NAME = 10
MOST_OF_AN_ADDRESS = 20


class Refusal(StrEnum):
    """Why somebody is not let in. An unknown name and a wrong password are the same to whoever asks."""

    WRONG = "wrong"
    NAME_SHUT = "too many of this name"
    ADDRESS_SHUT = "too many from this address"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a sign-in comes from: keyed hashes of the name typed and of the address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; with `waits` it must first give the second factor."""

    token: str
    person: Person
    waits: bool


def sign_in(engine: Engine, visitor: Visitor, name: str, password: str, now: datetime) -> str | Refusal:
    """A new session's token for the cookie, or why there is none."""
    found = person_with(engine, visitor, name, password, now)
    return found if isinstance(found, Refusal) else begin(engine, found, now, waits=found.has_second_factor)


def person_with(engine: Engine, visitor: Visitor, name: str, password: str, now: datetime) -> Person | Refusal:
    """Who has this name and password. Tries that fail are counted, and too many are refused."""
    if shut := shut_by(engine, visitor, now):
        return shut
    with reading(engine) as connection:
        found = connection.execute(select(AccountRow.__table__).where(AccountRow.name == name)).first()
    right = fits(found.password if found else "", password)  # takes as long whoever is asked for
    if found is None or not right or found.disabled_at is not None:
        note_failure(engine, visitor, now)
        return Refusal.WRONG
    return person_of(found)


def begin(engine: Engine, person: Person, now: datetime, *, waits: bool = False) -> str:
    """A new session of this person; the token goes into the cookie and is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    row = {"token": fingerprint(token), "account_id": person.id, "began_at": now, "seen_at": now, "waits": waits}
    with writing(engine) as connection:
        connection.execute(delete(SessionRow).where(SessionRow.began_at < now - LONGEST))
        connection.execute(insert(SessionRow).values(row))
        if not waits:
            audit.note(connection, now, person.name, "signed in", person.name)
    return token


def session_of(engine: Engine, token: str, now: datetime, *, touch: bool) -> Session | None:
    """The session of a cookie; None when there is none any more. `touch`: its person did something just now."""
    query = (
        select(AccountRow.__table__, SessionRow.seen_at, SessionRow.waits)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(SessionRow.token == fingerprint(token), AccountRow.disabled_at.is_(None))
        .where(SessionRow.began_at > now - LONGEST, SessionRow.seen_at > now - IDLE)
        .where(or_(SessionRow.waits.is_(False), SessionRow.began_at > now - TIME_FOR_CODE))
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    if touch and now - row.seen_at > TOUCHED_EVERY:
        with writing(engine) as connection:
            seen = update(SessionRow).where(SessionRow.token == fingerprint(token)).values(seen_at=now)
            connection.execute(seen)
    return Session(token, person_of(row), row.waits)


def end(engine: Engine, session: Session, now: datetime) -> None:
    """Sign out: the cookie is worth nothing from now on."""
    with writing(engine) as connection:
        connection.execute(delete(SessionRow).where(SessionRow.token == fingerprint(session.token)))
        audit.note(connection, now, session.person.name, "signed out", session.person.name)


def shut_by(engine: Engine, visitor: Visitor, now: datetime) -> Refusal | None:
    """What keeps this visitor from trying: so many sign-ins failed of late from this address, or of this name."""
    with reading(engine) as connection:
        of_name = _failures(connection, FailedSignInRow.name == visitor.name, now - A_NAME)
        of_address = _failures(connection, FailedSignInRow.address == visitor.address, now - AN_ADDRESS)
    if of_address >= MOST_OF_AN_ADDRESS:
        return Refusal.ADDRESS_SHUT
    return Refusal.NAME_SHUT if of_name >= MOST_OF_A_NAME else None


def note_failure(engine: Engine, visitor: Visitor, now: datetime) -> None:
    """Count a sign-in that failed; those too old to count are gone."""
    with writing(engine) as connection:
        connection.execute(delete(FailedSignInRow).where(FailedSignInRow.at < now - AN_ADDRESS))
        row = {"at": now, "name": visitor.name, "address": visitor.address}
        connection.execute(insert(FailedSignInRow).values(row))
        audit.note(connection, now, "nobody", "sign-in refused")


def _failures(connection: Connection, whose: object, since: datetime) -> int:
    query = select(func.count()).where(whose, FailedSignInRow.at > since)  # type: ignore[arg-type]  # a comparison
    return connection.scalar(query) or 0
