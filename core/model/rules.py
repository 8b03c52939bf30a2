"""What a user has set for one type of messages, beyond their general settings."""

from dataclasses import dataclass
from datetime import datetime, time

from core.model.words import Channel, ConversationStyle, Kind, NotificationType, Period


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` deliveries in a period of the user's clock; 0 says that there is no limit, whatever a wider rule
    says."""

    limit: int
    period: Period = Period.DAILY


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Times of day, local to the rule's timezone; equal ends say that there are none, whatever a wider rule says."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of `user_notification_preferences`: one type on one channel, or (`channel` None) on every channel. What is
    None is left to the wider rule, and in the end to the user's settings. `timezone` None is the user's own."""

    type: NotificationType
    channel: Channel | None = None
    is_enabled: bool | None = None
    cap: Cap | None = None
    quiet: QuietHours | None = None
    timezone: str | None = None
    preferred: tuple[str, ...] | None = None  # names of providers, the best first
    blocked: tuple[str, ...] | None = None
    style: ConversationStyle | None = None


@dataclass(frozen=True, slots=True)
class Capped:
    """What counts against one cap: deliveries of these kinds to a user on a channel, since `since` (UTC)."""

    user_id: int
    type: NotificationType
    channel: Channel
    kinds: frozenset[Kind]
    since: datetime
