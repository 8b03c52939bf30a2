"""Asking providers what became of messages they took: those that don't report by themselves, and as a net the others,
since a report can get lost. With back-off, and an end: what nobody knows after a week stays `sent`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.delivery.aftermath import Aftermath
from core.delivery.reports import apply
from core.errors import SendError
from core.model import Delivery, DeliveryEvent
from core.ports import Clock, Database, Provider, Providers, Reporting

EVERY = 5.0  # seconds between two rounds
AT_ONCE = 20  # questions in one round
ASK_SECONDS = 20.0  # how long an answer may take
LEASE = timedelta(minutes=2)  # within it nobody else asks about the same message
MINUTES = (1, 5, 15, 60, 240, 720, 1440, 2880, 4320)  # from one question to the next; about a week in all
MINUTES_BESIDE_WEBHOOK = MINUTES[2:]  # reports are quicker, as a rule
log = structlog.get_logger()


def first_poll(provider: Provider, now: datetime) -> datetime | None:
    """When to ask first about a message that `provider` has just taken; None where it can't be asked."""
    if not provider.can_poll:
        return None
    waits = MINUTES_BESIDE_WEBHOOK if isinstance(provider, Reporting) else MINUTES
    return now + timedelta(minutes=waits[0])


def next_poll(polls: int, now: datetime) -> datetime | None:
    """When to ask again after so many questions; None where it is enough."""
    return now + timedelta(minutes=MINUTES[polls]) if polls < len(MINUTES) else None


@dataclass(frozen=True, slots=True)
class Poller:
    """Any number of pollers may run: a question is leased like a delivery."""

    database: Database
    providers: Providers
    aftermath: Aftermath
    clock: Clock

    async def run(self) -> None:
        """Ask until cancelled. A database that is away is tried again with the next round."""
        while True:
            try:
                while await self.tick() == AT_ONCE:
                    pass
            except Exception as error:
                log.warning("poller.failed", error=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def tick(self) -> int:
        """One round; how many questions were asked."""
        now = self.clock()
        async with self.database.read() as uow:
            if not await uow.deliveries.has_polls(now):
                return 0
        async with self.database.begin() as uow:
            asked = await uow.deliveries.lease_polls(now, now + LEASE, AT_ONCE)
        answers = await asyncio.gather(*(self._ask(one) for one in asked))
        await self._record(asked, [answer for answer in answers if answer])
        return len(asked)

    async def _ask(self, delivery: Delivery) -> DeliveryEvent | None:
        """The provider's news; None where it has none, or is of no help just now."""
        try:
            provider = self.providers.get(delivery.delivery_type, delivery.provider_name or "")
            async with asyncio.timeout(ASK_SECONDS):
                return await provider.status(delivery.provider_message_id or "", delivery.recipient)
        except (SendError, TimeoutError, LookupError) as error:
            log.info("delivery.poll_failed", delivery_id=delivery.id, error=type(error).__name__)
        except Exception as error:
            log.exception("delivery.poll_broke", delivery_id=delivery.id, error=type(error).__name__)
        return None

    async def _record(self, asked: Sequence[Delivery], news: Sequence[DeliveryEvent]) -> None:
        now = self.clock()
        async with self.database.begin() as uow:
            await uow.deliveries.poll_again({one.id: next_poll(one.polls + 1, now) for one in asked})
            new = await uow.events.add(news, now)
            dead = await apply(uow, new, keys=self.aftermath.keys, now=now) if new else set()
            await self.aftermath.give_up_ids(uow, dead, now)
