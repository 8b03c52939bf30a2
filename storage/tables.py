"""Every table. Names and columns are the documents' (seeds/001, 003, 004) with the changes of the design, section 4."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

from storage.analytics import come_with
from storage.types import BigId, Json, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "idx_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _user(nullable: bool = False) -> Column[int]:
    return Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), nullable=nullable)


def _created() -> Column[object]:
    return Column("created_at", UtcDateTime, nullable=False)


users = Table(
    "users",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("public_id", String(16), nullable=False, unique=True),
    Column("telegram_id", BigInteger, unique=True),  # the private chat has the same id
    Column("name", String(255), nullable=False),
    Column("username", String(64)),
    Column("email", String(320), unique=True),  # confirmed addresses only
    Column("email_confirmed_at", UtcDateTime),
    Column("access", String(20), nullable=False),
    Column("blocked_at", UtcDateTime),
    Column("link_generation", Integer, nullable=False, server_default="0"),
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
)

user_settings = Table(
    "user_settings",
    metadata,
    Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("receive_email_notifications", Boolean, nullable=False),
    Column("receive_telegram_notifications", Boolean, nullable=False),
    Column("daily_reminder_enabled", Boolean, nullable=False),
    Column("daily_reminder_time", Time, nullable=False),
    Column("daily_reminder_days", String(7), nullable=False),  # ISO weekdays: 12345 is Monday to Friday
    Column("daily_reminder_channel", String(20), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("timezone_confirmed", Boolean, nullable=False),
    Column("quiet_hours_start", Time),
    Column("quiet_hours_end", Time),
    Column("language", String(10), nullable=False),
    Column("conversation_style", String(50), nullable=False),
    Column("tone", String(20), nullable=False),
    Column("next_reminder_at", UtcDateTime),
    Column("last_posted_on", Date),
    Column("last_reminded_on", Date),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(
        "idx_user_settings_next_reminder_at", "next_reminder_at", postgresql_where=text("next_reminder_at IS NOT NULL")
    ),
)

posts = Table(
    "posts",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _user(),
    Column("idea", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("language", String(10), nullable=False),
    Column("latest", Integer, nullable=False, server_default="0"),
    Column("source_key", String(64), unique=True),
    Column("approved_version", Integer),
    Column("approved_at", UtcDateTime),
    Column("posted_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    Column("state_before_delete", String(20)),
    Column("keep_until", UtcDateTime),
    Column("writing_until", UtcDateTime),
    Column("writing_key", String(64)),
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("idx_posts_user_id_created_at", "user_id", "created_at"),
    Index(
        "idx_posts_keep_until",
        "keep_until",
        postgresql_where=text("keep_until IS NOT NULL"),
        sqlite_where=text("keep_until IS NOT NULL"),
    ),
)

post_versions = Table(
    "post_versions",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("post_id", BigId, ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("direction", String(20), nullable=False),
    Column("instruction", Text, nullable=False, server_default=""),
    Column("writer", String(100), nullable=False),
    _created(),
    UniqueConstraint("post_id", "version"),
)

voice_samples = Table(
    "voice_samples",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _user(),
    Column("content", Text, nullable=False),
    _created(),
    Index("idx_voice_samples_user_id", "user_id"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    _user(nullable=True),
    Column("post_id", BigId, ForeignKey("posts.id", ondelete="CASCADE")),
    Column("content", Json, nullable=False),
    Column("interactive", Boolean, nullable=False),
    _created(),
    Index("idx_notifications_user_id", "user_id"),
    Index("idx_notifications_post_id", "post_id"),
)

notification_deliveries = Table(
    "notification_deliveries",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("notification_id", BigId, ForeignKey("notifications.id", ondelete="CASCADE"), nullable=False),
    _user(nullable=True),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    Column("delivery_type", String(20), nullable=False),
    Column("provider_type", String(20), nullable=False),
    Column("provider_name", String(50)),  # null until the route is chosen, at the attempt
    Column("provider_priority", Integer),
    Column("recipient", String(2048), nullable=False),
    Column("recipient_type", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("provider_message_id", String(255)),
    Column("provider_response", Json),
    Column("delivery_metadata", Json, nullable=False),
    Column("error_message", Text),
    Column("error_code", String(50)),
    Column("hold_reason", String(50)),
    Column("cost_per_message", Numeric(10, 6)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_count", Integer, nullable=False, server_default="0"),
    Column("max_retries", Integer, nullable=False, server_default="3"),
    Column("possible_duplicates", Integer, nullable=False, server_default="0"),
    Column("replaces_id", BigId, ForeignKey("notification_deliveries.id", ondelete="SET NULL")),
    Column("leased_until", UtcDateTime),
    Column("leased_by", String(64)),
    Column("scheduled_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("read_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("geographic_region", String(50)),
    Column("currency", String(3)),
    Column("segments", SmallInteger),
    Column("resolved_by", String(20)),  # how an `unknown` was settled
    Column("batch_id", BigInteger),
    Column("poll_at", UtcDateTime),
    Column("polls", SmallInteger, nullable=False, server_default="0"),
    Column("priority", SmallInteger, nullable=False, server_default="1"),  # core.model.Priority
    Column("invitation_id", BigInteger),  # the invitation that it carries
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
    # Figures look at days, and rows come in the order of their making: on PostgreSQL a few pages hold all of it.
    Index("idx_notification_deliveries_created_at", "created_at", postgresql_using="brin"),
    Index(
        "idx_notification_deliveries_invitation",
        "invitation_id",
        postgresql_where=text("invitation_id IS NOT NULL"),
        sqlite_where=text("invitation_id IS NOT NULL"),
    ),
    Index(
        "idx_notification_deliveries_batch_id",
        "batch_id",
        "status",
        "hold_reason",
        postgresql_where=text("batch_id IS NOT NULL"),
        sqlite_where=text("batch_id IS NOT NULL"),
    ),
    Index(
        "idx_notification_deliveries_poll_at",
        "poll_at",
        postgresql_where=text("poll_at IS NOT NULL"),
        sqlite_where=text("poll_at IS NOT NULL"),
    ),
    Index("idx_notification_deliveries_notification_id", "notification_id"),
    Index("idx_notification_deliveries_user_id", "user_id", "created_at"),
    Index("idx_notification_deliveries_status", "status"),
    Index("idx_notification_deliveries_provider", "provider_name", "provider_type"),
    Index(
        "idx_notification_deliveries_scheduled",
        "priority",
        "scheduled_at",
        "id",
        postgresql_where=text("status = 'pending'"),
        sqlite_where=text("status = 'pending'"),
    ),
    Index(  # without it each delivery that is removed is looked for in all others
        "idx_notification_deliveries_replaces_id",
        "replaces_id",
        postgresql_where=text("replaces_id IS NOT NULL"),
        sqlite_where=text("replaces_id IS NOT NULL"),
    ),
    Index(
        "idx_notification_deliveries_open",
        "leased_until",
        postgresql_where=text("status IN ('sending', 'unknown')"),
        sqlite_where=text("status IN ('sending', 'unknown')"),
    ),
    Index("idx_notification_deliveries_cost_analysis", "provider_name", "sent_at", "cost_per_message"),
    Index("idx_notification_deliveries_recipient", "recipient", "recipient_type"),
    Index("idx_notification_deliveries_expires", "expires_at"),
    Index("idx_notification_deliveries_message_id", "provider_name", "provider_message_id"),
)

delivery_logs = Table(
    "delivery_logs",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("delivery_id", BigId, ForeignKey("notification_deliveries.id", ondelete="CASCADE"), nullable=False),
    _user(nullable=True),
    Column("post_id", BigId, ForeignKey("posts.id", ondelete="SET NULL")),
    Column("channel", String(20), nullable=False),
    Column("status", String(20), nullable=False),  # delivered, failed, retried, unknown, or a provider's event
    Column("provider_name", String(50)),
    Column("attempt", SmallInteger),
    Column("error_code", String(50)),
    Column("error_message", Text),
    Column("duration_ms", Integer),
    _created(),
    Index("idx_delivery_logs_delivery_id", "delivery_id"),
    Index("idx_delivery_logs_user_id", "user_id", "created_at"),
    Index("idx_delivery_logs_created_at", "created_at", postgresql_using="brin"),  # as for deliveries
)

provider_events = Table(
    "provider_events",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("provider_name", String(50), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("provider_message_id", String(255), nullable=False),
    Column("idempotency_key", String(200), nullable=False, server_default=""),  # ours, where the provider returns it
    Column("event_type", String(20), nullable=False),
    Column("event_at", UtcDateTime, nullable=False),
    Column("code", String(50)),
    Column("detail", Text, nullable=False, server_default=""),
    Column("hard", Boolean, nullable=False),
    Column("applied_at", UtcDateTime),  # null: unmatched so far
    _created(),
    UniqueConstraint("provider_name", "event_id"),
    Index("idx_provider_events_message_id", "provider_name", "provider_message_id"),
    Index(
        "idx_provider_events_waiting",
        "created_at",
        postgresql_where=text("applied_at IS NULL"),
        sqlite_where=text("applied_at IS NULL"),
    ),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("channel", String(20), nullable=False),
    Column("address_hash", String(64), nullable=False),  # keyed: the address itself is not kept
    Column("scope", String(40), nullable=False),  # all, or the notification kind that was unsubscribed from
    Column("reason", String(50), nullable=False),
    _created(),
    UniqueConstraint("channel", "address_hash", "scope"),
)

verification_codes = Table(
    "verification_codes",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _user(),
    Column("purpose", String(20), nullable=False),  # email, link
    Column("address", String(320)),  # erased once the code has done its work
    Column("address_hash", String(64), nullable=False),
    Column("wrong_tries", SmallInteger, nullable=False, server_default="0"),
    Column("last_wrong_at", UtcDateTime),
    Column("locked_until", UtcDateTime),  # set by the wrong try that was one too many
    Column("expires_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    _created(),
    Index("idx_verification_codes_user_id", "user_id", "created_at"),
    Index("idx_verification_codes_address_hash", "address_hash", "created_at"),
)

links = Table(
    "links",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("purpose", String(20), nullable=False),  # unsubscribe
    _user(nullable=True),
    Column("scope", String(40), nullable=False, server_default="all"),
    Column(
        "token_hash", String(64), nullable=False, unique=True
    ),  # the token itself is rebuilt when a text is rendered
    Column("generation", Integer, nullable=False, server_default="0"),  # raising it revokes the old token
    Column("expires_at", UtcDateTime),
    _created(),
    UniqueConstraint("purpose", "user_id", "scope"),
)

telegram_updates = Table(
    "telegram_updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_key", BigInteger),  # whose updates are handled in order; erased once it has been handled
    Column("payload", Json),  # erased once it has been handled
    Column("received_at", UtcDateTime, nullable=False),
    Column("handled_at", UtcDateTime),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("leased_until", UtcDateTime),
    Column("leased_by", String(64)),
    Index(
        "idx_telegram_updates_open",
        "update_id",
        postgresql_where=text("handled_at IS NULL"),
        sqlite_where=text("handled_at IS NULL"),
    ),
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("state", String(100)),
    Column("data", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _user(nullable=True),
    Column("action", String(60), nullable=False),  # settings.timezone, access.allowed, account.moved ...
    Column("before", Json),
    Column("after", Json),
    _created(),
    Index("idx_audit_log_user_id", "user_id", "created_at"),
)

provider_registry = Table(
    "provider_registry",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("provider_name", String(50), nullable=False),
    Column("provider_type", String(20), nullable=False),  # the channel
    Column("provider_class", String(100), nullable=False),
    Column("priority", Integer, nullable=False),  # as the settings say
    Column("priority_override", Integer),
    Column("is_enabled", Boolean, nullable=False),  # an admin's switch
    Column("is_configured", Boolean, nullable=False),  # whether the settings name it today
    Column("is_healthy", Boolean, nullable=False),  # at the last active check
    Column("health_check_url", String(255)),
    Column("rate_limit_per_minute", Integer),
    Column("rate_limit_per_hour", Integer),
    Column("rate_limit_per_day", Integer),
    Column("cost_per_message", Numeric(10, 6)),  # where no region's price says otherwise
    Column("prices", Json),  # country to price as text: {"FR": "0.0650"}
    Column("geographic_coverage", Json),  # countries; null: everywhere
    Column("supported_features", Json),
    Column("configuration", Json),  # {"share": 70} of an A/B split ...
    Column("credentials_required", Json),
    Column("webhook_config", Json),
    Column("weight", Numeric(4, 3), nullable=False, server_default="1"),  # 0 to 1, moves away on errors
    Column("weight_changed_at", UtcDateTime),
    Column("circuit_state", String(20), nullable=False, server_default="closed"),  # closed, open, half_open
    Column("circuit_opened_at", UtcDateTime),
    Column("probe_at", UtcDateTime),  # when one call may try an open one
    Column("probe_successes", Integer, nullable=False, server_default="0"),
    Column("paused_until", UtcDateTime),  # it named a wait
    Column("last_health_check", UtcDateTime),
    Column("success_rate", Numeric(5, 2)),  # per cent of the newest calls, and their mean milliseconds
    Column("latency_ms", Integer),
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("provider_name", "provider_type"),
    Index("idx_provider_registry_type", "provider_type"),
    Index("idx_provider_registry_enabled", "is_enabled", "is_healthy"),
    Index("idx_provider_registry_priority", "provider_type", "priority"),
)

provider_health_metrics = Table(
    "provider_health_metrics",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("provider_name", String(50), nullable=False),
    Column("provider_type", String(20), nullable=False),
    Column("health_check_timestamp", UtcDateTime, nullable=False),
    Column("is_healthy", Boolean, nullable=False),
    Column("response_time_ms", Integer),
    Column("error_message", Text),
    Column("error_code", String(50)),
    Column("success_rate_1h", Numeric(5, 2)),  # per cent; null without calls
    Column("success_rate_24h", Numeric(5, 2)),
    Column("success_rate_7d", Numeric(5, 2)),
    Column("cost_per_message", Numeric(10, 6)),
    Column("rate_limit_remaining", Integer),
    Column("rate_limit_reset_at", UtcDateTime),
    Column("geographic_region", String(50)),
    _created(),
    Index("idx_provider_health_metrics_provider", "provider_name", "provider_type", "health_check_timestamp"),
    Index("idx_provider_health_metrics_timestamp", "health_check_timestamp"),
    Index("idx_provider_health_metrics_healthy", "is_healthy"),
)

provider_cost_analysis = Table(
    "provider_cost_analysis",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("provider_name", String(50), nullable=False),
    Column("provider_type", String(20), nullable=False),
    Column("date", Date, nullable=False),  # UTC
    Column("currency", String(3), nullable=False),
    Column("total_messages", Integer, nullable=False),
    Column("total_cost", Numeric(12, 6), nullable=False),
    Column("average_cost_per_message", Numeric(10, 6)),
    Column("delivery_success_rate", Numeric(5, 2)),  # per cent; null where the provider can't tell
    Column("cost_per_successful_delivery", Numeric(10, 6)),
    _created(),
    UniqueConstraint("provider_name", "provider_type", "date", "currency", name="uq_provider_cost_analysis_day"),
)

notification_templates = Table(
    "notification_templates",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("template_key", String(100), nullable=False),
    Column("template_name", String(255), nullable=False),
    Column("display_name", String(200), nullable=False),
    Column("invitation_type", String(50), nullable=False),
    Column("delivery_type", String(20), nullable=False),
    Column("language", String(10), nullable=False),
    Column("subject_template", Text),
    Column("content_template", Text, nullable=False),
    Column("html_template", Text),
    Column("template_variables", Json, nullable=False),  # name to what it holds
    Column("provider_specific_config", Json),
    Column("provider_template_id", String(100)),
    Column("is_approved", Boolean, nullable=False),
    Column("approval_status", String(20)),  # the provider's: unsubmitted, pending, approved, rejected ...
    Column("approval_reason", Text),
    Column("approval_checked_at", UtcDateTime),
    Column("description", Text),
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("template_key", "delivery_type", "language"),
    Index("idx_notification_templates_type", "invitation_type", "delivery_type"),
    Index("idx_notification_templates_language", "language"),
)

user_notification_preferences = Table(
    "user_notification_preferences",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _user(),
    Column("invitation_type", String(50), nullable=False),  # core.model.NotificationType
    Column("delivery_method", String(20), nullable=False),  # a channel; all: what holds for the type as a whole
    Column("conversation_style", String(50)),
    Column("is_enabled", Boolean),  # null: as the wider rule or the settings say
    Column("frequency_limit", Integer),  # 0: none, whatever a wider rule says
    Column("frequency_period", String(20), nullable=False, server_default="daily"),  # hourly, daily, weekly
    Column("quiet_hours_start", Time),
    Column("quiet_hours_end", Time),
    Column("timezone", String(50)),
    Column("preferred_providers", Json),
    Column("blocked_providers", Json),
    Column("delivery_preferences", Json),
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("user_id", "invitation_type", "delivery_method", name="uq_user_notification_preferences_rule"),
    Index("idx_user_notification_preferences_delivery", "delivery_method"),
)

user_addresses = Table(  # a user's phone and browsers; the chat and the mailbox stand in `users`
    "user_addresses",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _user(),
    Column("channel", String(20), nullable=False),
    Column("address", String(2048), nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("label", String(100), nullable=False, server_default=""),
    _created(),
    UniqueConstraint("channel", "address_hash"),
    Index("idx_user_addresses_user_id", "user_id"),
)

notification_batch_jobs = Table(
    "notification_batch_jobs",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("job_name", String(255), nullable=False),
    Column("job_type", String(50), nullable=False),  # broadcast, invitation_batch, reminder_batch, cleanup_batch
    Column("invitation_type", String(50)),
    Column("status", String(20), nullable=False),  # pending, running, paused, completed, failed, cancelled
    Column("total_notifications", Integer, nullable=False, server_default="0"),
    Column("processed_notifications", Integer, nullable=False, server_default="0"),
    Column("successful_notifications", Integer, nullable=False, server_default="0"),
    Column("failed_notifications", Integer, nullable=False, server_default="0"),
    Column("job_config", Json, nullable=False),
    Column("error_summary", Text),
    Column("created_by", BigId, ForeignKey("users.id", ondelete="SET NULL")),
    Column("idempotency_key", String(64), nullable=False, unique=True),
    Column("tally", Json, nullable=False),  # what its deliveries were when they were last counted
    Column("cursor", BigInteger, nullable=False, server_default="0"),  # the last recipient whose delivery was made
    Column("leased_until", UtcDateTime),  # when it is looked at next; null: it needs no look
    Column("leased_by", String(64)),
    Column("started_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("idx_notification_batch_jobs_status", "status"),
    Index("idx_notification_batch_jobs_type", "job_type"),
    Index("idx_notification_batch_jobs_started", "started_at"),
)

batch_cards = Table(  # the messages on which admins watch a batch
    "batch_cards",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("batch_id", BigId, ForeignKey("notification_batch_jobs.id", ondelete="CASCADE"), nullable=False),
    _user(),
    Column("message_id", BigInteger, nullable=False),
    Column("shown_at", UtcDateTime, nullable=False),  # the state of the batch that it shows
    _created(),
    UniqueConstraint("batch_id", "user_id"),
    Index("idx_batch_cards_user_id", "user_id"),
)

inbound_messages = Table(  # that somebody wrote to us; neither the number nor the words
    "inbound_messages",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("provider_name", String(50), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("keyword", String(20)),  # stop, start, help
    Column("received_at", UtcDateTime, nullable=False),
    _created(),
    UniqueConstraint("provider_name", "event_id"),
    Index("idx_inbound_messages_address_hash", "address_hash", "received_at"),
    Index("idx_inbound_messages_created_at", "created_at"),
)

invitations = Table(  # to a story, a role, the news, an event: the documents' story_invitations
    "invitations",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("inviter_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("invitee_email", String(320)),
    Column("invitee_phone", String(20)),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("generation", Integer, nullable=False, server_default="0"),  # raising it revokes the old token
    Column("status", String(20), nullable=False),  # pending, viewed, maybe, accepted, declined, waitlisted ...
    Column("message", Text),
    Column("character_id", BigInteger),
    Column("conversation_style", String(50), nullable=False, server_default="neutral"),
    Column("invitation_type", String(50), nullable=False, server_default="story_collaboration"),
    Column("content_type", String(50), nullable=False, server_default="story"),
    Column("content_id", BigInteger),
    Column("content_metadata", Json),
    Column("roleplay_character_role_id", BigInteger),
    Column("delivery_preferences", Json),
    Column("geographic_region", String(50)),
    Column("viewed_at", UtcDateTime),
    Column("accepted_at", UtcDateTime),
    Column("declined_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    _created(),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("idx_invitations_inviter", "inviter_id", "created_at"),
    Index("idx_invitations_conversation_style", "conversation_style"),
    Index("idx_invitations_invitation_type", "invitation_type"),
    Index("idx_invitations_content_type", "content_type"),
    Index("idx_invitations_content_id", "content_id"),
)

user_invitation_history = Table(
    "user_invitation_history",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _user(),
    Column("invitation_id", BigId, ForeignKey("invitations.id", ondelete="CASCADE"), nullable=False),
    Column("action", String(20), nullable=False),  # sent, received, viewed, accepted, declined, expired
    Column("action_timestamp", UtcDateTime, nullable=False),
    Column("response_data", Json),
    Column("interaction_metadata", Json),
    Column("user_agent", Text),
    Column("ip_address", String(45)),
    Column("referrer", Text),
    _created(),
    Index("idx_user_invitation_history_user", "user_id"),
    Index("idx_user_invitation_history_invitation", "invitation_id"),
    Index("idx_user_invitation_history_action", "action", "action_timestamp"),
    Index("idx_user_invitation_history_timestamp", "action_timestamp"),
)

come_with(metadata)
