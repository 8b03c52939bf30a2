"""How many provider calls one process makes at once, whichever batch they belong to."""

import asyncio


class Places:
    """Places for calls. Half of them are never a broadcast's, and whoever waits for one is not overtaken: what somebody
    looks for in the chat does not stand behind a thousand others."""

    def __init__(self, size: int = 50) -> None:
        self._free = size
        self._kept = size // 2
        self._waiting = 0
        self._freed = asyncio.Event()

    def take(self, wanted: int, *, for_batch: bool = False) -> int:
        """Take up to `wanted` places; how many there were."""
        promised = self._waiting + (self._kept if for_batch else 0)
        taken = min(wanted, max(0, self._free - promised))
        self._free -= taken
        return taken

    def give_back(self, count: int) -> None:
        """Free what was taken. A negative count holds so many more: a call that goes on with its next provider."""
        self._free += count
        self._freed.set()

    async def freed(self) -> None:
        """Wait until somebody has given places back."""
        self._freed.clear()
        self._waiting += 1
        try:
            await self._freed.wait()
        finally:
            self._waiting -= 1
