"""Units of work on both databases."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors import DatabaseAway
from storage import sqlite
from storage.database import Database


async def _count(database: Database) -> int:
    async with database.read() as uow:
        return (await uow.connection.execute(text("SELECT count(*) FROM suppressions"))).scalar_one()


INSERT = text(
    "INSERT INTO suppressions (channel, address_hash, scope, reason, created_at)"
    " VALUES ('email', 'x', 'all', 'bounce', '2026-01-01 00:00:00')"
)


async def test_commits_when_the_block_ends_well(any_database: Database):
    """No use case can forget to commit."""
    async with any_database.begin() as uow:
        await uow.connection.execute(INSERT)
    assert await _count(any_database) == 1


async def test_rolls_back_when_the_block_raises(any_database: Database):
    """A change and its deliveries are kept together or not at all."""
    with pytest.raises(RuntimeError):
        async with any_database.begin() as uow:
            await uow.connection.execute(INSERT)
            raise RuntimeError
    assert await _count(any_database) == 0


async def test_wakes_the_relay_only_after_a_commit_that_queued_deliveries(database: Database):
    """A wake-up before the commit would find nothing to send."""
    seen: list[int] = []
    database.on_outbox = lambda: seen.append(1)
    async with database.begin():
        pass
    assert seen == []
    async with database.begin() as uow:
        uow.has_outbox = True
        assert seen == []
    assert seen == [1]


async def test_a_lost_connection_is_a_database_that_is_away(postgres: Database):
    """The server restarts between two statements; the next unit of work has a new connection."""
    mine = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> :me"
    )
    with pytest.raises(DatabaseAway):
        async with postgres.begin() as uow:
            me = (await uow.connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            other = Database(postgres.url)
            async with other.begin() as killer:
                own = (await killer.connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                await killer.connection.execute(mine, {"me": own})
            await other.close()
            assert me != own
            await uow.connection.execute(INSERT)
    async with postgres.begin() as uow:
        await uow.connection.execute(INSERT)
    assert await _count(postgres) == 1


@pytest.mark.parametrize("begin", [Database.begin, Database.read])
async def test_a_server_that_is_down_is_a_database_that_is_away(begin, unused_tcp_port):
    """Nobody listens there."""
    database = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{unused_tcp_port}/nothing")
    with pytest.raises(DatabaseAway):
        async with begin(database):
            raise AssertionError("it opened")
    await database.close()


async def test_a_file_that_another_program_has_locked_is_away(database: Database, monkeypatch):
    """After a patient wait."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 50)
    with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseAway):
            async with database.begin():
                raise AssertionError("it began")
        other.execute("ROLLBACK")
    async with database.begin() as uow:
        await uow.connection.execute(INSERT)


async def test_what_is_wrong_with_a_statement_stays_what_it_is(any_database: Database):
    """It would be wrong at any time."""
    with pytest.raises(IntegrityError):
        async with any_database.begin() as uow:
            await uow.connection.execute(INSERT)
            await uow.connection.execute(INSERT)
    with pytest.raises(DBAPIError):
        async with any_database.read() as uow:
            await uow.connection.execute(text("SELECT nonsense FROM suppressions"))
