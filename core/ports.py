"""What the business needs from the outside: Protocols that storage, scheduler and the adapters fulfil.

One repository per area; a unit of work holds them all, so that a change and its deliveries commit together.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

Clock = Callable[[], datetime]  # aware UTC


class Queue(Protocol):
    """Hands delivery ids to the workers; waits when it is full."""

    async def put(self, delivery_ids: Sequence[int]) -> None: ...


class UnitOfWork(Protocol):
    """The repositories of one transaction."""


class Database(Protocol):
    """Opens units of work. `begin` commits when its block ends well; `read` never writes."""

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]: ...
