"""The providers as they stand now: what the settings name, joined with the registry, which every process reads again
every two seconds and changes for all of them. No delivery asks the database for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.model import Channel, ProviderRow
from core.ports import Clock, Database, Providers, Reporting, UnitOfWork
from core.routing.ranking import Strategy
from core.routing.terms import Terms, terms_of

FRESH = timedelta(seconds=2)
FEATURES = ("can_ask", "can_poll", "reports_arrival")
LONGEST_CLASS = 100  # characters


@dataclass(frozen=True, slots=True)
class Plan:
    """What the settings say of selection: the strategy of each channel, the shares of a split in per cent by channel
    and name, and the currency of all prices."""

    strategies: Mapping[Channel, Strategy] = field(default_factory=dict)
    shares: Mapping[tuple[Channel, str], int] = field(default_factory=dict)
    currency: str = "USD"


@dataclass(slots=True)
class Roster:
    """A snapshot by channel and name."""

    providers: Providers
    clock: Clock
    plan: Plan = field(default_factory=Plan)
    _terms: dict[Channel, dict[str, Terms]] = field(default_factory=dict)
    _read_at: datetime | None = None

    def is_stale(self, now: datetime) -> bool:
        """Whether the registry should be read again."""
        return self._read_at is None or now - self._read_at >= FRESH

    async def read(self, uow: UnitOfWork, now: datetime) -> None:
        """Take a new snapshot. Whoever comes while it is read goes on with the old one."""
        self._read_at = now if self._terms else None
        rows = {(row.provider_type, row.provider_name): row for row in await uow.providers.all()}
        self._terms = {channel: self._channel(channel, rows) for channel in Channel}
        self._read_at = now

    def candidates(self, channel: Channel) -> Sequence[Terms]:
        """The providers of a channel."""
        return tuple(self._terms.get(channel, {}).values())

    def terms(self, channel: Channel, name: str) -> Terms | None:
        """One provider; None where the settings do not name it."""
        return self._terms.get(channel, {}).get(name)

    def all(self) -> Iterator[Terms]:
        """Every provider."""
        return (one for of_channel in self._terms.values() for one in of_channel.values())

    def strategy(self, channel: Channel) -> Strategy:
        """How a channel's providers are put in order."""
        return self.plan.strategies.get(channel, Strategy.PRIORITY)

    def learn(self, channel: Channel, name: str, **changes: Any) -> None:
        """What this process has just done to a provider, before the next look."""
        known = self._terms.get(channel, {})
        if name in known:
            known[name] = replace(known[name], **changes)

    def _channel(self, channel: Channel, rows: Mapping[tuple[Channel, str], ProviderRow]) -> dict[str, Terms]:
        plan, named = self.plan, self.providers.candidates(channel)
        keys = [(channel, one.name) for one in named]
        return {
            one.name: terms_of(one, channel, rows.get(key), currency=plan.currency, share=plan.shares.get(key))
            for one, key in zip(named, keys, strict=True)
        }


async def mirror(database: Database, providers: Providers, now: datetime) -> None:
    """Write down what the settings name, so that admins see it and the registry can be changed."""
    async with database.begin() as uow:
        await uow.providers.mirror(rows_of(providers), now)


def rows_of(providers: Providers) -> list[ProviderRow]:
    """The providers that are set up, as rows of the registry."""
    named = ((channel, one) for channel in Channel for one in providers.candidates(channel))
    return [_row(providers, channel, one.name, one.priority) for channel, one in named]


def _row(providers: Providers, channel: Channel, name: str, priority: int) -> ProviderRow:
    provider = providers.get(channel, name)
    kind = type(provider)
    features = [feature for feature in FEATURES if getattr(provider, feature)]
    return ProviderRow(
        name, channel, f"{kind.__module__}.{kind.__qualname__}"[-LONGEST_CLASS:], priority,
        supported_features=[*features, *(["webhook"] if isinstance(provider, Reporting) else [])],
        credentials_required=list(providers.credentials(channel, name)),
    )  # fmt: skip


def shares_of(entries: Mapping[Channel, Iterable[str]]) -> dict[tuple[Channel, str], int]:
    """`{"sms": ["twilio:70"]}` by channel and name."""
    pairs = ((channel, entry.partition(":")) for channel, own in entries.items() for entry in own)
    return {(channel, name): int(share) for channel, (name, _, share) in pairs}
