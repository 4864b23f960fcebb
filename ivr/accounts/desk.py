"""Which of the clinic's configured phones is somebody's own: the one that rings when they call a patient back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from ivr.call_log import audit
from ivr.call_log.database import reading, writing

from .tables import AccountRow, DeskPhoneRow


def phone_of(engine: Engine, name: str) -> str:
    """The name of this account's phone, "" when none is set. Raises SQLAlchemyError."""
    return phones_by_account(engine).get(name, "")


def phones_by_account(engine: Engine) -> dict[str, str]:
    """The phones that are set, by account. Raises SQLAlchemyError."""
    query = select(AccountRow.name, DeskPhoneRow.phone).join(AccountRow, AccountRow.id == DeskPhoneRow.account_id)
    with reading(engine) as connection:
        return {row.name: row.phone for row in connection.execute(query)}


def set_phone(engine: Engine, name: str, phone: str, *, actor: str, now: datetime) -> bool:
    """Give an account a phone by its configured name, or ("") none. False when there is no such account.

    `now` is aware. Raises SQLAlchemyError.
    """
    with writing(engine) as connection:
        number = connection.scalar(select(AccountRow.id).where(AccountRow.name == name))
        if number is None:
            return False
        connection.execute(delete(DeskPhoneRow).where(DeskPhoneRow.account_id == number))
        if phone:
            connection.execute(insert(DeskPhoneRow).values(account_id=number, phone=phone))
        audit.note(connection, now, actor, "desk phone set", name, phone=phone)
    return True
