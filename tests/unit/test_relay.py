"""The relay: what it leases, when it looks, and what it survives."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.delivery.relay import CHUNK, Relay
from core.model import Change
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.delivery import Desk, a_desk


@dataclass
class FakeQueue:
    """Remembers the batches, and when something came."""

    batches: list[list[int]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def put(self, delivery_ids: Sequence[int]) -> None:
        self.batches.append(list(delivery_ids))
        self.came.set()


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


def wall_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def desk(database: Database, keys: Keys) -> Desk:
    desk = a_desk(database, SteppedClock(wall_clock()), keys, await saved(database, an_account()))
    desk.clock = wall_clock  # type: ignore[assignment] - the relay sleeps in real seconds
    return desk


@asynccontextmanager
async def running(relay: Relay) -> Any:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def a_relay(desk: Desk, queue: FakeQueue, wake: asyncio.Event | None = None) -> Relay:
    return Relay(desk.database, queue, wall_clock, "relay", 60, wake or asyncio.Event())


async def test_queues_what_is_due_in_chunks(desk: Desk, queue: FakeQueue):
    """Marked and recorded together, so not too many at once."""
    ids = [one.id for number in range(CHUNK + 5) for one in await desk.queue(key=f"k{number}")]
    assert await a_relay(desk, queue).tick() == CHUNK + 5
    assert queue.batches == [ids[:CHUNK], ids[CHUNK:]]
    assert await a_relay(desk, queue).tick() == 0


async def test_a_commit_wakes_it(desk: Desk, queue: FakeQueue):
    """The first attempt starts at once, not with the next look."""
    wake = asyncio.Event()
    desk.database.on_outbox = wake.set
    async with running(a_relay(desk, queue, wake)):
        await asyncio.sleep(0.1)
        await desk.queue()
        async with asyncio.timeout(0.5):
            await queue.came.wait()


async def test_it_looks_when_the_next_one_is_due(desk: Desk, queue: FakeQueue):
    """A retry in a moment does not wait for the second."""
    (mail,) = await desk.queue()
    due = wall_clock() + timedelta(seconds=0.3)
    async with desk.database.begin() as uow:
        await uow.deliveries.write([Change(mail, replace(mail, scheduled_at=due))])
    async with running(a_relay(desk, queue)):
        async with asyncio.timeout(0.9):
            await queue.came.wait()
        assert wall_clock() >= due


async def test_a_missed_wake_up_is_made_up_for(desk: Desk, queue: FakeQueue):
    """The net: a look every second."""
    async with running(a_relay(desk, queue)):
        await asyncio.sleep(0.1)
        await desk.queue()
        async with asyncio.timeout(2):
            await queue.came.wait()


async def test_it_outlives_a_database_that_is_away(desk: Desk, queue: FakeQueue):
    """It tries again with the next look."""
    relay = a_relay(desk, queue)
    real, failures = desk.database.read, [OSError("gone")]

    def read() -> Any:
        if failures:
            raise failures.pop()
        return real()

    desk.database.read = read  # type: ignore[method-assign] - the edge to the network
    await desk.queue()
    async with running(relay), asyncio.timeout(3):
        await queue.came.wait()
