"""What may stop a delivery at the moment of its attempt, whatever was planned: it is too late, the address is
suppressed, quiet hours have begun, the day's mails are used up. Pure.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.delivery.planning import (
    BLOCKED,
    DAILY_LIMIT,
    HELD_BY_QUIET_HOURS,
    QUIET_HOURS,
    counts_as_mail,
    next_day,
    quiet_end,
)
from core.model import Channel, Delivery, DeliveryStatus, Outgoing

ALL = "all"


@dataclass
class Facts:
    """What the gate must know about a batch. `suppressed` maps (channel, address, scope) to the reason; `mails_left`
    counts down, by user; `windows` are the (channel, address) of who wrote to us so lately that a free text may go to
    them."""

    suppressed: dict[tuple[str, str, str], str] = field(default_factory=dict)
    mails_left: dict[int, int] = field(default_factory=dict)
    windows: Collection[tuple[str, str]] = ()


def sort(
    batch: Iterable[Outgoing], facts: Facts, now: datetime
) -> tuple[list[Outgoing], list[tuple[Delivery, Delivery]]]:
    """Those that may go, and those that may not as (before, after)."""
    ready, stopped = [], []
    for one in batch:
        after = stop(one, facts, now)
        if after is None:
            ready.append(one)
        else:
            stopped.append((one.delivery, replace(after, updated_at=now)))
    return ready, stopped


def stop(one: Outgoing, facts: Facts, now: datetime) -> Delivery | None:
    """The delivery as it becomes where it may not be sent now; None where it may."""
    delivery, about = one.delivery, one.notification
    if delivery.expires_at and delivery.expires_at <= now:
        return replace(delivery, status=DeliveryStatus.EXPIRED, error_code="expired", hold_reason=None)
    if reason := why_suppressed(one, facts):
        return replace(delivery, status=DeliveryStatus.SUPPRESSED, error_code=reason, hold_reason=None)
    if one.account and delivery.delivery_type in HELD_BY_QUIET_HOURS:
        until = quiet_end(about.kind, one.account.preferences, now=now, interactive=about.interactive)
        if until:
            return replace(delivery, scheduled_at=until, hold_reason=QUIET_HOURS)
    if is_counted(one) and not _takes_a_mail(one, facts):
        return replace(delivery, scheduled_at=next_day(now), hold_reason=DAILY_LIMIT)
    return None


def why_suppressed(one: Outgoing, facts: Facts) -> str | None:
    """The reason why this address may not be used; None where it may. A blocked chat is tried all the same for what was
    just asked for in it: the word that it is open again may have been lost."""
    delivery, about = one.delivery, one.notification
    user = one.account.user if one.account else None
    own_chat = user and delivery.delivery_type is Channel.TELEGRAM and delivery.recipient == str(user.telegram_id)
    if user and own_chat and user.blocked_at and not about.interactive:
        return BLOCKED
    scopes = ((delivery.delivery_type, delivery.recipient, scope) for scope in (ALL, str(about.kind)))
    return next((facts.suppressed[key] for key in scopes if key in facts.suppressed), None)


def is_counted(one: Outgoing) -> bool:
    """Whether it is a mail that the daily limit counts."""
    is_mail = one.delivery.delivery_type is Channel.EMAIL and one.delivery.user_id is not None
    return is_mail and counts_as_mail(one.notification.kind)


def _takes_a_mail(one: Outgoing, facts: Facts) -> bool:
    user_id = one.delivery.user_id or 0
    left = facts.mails_left.get(user_id, 1)
    facts.mails_left[user_id] = left - 1
    return left > 0
