"""The sweeper: whatever was left lying. Lost senders, messages perhaps sent, deliveries that came too late, reports
that crossed with their receipt. Any number of sweepers may run: each writes only what it still owns.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from core.delivery.aftermath import Aftermath
from core.delivery.attempts import GAVE_UP, RESENT
from core.delivery.reports import apply
from core.delivery.states import RESEND, Policy
from core.model import Attempt, Change, Delivery, DeliveryStatus
from core.ports import Clock, Database, UnitOfWork

EVERY = 1.0  # seconds
REPORTS_FOR = timedelta(days=1)  # how long a report may wait for its delivery
LOST = "lost"  # delivery_metadata: how many senders have died over it
LOST_SENDERS = 3  # so many may be lost; after the next the delivery itself is the suspect
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Puts right what processes left behind."""

    database: Database
    clock: Clock
    aftermath: Aftermath
    policy: Policy = field(default_factory=Policy)

    async def run(self) -> None:
        """Sweep until cancelled. A database that is away is tried again with the next round."""
        while True:
            try:
                await self.tick()
            except Exception as error:
                log.warning("sweeper.failed", error=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def tick(self) -> None:
        """One round: looks without a lock first, and writes only where there is something to do."""
        now = self.clock()
        async with self.database.read() as uow:
            lost = await uow.deliveries.overdue(DeliveryStatus.SENDING, now)
            unsure = await uow.deliveries.overdue(DeliveryStatus.UNKNOWN, now)
            late = await uow.deliveries.has_expired(now)
            crossed = await uow.events.matched(now - REPORTS_FOR)
        if not (lost or unsure or late or crossed):
            return
        async with self.database.begin() as uow:
            dead = await apply(uow, crossed, keys=self.aftermath.keys, now=now) if crossed else set()
            await self._lose(uow, lost, now)
            dead |= await self._settle_unknown(uow, unsure, now)
            await uow.deliveries.expire(now)
            await self.aftermath.give_up_ids(uow, dead, now)

    async def reclaim(self, by: str | None = None) -> None:
        """Take over from a process that is gone, before its leases end: its pending leases are free, what it was
        sending is perhaps sent. Without a name: from everybody, for a process that starts alone."""
        now = self.clock()
        async with self.database.begin() as uow:
            await uow.deliveries.release(by)
            await self._lose(uow, await uow.deliveries.being_sent(by), now)

    async def _lose(self, uow: UnitOfWork, lost: Sequence[Delivery], now: datetime) -> None:
        """The sender is gone, and nobody knows whether the provider has it."""
        until = now + timedelta(seconds=self.policy.unknown_after)
        changes = [Change(one, perhaps_sent(one, now), until) for one in lost]
        owned = await uow.deliveries.write(changes)
        await uow.deliveries.add_logs([_lost_log(one, now) for one in lost if one.id in owned])
        for one in lost:
            log.warning("delivery.sender_lost", delivery_id=one.id, attempt=one.attempts)

    async def _settle_unknown(self, uow: UnitOfWork, unsure: Sequence[Delivery], now: datetime) -> set[int]:
        """Send again by the same provider with the same key, or give up; the ids of those given up."""
        changes = [Change(one, sent_again(one, now)) for one in unsure]
        owned = await uow.deliveries.write(changes)
        uow.has_outbox = uow.has_outbox or bool(owned)
        mine = [change.after for change in changes if change.before.id in owned]
        return {after.id for after in mine if after.status is DeliveryStatus.FAILED}


def perhaps_sent(delivery: Delivery, now: datetime) -> Delivery:
    """A delivery whose sender was lost."""
    metadata = {**delivery.delivery_metadata, LOST: delivery.delivery_metadata.get(LOST, 0) + 1}
    return replace(
        delivery, status=DeliveryStatus.UNKNOWN, error_code="uncertain", error_message="the sender was lost",
        delivery_metadata=metadata, updated_at=now,
    )  # fmt: skip


def sent_again(delivery: Delivery, now: datetime) -> Delivery:
    """What becomes of a delivery that was perhaps sent, once nobody could tell for long enough. A sender of ours that
    dies says nothing about the delivery, so it takes several of them to give up."""
    if RESENT in delivery.delivery_metadata and delivery.delivery_metadata.get(LOST, 0) > LOST_SENDERS:
        return replace(
            delivery, status=DeliveryStatus.FAILED, failed_at=now, updated_at=now, resolved_by=GAVE_UP
        )  # fmt: skip
    metadata = {**delivery.delivery_metadata, RESENT: delivery.provider_name}
    return replace(
        delivery, status=DeliveryStatus.PENDING, delivery_metadata=metadata, hold_reason=RESEND, scheduled_at=now,
        updated_at=now,
    )  # fmt: skip


def _lost_log(delivery: Delivery, now: datetime) -> Attempt:
    return Attempt(
        delivery.id, delivery.delivery_type, "unknown", now, delivery.user_id, None, delivery.provider_name,
        delivery.attempts, "uncertain", "the sender was lost",
    )  # fmt: skip
