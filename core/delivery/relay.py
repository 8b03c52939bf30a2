"""The relay: leases due deliveries and hands their ids to the workers' queue.

Woken by a commit that queued something, and by the time the next delivery is due; a look every second is the net. Any
number of relays may run: a lease belongs to one of them, and an expired one is simply due again.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.model import LEASED, Priority
from core.ports import Clock, Database, Queue

BATCH = 100  # deliveries leased at once
CHUNK = 50  # deliveries in one message of the queue: marked and recorded together
SWEEP = 1.0  # seconds
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Relay:
    """`name` is this process; `wake` is set when there may be something to lease. It leases what has one of these
    `priorities`, at most `limit` at once; a worker has one for batches alone: nothing else waits behind them."""

    database: Database
    queue: Queue
    clock: Clock
    name: str
    lease_seconds: float
    wake: asyncio.Event
    chunk: int = CHUNK
    limit: int = BATCH
    priorities: tuple[Priority, ...] = LEASED

    async def run(self) -> None:
        """Relay until cancelled. A database that is away is tried again with the next look."""
        while True:
            self.wake.clear()
            try:
                leased = await self.tick()
                wait = 0 if leased == self.limit else await self._until_next()
            except Exception as error:
                log.warning("relay.failed", error=type(error).__name__)
                wait = SWEEP
            if wait:
                await self._sleep(wait)

    async def tick(self) -> int:
        """Lease what is due and queue it; how many that were."""
        now = self.clock()
        async with self.database.read() as uow:
            if not await uow.deliveries.has_due(now, self.priorities):
                return 0
        async with self.database.begin() as uow:
            until = now + timedelta(seconds=self.lease_seconds)
            ids = await uow.deliveries.lease_due(self.name, until, now, self.limit, self.priorities)
        for start in range(0, len(ids), self.chunk):
            await self.queue.put(ids[start : start + self.chunk])
        return len(ids)

    async def _until_next(self) -> float:
        """Seconds until the next delivery is due, at most until the next look."""
        async with self.database.read() as uow:
            due = await uow.deliveries.next_due(self.priorities)
        return SWEEP if due is None else min(SWEEP, max(0.0, (due - self.clock()).total_seconds()))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            pass
