"""Provider webhooks: verify the raw bytes, parse, deduplicate, apply; obey what people answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.delivery.aftermath import Aftermath
from core.delivery.inbound import Inbound
from core.delivery.reports import apply
from core.errors import BadSignature, NotFound
from core.i18n import N_
from core.model import DeliveryEvent, WebhookRequest
from core.ports import Clock, Database, Reporting, UnitOfWork

GARBAGE = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError)  # what strangers' bytes can raise


@dataclass(frozen=True, slots=True)
class Received:
    """How many reports of a request were new, and what the provider wants to read: a content type and a body."""

    new: int
    answer: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """Takes in what providers report. `reporting` finds the webhook half of a provider by its name, None where it has
    none."""

    database: Database
    reporting: Callable[[str], Reporting | None]
    aftermath: Aftermath
    inbound: Inbound
    clock: Clock

    async def receive(self, provider_name: str, request: WebhookRequest) -> Received:
        """Keep and apply one webhook request.

        Raises `NotFound` for a provider without webhooks, `BadSignature` where the
        bytes are not the provider's. Reports whose delivery is not known yet wait for it.
        """
        provider = self.reporting(provider_name)
        if provider is None:
            raise NotFound(N_("There is no such provider."))
        try:
            await provider.verify(request)
        except GARBAGE as error:
            raise BadSignature(f"nothing to verify: {type(error).__name__}") from error
        reports = provider.parse(request)
        if not (reports.events or reports.inbound):
            return Received(0, reports.answer)
        now = self.clock()
        async with self.database.begin() as uow:
            new = await self._apply(uow, reports.events, now)
            await self.inbound.take(uow, reports.inbound, now)
        return Received(new, reports.answer)

    async def _apply(self, uow: UnitOfWork, events: Sequence[DeliveryEvent], now: datetime) -> int:
        new = await uow.events.add(events, now)
        dead = await apply(uow, new, keys=self.aftermath.keys, now=now) if new else set()
        await self.aftermath.give_up_ids(uow, dead, now)
        return len(new)
