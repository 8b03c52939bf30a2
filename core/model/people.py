"""Who there is, and what they prefer."""

from dataclasses import dataclass
from datetime import date, datetime, time

from core.model.rules import Rule
from core.model.words import Access, Channel, ConversationStyle, Tone

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
class UserAddress:
    """Where a channel reaches a user beside the chat and the mailbox (`user_addresses`): a phone number, a browser's
    subscription, a device token. `label` is how the user tells it from their others."""

    id: int
    user_id: int
    channel: Channel
    address: str
    label: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A user together with their preferences. Most have no more than that, and then it is one query; `addresses` and
    `rules` are read by one more each for those who have some."""

    user: User
    preferences: Preferences
    addresses: tuple[UserAddress, ...] = ()
    rules: tuple[Rule, ...] = ()


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
    purpose: str  # unsubscribe, push
    user_id: int | None
    scope: str  # all, or a notification's kind
    generation: int
    created_at: datetime
    expires_at: datetime | None = None
