"""What is known about providers: a row of the registry, what a check found, how calls have gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.model.words import Channel


class Circuit(StrEnum):
    """Whether a provider is called. An open one is left alone; a half-open one is tried by one call at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A row of `provider_registry`: a provider on one channel (`provider_type`). What the settings say is mirrored into
    it; what an admin says at run time and what has been learnt stands beside that and is kept."""

    provider_name: str
    provider_type: Channel
    provider_class: str = ""
    priority: int = 1  # as the settings say
    priority_override: int | None = None
    is_enabled: bool = True  # an admin's switch
    is_configured: bool = True  # whether the settings name it today
    is_healthy: bool = True  # at the last active check
    rate_limit_per_minute: int | None = None
    rate_limit_per_hour: int | None = None
    rate_limit_per_day: int | None = None
    cost_per_message: Decimal | None = None  # where no region's price says otherwise; None: not known
    prices: Mapping[str, str] | None = None  # ISO 3166 country to price as text
    geographic_coverage: Sequence[str] | None = None  # ISO 3166 countries; None: everywhere
    supported_features: Sequence[str] | None = None
    configuration: Mapping[str, Any] | None = None  # {"share": 70} of an A/B split
    credentials_required: Sequence[str] | None = None  # names of settings, never their values
    weight: Decimal = Decimal(1)  # 0 to 1
    weight_changed_at: datetime | None = None
    circuit_state: Circuit = Circuit.CLOSED
    circuit_opened_at: datetime | None = None
    probe_at: datetime | None = None  # when one call may try it
    probe_successes: int = 0
    paused_until: datetime | None = None  # it named a wait
    last_health_check: datetime | None = None
    success_rate: Decimal | None = None  # per cent of the newest calls, and their mean milliseconds
    latency_ms: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class HealthMetric:
    """What one active check found (`provider_health_metrics`). Rates are per cent of the calls of the last hour, day
    and week, None without calls."""

    provider_name: str
    provider_type: Channel
    health_check_timestamp: datetime
    is_healthy: bool
    response_time_ms: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    success_rate_1h: Decimal | None = None
    success_rate_24h: Decimal | None = None
    success_rate_7d: Decimal | None = None
    cost_per_message: Decimal | None = None
    rate_limit_remaining: int | None = None
    rate_limit_reset_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """How the calls of one provider went over some time: those it answered as it should (a refused address is such an
    answer), and the mean milliseconds of all of them."""

    total: int = 0
    good: int = 0
    mean_ms: float | None = None

    @property
    def per_cent(self) -> Decimal | None:
        """Of good calls, with two digits; None without calls."""
        return Decimal(f"{100 * self.good / self.total:.2f}") if self.total else None


@dataclass(frozen=True, slots=True)
class Rates:
    """The calls of the last hour, day and week."""

    hour: Calls = field(default_factory=Calls)
    day: Calls = field(default_factory=Calls)
    week: Calls = field(default_factory=Calls)

    @property
    def newest(self) -> Calls:
        """Of the shortest time in which there were any."""
        return next((one for one in (self.hour, self.day) if one.total), self.week)

    @property
    def per_cent(self) -> Decimal | None:
        """Of the newest calls, those that went well."""
        return self.newest.per_cent

    @property
    def latency_ms(self) -> int | None:
        """How long the newest calls took."""
        return None if self.newest.mean_ms is None else round(self.newest.mean_ms)
