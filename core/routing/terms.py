"""What is known of one provider on one channel right now: the settings, what admins have said since, and what has been
learnt. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.model import Channel, Circuit, ProviderRow

SHARE = "share"  # in the configuration of a registry's row: per cent of recipients under `split`


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many calls a provider gets in a minute, an hour, a day; None for no limit."""

    minute: int | None = None
    hour: int | None = None
    day: int | None = None

    def __bool__(self) -> bool:
        return any(limit is not None for limit in (self.minute, self.hour, self.day))


@dataclass(frozen=True, slots=True)
class Stated:
    """What the settings say of a provider beside its name: what counts until an admin says otherwise. The words are
    those of `Terms`."""

    price: Decimal | None = None
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    coverage: frozenset[str] = frozenset()
    limits: RateLimits = RateLimits()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider that the settings name for a channel, and its priority there, 1 first."""

    name: str
    priority: int = 1
    stated: Stated = Stated()


@dataclass(frozen=True, slots=True)
class Terms:
    """One provider on one channel. `prices` are by ISO 3166 country, for one message (of an SMS: one segment), `price`
    is for all others, None where it is not known; `coverage` empty is everywhere. `success` is the newest share of good
    calls, 0 to 1, `mean_ms` how long they took; `weight` is 1 for a provider in good standing."""

    name: str
    channel: Channel
    priority: int = 1
    is_enabled: bool = True
    is_healthy: bool = True
    circuit: Circuit = Circuit.CLOSED
    probe_at: datetime | None = None
    paused_until: datetime | None = None
    weight: float = 1.0
    price: Decimal | None = None
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = "USD"
    coverage: frozenset[str] = frozenset()
    limits: RateLimits = RateLimits()
    share: int | None = None
    success: float | None = None
    mean_ms: int | None = None

    def price_in(self, region: str | None) -> Decimal | None:
        """What one message to that country costs."""
        return self.prices.get(region or "", self.price)

    def covers(self, region: str | None) -> bool:
        """Whether it serves that country; where nobody knows the country, it may try."""
        return not self.coverage or region is None or region in self.coverage


def terms_of(
    candidate: Candidate, channel: Channel, row: ProviderRow | None, *, currency: str, share: int | None
) -> Terms:
    """From what the settings say and, where there is one, the registry's row. `share` is the settings'."""
    stated = candidate.stated
    if row is None:
        return Terms(
            candidate.name, channel, candidate.priority, currency=currency, share=share, price=stated.price,
            prices=stated.prices, coverage=stated.coverage, limits=stated.limits,
        )  # fmt: skip
    return Terms(
        name=candidate.name,
        channel=channel,
        priority=candidate.priority if row.priority_override is None else row.priority_override,
        is_enabled=row.is_enabled,
        is_healthy=row.is_healthy,
        circuit=row.circuit_state,
        probe_at=row.probe_at,
        paused_until=row.paused_until,
        weight=float(row.weight),
        price=stated.price if row.cost_per_message is None else row.cost_per_message,
        prices={**stated.prices, **{country: Decimal(price) for country, price in (row.prices or {}).items()}},
        currency=currency,
        coverage=frozenset(row.geographic_coverage or stated.coverage),
        limits=RateLimits(
            row.rate_limit_per_minute or stated.limits.minute,
            row.rate_limit_per_hour or stated.limits.hour,
            row.rate_limit_per_day or stated.limits.day,
        ),
        share=(row.configuration or {}).get(SHARE, share),
        success=None if row.success_rate is None else float(row.success_rate) / 100,
        mean_ms=row.latency_ms,
    )
