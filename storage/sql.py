"""What SQLite and PostgreSQL both do but SQLAlchemy spells apart, or not at all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, Table, column, values
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_new(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that passes over rows whose unique key is known (ON CONFLICT DO NOTHING)."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()


def rows_cte(table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> CTE:
    """Values with the names and types of a table's columns, to be joined in an UPDATE of many rows at once."""
    columns = [column(name, table.c[name].type) for name in names]
    return values(*columns, name="new").data([tuple(row) for row in rows]).cte("new")
