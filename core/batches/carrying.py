"""Looking after batches: each in turn, by one process at a time.

A batch says when it wants to be looked at. Whoever comes first takes its row under a lease, does what is due in short
transactions of which each proves that the row is still theirs, and puts it down with the time of the next look. The
lease of a process that dies ends, and the next one goes on where the last transaction has ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from core.errors import DatabaseAway
from core.model import Batch, BatchStatus, BatchType
from core.ports import Clock, Database

LEASE = timedelta(seconds=15)
STUMBLES = 5  # so often in a row may a look fail before the batch is given up
AGAIN_AFTER = timedelta(seconds=5)
log = structlog.get_logger(__name__)


class Work(Protocol):
    """What one type of batches is about."""

    async def look(self, batch: Batch, by: str) -> datetime | None:
        """Do what is due; when to look again, None for not any more. The row is held in the name of `by`."""
        ...


@dataclass(frozen=True, slots=True)
class Carrier:
    """`name` is this process, as it stands on leases."""

    database: Database
    clock: Clock
    name: str
    works: Mapping[BatchType, Work]

    async def run(self) -> None:
        """Look after every batch that is due."""
        while batch := await self._take():
            await self._put_down(batch, await self._look(batch))

    async def _take(self) -> Batch | None:
        now = self.clock()
        async with self.database.read() as uow:
            if not await uow.batches.has_due(now):
                return None
        async with self.database.begin() as uow:
            return await uow.batches.take(self.name, now, now + LEASE)

    async def _look(self, batch: Batch) -> datetime | None:
        """A batch that can't be carried must not stand in the way of the others."""
        try:
            look_at = await self.works[batch.type].look(batch, self.name)
        except DatabaseAway:
            raise
        except Exception:
            log.exception("batch.stumbled", batch_id=batch.id, type=str(batch.type))
            return await self._stumbled(batch)
        if batch.config.get("stumbles"):
            await self._note_stumbles(batch, 0)
        return look_at

    async def _stumbled(self, batch: Batch) -> datetime | None:
        times = int(batch.config.get("stumbles", 0)) + 1
        if times < STUMBLES:
            await self._note_stumbles(batch, times)
            return self.clock() + AGAIN_AFTER
        open_ones = (BatchStatus.PENDING, BatchStatus.RUNNING)
        async with self.database.begin() as uow:
            await uow.batches.move(
                batch.id, open_ones, BatchStatus.FAILED, self.clock(), error_summary="it could not be carried on"
            )
        return None

    async def _note_stumbles(self, batch: Batch, times: int) -> None:
        async with self.database.begin() as uow:
            held = await uow.batches.hold(batch.id, self.name, self.clock() + LEASE)
            if held:
                config = {**held.config, "stumbles": times}
                await uow.batches.save(batch.id, self.name, self.clock(), config=config)

    async def _put_down(self, batch: Batch, look_at: datetime | None) -> None:
        async with self.database.begin() as uow:
            await uow.batches.put_down(batch.id, self.name, look_at)
