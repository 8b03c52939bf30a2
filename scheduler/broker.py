"""The in-process broker: taskiq over one bounded queue.

taskiq's own InMemoryBroker has no bound and cancels at shutdown. Here a stopping receiver finishes what it has begun,
and `put` waits while the workers are busy, so that the relay leases no more than they can carry.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from taskiq import AsyncBroker, AsyncTaskiqDecoratedTask, BrokerMessage

from scheduler.slots import Slots

WAITING = 100  # messages


class QueueBroker(AsyncBroker):
    """Messages go through an `asyncio.Queue`; what is lost with the process is due again when its lease ends."""

    def __init__(self, maxsize: int = WAITING) -> None:
        super().__init__()
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize)

    async def kick(self, message: BrokerMessage) -> None:
        """Wait for a place, then queue the message."""
        await self._queue.put(message.message)

    async def listen(self) -> AsyncGenerator[bytes, None]:
        """The messages, for ever."""
        while True:
            yield await self._queue.get()


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """The port `core.ports.Queue` over a task that takes delivery ids. The task gives the places back."""

    task: AsyncTaskiqDecoratedTask[[list[int]], Coroutine[Any, Any, None]]
    places: Sequence[Slots]

    async def put(self, delivery_ids: Sequence[int]) -> None:
        """Hand the ids to the workers; waits while they are busy: another machine may have free ones."""
        for slots in self.places:
            await slots.take(len(delivery_ids))
        await self.task.kiq(list(delivery_ids))
