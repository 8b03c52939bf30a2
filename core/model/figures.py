"""What the tables say in numbers. Days and hours are UTC; money is Decimal with a currency."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from core.model.words import Channel, DeliveryStatus


class Unit(StrEnum):
    """Into what a stretch of time is cut."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Volume:
    """How many deliveries made in one hour or day stand at a status. `reports`: their provider can report arrival."""

    start: datetime
    channel: Channel
    provider: str | None
    status: DeliveryStatus
    reports: bool
    count: int


@dataclass(frozen=True, slots=True)
class Taken:
    """How many deliveries made in one hour or day took so many seconds, to two digits: from the making to the arrival,
    or to the acceptance where arrival can't be told. What was held for its reader's sake is not counted."""

    start: datetime
    seconds: float
    count: int


@dataclass(frozen=True, slots=True)
class Timing:
    """How long `count` deliveries took, in seconds: half of them no longer than `median`."""

    start: datetime
    count: int
    median: float
    p95: float  # 95 of 100 took no longer


@dataclass(frozen=True, slots=True)
class Sendings:
    """What one provider took on one day: all messages, those with a known price, what these cost, those that arrived.
    `currency` is None where no price is known; `reports`: arrival can be told at all."""

    day: date
    provider: str
    channel: Channel
    currency: str | None
    messages: int
    priced: int
    cost: Decimal
    arrived: int
    reports: bool


@dataclass(frozen=True, slots=True)
class DayCost:
    """A row of `provider_cost_analysis`. What can't be known is None: a price that nobody named, an arrival that nobody
    reports."""

    provider_name: str
    provider_type: Channel
    date: date
    currency: str
    total_messages: int
    total_cost: Decimal
    average_cost_per_message: Decimal | None = None
    delivery_success_rate: Decimal | None = None  # per cent
    cost_per_successful_delivery: Decimal | None = None
