"""The tables of accounts, their sessions, recovery codes, invitations and failed sign-ins.

Nothing here lets its reader in: passwords are argon2 hashes, tokens and codes are hashes, second factors are sealed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.call_log.tables import BIG_ID, NAME, Table

HASH = String(64)


class AccountRow(Table):
    """A person who may sign in. `password` is empty until one is set; `second_factor` is sealed, empty without one.

    `last_step` is the newest half minute whose code was used, so that no code works twice.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(NAME, unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str]
    second_factor: Mapped[str]
    last_step: Mapped[int]
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class SessionRow(Table):
    """A browser that is signed in. `token` is the hash of what its cookie holds; `waits`: the second factor is due."""

    __tablename__ = "session"
    __table_args__ = (Index("session_account", "account_id"),)

    token: Mapped[str] = mapped_column(HASH, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    waits: Mapped[bool]


class RecoveryCodeRow(Table):
    """A code that stands in for the second factor once. Used ones are gone."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(HASH, primary_key=True)


class InvitationRow(Table):
    """A link that lets somebody set a password once. `name` is empty for the first administrator."""

    __tablename__ = "invitation"

    token: Mapped[str] = mapped_column(HASH, primary_key=True)
    name: Mapped[str] = mapped_column(NAME)
    role: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime]


class FailedSignInRow(Table):
    """A sign-in that failed. Name and address are keyed hashes: they are counted, never read."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("failed_name", "name", "at"), Index("failed_address", "address", "at"))

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(32))


class DeskPhoneRow(Table):
    """Which of the clinic's configured phones is somebody's own, by its name. No number stands here."""

    __tablename__ = "desk_phone"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    phone: Mapped[str] = mapped_column(NAME)
