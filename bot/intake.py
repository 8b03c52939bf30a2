"""Updates on their way to the handlers: kept first, handled once, and again after a crash.

Whoever receives them (`bot.polling`, the web server) stores them before Telegram is told that they arrived. Here they
are claimed under a lease, handled chat by chat in order, and marked. A crash leaves them unmarked: the next start, or
another process once the lease has ended, handles them. One that brings the process down three times is given up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from bot.lanes import Lanes
from core.ports import Clock, Database
from core.updates import Incoming, incoming

SUSPECT = 2  # tries after which an update is handled alone: so far it may have died with another
MAX_TRIES = SUSPECT + 3  # three deaths alone are its own doing
SETTLE = 3.0  # seconds after the start in which nothing suspect is handled: a program that is killed young is no proof
AT_ONCE = 50  # chats
IN_HAND = 200  # updates in memory; more wait in the database or at Telegram
LEASE = timedelta(seconds=60)
LONGEST = 300.0  # seconds a handler may take
RETRY_AFTER = timedelta(seconds=5)
GRACE = 5.0  # seconds for handlers to finish in when the program stops

Handle = Callable[[Mapping[str, Any]], Awaitable[None]]
log = structlog.get_logger(__name__)


class Intake:
    """`handle` gets an update's payload. `alone` says that no other process handles updates: then whatever an earlier
    run left is taken at once, without waiting for its lease to end. `look_every` and `settle` are in seconds."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handle: Handle,
        give_up: Handle,
        *,
        alone: bool = True,
        look_every: float = 1.0,
        settle: float = SETTLE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handle = handle
        self._give_up = give_up
        self._look_every = look_every
        self._settle = settle
        self._settled_at = 0.0
        self._owner = uuid4().hex
        self._lanes: Lanes[Incoming] = Lanes(self._work, AT_ONCE)
        self._in_hand: set[int] = set()
        self._done: set[int] = set()
        self._suspects = asyncio.Lock()
        self._caught_up = not alone
        self._arrived, self._handled, self._changed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._stopping = asyncio.Event()

    async def store(self, payloads: Sequence[Any]) -> None:
        """Keep what this process has just received, then begin to handle it. Returns once it is committed."""
        now = self._clock()
        updates = [incoming(payload) for payload in payloads]
        async with self._database.begin() as uow:
            new = await uow.updates.add(updates, now, owner=self._owner, until=now + LEASE)
        for one in updates:
            if one.update_id in new:
                self._take(one)

    @property
    def in_hand(self) -> int:
        """How many updates are being handled, wait for their turn in this process, or wait to be marked."""
        return len(self._in_hand)

    def wake(self) -> None:
        """Another part of this process has stored updates: claim them now."""
        self._arrived.set()

    async def room(self) -> None:
        """Wait until what an earlier run left has been taken and not too many updates are in hand."""
        while not self._stopping.is_set() and (not self._caught_up or len(self._in_hand) >= IN_HAND):
            self._changed.clear()
            await self._changed.wait()

    async def run(self) -> None:
        """Handle updates until `stop`; then finish those that have begun and let go of the others."""
        self._settled_at = asyncio.get_running_loop().time() + self._settle
        try:
            await self._claim()
            async with asyncio.TaskGroup() as group:
                loops = [group.create_task(loop()) for loop in (self._claim_loop, self._beat_loop, self._mark_loop)]
                await self._stopping.wait()
                await self._lanes.close(GRACE)
                for loop in loops:
                    loop.cancel()
        finally:
            await self._lanes.close(0)
            await self._let_go()

    def stop(self) -> None:
        """Begin no more."""
        self._stopping.set()
        self._changed.set()

    # Claiming ---------------------------------------------------------------------------------------

    async def _claim_loop(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), self._look_every)
            self._arrived.clear()
            await self._quietly(self._claim())

    async def _claim(self) -> None:
        """Take what is free, as much as there is room for."""
        limit = IN_HAND - len(self._in_hand)
        async with self._database.read() as uow:
            waiting = await uow.updates.waiting()
        if limit <= 0 or waiting <= len(self._in_hand):
            self._caught_up |= waiting <= len(self._in_hand)
            self._changed.set()
            return
        now = self._clock()
        async with self._database.begin() as uow:
            claimed = await uow.updates.claim(self._owner, now, now + LEASE, limit, leased=not self._caught_up)
        for one in claimed:
            self._take(one)
        self._caught_up |= len(claimed) < limit
        self._changed.set()

    def _take(self, one: Incoming) -> None:
        self._in_hand.add(one.update_id)
        self._lanes.put(one.chat_key, one)

    # Handling ---------------------------------------------------------------------------------------

    async def _work(self, one: Incoming) -> None:
        """Never raises: what goes wrong is tried again later."""
        with structlog.contextvars.bound_contextvars(update_id=one.update_id):
            try:
                await self._try(one)
            except Exception as error:
                log.warning("update not handled, will be tried again", error=type(error).__name__)
                await self._try_later(one)

    async def _try(self, one: Incoming) -> None:
        if one.tries == 0:  # its beginning was counted when it was stored or claimed
            await self._finish(one, self._handle)
        elif one.tries < SUSPECT:
            await self._again(one)
        else:  # perhaps it brought the process down: nothing else suspect may suffer with it
            async with self._suspects:
                await asyncio.sleep(self._settled_at - asyncio.get_running_loop().time())
                await self._again(one)

    async def _again(self, one: Incoming) -> None:
        if one.tries >= MAX_TRIES:
            log.error("update given up", tries=one.tries)
            await self._finish(one, self._give_up)
        elif await self._begin(one):
            await self._finish(one, self._handle)
        else:
            self._forget([one.update_id])

    async def _begin(self, one: Incoming) -> bool:
        async with self._database.begin() as uow:
            return await uow.updates.begin(one.update_id, self._owner)

    async def _finish(self, one: Incoming, handle: Handle) -> None:
        async with asyncio.timeout(LONGEST):
            await handle(one.payload)
        self._done.add(one.update_id)
        self._handled.set()

    async def _try_later(self, one: Incoming) -> None:
        """However long it takes to say so: nobody claims what is still ours."""
        while not await self._quietly(self._put_back([one.update_id], self._clock() + RETRY_AFTER)):  # noqa: ASYNC110
            await asyncio.sleep(1)

    async def _put_back(self, update_ids: list[int], until: datetime | None) -> None:
        async with self._database.begin() as uow:
            await uow.updates.put_back(update_ids, self._owner, until)
        self._forget(update_ids)

    def _forget(self, update_ids: Iterable[int]) -> None:
        self._in_hand.difference_update(update_ids)
        self._changed.set()

    # Marks and leases -------------------------------------------------------------------------------

    async def _mark_loop(self) -> None:
        """One commit for all that were handled while the one before was written."""
        while True:
            await self._handled.wait()
            self._handled.clear()
            if not await self._quietly(self._mark()):
                await asyncio.sleep(1)
                self._handled.set()

    async def _mark(self) -> None:
        done = list(self._done)
        if done:
            async with self._database.begin() as uow:
                await uow.updates.finish(done, self._clock())
            self._done.difference_update(done)
            self._forget(done)

    async def _beat_loop(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self._quietly(self._beat())

    async def _beat(self) -> None:
        if self._in_hand:
            async with self._database.begin() as uow:
                await uow.updates.beat(list(self._in_hand), self._owner, self._clock() + LEASE)

    async def _let_go(self) -> None:
        await self._quietly(self._mark())
        await self._quietly(self._put_back(list(self._in_hand), None))

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether it went well. What doesn't is the database's: said in the log, mended by the lease."""
        try:
            await work
        except Exception as error:
            log.error("the updates' table can't be written", error=type(error).__name__)
            return False
        return True
