"""The one-hop cursor gives what SQLAlchemy asks a cursor for."""

import asyncio

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.database import Database
from storage.sqlite import OneHopCursor
from storage.tables import dialogues, suppressions
from tests.conftest import NOW

ROW = {"channel": "email", "scope": "all", "reason": "bounce", "created_at": NOW}


async def test_generated_keys_counts_and_rows_come_back(database: Database):
    """lastrowid, rowcount and RETURNING."""
    async with database.begin() as uow:
        one = await uow.connection.execute(insert(suppressions).values(address_hash="a", **ROW))
        assert one.inserted_primary_key == (1,)
        many = await uow.connection.execute(insert(suppressions), [ROW | {"address_hash": h} for h in "bcd"])
        assert many.rowcount == 3
        back = await uow.connection.execute(
            insert(suppressions).values(address_hash="e", **ROW).returning(suppressions.c.address_hash)
        )
        assert back.scalar_one() == "e"
    async with database.read() as uow:
        hashes = (await uow.connection.execute(select(suppressions.c.address_hash))).scalars().all()
    assert sorted(hashes) == list("abcde")


async def test_errors_are_those_of_the_driver(database: Database):
    """A broken rule and a broken statement are told apart as before, and the connection stays usable."""
    async with database.begin() as uow:
        await uow.connection.execute(insert(suppressions).values(address_hash="a", **ROW))
    with pytest.raises(IntegrityError):
        async with database.begin() as uow:
            await uow.connection.execute(insert(suppressions).values(address_hash="a", **ROW))
    with pytest.raises(OperationalError):
        async with database.read() as uow:
            await uow.connection.execute(text("SELECT nonsense"))
    async with database.read() as uow:
        assert (await uow.connection.execute(select(dialogues))).all() == []


async def test_our_cursor_is_in_use(database: Database):
    """SQLAlchemy still makes its connections where we put ours."""
    async with database.read() as uow:
        raw = await uow.connection.get_raw_connection()
        assert isinstance(raw.cursor(), OneHopCursor)


async def test_a_cancelled_writer_leaves_no_transaction_behind(database: Database):
    """There is one writing connection: whoever is next must find it free."""
    for delay in (0, 0.0002, 0.001, 0.003):

        async def write() -> None:
            async with database.begin() as uow:
                for number in range(50):
                    await uow.connection.execute(insert(suppressions).values(address_hash=f"x{number}", **ROW))

        writing = asyncio.create_task(write())
        await asyncio.sleep(delay)
        writing.cancel()
        await asyncio.wait({writing})
        async with asyncio.timeout(5), database.begin() as uow:
            assert (await uow.connection.execute(select(suppressions))).all() == [] or not writing.cancelled()


async def test_a_transaction_without_statements_is_no_transaction(database: Database):
    """Nothing was said, so nothing is begun, and the next one works."""
    async with database.begin():
        pass
    async with database.begin() as uow:
        await uow.connection.execute(insert(suppressions).values(address_hash="a", **ROW))
    async with database.read() as uow:
        assert len((await uow.connection.execute(select(suppressions))).all()) == 1
