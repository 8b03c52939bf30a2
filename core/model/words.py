"""The words with which things are told apart: channels, states, kinds."""

from enum import IntEnum, StrEnum


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


class Priority(IntEnum):
    """What is leased first. Nobody leases what is parked: its batch is paused."""

    INTERACTIVE = 0  # somebody waits for it
    USUAL = 1
    BATCH = 2  # one of many
    PARKED = 9


LEASED = (Priority.INTERACTIVE, Priority.USUAL, Priority.BATCH)  # all but what is parked


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
    ANNOUNCEMENT = "announcement"  # an admin's word to many users


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


class NotificationType(StrEnum):
    """What a person can have preferences for: one or several kinds (`user_notification_preferences.invitation_type`).
    The last five are the documents' types of invitations."""

    POSTS = "posts"  # drafts, final texts, kept posts
    REMINDERS = "reminders"
    ANNOUNCEMENTS = "announcements"
    STORY_COLLABORATION = "story_collaboration"
    NEWS_FEED = "news_feed"
    ROLEPLAY_INVITATION = "roleplay_invitation"
    EVENT = "event"
    CONTENT_RECOMMENDATION = "content_recommendation"


class Period(StrEnum):
    """For how long a frequency cap counts, by the reader's clock (`user_notification_preferences.frequency_period`)."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class Access(StrEnum):
    """Whether a person may use the bot."""

    ALLOWED = "allowed"
    REQUESTED = "requested"
    DENIED = "denied"
