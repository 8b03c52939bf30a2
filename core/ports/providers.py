"""Time, the ways out, and the queue before them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.delivery.selection import Candidate
from core.model import Channel, DeliveryEvent, Message, Receipt, Reports, WebhookRequest

Clock = Callable[[], datetime]  # aware UTC


class Provider(Protocol):
    """One way to send on one channel (core/providers). It never retries, sleeps or touches storage."""

    name: str
    channel: Channel
    can_ask: bool  # `find` can tell what became of a message whose answer was lost
    can_poll: bool  # `status` can tell what became of a message that was taken
    reports_arrival: bool  # by webhook or poll it can say `delivered`; else `sent` is all that is ever known

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


class Queue(Protocol):
    """Hands delivery ids to the workers; waits when it is full."""

    async def put(self, delivery_ids: Sequence[int]) -> None: ...
