"""What is to be told to whom, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.model.people import Account
from core.model.posts import PostView
from core.model.words import Channel, DeliveryStatus, Kind, Priority


@dataclass(frozen=True, slots=True)
class Notification:
    """The intent: what happens once, however often it is asked for (`key`)."""

    key: str
    kind: Kind
    created_at: datetime
    user_id: int | None = None
    post_id: int | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    interactive: bool = False  # the user just asked for it: quiet hours and caps don't hold it
    id: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification to one recipient on one channel (`notification_deliveries`)."""

    notification_id: int
    delivery_type: Channel
    recipient: str
    recipient_type: str  # email, phone, chat, device_token, url, user
    scheduled_at: datetime
    created_at: datetime
    idempotency_key: str
    id: int = 0
    user_id: int | None = None
    status: DeliveryStatus = DeliveryStatus.PENDING
    provider_type: str = ""
    provider_name: str | None = None
    provider_priority: int | None = None
    provider_message_id: str | None = None
    provider_response: Mapping[str, Any] | None = None
    delivery_metadata: Mapping[str, Any] = field(default_factory=dict)  # route, reasons, pinned provider
    error_code: str | None = None
    error_message: str | None = None
    hold_reason: str | None = None  # why a pending delivery waits: quiet_hours, daily_limit, retry, rate_limited ...
    attempts: int = 0  # provider calls
    retry_count: int = 0  # rounds of back-off used up
    max_retries: int = 3
    possible_duplicates: int = 0
    replaces_id: int | None = None  # the delivery this one is the fallback of
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    expires_at: datetime | None = None
    updated_at: datetime | None = None
    cost_per_message: Decimal | None = None  # what the provider takes for it, all segments together
    currency: str | None = None
    segments: int | None = None  # of an SMS
    geographic_region: str | None = None  # ISO 3166 country of a phone number, or the user's
    resolved_by: str | None = None  # how an `unknown` was settled: event, status, resend, late_answer, gave_up
    batch_id: int | None = None
    poll_at: datetime | None = None  # when its provider is asked next what became of it; None: not to be asked
    polls: int = 0
    priority: int = Priority.USUAL


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of `delivery_logs`: a provider call, or a provider's later event."""

    delivery_id: int
    channel: Channel
    status: str  # delivered (accepted), failed, retried, unknown; or an EventType
    created_at: datetime
    user_id: int | None = None
    post_id: int | None = None
    provider_name: str | None = None
    attempt: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    duration_ms: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery with everything that its message is made from. `view` is the version that its notification names."""

    delivery: Delivery
    notification: Notification
    account: Account | None = None
    view: PostView | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A delivery as it was read and as it shall be. It is written only where status and attempts are still as they were
    read. `leased_until`: how long a `sending` one is left alone, and when an `unknown` one is due again. `is_whole`:
    the row may be otherwise than `before` says, so every column is written."""

    before: Delivery
    after: Delivery
    leased_until: datetime | None = None
    leased_by: str | None = None
    is_whole: bool = False
