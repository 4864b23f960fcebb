"""The numbers of texts to callers: forgotten with those of calls, and sealed anew with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.orm import aliased

from ivr.journal.sealing import Seal, SealBroken

from .database import reading, writing
from .text_tables import PatientTextRow, TextOptOutRow

Counted = tuple[int, int, int]  # sealed anew, sealed so already, unreadable
_Sealed = tuple[str, str | None]  # a number encrypted, and its hash


def erase_text_numbers(connection: Connection, up_to: datetime, most: int) -> int:
    """Erase numbers and hashes of texts made before a moment; how many. Numbers that answered STOP stay."""
    row = PatientTextRow
    old = select(row.id).where(row.made_at < up_to, row.number_index.is_not(None)).order_by(row.made_at)
    gone = update(row).where(row.id.in_(old.limit(most))).values(number=None, number_index=None)
    return connection.execute(gone).rowcount


def rekey_texts(engine: Engine, seal: Seal) -> Counted:
    """Seal the numbers of texts, and those that answered STOP, under the first secret. Safe to stop and to repeat.

    Raises SQLAlchemyError.
    """
    texts, stops = PatientTextRow, TextOptOutRow
    with reading(engine) as connection:
        sent = connection.execute(select(texts.number, texts.number_index).where(texts.number.is_not(None))).all()
        stopped = connection.execute(select(stops.number, stops.number_index)).all()
    first = _rekey(engine, seal, [(token or "", index) for token, index in sent], _seal_text)
    second = _rekey(engine, seal, [(token, index) for token, index in stopped], _seal_stop)
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


def _rekey(
    engine: Engine, seal: Seal, rows: Iterable[_Sealed], write: Callable[[Connection, Seal, str, _Sealed], None]
) -> Counted:
    anew = already = unreadable = 0
    for row in rows:
        try:
            number = seal.unseal(row[0])
        except SealBroken:
            unreadable += 1
            continue
        if seal.index(number) == row[1]:
            already += 1
            continue
        with writing(engine) as connection:
            write(connection, seal, number, row)
        anew += 1
    return anew, already, unreadable


def _seal_text(connection: Connection, seal: Seal, number: str, was: _Sealed) -> None:
    """A number forgotten meanwhile has another (no) token, and so is not brought back.

    Where one host had the new secret alone, a number may have a text of the same kind and day under it already; the
    other row then gives its number up.
    """
    row, twin = PatientTextRow, aliased(PatientTextRow)
    index = seal.index(number)
    same_day = (twin.kind == row.kind) & (twin.day == row.day) & (twin.number_index == index)
    there = select(twin.id).where(same_day).exists()
    ours = update(row).where(row.number == was[0])
    connection.execute(ours.where(there).values(number=None, number_index=None))
    connection.execute(ours.values(number=seal.seal(number), number_index=index))


def _seal_stop(connection: Connection, seal: Seal, number: str, was: _Sealed) -> None:
    row, ours = TextOptOutRow, TextOptOutRow.number_index == was[1]
    if connection.scalar(select(row.at).where(row.number_index == seal.index(number))) is not None:
        connection.execute(delete(row).where(ours))  # it answered STOP again, under the new secret
    else:
        anew = {"number_index": seal.index(number), "number": seal.seal(number)}
        connection.execute(update(row).where(ours).values(anew))
