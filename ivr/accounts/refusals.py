"""Somebody who is signed in asked for what their role does not include: that stands in the audit."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select

from ivr.call_log import audit
from ivr.call_log.database import reading, wait_for_others, writing
from ivr.call_log.tables import Audit

from .people import Person
from .roles import Right

DEED = "not allowed"
ONE_LINE_FOR = timedelta(minutes=10)  # a page that asks by itself would fill the audit
_ONE_AT_A_TIME = 4_870_251_997  # PostgreSQL's lock for those who note


def note_refusal(engine: Engine, person: Person, right: Right, page: str, now: datetime) -> None:
    """Write down who lacked which right, and for which page: its name, never an address, which may name a call.

    Repeated refusals of the same person and right are one line for ten minutes. Raises SQLAlchemyError.
    """
    with reading(engine) as connection:
        if _is_noted(connection, person, right, now):
            return
    with writing(engine) as connection:
        wait_for_others(connection, _ONE_AT_A_TIME)
        if not _is_noted(connection, person, right, now):
            audit.note(connection, now, person.name, DEED, right.value, page=page)


def _is_noted(connection: Connection, person: Person, right: Right, now: datetime) -> bool:
    query = select(Audit.id).where(Audit.at > now - ONE_LINE_FOR, Audit.actor == person.name)
    query = query.where(Audit.action == DEED, Audit.about == right.value)
    return connection.scalar(query.limit(1)) is not None
