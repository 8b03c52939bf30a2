"""What the admins ask: how the day goes, and why somebody didn't get something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.accounts.limits import day_start
from core.errors import NotFound
from core.i18n import N_
from core.model import Attempt, Delivery, Notification
from core.ports import Clock, Database


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts since the last UTC midnight, and what waits now. `deliveries` counts by (channel, status)."""

    since: datetime
    counts: Mapping[str, int]
    deliveries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    oldest_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One delivery from its making to its end; attempts and reports oldest first."""

    delivery: Delivery
    notification: Notification
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Operations:
    """Answers for admins. Whoever asks has been found to be one."""

    database: Database
    clock: Clock

    async def stats(self) -> Stats:
        """How today (UTC) goes."""
        now = self.clock()
        since = day_start(now)
        async with self.database.read() as uow:
            return Stats(
                since=since,
                counts=await uow.operations.counts(since),
                deliveries=await uow.delivery_log.counts(since),
                oldest_due=await uow.delivery_log.oldest_due(now),
            )

    async def why(self, delivery_id: int) -> Story:
        """What happened to a delivery. Raises `NotFound`."""
        async with self.database.read() as uow:
            found = await uow.delivery_log.one(delivery_id)
            if found is None:
                raise NotFound(N_("There is no delivery {number}. Example: /why 12"), {"number": delivery_id})
            return Story(*found, tuple(await uow.delivery_log.attempts(delivery_id)))
