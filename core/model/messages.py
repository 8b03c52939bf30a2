"""What goes out to a provider, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.model.delivery import Channel, DeliveryStatus, EventType


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button: exactly one of `data`, `url` and `copy` is set. `data` is at most 64 bytes."""

    text: str
    data: str | None = None
    url: str | None = None
    copy: str | None = None


Buttons = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A Telegram message: HTML text of at most 4,096 UTF-16 units after entities, and rows of buttons."""

    text: str
    buttons: Buttons = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What an adapter sends: one rendered notification for one address."""

    channel: Channel
    to: str
    text: str
    subject: str = ""
    html: str | None = None
    buttons: Buttons = ()
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # List-Unsubscribe and the like


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's acceptance. `status` is `sent`, or `delivered` where that proves arrival (Telegram, in_app)."""

    provider_message_id: str
    status: DeliveryStatus = DeliveryStatus.SENT
    response: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """A provider's later report about one message, already verified. `event_id` is unique per provider."""

    provider: str
    event_id: str
    provider_message_id: str
    type: EventType
    at: datetime
    code: str | None = None
    detail: str = ""
    hard: bool = False  # a bounce that will never heal
    key: str = ""  # our idempotency key, where the provider hands it back: known also when its answer was lost


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a longer list. `number` counts from 1."""

    items: tuple[Any, ...]
    number: int
    pages: int
    total: int
