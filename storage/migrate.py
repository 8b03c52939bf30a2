"""Bring the schema to the newest revision."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

HERE = Path(__file__).parent
LOCK = 7_263_991  # any constant: two machines that start at once migrate one after the other


async def migrate(database: Database) -> None:
    """Upgrade to the head; safe to call at every start and from several machines at once."""
    async with database.engine.connect() as connection:
        await _lock(connection, database.is_sqlite)
        await connection.run_sync(_upgrade)
        await connection.commit()


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
