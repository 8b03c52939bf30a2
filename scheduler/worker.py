"""The worker role: relay, sweeper, and the task that carries deliveries out."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from taskiq import AsyncBroker
from taskiq.receiver import Receiver

from core.delivery.engine import Engine
from core.delivery.relay import BATCH, CHUNK, Relay
from core.delivery.sweeper import Sweeper
from core.model import Priority
from core.ports import Clock, Database
from scheduler.broker import QueueBroker, TaskQueue
from scheduler.slots import Slots

AHEAD = 4  # so many times more deliveries are held than called for: some are read while others are written
DELIVER, DELIVER_BATCH = "deliver", "deliver_batch"
log = structlog.get_logger()


class Background(Protocol):
    """What runs beside the deliveries until it is cancelled: who waits for wake-ups from other processes, who asks
    providers for news."""

    async def run(self) -> None: ...


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """`name` is this process, as it stands on leases. `alone`: no other process works on this database, so what the
    last one left is taken over at once."""

    name: str
    lease_seconds: float = 60
    concurrency: int = 50
    alone: bool = False


class WorkerRole:
    """Starts and stops everything that delivers. `wake` is set by whoever queues: `Database.on_outbox`."""

    def __init__(
        self,
        engine: Engine,
        database: Database,
        clock: Clock,
        sweeper: Sweeper,
        options: WorkerOptions,
        *,
        wake: asyncio.Event,
        beside: Sequence[Background] = (),
        broker: AsyncBroker | None = None,
    ) -> None:
        logging.getLogger("taskiq").setLevel(logging.WARNING)  # it tells of every task
        self._engine, self._database, self._sweeper, self._options = engine, database, sweeper, options
        self._beside = beside
        self._broker = broker or QueueBroker()
        self._clock = clock
        places = Slots(options.concurrency * AHEAD)
        for_batches = Slots(max(1, options.concurrency * AHEAD // 2))  # the other half is never theirs
        self._relays = (
            self._relay(DELIVER, (places,), (Priority.INTERACTIVE, Priority.USUAL), BATCH, wake),
            self._relay(DELIVER_BATCH, (for_batches, places), (Priority.BATCH,), CHUNK, asyncio.Event()),
        )
        self._running: set[asyncio.Task[Any]] = set()
        self._finish = asyncio.Event()
        self._receiving: asyncio.Task[None] | None = None
        self._background: list[asyncio.Task[None]] = []

    def _relay(
        self, name: str, places: Sequence[Slots], priorities: tuple[Priority, ...], limit: int, wake: asyncio.Event
    ) -> Relay:
        """A relay of its own for some priorities. Its deliveries wait for a place in each of `places`."""
        queue = TaskQueue(self._broker.register_task(self._task(places), task_name=name), places)
        ours = self._options
        chunk = min(CHUNK, places[0].size)
        return Relay(
            self._database, queue, self._clock, ours.name, ours.lease_seconds, wake, chunk, limit, priorities
        )  # fmt: skip

    async def start(self) -> None:
        """Begin to deliver; returns at once."""
        if self._options.alone:
            await self._sweeper.reclaim()
        receiver = Receiver(self._broker, max_async_tasks=self._options.concurrency)
        self._receiving = self._own(receiver.listen(self._finish), "receiver")
        self._background = [self._own(self._sweeper.run(), "sweeper")]
        self._background += [self._own(relay.run(), "relay") for relay in self._relays]
        self._background += [self._own(one.run(), type(one).__name__) for one in self._beside]

    async def stop(self, grace: float = 10) -> None:
        """Take nothing new, let what is in flight finish within `grace` seconds, give back what was only leased.

        What is not finished by then stays `sending`; the next sweeper takes it for perhaps sent.
        """
        await _cancel(self._background)
        self._finish.set()
        if self._receiving:
            await asyncio.wait({self._receiving}, timeout=grace)
            unfinished = [*self._running]
            if unfinished:
                log.warning("worker.unfinished", batches=len(unfinished))
            await _cancel([*unfinished, self._receiving])
        async with self._database.begin() as uow:
            await uow.deliveries.release(self._options.name)
        await self._broker.shutdown()

    def _task(self, places: Sequence[Slots]) -> Callable[[list[int]], Coroutine[Any, Any, None]]:
        async def deliver(delivery_ids: list[int]) -> None:  # taskiq renames what it registers: no method
            await self._deliver(delivery_ids, places)

        return deliver

    async def _deliver(self, delivery_ids: list[int], places: Sequence[Slots]) -> None:
        """One message of the queue. Whatever goes wrong, the rows know how far they came."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            if not await self._try(delivery_ids) and len(delivery_ids) > 1:
                for delivery_id in delivery_ids:  # one that breaks must not hold up the others for ever
                    await self._try([delivery_id])
        finally:
            self._running.discard(task)
            for one in places:
                one.give_back(len(delivery_ids))

    async def _try(self, delivery_ids: list[int]) -> bool:
        try:
            await self._engine.run(delivery_ids)
        except Exception as error:
            log.exception("worker.batch_failed", error=type(error).__name__, deliveries=delivery_ids)
            return False
        return True

    def _own(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"worker {name}")
        task.add_done_callback(_tell)
        return task


def _tell(task: asyncio.Task[None]) -> None:
    """A part that ends by itself is a defect: it must be seen."""
    if not task.cancelled() and (error := task.exception()):
        log.error("worker.part_died", part=task.get_name(), exc_info=error)


async def _cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
