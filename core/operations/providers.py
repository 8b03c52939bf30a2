"""Providers as admins look at them, with what they have delivered and what they have cost; and one change of them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.accounts.limits import day_start
from core.errors import NotFound
from core.i18n import N_
from core.model import Account, Channel, HealthMetric, ProviderRow
from core.model.analytics import ProviderPerformance
from core.operations.costs import costs_since, spent
from core.operations.provider_words import Edit, Topic
from core.ports import Clock, Database
from core.routing.book import PERIODS, ProviderBook, Standing


@dataclass(frozen=True, slots=True)
class Portrait:
    """A provider with all that is known. `month` is what it took since the first of the month (UTC), by currency;
    `channel_spent` and `cap` are its whole channel's of today, `cap` None without one."""

    standing: Standing
    performance: ProviderPerformance | None = None
    month: Mapping[str, Decimal] = field(default_factory=dict)
    channel_spent: Decimal = Decimal(0)
    cap: Decimal | None = None

    @property
    def row(self) -> ProviderRow:
        return self.standing.row


@dataclass(frozen=True, slots=True)
class ProviderDesk:
    """Providers in the hands of admins: whoever asks has been found to be one. `caps` are by channel, a day."""

    database: Database
    clock: Clock
    book: ProviderBook
    caps: Mapping[Channel, Decimal] = field(default_factory=dict)

    async def all(self) -> list[Standing]:
        """Every provider that the settings name today, by channel and priority."""
        return await self.book.all()

    async def one(self, provider_id: int) -> Portrait:
        """All that is known of one. Raises `NotFound`."""
        everybody = await self.book.all()
        standing = next((one for one in everybody if one.row.id == provider_id), None)
        if standing is None:
            raise NotFound(N_("The settings do not name this provider any more. /providers shows who there is."))
        row = standing.row
        today = sum((one.spent_today for one in everybody if one.row.provider_type is row.provider_type), Decimal(0))
        return Portrait(
            standing, await self._performance(row), await self._month(row), today, self.caps.get(row.provider_type)
        )

    async def _performance(self, row: ProviderRow) -> ProviderPerformance | None:
        async with self.database.read() as uow:
            found = await uow.views.provider_performance()
        return next((one for one in found if (one.provider_name, one.provider_type) == _key(row)), None)

    async def _month(self, row: ProviderRow) -> Mapping[str, Decimal]:
        now = self.clock()
        async with self.database.read() as uow:
            costs = await costs_since(uow, day_start(now).date().replace(day=1), now, self.book.currency)
        return spent(one for one in costs if (one.provider_name, one.provider_type) == _key(row))

    async def switch(self, by: Account, provider_id: int, *, on: bool) -> None:
        """Use a provider, or use it no more. Raises `NotFound`."""
        row = (await self.one(provider_id)).row
        change = self.book.enable if on else self.book.disable
        await change(by, row.provider_type, row.provider_name)

    async def probe(self, by: Account, provider_id: int) -> HealthMetric:
        """Check a provider now. Raises `NotFound`."""
        row = (await self.one(provider_id)).row
        return await self.book.probe(by, row.provider_type, row.provider_name)

    async def edit(self, by: Account, provider_id: int, edit: Edit) -> None:
        """Change what an admin has written. Raises `NotFound`, and `AppError` for a value that can't be."""
        row = (await self.one(provider_id)).row
        await CHANGES[edit.topic](self.book, by, row, edit)


def _key(row: ProviderRow) -> tuple[str, Channel]:
    return row.provider_name, row.provider_type


async def _price(book: ProviderBook, by: Account, row: ProviderRow, edit: Edit) -> ProviderRow:
    return await book.set_price(by, row.provider_type, row.provider_name, edit.value, edit.country)


async def _limits(book: ProviderBook, by: Account, row: ProviderRow, edit: Edit) -> ProviderRow:
    minute, hour, day = (edit.value.get(period) for period in PERIODS)
    return await book.set_limits(by, row.provider_type, row.provider_name, minute, hour, day)


async def _coverage(book: ProviderBook, by: Account, row: ProviderRow, edit: Edit) -> ProviderRow:
    return await book.set_coverage(by, row.provider_type, row.provider_name, edit.value)


async def _share(book: ProviderBook, by: Account, row: ProviderRow, edit: Edit) -> ProviderRow:
    return await book.set_share(by, row.provider_type, row.provider_name, edit.value)


async def _priority(book: ProviderBook, by: Account, row: ProviderRow, edit: Edit) -> ProviderRow:
    return await book.set_priority(by, row.provider_type, row.provider_name, edit.value)


Changer = Callable[[ProviderBook, Account, ProviderRow, Edit], Awaitable[ProviderRow]]
CHANGES: dict[Topic, Changer] = {
    Topic.PRICE: _price,
    Topic.LIMITS: _limits,
    Topic.COVERAGE: _coverage,
    Topic.SHARE: _share,
    Topic.PRIORITY: _priority,
}
