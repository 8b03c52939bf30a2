"""What SQLite and PostgreSQL both do but SQLAlchemy spells apart, or not at all."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Float,
    String,
    Table,
    TextClause,
    cast,
    func,
    literal_column,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model.figures import Unit

DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}


def insert_new(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that passes over rows whose unique key is known (ON CONFLICT DO NOTHING)."""
    return _insert(table, connection.dialect.name)


@cache  # so that SQLAlchemy finds it compiled
def _insert(table: Table, name: str) -> Any:
    return DIALECTS[name].insert(table).on_conflict_do_nothing()


async def update_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], *, expected: Mapping[str, str]
) -> set[int]:
    """Write many rows by one statement, each only where it is still as expected; the ids of those written.

    Every row has the same columns and its `id`; `expected` maps a column to the key under which a row says what it must
    still hold. The rows travel as one JSON value: thousands of bound values cost more to compile than to write.
    """
    name = connection.dialect.name
    columns = tuple(column for column in rows[0] if column != "id" and column not in expected.values())
    statement = _update(table, columns, tuple(expected.items()), name)
    written = await connection.execute(statement, {"rows": json.dumps([_plain(row, name) for row in rows])})
    return {row[0] for row in written}


@cache
def _update(table: Table, columns: tuple[str, ...], expected: tuple[tuple[str, str], ...], name: str) -> TextClause:
    read = _sqlite_column if name == "sqlite" else _postgres_column
    types: dict[str, Column[Any]] = {column: table.c[column] for column in ("id", *columns)}
    types |= {key: table.c[column] for column, key in expected}
    recordset = ", ".join(f"{key} {_postgres_type(column)}" for key, column in types.items())
    source = (
        "json_each(:rows) AS new"
        if name == "sqlite"
        else f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS new({recordset})"
    )
    changes = [f"{column} = {read(column, types[column])}" for column in columns]
    guards = [f"old.id = {read('id', types['id'])}"]
    guards += [f"old.{column} = {read(key, types[key])}" for column, key in expected]
    mine = "id" if name == "sqlite" else "old.id"  # each refuses the other's way to say it
    sets, where = ", ".join(changes), " AND ".join(guards)
    return text(f"UPDATE {table.name} AS old SET {sets} FROM {source} WHERE {where} RETURNING {mine}")  # noqa: S608


def _sqlite_column(key: str, column: Column[Any]) -> str:
    return f"nullif(new.value -> '{key}', 'null')" if isinstance(column.type, JSON) else f"new.value ->> '{key}'"


def _postgres_column(key: str, column: Column[Any]) -> str:
    return f"new.{key}"


def _postgres_type(column: Column[Any]) -> str:
    return column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]


def _plain(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: _json(value, name) for key, value in row.items()}


def _json(value: Any, name: str) -> Any:
    if isinstance(value, datetime):
        return _time(value, name)
    return str(value) if isinstance(value, Decimal) else value


def _time(value: datetime, name: str) -> str:
    utc = value.astimezone(UTC)
    # as SQLAlchemy writes it
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds") if name == "sqlite" else utc.isoformat()


STRETCHES = {Unit.HOUR: (13, "YYYY-MM-DD HH24"), Unit.DAY: (10, "YYYY-MM-DD")}


def stretch_of(connection: AsyncConnection, column: ColumnElement[Any], unit: Unit) -> ColumnElement[str]:
    """The UTC hour or day that a time falls in, as `2026-03-02 09` or `2026-03-02`."""
    length, pattern = STRETCHES[unit]
    if connection.dialect.name == "sqlite":
        return func.substr(type_coerce(column, String), 1, length)
    return func.to_char(func.timezone(literal_column("'UTC'"), column), literal_column(f"'{pattern}'"))


def seconds_between(
    connection: AsyncConnection, later: ColumnElement[Any], earlier: ColumnElement[Any]
) -> ColumnElement[float]:  # fmt: skip
    """Seconds from one time to another; SQLite's clock knows milliseconds."""
    if connection.dialect.name == "sqlite":
        return (func.julianday(later) - func.julianday(earlier)) * 86400.0
    return cast(func.extract("epoch", later - earlier), Float)
