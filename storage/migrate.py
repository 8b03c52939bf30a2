"""Bring the schema to the newest revision."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import SettingsError
from storage.database import Database

HERE = Path(__file__).parent
LOCK = 7_263_991  # any constant: two machines that start at once migrate one after the other


async def migrate(database: Database) -> None:
    """Upgrade to the head; safe to call at every start and from several machines at once. Raises `SettingsError` where
    there is no database to be reached."""
    async with _reached(database) as connection:
        await _lock(connection, database.is_sqlite)
        await connection.run_sync(_upgrade)
        await connection.commit()


@asynccontextmanager
async def _reached(database: Database) -> AsyncIterator[AsyncConnection]:
    connection = database.engine.connect()
    try:
        await connection.start()
    except (OSError, DBAPIError) as error:
        why = getattr(error, "orig", None) or error
        example = "sqlite+aiosqlite:///var/postrider.db"
        raise SettingsError(
            f"DATABASE_URL: the database can't be reached: {type(why).__name__} (example: DATABASE_URL={example})"
        ) from None
    try:
        yield connection
    finally:
        await connection.close()


async def _lock(connection: AsyncConnection, is_sqlite: bool) -> None:
    if not is_sqlite:  # SQLite's BEGIN IMMEDIATE is a lock already
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Any:
    """Alembic's configuration on an open connection; alembic is imported on use (it costs a start 0.1 s)."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.attributes["connection"] = connection
    return config
