"""Connections: one writer at a time on SQLite, a pool on PostgreSQL; units of work for use cases."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import sqlite
from storage.uow import SqlUnitOfWork
from storage.wakeup import NOTIFY


class Database:
    """Opens units of work. `on_outbox` is called after a commit that queued deliveries, to wake the relay."""

    def __init__(self, url: str, *, on_outbox: Callable[[], None] = lambda: None, pool_size: int = 10) -> None:
        self.url = url
        self.on_outbox = on_outbox
        self.is_sqlite = url.startswith("sqlite")
        self._writer, self._reader = _sqlite_engines(url) if self.is_sqlite else _postgres_engines(url, pool_size)

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine, for migrations, backups and raw statements."""
        return self._writer

    @property
    def reader(self) -> AsyncEngine:
        """The engine of `read`, in autocommit."""
        return self._reader

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlUnitOfWork]:
        """A unit of work that writes: commits when the block ends well, rolls back when it raises."""
        async with self._writer.begin() as connection:
            uow = SqlUnitOfWork(connection)
            yield uow
            if uow.has_outbox and not self.is_sqlite:
                await connection.exec_driver_sql(NOTIFY)
        if uow.has_outbox:
            self.on_outbox()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlUnitOfWork]:
        """A unit of work that only reads; each statement sees what is committed at that moment."""
        async with self._reader.connect() as connection:
            yield SqlUnitOfWork(connection)

    async def close(self) -> None:
        """Return every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


def _sqlite_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # One writing connection: whoever wants to write next waits its turn here instead of in SQLite's busy loop.
    writer = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=60, pool_reset_on_return=None)
    reader = create_async_engine(url, pool_size=4, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    for engine in (writer.sync_engine, reader.sync_engine):
        event.listen(engine, "do_connect", sqlite.connect)
        event.listen(engine, "connect", sqlite.prepare)
    event.listen(writer.sync_engine, "connect", sqlite.begin_ourselves)
    event.listen(writer.sync_engine, "begin", sqlite.begin_immediate)
    return writer, reader


def _postgres_engines(url: str, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
    return engine, engine.execution_options(isolation_level="AUTOCOMMIT")
