"""Places for deliveries in flight: a batch takes as many as it has deliveries."""

import asyncio
from collections import deque


class Slots:
    """A semaphore that is taken several at a time, first come, first served. A batch larger than all of them takes
    every one."""

    def __init__(self, size: int) -> None:
        self.size = self._free = size
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    async def take(self, count: int) -> None:
        """Wait for `count` places and hold them."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, min(count, self.size)))
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # served in the moment of the cancellation
                self.give_back(count)
            raise

    def give_back(self, count: int) -> None:
        """Free what `take` has held."""
        self._free += min(count, self.size)
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            turn, wanted = self._waiting[0]
            if not turn.done():
                if self._free < wanted:
                    return
                self._free -= wanted
                turn.set_result(None)
            self._waiting.popleft()
