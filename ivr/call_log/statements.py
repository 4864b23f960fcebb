"""Whole batches at once, for SQLite and PostgreSQL alike: the rows of a statement are one JSON document.

One parameter however many rows there are: statements with thousands of parameters cost the driver more than the rows
themselves cost the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Connection, Integer, TextClause, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from .tables import EPOCH, MILLISECOND, Moment, Table

Row = dict[str, Any]


def insert_into(connection: Connection, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    """The INSERT that can say what to do about a row that is there: each engine has a class of its own."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def add_new(connection: Connection, table: type[Table], rows: Sequence[Row], returning: str = "") -> list[Any]:
    """Add the rows whose key is not there yet. Gives back the column `returning` of each row added."""
    return _run(connection, table, rows, "DO NOTHING", returning)


def put(connection: Connection, table: type[Table], rows: Sequence[Row], *, keep: Sequence[str] = ()) -> None:
    """Add rows, or bring those of the same key up to date; columns not in the rows, or in `keep`, stay as they are."""
    if rows:
        unchanged = {*keys_of(table), *keep}
        changed = [name for name in rows[0] if name not in unchanged]
        _run(connection, table, rows, "DO UPDATE SET " + ", ".join(f'"{name}" = excluded."{name}"' for name in changed))


def add_up(connection: Connection, table: type[Table], rows: Sequence[Row]) -> None:
    """Add the numbers in the rows to those of the same key."""
    name = table.__tablename__
    sums = ", ".join(f"{each} = {name}.{each} + excluded.{each}" for each in sums_of(table))
    _run(connection, table, rows, f"DO UPDATE SET {sums}")


def keys_of(table: type[Table]) -> list[str]:
    """The columns that tell rows of a table apart."""
    return [column.name for column in table.__table__.primary_key]


def sums_of(table: type[Table]) -> list[str]:
    """The columns of a table that are not among its keys."""
    keys = keys_of(table)
    return [column.name for column in table.__table__.columns if column.name not in keys]


def _run(
    connection: Connection, table: type[Table], rows: Sequence[Row], conflict: str, returning: str = ""
) -> list[Any]:
    if not rows:
        return []
    statement = _statement(connection.dialect.name, table, tuple(rows[0]), conflict, returning)
    found = connection.execute(statement, {"rows": _encode(rows)})
    return list(found.scalars()) if returning else []


def _written(value: object) -> int:
    """A moment as its column holds it."""
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise TypeError("only aware moments and what JSON knows can be written")
    return (value - EPOCH) // MILLISECOND


_encode: Callable[[object], str] = json.JSONEncoder(default=_written, check_circular=False).encode


@cache
def _statement(dialect: str, table: type[Table], names: tuple[str, ...], conflict: str, returning: str) -> TextClause:
    """`WHERE true` keeps SQLite from reading ON CONFLICT as the condition of a join."""
    columns = ", ".join(f'"{name}"' for name in names)
    source = _sqlite(names) if dialect == "sqlite" else _postgresql(table, names)
    keys = ", ".join(keys_of(table))
    ending = f" RETURNING {returning}" if returning else ""
    return text(
        f'INSERT INTO "{table.__tablename__}" ({columns}) {source} WHERE true ON CONFLICT ({keys}) {conflict}{ending}'
    )


def _sqlite(names: tuple[str, ...]) -> str:
    return f"SELECT {', '.join(_extracted(name) for name in names)} FROM json_each(:rows) AS given"  # noqa: S608  our own columns' names


def _extracted(name: str) -> str:
    return f"json_extract(given.value, '$.{name}')"


def _postgresql(table: type[Table], names: tuple[str, ...]) -> str:
    columns = table.__table__.columns
    shape = ", ".join(f'"{name}" {_kind(columns[name].type)}' for name in names)
    listed = ", ".join(f'given."{name}"' for name in names)
    return f"SELECT {listed} FROM json_to_recordset(CAST(:rows AS json)) AS given({shape})"  # noqa: S608  our own columns' names


def _kind(kind: TypeEngine[Any]) -> str:
    match kind:
        case Moment() | BigInteger():
            return "bigint"
        case Boolean():
            return "boolean"
        case Integer():
            return "integer"
        case JSON():
            return "json"
        case _:
            return "text"
