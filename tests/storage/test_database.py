"""Units of work on both databases."""

import pytest
from sqlalchemy import text

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
