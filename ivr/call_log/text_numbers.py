"""The numbers of texts to callers: forgotten with those of calls, and sealed anew with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.orm import aliased

from ivr.journal.sealing import Seal, SealBroken

from .database import reading, writing
from .rekeyed import Rekeyed
from .text_tables import PatientTextRow, TextOptOutRow

_Sealed = tuple[Any, str, str | None]  # a row's key, its number encrypted, and the number's hash


def erase_text_numbers(connection: Connection, up_to: datetime, most: int) -> int:
    """Erase numbers and hashes of texts made before a moment; how many. Numbers that answered STOP stay."""
    row = PatientTextRow
    old = select(row.id).where(row.made_at < up_to, row.number_index.is_not(None)).order_by(row.made_at)
    gone = update(row).where(row.id.in_(old.limit(most))).values(number=None, number_index=None)
    return connection.execute(gone).rowcount


def count_text_numbers(connection: Connection) -> int:
    """How many numbers `rekey_texts` looks at."""
    sent = select(func.count()).where(PatientTextRow.number.is_not(None))
    stopped = select(func.count()).select_from(TextOptOutRow)
    return (connection.scalar(sent) or 0) + (connection.scalar(stopped) or 0)


def rekey_texts(engine: Engine, seal: Seal, batch: int) -> Iterator[Rekeyed]:
    """Seal the numbers of texts, and those that answered STOP, under the first secret; what each page of `batch` did.

    Safe to stop and to repeat. Raises SQLAlchemyError.
    """
    for sent in _texts(engine, batch):
        yield _rekey(engine, seal, sent, _seal_text)
    for stopped in _stops(engine, batch):
        yield _rekey(engine, seal, stopped, _seal_stop)


def _texts(engine: Engine, batch: int) -> Iterator[Sequence[_Sealed]]:
    row, last = PatientTextRow, 0
    query = select(row.id, row.number, row.number_index).where(row.number.is_not(None)).order_by(row.id).limit(batch)
    while True:
        with reading(engine) as connection:
            page = connection.execute(query.where(row.id > last)).all()
        if not page:
            return
        last = page[-1].id
        yield [(key, token or "", index) for key, token, index in page]


def _stops(engine: Engine, batch: int) -> Iterator[Sequence[_Sealed]]:
    """Their key is the hash, which changes on the way: all hashes are read before the first does."""
    row = TextOptOutRow
    with reading(engine) as connection:
        keys = connection.scalars(select(row.number_index).order_by(row.number_index)).all()
    for start in range(0, len(keys), batch):
        query = select(row.number_index, row.number, row.number_index)
        with reading(engine) as connection:
            page = connection.execute(query.where(row.number_index.in_(keys[start : start + batch]))).all()
        yield [(key, token, index) for key, token, index in page]


def _rekey(
    engine: Engine, seal: Seal, rows: Sequence[_Sealed], write: Callable[[Connection, Seal, str, _Sealed], None]
) -> Rekeyed:
    fresh: list[tuple[str, _Sealed]] = []
    already = unreadable = 0
    for row in rows:
        try:
            number = seal.unseal(row[1])
        except SealBroken:
            unreadable += 1
            continue
        if seal.index(number) == row[2]:
            already += 1
        else:
            fresh.append((number, row))
    if fresh:
        with writing(engine) as connection:
            for number, row in fresh:
                write(connection, seal, number, row)
    return Rekeyed(len(fresh), already, unreadable)


def _seal_text(connection: Connection, seal: Seal, number: str, was: _Sealed) -> None:
    """A number forgotten meanwhile has another (no) token, and so is not brought back.

    Where one host had the new secret alone, a number may have a text of the same kind and day under it already; the
    other row then gives its number up.
    """
    row, twin = PatientTextRow, aliased(PatientTextRow)
    index = seal.index(number)
    same_day = (twin.kind == row.kind) & (twin.day == row.day) & (twin.number_index == index)
    there = select(twin.id).where(same_day).exists()
    ours = update(row).where(row.id == was[0], row.number == was[1])
    connection.execute(ours.where(there).values(number=None, number_index=None))
    connection.execute(ours.values(number=seal.seal(number), number_index=index))


def _seal_stop(connection: Connection, seal: Seal, number: str, was: _Sealed) -> None:
    row, ours = TextOptOutRow, TextOptOutRow.number_index == was[0]
    if connection.scalar(select(row.at).where(row.number_index == seal.index(number))) is not None:
        connection.execute(delete(row).where(ours))  # it answered STOP again, under the new secret
    else:
        anew = {"number_index": seal.index(number), "number": seal.seal(number)}
        connection.execute(update(row).where(ours).values(anew))
