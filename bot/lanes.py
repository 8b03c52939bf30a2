"""Lanes: what has the same key is worked on in order, different keys at the same time, so many at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Lanes(Generic[Item]):
    """`work` must not raise. Every task is owned: `close` waits for what has begun and gives back the rest."""

    def __init__(self, work: Callable[[Item], Awaitable[None]], at_once: int) -> None:
        self._work = work
        self._slots = asyncio.Semaphore(at_once)
        self._queues: dict[int, deque[Item]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def put(self, key: int, item: Item) -> None:
        """Queue an item behind those of its key."""
        if key in self._queues:
            self._queues[key].append(item)
            return
        self._queues[key] = deque([item])
        task = asyncio.create_task(self._drain(key), name="a chat's updates")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: int) -> None:
        queue = self._queues[key]
        while queue:
            async with self._slots:
                if self._closed:
                    return
                await self._work(queue.popleft())
        del self._queues[key]

    async def close(self, grace: float) -> None:
        """Begin nothing more; wait `grace` seconds for what has begun, then cancel it."""
        self._closed = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
