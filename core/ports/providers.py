"""Time, the ways out, and the queue before them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from core.model import (
    Calls,
    Channel,
    DeliveryEvent,
    HealthMetric,
    Message,
    ProviderRow,
    Rates,
    Receipt,
    Reports,
    WebhookRequest,
)
from core.routing.terms import Candidate

Clock = Callable[[], datetime]  # aware UTC


class Provider(Protocol):
    """One way to send on one channel (core/providers). It never retries, sleeps or touches storage."""

    name: str
    channel: Channel
    can_ask: bool  # `find` can tell what became of a message whose answer was lost
    can_poll: bool  # `status` can tell what became of a message that was taken
    reports_arrival: bool  # by answer, webhook or poll it can say `delivered`; else `sent` is all that is ever known
    has_window: bool  # beyond 24 hours after a person's last word it takes approved templates only (WhatsApp)

    def reaches(self, to: str) -> bool:
        """Whether it can use this kind of address: a device token is not a browser's subscription."""

    async def send(self, message: Message, key: str) -> Receipt:
        """Hand the message over, with our idempotency key; raises a `SendError` that says what went wrong."""

    async def find(self, to: str, key: str) -> Receipt | None:
        """The message that was taken with our key; None where it never arrived."""

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """What became of a message that was taken; None where there is no news. Raises a `SendError`."""

    async def check(self) -> None:
        """A call that sends nothing and costs nothing; raises a `SendError` where the provider is out of order."""

    async def close(self) -> None: ...


@runtime_checkable
class Reporting(Protocol):
    """The webhook half of a provider. `verify` raises `BadSignature`; unknown kinds of events are left out."""

    name: str

    async def verify(self, request: WebhookRequest) -> None: ...

    def parse(self, request: WebhookRequest) -> Reports: ...


class Providers(Protocol):
    """The providers that are set up (core/providers/registry.py)."""

    def candidates(self, channel: Channel) -> Sequence[Candidate]: ...

    def get(self, channel: Channel, name: str) -> Provider: ...

    def credentials(self, channel: Channel, name: str) -> Sequence[str]:
        """The names of the settings that a provider can't do without."""


class Queue(Protocol):
    """Hands delivery ids to the workers; waits when it is full."""

    async def put(self, delivery_ids: Sequence[int]) -> None: ...


class ProviderRows(Protocol):
    """`provider_registry` and `provider_health_metrics` (storage/providers.py). What returns a bool is a claim: True
    for exactly one process."""

    async def all(self) -> list[ProviderRow]: ...

    async def one(self, name: str, channel: Channel) -> ProviderRow | None: ...

    async def mirror(self, rows: Sequence[ProviderRow], now: datetime) -> None: ...

    async def change(self, name: str, channel: Channel, values: Mapping[str, Any], now: datetime) -> bool: ...

    async def open_circuit(self, name: str, channel: Channel, now: datetime, probe_at: datetime) -> bool: ...

    async def take_probe(self, name: str, channel: Channel, now: datetime, until: datetime) -> bool: ...

    async def probed(
        self, name: str, channel: Channel, now: datetime, *, is_good: bool | None, probe_at: datetime
    ) -> int: ...

    async def close_circuit(self, name: str, channel: Channel, now: datetime) -> bool: ...

    async def pause(self, name: str, channel: Channel, until: datetime, now: datetime) -> None: ...

    async def reweigh(
        self, name: str, channel: Channel, weight: Decimal, now: datetime, *, was_changed_at: datetime | None
    ) -> bool: ...

    async def take_check(self, name: str, channel: Channel, now: datetime, before: datetime) -> bool: ...

    async def add_health(
        self, found: Sequence[HealthMetric], rates: Mapping[tuple[Channel, str], Rates], now: datetime
    ) -> None: ...

    async def health(self, name: str, channel: Channel, limit: int) -> list[HealthMetric]: ...

    async def calls(
        self, since: datetime, faults: Collection[str], waits: Collection[str]
    ) -> dict[tuple[Channel, str], Calls]: ...

    async def spent(self, since: datetime) -> dict[tuple[Channel, str], Decimal]: ...
