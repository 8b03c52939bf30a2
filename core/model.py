"""Frozen values that the whole program speaks in. Times are aware UTC; money is Decimal with a currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any


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


class PostState(StrEnum):
    """Where a post stands on its way to being published."""

    WRITING = "writing"  # an idea whose first version is being written
    DRAFT = "draft"
    APPROVED = "approved"
    POSTED = "posted"
    DELETED = "deleted"


class ConversationStyle(StrEnum):
    """How two people speak with each other (seeds/000)."""

    NEUTRAL = "neutral"
    RESPECTFUL = "respectful"
    BUSINESS = "business"
    JOVIAL = "jovial"
    PLAYFUL = "playful"
    CLOSE_FRIENDS = "close_friends"
    PARENT_TO_CHILD = "parent_to_child"
    CHILD_TO_PARENT = "child_to_parent"
    SIBLINGS = "siblings"


class Tone(StrEnum):
    """How a post sounds."""

    PLAIN = "plain"
    WARM = "warm"
    CONFIDENT = "confident"
    WITTY = "witty"


class Access(StrEnum):
    """Whether a person may use the bot."""

    ALLOWED = "allowed"
    REQUESTED = "requested"
    DENIED = "denied"


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


LANGUAGES = ("en", "es", "fr")  # each but the first has a catalogue under bot/locales


@dataclass(frozen=True, slots=True)
class Preferences:
    """A user's row of `user_settings`. Times of day are local to `timezone`; days are ISO weekdays, 1 = Monday."""

    receive_email_notifications: bool = True
    receive_telegram_notifications: bool = True
    daily_reminder_enabled: bool = False
    daily_reminder_time: time = time(9)
    daily_reminder_days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    daily_reminder_channel: Channel = Channel.TELEGRAM
    timezone: str = "UTC"
    timezone_confirmed: bool = False
    quiet_hours_start: time | None = None
    quiet_hours_end: time | None = None
    language: str = "en"
    conversation_style: ConversationStyle = ConversationStyle.NEUTRAL
    tone: Tone = Tone.PLAIN
    next_reminder_at: datetime | None = None
    last_posted_on: date | None = None  # local date of the last "Posted"; that day's reminder is skipped
    last_reminded_on: date | None = None  # local date of the last reminder: a day has one, whatever is changed


@dataclass(frozen=True, slots=True)
class User:
    """A person who talks to the bot. `public_id` is what people see; `telegram_id` and `email` are personal data."""

    id: int
    public_id: str
    telegram_id: int | None
    name: str
    access: Access
    created_at: datetime
    email: str | None = None  # confirmed addresses only
    username: str | None = None
    blocked_at: datetime | None = None  # the user blocked the bot
    link_generation: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A user together with their preferences, loaded in one query."""

    user: User
    preferences: Preferences


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A six-digit code that was mailed (`verification_codes`); the code itself is derived from the id."""

    id: int
    user_id: int
    purpose: str  # email, link
    address: str | None
    address_hash: str
    expires_at: datetime
    created_at: datetime
    wrong_tries: int = 0
    last_wrong_at: datetime | None = None
    locked_until: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link that people can be sent (`links`); its token is derived from id and generation."""

    id: int
    purpose: str  # unsubscribe
    user_id: int | None
    scope: str  # all, or a notification's kind
    generation: int
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One text that a post has had (`post_versions`)."""

    post_id: int
    number: int
    text: str
    direction: str
    writer: str
    created_at: datetime
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A post on its way to approval (`posts`). `latest` is the number of versions."""

    id: int
    user_id: int
    idea: str
    state: PostState
    language: str
    latest: int
    created_at: datetime
    updated_at: datetime
    source_key: str | None = None  # the update it came from, unique
    approved_version: int | None = None
    approved_at: datetime | None = None
    posted_at: datetime | None = None
    deleted_at: datetime | None = None
    state_before_delete: PostState | None = None
    keep_until: datetime | None = None  # UTC; when the approved text is to be sent again
    writing_until: datetime | None = None  # lease of whoever is writing the next version
    writing_key: str | None = None


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with one of its versions: what a card shows."""

    post: Post
    version: Version


@dataclass(frozen=True, slots=True)
class Sample:
    """A past post that shows how the user writes (`voice_samples`)."""

    id: int
    text: str
    created_at: datetime


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
