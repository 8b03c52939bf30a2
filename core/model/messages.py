"""What goes out to a provider, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.model.words import Channel, DeliveryStatus, EventType


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
    url: str = ""  # where a push or a webhook's reader may go on
    template_id: str = ""  # the provider's id of an approved WhatsApp template; `text` is what it will say
    template_variables: Mapping[str, str] = field(default_factory=dict)  # by the provider's names: "1", "2" ...


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
class InboundMessage:
    """What somebody wrote to us by SMS or WhatsApp, already verified. `sender` is a number in E.164; `reply_to` is the
    provider's id of the message it answers, `payload` what the pressed button stands for; `is_answered` where the
    provider itself answers STOP, START and HELP."""

    provider: str
    event_id: str
    channel: Channel
    sender: str
    text: str
    at: datetime
    reply_to: str = ""
    payload: str = ""
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A provider's request as it came in. `url` is the public address that was called, its query included; `headers`
    have lower-case names; `query` keeps order and repetitions."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reports:
    """What a webhook request told us. `answer` is what the provider wants to read: a content type and a body."""

    events: tuple[DeliveryEvent, ...] = ()
    inbound: tuple[InboundMessage, ...] = ()
    answer: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a longer list. `number` counts from 1."""

    items: tuple[Any, ...]
    number: int
    pages: int
    total: int
