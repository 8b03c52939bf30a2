"""Connections: one writer at a time on SQLite, a pool on PostgreSQL; units of work for use cases."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import DatabaseAway
from storage import sqlite
from storage.uow import SqlUnitOfWork
from storage.wakeup import NOTIFY

# Classes of SQLSTATE: no connection, rolled back for another's sake, no room, not now, shutting down, a broken system.
AWAY = {"08", "40", "53", "55", "57", "58"}
SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


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
        with _away_told_apart():
            async with _opened(self._writer) as connection, connection.begin():
                uow = SqlUnitOfWork(connection)
                yield uow
                if uow.has_outbox and not self.is_sqlite:
                    await connection.exec_driver_sql(NOTIFY)
        if uow.has_outbox:
            self.on_outbox()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlUnitOfWork]:
        """A unit of work that only reads; each statement sees what is committed at that moment."""
        with _away_told_apart():
            async with _opened(self._reader) as connection:
                yield SqlUnitOfWork(connection)

    async def close(self) -> None:
        """Return every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


@contextmanager
def _away_told_apart() -> Iterator[None]:
    """Raises `DatabaseAway` where another time may be better; what is wrong with a statement stays what it is."""
    try:
        yield
    except NoConnection as error:
        raise DatabaseAway from error
    except DBAPIError as error:
        if _is_away(error):
            raise DatabaseAway from error
        raise


def _is_away(error: DBAPIError) -> bool:
    code, state = getattr(error.orig, "sqlite_errorcode", None), getattr(error.orig, "sqlstate", None)
    if code is not None:
        return code & 0xFF in SQLITE_AWAY  # without what the extended codes add
    # Without a state it is the driver that speaks: the connection is gone, or broke in the middle of something.
    return str(state)[:2] in AWAY if state else isinstance(error, InterfaceError | InternalError)


@asynccontextmanager
async def _opened(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection; a server that can't be reached at all is told by the operating system."""
    connection = engine.connect()
    try:
        await connection.start()
    except OSError as error:
        raise DatabaseAway from error
    try:
        yield connection
    finally:
        await connection.close()


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
