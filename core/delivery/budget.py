"""The send budget that everything which writes into Telegram chats shares: the deliveries and the bot's own answers.

It paces: one call each 1/rate seconds. A token bucket would let nearly double the rate through at first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

LONGEST_PAUSE = 86_400.0  # seconds


class NoBudget(Exception):
    """The turn would come too late for the caller's patience; nothing was taken. `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.1f} s")
        self.wait = wait


class Budget:
    """Hands out turns, `rate` of them a second, in the order they are asked for."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._interval = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0

    async def take(self, patience: float | None = None) -> None:
        """Wait for the next turn; raise `NoBudget` where it is more than `patience` seconds away."""
        now = self._clock()
        turn = max(now, self._next)
        if patience is not None and turn - now > patience:
            raise NoBudget(turn - now)
        self._next = turn + self._interval
        if turn > now:
            await self._sleep(turn - now)

    def pause(self, seconds: float) -> None:
        """Hand out no turn for a while: Telegram asked us to wait."""
        self._next = max(self._next, self._clock() + min(seconds, LONGEST_PAUSE))
