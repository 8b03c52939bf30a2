"""Rows of the four views. Rates are per cent with two digits, None where there is nothing to be a part of."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.model.words import Channel


@dataclass(frozen=True, slots=True)
class InvitationSummary:
    """What came of a user's invitations (`user_invitation_summary`); each counts once for each action."""

    user_id: int
    email: str | None
    invitations_sent: int
    invitations_received: int
    invitations_accepted: int
    invitations_declined: int
    invitations_expired: int
    acceptance_rate: Decimal | None  # of those received
    last_activity: datetime | None


@dataclass(frozen=True, slots=True)
class NotificationAnalytics:
    """How the invitations of a user were delivered by one channel (`user_notification_analytics`)."""

    user_id: int
    delivery_type: Channel
    total_sent: int
    successful_deliveries: int
    failed_deliveries: int
    success_rate: Decimal | None  # over the providers that can report arrival


@dataclass(frozen=True, slots=True)
class ProviderPerformance:
    """What a provider did on one channel, of all deliveries that are kept (`provider_performance_summary`)."""

    provider_name: str
    provider_type: Channel
    total_deliveries: int
    successful_deliveries: int
    failed_deliveries: int
    success_rate: Decimal | None  # None where it can't report arrival
    currency: str | None
    avg_cost_per_message: Decimal | None  # None where no price is known, or where there are two currencies
    total_cost: Decimal | None
    first_delivery: datetime | None
    last_delivery: datetime | None


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """From sent to accepted, by type and style of invitation (`invitation_conversion_funnel`)."""

    invitation_type: str
    conversation_style: str
    total_invitations: int
    invitations_sent: int
    invitations_viewed: int
    invitations_accepted: int
    view_rate: Decimal | None  # of those sent
    conversion_rate: Decimal | None  # of those viewed
