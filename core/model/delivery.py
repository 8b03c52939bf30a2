"""What is to be told to whom, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.people import Account
from core.model.posts import PostView


class Channel(StrEnum):
    """A way to reach a person (`notification_deliveries.delivery_type`)."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    PUSH = "push"
    WEBHOOK = "webhook"
    IN_APP = "in_app"


class DeliveryStatus(StrEnum):
    """The life of a delivery; `core.delivery.states` holds the legal moves."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNKNOWN = "unknown"
    FAILED = "failed"
    BOUNCED = "bounced"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What a notification says; each has its templates under templates/<channel>/<kind>."""

    DRAFT = "draft"  # a new version to review
    APPROVED = "approved"  # the final text
    KEPT = "kept"  # an approved text whose date has come
    REMINDER = "reminder"
    CODE = "code"  # a six-digit confirmation code
    EMAIL_CHANGED = "email_changed"  # alert to the old address
    ACCOUNT_MOVED = "account_moved"  # alert to the old chat and the mailbox
    GAVE_UP = "gave_up"  # a delivery of yours failed for good
    ACCESS_REQUEST = "access_request"  # to admins: somebody wants in
    ACCESS_DECIDED = "access_decided"
    ALERT = "alert"  # to admins: something needs a look
    MESSAGE = "message"  # plain text, from the command line


class EventType(StrEnum):
    """What a provider reports after it accepted a message."""

    SENT = "sent"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    FAILED = "failed"
    OPENED = "opened"
    READ = "read"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


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
    read. `leased_until`: how long a `sending` one is left alone, and when an `unknown` one is due again."""

    before: Delivery
    after: Delivery
    leased_until: datetime | None = None
    leased_by: str | None = None
