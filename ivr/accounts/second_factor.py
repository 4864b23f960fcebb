"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost phone."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import Engine, delete, insert, select, update

from ivr.call_log import audit
from ivr.call_log.database import reading, writing
from ivr.journal.sealing import Seal, SealBroken

from .people import Person, fingerprint
from .sessions import Session
from .tables import AccountRow, RecoveryCodeRow, SessionRow

STEP_SECONDS = 30
AROUND = 1  # half minutes by which clocks may differ
RECOVERY_CODES = 8


def new_secret() -> str:
    """A secret for an authenticator app, not kept yet."""
    return pyotp.random_base32()


def address_for_app(secret: str, name: str) -> str:
    """What the app reads from a square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Front desk")


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute for which this code is right, now or just before or after; None when it is wrong."""
    this = int(now.timestamp()) // STEP_SECONDS
    digits = "".join(code.split())
    for step in range(this - AROUND, this + AROUND + 1):
        if secrets.compare_digest(pyotp.TOTP(secret).at(step * STEP_SECONDS).encode(), digits.encode()):
            return step
    return None


def switch_on(engine: Engine, seal: Seal, person: Person, secret: str, now: datetime) -> list[str]:
    """Ask for a code from now on; gives the recovery codes, which can be shown this once only."""
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
    with writing(engine) as connection:
        values = {"second_factor": seal.seal(secret), "last_step": int(now.timestamp()) // STEP_SECONDS}
        connection.execute(update(AccountRow).where(AccountRow.id == person.id).values(values))
        connection.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == person.id))
        rows = [{"account_id": person.id, "code": fingerprint(code)} for code in codes]
        connection.execute(insert(RecoveryCodeRow), rows)
        audit.note(connection, now, person.name, "second factor on", person.name)
    return codes


def switch_off(engine: Engine, person: Person, now: datetime) -> None:
    """Ask for the password only."""
    with writing(engine) as connection:
        values = {"second_factor": "", "last_step": 0}
        connection.execute(update(AccountRow).where(AccountRow.id == person.id).values(values))
        connection.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == person.id))
        audit.note(connection, now, person.name, "second factor off", person.name)


def reseal(engine: Engine, seal: Seal) -> tuple[int, int]:
    """Seal every secret anew under the first key: how many were, and how many none of our keys opens."""
    with writing(engine) as connection:
        kept = connection.execute(
            select(AccountRow.id, AccountRow.second_factor).where(AccountRow.second_factor != "")
        ).all()
        lost = 0
        for number, sealed in kept:
            try:
                anew = seal.seal(seal.unseal(sealed))
            except SealBroken:
                lost += 1
                continue
            # Switched off or on anew meanwhile, it is no longer what was read, and stays as it is.
            same = update(AccountRow).where(AccountRow.id == number, AccountRow.second_factor == sealed)
            connection.execute(same.values(second_factor=anew))
    return len(kept) - lost, lost


def give(engine: Engine, seal: Seal, session: Session, code: str, now: datetime) -> bool:
    """Let a waiting session in with a code of the app or a recovery code, each of which works once."""
    person = session.person
    right = _use_code(engine, seal, person, code, now) or _use_recovery_code(engine, person, code)
    if right:
        with writing(engine) as connection:
            waiting = SessionRow.token == fingerprint(session.token)
            connection.execute(update(SessionRow).where(waiting).values(waits=False, seen_at=now))
            audit.note(connection, now, person.name, "signed in", person.name, second_factor=True)
    return right


def _use_code(engine: Engine, seal: Seal, person: Person, code: str, now: datetime) -> bool:
    with reading(engine) as connection:
        kept = connection.scalar(select(AccountRow.second_factor).where(AccountRow.id == person.id)) or ""
    try:
        step = step_of(seal.unseal(kept), code, now) if kept else None
    except SealBroken:
        return False  # the secret key was lost; a recovery code still works
    if step is None:
        return False
    unused = update(AccountRow).where(AccountRow.id == person.id, AccountRow.last_step < step).values(last_step=step)
    with writing(engine) as connection:
        return connection.execute(unused).rowcount == 1


def _use_recovery_code(engine: Engine, person: Person, code: str) -> bool:
    its = RecoveryCodeRow.account_id == person.id, RecoveryCodeRow.code == fingerprint(code.strip().lower())
    with writing(engine) as connection:
        return connection.execute(delete(RecoveryCodeRow).where(*its)).rowcount == 1
