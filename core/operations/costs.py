"""What providers took: rolled up into a row a day, and looked at over the days. Pure but for `Costs`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby

from core.accounts.limits import day_start
from core.model import Channel
from core.model.figures import DayCost, Sendings
from core.ports import Clock, Database, UnitOfWork

CHANGING = timedelta(days=3)  # so long reports still come in and change a day's success
CENT_OF_A_CENT = Decimal("0.000001")
Key = tuple[date, str, Channel, str]


def day_costs(sendings: Iterable[Sendings], currency: str) -> list[DayCost]:
    """The rows of `provider_cost_analysis`. Messages whose price nobody knows count under the currency of this
    installation, with no cost: a price is never guessed."""

    def key(one: Sendings) -> Key:
        return one.day, one.provider, one.channel, one.currency or currency

    return [_day_cost(about, [*group]) for about, group in groupby(sorted(sendings, key=key), key)]


def _day_cost(about: Key, group: Sequence[Sendings]) -> DayCost:
    day, provider, channel, currency = about
    messages, priced, arrived = (sum(getattr(one, name) for one in group) for name in ("messages", "priced", "arrived"))
    cost = sum((one.cost for one in group), Decimal(0))
    reports = any(one.reports for one in group)
    rate = (Decimal(100 * arrived) / messages).quantize(Decimal("0.01")) if reports else None
    each = (cost / priced).quantize(CENT_OF_A_CENT) if priced else None
    arrival = (cost / arrived).quantize(CENT_OF_A_CENT) if reports and arrived and priced else None
    return DayCost(provider, channel, day, currency, messages, cost, each, rate, arrival)


def fuller(kept: Iterable[DayCost], counted: Iterable[DayCost]) -> list[DayCost]:
    """Each day as it was kept or as it is counted now, whichever has more messages: old deliveries are cleaned up, new
    ones are not kept yet. The oldest day first."""
    found: dict[tuple[date, str, Channel, str], DayCost] = {}
    for one in (*kept, *counted):
        key = (one.date, one.provider_name, one.provider_type, one.currency)
        if key not in found or one.total_messages >= found[key].total_messages:
            found[key] = one
    return [found[key] for key in sorted(found)]


def spent(costs: Iterable[DayCost]) -> dict[str, Decimal]:
    """What was paid, by currency; a currency in which nothing was is missing."""
    total: dict[str, Decimal] = {}
    for one in costs:
        if one.total_cost:
            total[one.currency] = total.get(one.currency, Decimal(0)) + one.total_cost
    return total


def day_end(now: datetime) -> datetime:
    """The next UTC midnight."""
    return day_start(now) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of days (UTC). `currency` is that of this installation."""

    database: Database
    clock: Clock
    currency: str = "USD"

    async def roll_up(self) -> int:
        """Write today and the three days before into `provider_cost_analysis`, where late reports may have changed
        them; how many rows these are. Safe to run again, also on two machines at once."""
        now = self.clock()
        async with self.database.begin() as uow:
            counted = day_costs(await uow.figures.sendings(day_start(now) - CHANGING, day_end(now)), self.currency)
            await uow.costs.keep(counted, now)
        return len(counted)

    async def since(self, first: date) -> list[DayCost]:
        """Every day from `first` to today, by provider, channel and currency, the oldest first."""
        async with self.database.read() as uow:
            return await costs_since(uow, first, self.clock(), self.currency)


async def costs_since(uow: UnitOfWork, first: date, now: datetime, currency: str) -> list[DayCost]:
    """The same within a unit of work."""
    kept = await uow.costs.of_days(first, now.astimezone(UTC).date())
    counted = await uow.figures.sendings(datetime.combine(first, time(), UTC), day_end(now))
    return fuller(kept, day_costs(counted, currency))
