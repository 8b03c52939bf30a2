"""Server-sent events: what happens is told to every open page at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

QUEUE = 500
HEARTBEAT = 15.0


class Broadcast:
    """Fans events out to listeners; one that falls far behind is told to load everything anew."""

    def __init__(self) -> None:
        self.changes = 0
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self.closing = asyncio.Event()

    def send(self, kind: str, **data: Any) -> None:
        """Tells every listener, without waiting for any."""
        self.changes += 1
        if not self._listeners:
            return
        line = json.dumps({"type": kind, "number": self.changes, **data})
        for queue in self._listeners:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait('{"type": "reload"}')
            else:
                queue.put_nowait(line)

    def close(self) -> None:
        """Ends every stream, so that a server can stop."""
        self.closing.set()
        for queue in self._listeners:
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)

    async def stream(self) -> AsyncIterator[str]:
        """The events as text/event-stream, from now on, with a comment as heartbeat."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE)
        self._listeners.add(queue)
        try:
            yield 'data: {"type": "hello"}\n\n'
            while not self.closing.is_set():
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        line = await queue.get()
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                if line is None:
                    return
                yield f"data: {line}\n\n"
        finally:
            self._listeners.discard(queue)
