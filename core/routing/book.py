"""Providers as admins see and change them: health, weight, circuit, spend; and each change noted with who made it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.accounts.limits import day_start
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Channel, Circuit, HealthMetric, ProviderRow
from core.ports import Clock, Database, UnitOfWork
from core.routing.checks import Checks

LOWEST_PRIORITY = 99
DEAREST = Decimal(1000)
PLACES = Decimal("0.000001")
PERIODS = ("minute", "hour", "day")
Values = dict[str, Any]
Change = Values | Callable[[ProviderRow], Values]  # columns, where need be made from the row as it is


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands: its row, its newest check (None where there was none yet), and what was paid today (UTC)
    in `currency`."""

    row: ProviderRow
    latest: HealthMetric | None
    spent_today: Decimal
    currency: str

    @property
    def priority(self) -> int:
        """The one that counts: an admin's, else the settings'."""
        return self.row.priority_override if self.row.priority_override is not None else self.row.priority


@dataclass(frozen=True, slots=True)
class ProviderBook:
    """The registry in the hands of admins: whoever asks has been found to be one. Changes count within two seconds in
    every process, without a restart."""

    database: Database
    clock: Clock
    checks: Checks
    currency: str = "USD"

    async def all(self) -> list[Standing]:
        """Every provider that the settings name today, by channel and priority."""
        async with self.database.read() as uow:
            rows = [row for row in await uow.providers.all() if row.is_configured]
            spent = await uow.providers.spent(day_start(self.clock()))
            found = [await self._standing(uow, row, spent) for row in rows]
        return sorted(found, key=lambda one: (one.row.provider_type, one.priority, one.row.provider_name))

    async def one(self, channel: Channel, name: str) -> Standing:
        """One provider, also one that the settings do not name any more. Raises `NotFound`."""
        async with self.database.read() as uow:
            row = await _known(uow, channel, name)
            return await self._standing(uow, row, await uow.providers.spent(day_start(self.clock())))

    async def health(self, channel: Channel, name: str, limit: int = 10) -> list[HealthMetric]:
        """The newest checks, the latest first."""
        async with self.database.read() as uow:
            return await uow.providers.health(name, channel, limit)

    async def enable(self, by: Account, channel: Channel, name: str) -> ProviderRow:
        """Use a provider again."""
        return await self._change(by, channel, name, "enabled", {"is_enabled": True})

    async def disable(self, by: Account, channel: Channel, name: str) -> ProviderRow:
        """Use a provider no more until it is enabled again; what it may have sent already stays with it."""
        return await self._change(by, channel, name, "disabled", {"is_enabled": False})

    async def set_priority(self, by: Account, channel: Channel, name: str, priority: int | None) -> ProviderRow:
        """1 is asked first; None is what the settings say. Raises `AppError`."""
        if priority is not None and not 1 <= priority <= LOWEST_PRIORITY:
            raise AppError(N_("A priority is a number from 1 to {last}; 1 comes first."), {"last": LOWEST_PRIORITY})
        return await self._change(by, channel, name, "priority", {"priority_override": priority})

    async def set_price(
        self, by: Account, channel: Channel, name: str, price: Decimal | None, country: str | None = None
    ) -> ProviderRow:
        """What one message (of an SMS: one segment) costs, in a country or, where None is named, elsewhere. A price of
        None is forgotten. Raises `AppError`."""
        if price is not None and not (price.is_finite() and 0 <= price <= DEAREST):
            raise AppError(N_("A price is a number from 0 to {most}. Example: 0.0079"), {"most": DEAREST})
        exact = None if price is None else price.quantize(PLACES).normalize()
        if country is None:
            return await self._change(by, channel, name, "price", {"cost_per_message": exact})
        (code,) = known_countries([country]) or [""]

        def priced(row: ProviderRow) -> Values:
            others = _without(row.prices, code)
            return {"prices": (others if exact is None else {**others, code: f"{exact:f}"}) or None}

        return await self._change(by, channel, name, "price", priced)

    async def set_limits(
        self, by: Account, channel: Channel, name: str, minute: int | None, hour: int | None, day: int | None
    ) -> ProviderRow:
        """How many calls a provider gets in a minute, an hour, a day; None for no limit. Raises `AppError`."""
        limits = dict(zip(PERIODS, (minute, hour, day), strict=True))
        if any(limit is not None and limit < 1 for limit in limits.values()):
            raise AppError(N_("A limit is a whole number above 0. To stop a provider, disable it."))
        values = {f"rate_limit_per_{period}": limit for period, limit in limits.items()}
        return await self._change(by, channel, name, "limits", values)

    async def set_coverage(
        self, by: Account, channel: Channel, name: str, covered: Collection[str] | None
    ) -> ProviderRow:
        """The countries that a provider serves, as two letters each; None or none of them: everywhere. Raises
        `AppError`."""
        return await self._change(by, channel, name, "coverage", {"geographic_coverage": known_countries(covered)})

    async def set_share(self, by: Account, channel: Channel, name: str, share: int | None) -> ProviderRow:
        """The per cent of recipients under the strategy `split`; None is what the settings say. Raises `AppError`."""
        if share is not None and not 0 <= share <= 100:
            raise AppError(N_("A share is a number of per cent from 0 to 100."))

        def shared(row: ProviderRow) -> Values:
            others = _without(row.configuration, "share")
            return {"configuration": (others if share is None else {**others, "share": share}) or None}

        return await self._change(by, channel, name, "share", shared)

    async def probe(self, by: Account, channel: Channel, name: str) -> HealthMetric:
        """Check a provider now, and let the next call try it where its circuit is open. Raises `NotFound`."""
        now = self.clock()
        async with self.database.begin() as uow:
            row = await _known(uow, channel, name)
            if not row.is_configured:
                raise NotFound(N_("The settings do not name {name} for {channel}."), {"name": name, "channel": channel})
            if row.circuit_state is Circuit.OPEN:
                await uow.providers.change(name, channel, {"probe_at": now}, now)
            await uow.audit.write(by.user.id, "provider.probed", now, None, {"provider": _label(row)})
        return await self.checks.check(row)

    async def _standing(
        self, uow: UnitOfWork, row: ProviderRow, spent: Mapping[tuple[Channel, str], Decimal]
    ) -> Standing:
        latest = await uow.providers.health(row.provider_name, row.provider_type, 1)
        paid = spent.get((row.provider_type, row.provider_name), Decimal(0))
        return Standing(row, latest[0] if latest else None, paid, self.currency)

    async def _change(self, by: Account, channel: Channel, name: str, action: str, change: Change) -> ProviderRow:
        """Write, note before and after; the row as it is then. What changes nothing is not noted."""
        now = self.clock()
        async with self.database.begin() as uow:
            row = await _known(uow, channel, name)
            values = change if isinstance(change, dict) else change(row)
            before = {column: getattr(row, column) for column in values}
            if before == values:
                return row
            await uow.providers.change(name, channel, values, now)
            about = {"provider": _label(row)}
            await uow.audit.write(
                by.user.id, f"provider.{action}", now, about | _plain(before), about | _plain(values)
            )  # fmt: skip
            return await _known(uow, channel, name)


def known_countries(codes: Collection[str] | None) -> list[str] | None:
    """ISO 3166 codes in capitals, in order and once each; None for none. Raises `AppError` for one there is not."""
    from phonenumbers import SUPPORTED_REGIONS  # half a megabyte that few processes need

    found = sorted({code.strip().upper() for code in codes or ()})
    for code in found:
        if code not in SUPPORTED_REGIONS:
            raise AppError(N_("{code} is no country. Example: FR or FR, BE, CH"), {"code": code})
    return found or None


async def _known(uow: UnitOfWork, channel: Channel, name: str) -> ProviderRow:
    row = await uow.providers.one(name, channel)
    if row is None:
        raise NotFound(N_("There is no provider {name} for {channel}."), {"name": name, "channel": channel})
    return row


def _label(row: ProviderRow) -> str:
    return f"{row.provider_type}/{row.provider_name}"


def _without(values: Mapping[str, Any] | None, name: str) -> Values:
    return {key: value for key, value in (values or {}).items() if key != name}


def _plain(values: Values) -> Values:
    return {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in values.items()}
