"""Active checks: every provider is asked from time to time whether it works, and what is found is kept with how its
calls have gone. A check sends nothing and costs nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

import structlog

from core.errors import SendError
from core.model import Calls, Channel, HealthMetric, ProviderRow, Rates
from core.ports import Clock, Database, Provider, Providers, UnitOfWork
from core.routing.health import FAULTS, RATE_LIMITED, WAITS

CHECK_SECONDS = 10.0  # how long an answer may take
# How often the calls of the last hour, day and week are counted: a week takes longer to count, and changes slower.
COUNTED = {"hour": timedelta(0), "day": timedelta(minutes=10), "week": timedelta(hours=1)}
SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
Key = tuple[Channel, str]
Left = Callable[[ProviderRow], Awaitable[int | None]]
log = structlog.get_logger()


async def nothing_known(row: ProviderRow) -> int | None:
    """What is left of a provider's rate limit, where nobody counts."""
    return None


@dataclass(frozen=True, slots=True)
class Checks:
    """Asks the providers that are set up. `every` are the seconds between two checks of one provider, whichever process
    makes them; `left` tells what is left of a rate limit."""

    database: Database
    providers: Providers
    clock: Clock
    every: float = 60
    left: Left = nothing_known
    history: "History" = field(default_factory=lambda: History())

    async def run_due(self) -> None:
        """Check every provider whose last check is long enough ago."""
        now = self.clock()
        before = now - timedelta(seconds=self.every * 0.9)  # a tick comes a little early at times
        async with self.database.begin() as uow:
            rows = {(row.provider_type, row.provider_name): row for row in await uow.providers.all()}
            mine = [
                rows[channel, name]
                for channel, name in self._names()
                if (channel, name) in rows and await uow.providers.take_check(name, channel, now, before)
            ]
        if mine:
            await self._record(await asyncio.gather(*(self._look(row) for row in mine)))

    async def check(self, row: ProviderRow) -> HealthMetric:
        """Check one provider now."""
        (found,) = await self._record([await self._look(row)])
        return found

    def _names(self) -> Iterator[Key]:
        return ((channel, one.name) for channel in Channel for one in self.providers.candidates(channel))

    async def _look(self, row: ProviderRow) -> HealthMetric:
        found = await self._ask(self.providers.get(row.provider_type, row.provider_name))
        return replace(found, cost_per_message=row.cost_per_message, rate_limit_remaining=await self.left(row))

    async def _ask(self, provider: Provider) -> HealthMetric:
        """A provider that asks us to wait is a healthy one."""
        began, now = monotonic(), self.clock()
        error: SendError | None = None
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await provider.check()
        except SendError as raised:
            error = raised
        except TimeoutError:
            error = SendError("timeout")
        except Exception as raised:
            log.exception("provider.check_broke", provider=provider.name, channel=str(provider.channel))
            error = SendError("uncertain", type(raised).__name__)
        return HealthMetric(
            provider.name, provider.channel, now, error is None or error.code == RATE_LIMITED,
            round((monotonic() - began) * 1000), error.code[:50] if error else None, error.detail if error else None,
        )  # fmt: skip

    async def _record(self, found: Collection[HealthMetric]) -> list[HealthMetric]:
        now = self.clock()
        async with self.database.read() as uow:
            rates = await self.history.rates(uow, now)
        told = [with_rates(one, rates.get((one.provider_type, one.provider_name), Rates())) for one in found]
        async with self.database.begin() as uow:
            await uow.providers.add_health(told, rates, now)
        return told


def with_rates(found: HealthMetric, rates: Rates) -> HealthMetric:
    """What a check found, with how calls have gone."""
    return replace(
        found,
        success_rate_1h=rates.hour.per_cent,
        success_rate_24h=rates.day.per_cent,
        success_rate_7d=rates.week.per_cent,
    )


@dataclass(slots=True)
class History:
    """How calls have gone, counted as seldom as the span allows."""

    _counted: dict[str, tuple[datetime, Mapping[Key, Calls]]] = field(default_factory=dict)

    async def rates(self, uow: UnitOfWork, now: datetime) -> dict[Key, Rates]:
        """By channel and name; who was not called for a week is missing."""
        spans = {name: await self._calls(uow, name, now) for name in SPANS}
        keys = {key for calls in spans.values() for key in calls}
        return {key: Rates(*(spans[name].get(key, Calls()) for name in SPANS)) for key in keys}

    async def _calls(self, uow: UnitOfWork, name: str, now: datetime) -> Mapping[Key, Calls]:
        known = self._counted.get(name)
        if known is None or now - known[0] >= COUNTED[name]:
            known = self._counted[name] = now, await uow.providers.calls(now - SPANS[name], FAULTS, WAITS)
        return known[1]
