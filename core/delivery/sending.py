"""One real delivery from the command line: queued, leased to ourselves, carried out, and waited for."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from core.delivery.attempts import PINNED
from core.delivery.engine import Engine
from core.delivery.outbox import delivery_of, queue
from core.delivery.planning import RECIPIENT_TYPES, Planned
from core.delivery.states import PENDING, SENDING, UNKNOWN
from core.delivery.sweeper import Sweeper
from core.model import Channel, Delivery, DeliveryStatus, Kind, Notification
from core.ports import Clock, Database
from core.updates import storable

LOOK = 0.2  # seconds between looks at a delivery that another process carries


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be sent."""

    channel: Channel
    to: str
    text: str
    subject: str
    provider: str | None


@dataclass(frozen=True, slots=True)
class Messenger:
    """Sends errands through the engine, whether or not workers are running elsewhere."""

    database: Database
    engine: Engine
    sweeper: Sweeper
    clock: Clock
    lease_seconds: float = 60

    async def send_now(
        self,
        channel: Channel,
        to: str,
        text: str,
        subject: str = "",
        provider: str | None = None,
        timeout: float = 60,  # noqa: ASYNC109 - the time for retries too, not for one call
    ) -> dict[str, Any]:
        """Send a text, retries included as far as they fall within `timeout` seconds; `provider` None takes the usual
        route. The keys are id, status, provider, provider_message_id, attempts, error; the status is `pending` or
        `unknown` where the time was too short."""
        deadline = self.clock() + timedelta(seconds=timeout)
        name = f"errand-{uuid4().hex[:12]}"
        delivery = await self._queue(Errand(channel, to, storable(text), storable(subject), provider), name)
        while True:
            if delivery.status is PENDING and await self._lease(delivery.id, name):
                await self.engine.run([delivery.id])
            elif delivery.status is UNKNOWN:
                await self.sweeper.tick()
            delivery = await self._look(delivery.id)
            if delivery.status not in (PENDING, SENDING, UNKNOWN) or not await self._wait(delivery, deadline):
                return _report(delivery)

    async def _queue(self, errand: Errand, name: str) -> Delivery:
        """The delivery, leased to us in the same transaction: no relay takes it first."""
        now = self.clock()
        about = Notification(
            f"errand:{uuid4().hex}", Kind.MESSAGE, now, interactive=True,
            content={"subject": errand.subject, "text": errand.text},
        )  # fmt: skip
        planned = Planned(errand.channel, errand.to, RECIPIENT_TYPES.get(errand.channel, "phone"), now)
        metadata = {PINNED: errand.provider} if errand.provider else {}
        async with self.database.begin() as uow:
            about = replace(about, id=await uow.deliveries.add_notification(about) or 0)
            row = replace(delivery_of(planned, about, now=now), delivery_metadata=metadata)
            (delivery,) = await queue(uow, [row])
            await uow.deliveries.lease(delivery.id, name, self._until(now), now)
        return delivery

    def _until(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.lease_seconds)

    async def _lease(self, delivery_id: int, name: str) -> bool:
        now = self.clock()
        async with self.database.begin() as uow:
            return await uow.deliveries.lease(delivery_id, name, self._until(now), now)

    async def _look(self, delivery_id: int) -> Delivery:
        async with self.database.read() as uow:
            (delivery,) = await uow.deliveries.by_ids([delivery_id])
        return delivery

    async def _wait(self, delivery: Delivery, deadline: datetime) -> bool:
        """Wait for the next thing that can happen; False where that is after the deadline."""
        now = self.clock()
        due = delivery.scheduled_at if delivery.status is PENDING else now
        if delivery.status is UNKNOWN and delivery.updated_at:
            due = delivery.updated_at + timedelta(seconds=self.sweeper.policy.unknown_after)
        if max(due, now) >= deadline:
            return False
        await asyncio.sleep(max(LOOK, min((due - now).total_seconds(), (deadline - now).total_seconds())))
        return True


def _report(delivery: Delivery) -> dict[str, Any]:
    words = ": ".join(part for part in (delivery.error_code, delivery.error_message) if part)
    accepted = delivery.status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)
    return {
        "id": delivery.id,
        "status": delivery.status.value,
        "provider": delivery.provider_name,
        "provider_message_id": delivery.provider_message_id,
        "attempts": delivery.attempts,
        "error": None if accepted else words or None,
    }
