"""Migrations run forward from nothing on both databases, and lead to exactly what the tables say."""

import asyncio

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

from core.errors import SettingsError
from storage.analytics import VIEWS
from storage.database import Database
from storage.migrate import configuration, migrate
from storage.tables import metadata


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """A database without a single table."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/empty.db"
    return request.getfixturevalue("empty_postgres_url")


async def _run(url: str, work) -> object:
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await database.close()


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await migrate(database)
    finally:
        await database.close()


async def test_from_nothing_to_every_table(empty_url: str):
    """And once more, which changes nothing: every start does it."""
    await _migrate(empty_url)
    await _migrate(empty_url)
    names = await _run(empty_url, lambda connection: set(inspect(connection).get_table_names()))
    assert names == {*metadata.tables, "alembic_version"}


async def test_models_equal_migrations(empty_url: str):
    """A column that was added to the tables only would be missing on every machine that upgrades."""

    def check(connection: Connection) -> None:
        command.check(configuration(connection))  # raises where autogenerate would write something

    await _migrate(empty_url)
    await _run(empty_url, check)


async def test_views_stand_after_a_table_below_them_was_changed(empty_url: str):
    """SQLite copies a table to drop a column, PostgreSQL refuses to drop one that a view reads."""
    await _migrate(empty_url)
    await _run(empty_url, lambda connection: command.downgrade(configuration(connection), "0002"))
    await _migrate(empty_url)
    names = await _run(empty_url, lambda connection: set(inspect(connection).get_view_names()))
    assert names == set(VIEWS)


async def test_two_machines_may_start_at_once(empty_postgres_url: str):
    """One migrates, the other waits."""
    await asyncio.gather(_migrate(empty_postgres_url), _migrate(empty_postgres_url))
    names = await _run(empty_postgres_url, lambda connection: set(inspect(connection).get_table_names()))
    assert names == {*metadata.tables, "alembic_version"}


async def test_back_to_nothing(empty_url: str):
    """A migration that can't be undone would strand whoever tries it out."""

    def down(connection: Connection) -> set[str]:
        command.downgrade(configuration(connection), "base")
        return set(inspect(connection).get_table_names())

    await _migrate(empty_url)
    assert await _run(empty_url, down) == {"alembic_version"}


async def test_a_database_that_is_not_there_is_told_in_one_line():
    """The first start of many a machine."""
    with pytest.raises(SettingsError, match="DATABASE_URL: the database can't be reached"):
        await _migrate("postgresql+asyncpg://nobody:secret@127.0.0.1:1/nothing")
