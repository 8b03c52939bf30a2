"""SQLite's connections, one thread hop a statement.

SQLAlchemy's aiosqlite dialect crosses to the connection's thread four times for each statement: open a cursor, execute,
fetch, close. Our statements are short and their results fit in memory, so here all four are one crossing. A press of a
button is mostly such crossings (bench/updates.py).
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor

# A transaction that reads first and writes later fails at once under a deferred BEGIN, despite the timeout.
BEGIN = "BEGIN IMMEDIATE"
BUSY_TIMEOUT = 30_000  # milliseconds another process may hold the write lock


class _Finished:
    """What is left of a cursor whose rows have been fetched."""

    def __init__(self, cursor: sqlite3.Cursor | None = None) -> None:
        self.description = cursor.description if cursor else None
        self.rowcount = cursor.rowcount if cursor else -1
        self.lastrowid = cursor.lastrowid if cursor else None
        self.arraysize = 1

    def close(self) -> None:
        """Nothing is open any more."""


def _finish(connection: sqlite3.Connection, begin: bool, method: str, *arguments: Any) -> tuple[_Finished, deque[Any]]:
    """In the connection's thread: begin a transaction where one is due, execute, fetch everything, close."""
    if begin:
        connection.execute(BEGIN)
    cursor: sqlite3.Cursor = getattr(connection, method)(*arguments)
    try:
        return _Finished(cursor), deque(cursor.fetchall() if cursor.description else ())
    finally:
        cursor.close()


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that is opened, used and closed in one go."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Finished()

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        return await self._run("execute", operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Sequence[Any]) -> Any:
        return await self._run("executemany", operation, seq_of_parameters)

    async def _run(self, method: str, *arguments: Any) -> None:
        aio: Any = self._connection
        adapted: Any = self._adapt_connection
        async with adapted._execute_mutex:
            begin = adapted.takes_begin()
            self._cursor, self._rows = await aio._execute(_finish, aio._conn, begin, method, *arguments)


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """SQLAlchemy's connection with our cursor. `is_to_begin`: the next statement begins a transaction. Until a
    transaction has begun there is nothing to end: reading in autocommit never begins one."""

    __slots__ = ("has_begun", "is_to_begin")
    _cursor_cls = OneHopCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.is_to_begin = self.has_begun = False

    def takes_begin(self) -> bool:
        """Whether the statement that is about to run begins the transaction. From then on it has to be ended, even
        when whoever waits for the statement is cancelled before it has run."""
        begin, self.is_to_begin = self.is_to_begin, False
        self.has_begun = self.has_begun or begin
        return begin

    def commit(self) -> None:
        """End the transaction, if one has begun."""
        if self._ends():
            super().commit()

    def rollback(self) -> None:
        """End the transaction, if one has begun."""
        if self._ends():
            super().rollback()

    def _ends(self) -> bool:
        begun, self.is_to_begin, self.has_begun = self.has_begun, False, False
        return begun


def connect(dialect: Any, record: Any, arguments: Any, parameters: Any) -> OneHopConnection:
    """For the engine's `do_connect` event."""
    return OneHopConnection(dialect.dbapi, dialect.dbapi.connect(*arguments, **parameters)._connection)


def prepare(connection: Any, record: Any) -> None:
    """For the `connect` event: durable commits, readers that don't wait for the writer, foreign keys that hold."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_ourselves(connection: Any, record: Any) -> None:
    """For the writer's `connect` event: sqlite3 must not begin transactions on its own, see `begin_immediate`."""
    connection.isolation_level = None


def begin_immediate(connection: Any) -> None:
    """For the writer's `begin` event, see `BEGIN`. It travels with the transaction's first statement."""
    connection.connection.dbapi_connection.is_to_begin = True
