"""The bot's updates: kept until the bot confirms them, by polling or by its webhook."""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

KEPT = 20_000
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


class SupersededError(Exception):
    """A newer getUpdates took over, or a webhook was set."""


@dataclass(slots=True)
class Webhook:
    """Where updates are posted; an empty url means polling."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass(slots=True)
class Updates:
    """A queue that forgets nothing before it is confirmed."""

    pending: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    next_id: int = field(default_factory=lambda: 100_000_000 + secrets.randbelow(800_000_000))
    allowed: list[str] = field(default_factory=list)
    webhook: Webhook = field(default_factory=Webhook)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _poller: object = None

    def push(self, kind: str, content: dict[str, Any]) -> int | None:
        """Queues an update; None when the bot doesn't want this kind."""
        if kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT:
            return None
        update_id, self.next_id = self.next_id, self.next_id + 1
        self.pending.append({"update_id": update_id, kind: content})
        self.wake()
        return update_id

    def wake(self) -> None:
        """Lets everybody who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, seconds: float) -> None:
        """Waits for the next change, at most `seconds`."""
        event = self._changed
        with contextlib.suppress(TimeoutError):  # not wait_for: Python 3.11's can swallow a cancellation
            async with asyncio.timeout(seconds):
                await event.wait()

    def confirm(self, offset: int) -> None:
        """Forgets what lies before `offset`; a negative one keeps only the last so many."""
        if offset < 0:
            offset = self.pending[offset]["update_id"] if len(self.pending) >= -offset else 0
        while self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()

    async def poll(
        self, offset: int, limit: int, wait: float, gone: Callable[[], Awaitable[bool]]
    ) -> list[dict[str, Any]]:
        """getUpdates: at once when there are some, else within `wait` seconds; raises SupersededError."""
        me = self._poller = object()
        self.wake()
        self.confirm(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while not self.pending and (left := deadline - loop.time()) > 0 and not await gone():
            await self.changed(min(left, 1.0))
            if self._poller is not me or self.webhook.url:
                raise SupersededError
        return list(self.pending)[:limit]
