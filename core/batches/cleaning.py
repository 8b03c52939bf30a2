"""Cleaning up: once a day what is older than the retention time goes, a window of rows at a time.

It is a batch like any other: admins see what it has removed, one process at a time carries it, and after a restart it
goes on where it was. Removing is safe to repeat.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.batches.carrying import LEASE
from core.i18n import N_
from core.model import Batch, BatchStatus, BatchType
from core.ports import Clock, Database

# What is removed in turn: deliveries with their logs, and then the notifications that have none left.
STEPS = (
    "notification_deliveries",
    "notifications",
    "provider_events",
    "inbound_messages",
    "provider_health_metrics",
    "telegram_updates",
    "batch_cards",
    "notification_batch_jobs",
)
WINDOW = 500  # rows looked at in one transaction
WINDOWS = 20  # transactions in one look
PAUSE = timedelta(seconds=1)  # between two looks: others want to write too
NAME = N_("Cleaning up")


@dataclass(frozen=True, slots=True)
class Cleaning:
    """`days` is RETENTION_DAYS."""

    database: Database
    clock: Clock
    days: int

    async def begin(self) -> None:
        """Today's (UTC), unless it was begun already."""
        now = self.clock()
        key = f"cleanup:{now:%Y-%m-%d}"
        async with self.database.read() as uow:
            if await uow.batches.by_key(key):
                return
        config = {"before": (now - timedelta(days=self.days)).isoformat()}
        async with self.database.begin() as uow:
            await uow.batches.add(Batch(key, NAME, BatchType.CLEANUP, now, config))

    async def look(self, batch: Batch, by: str) -> datetime | None:
        """See `batches_carrying.Work`."""
        if not batch.is_open:
            return None
        for _ in range(WINDOWS):
            held = await self._window(batch, by)
            if held is None or not held.is_open:
                return None
        return self.clock() + PAUSE

    async def _window(self, batch: Batch, by: str) -> Batch | None:
        """Remove from one window of rows, and note it in the same transaction."""
        now = self.clock()
        async with self.database.begin() as uow:
            held = await uow.batches.hold(batch.id, by, now + LEASE)
            if held is None:
                return None
            step = int(held.tally.get("step", 0))
            before = datetime.fromisoformat(held.config["before"])
            removed, cursor = await uow.retention.remove(STEPS[step], before, held.cursor, WINDOW)
            if cursor is None:
                step, cursor = step + 1, 0
            changes = _noted(held, removed, step, cursor, now)
            if changes["status"] is BatchStatus.COMPLETED:
                status = changes.pop("status")
                return await uow.batches.move(held.id, (held.status,), status, now, **changes)
            await uow.batches.save(held.id, by, now, **changes)
        return held


def _noted(batch: Batch, removed: Mapping[str, int], step: int, cursor: int, now: datetime) -> dict[str, Any]:
    """What is written about a window; after the last step the batch is over."""
    counts = dict(batch.tally.get("removed", {}))
    for name, count in removed.items():
        counts[name] = counts.get(name, 0) + count
    total = sum(counts.values())
    return {
        "tally": {"step": step, "removed": counts},
        "processed": total,
        "successful": total,
        "cursor": cursor,
        "started_at": batch.started_at or now,
        "status": BatchStatus.COMPLETED if step == len(STEPS) else BatchStatus.RUNNING,
    }
