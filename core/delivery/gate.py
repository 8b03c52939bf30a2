"""What may stop a delivery at the moment of its attempt, whatever was planned: it is too late, its batch was stopped,
the address is suppressed, the reader has switched it off, quiet hours have begun, a cap is reached, the day's mails are
used up. Pure.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.accounts.rules import is_switched_off, type_of
from core.delivery.holds import put_off
from core.delivery.planning import BLOCKED, DAILY_LIMIT, SWITCHED_OFF, counts_as_mail, hold, next_day
from core.model import (
    BATCH_PAUSED,
    BatchStatus,
    Channel,
    Delivery,
    DeliveryStatus,
    NotificationType,
    Outgoing,
    Priority,
)

ALL = "all"
INSISTED = "insisted"  # delivery_metadata: the reader has asked for this one by hand, whatever their rules say
CapKey = tuple[int, NotificationType, Channel]  # a user, and what a cap of theirs is for


@dataclass
class Facts:
    """What the gate must know about a batch. `suppressed` maps (channel, address, scope) to the reason; `mails_left`
    counts down, by user; `windows` are the (channel, address) of who wrote to us so lately that a free text may go to
    them; `sent` counts up what counts against caps."""

    suppressed: dict[tuple[str, str, str], str] = field(default_factory=dict)
    mails_left: dict[int, int] = field(default_factory=dict)
    windows: Collection[tuple[str, str]] = ()
    sent: dict[CapKey, int] = field(default_factory=dict)
    stopped: Mapping[int, BatchStatus] = field(default_factory=dict)  # batches that are paused or cancelled


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
    """The delivery as it becomes where it may not be sent now; None where it may, and is counted."""
    delivery = one.delivery
    if delivery.expires_at and delivery.expires_at <= now:
        return replace(delivery, status=DeliveryStatus.EXPIRED, error_code="expired", hold_reason=None)
    if after := _with_its_batch(delivery, facts):
        return after
    if reason := why_suppressed(one, facts):
        return replace(delivery, status=DeliveryStatus.SUPPRESSED, error_code=reason, hold_reason=None)
    if held := _held(one, facts, now):
        return put_off(delivery, held[1], held[0], now)
    _count(one, facts)
    return None


def is_of_a_batch(delivery: Delivery) -> bool:
    """Whether it goes out with its batch and is stopped with it; what a person has tried again by hand does not."""
    return delivery.batch_id is not None and delivery.priority == Priority.BATCH


def _with_its_batch(delivery: Delivery, facts: Facts) -> Delivery | None:
    """What becomes of it where its batch was paused or cancelled while it waited."""
    status = facts.stopped.get(delivery.batch_id or 0) if is_of_a_batch(delivery) else None
    if status is BatchStatus.CANCELLED:
        return replace(delivery, status=DeliveryStatus.CANCELLED, error_code="cancelled", hold_reason=None)
    if status is BatchStatus.PAUSED:
        return replace(delivery, priority=Priority.PARKED, hold_reason=BATCH_PAUSED)
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
    found = next((facts.suppressed[key] for key in scopes if key in facts.suppressed), None)
    return found or (SWITCHED_OFF if _is_switched_off(one) else None)


def _is_switched_off(one: Outgoing) -> bool:
    """Since it was planned; what the reader asked for at that time is sent."""
    if one.account is None or is_asked_for(one):
        return False
    return is_switched_off(one.account, type_of(one.notification.kind), one.delivery.delivery_type)


def is_asked_for(one: Outgoing) -> bool:
    """Whether the reader waits for this one: no rule of theirs holds it, and it counts against none."""
    return one.notification.interactive or INSISTED in one.delivery.delivery_metadata


def _held(one: Outgoing, facts: Facts, now: datetime) -> tuple[datetime, str] | None:
    """Until when it must wait, and why."""
    delivery, kind = one.delivery, one.notification.kind
    if one.account:
        key = cap_key(one)
        held = hold(
            kind, one.account, delivery.delivery_type, now=now, interactive=is_asked_for(one),
            sent=facts.sent.get(key, 0) if key else 0,
        )  # fmt: skip
        if held:
            return held
    if is_counted(one) and facts.mails_left.get(delivery.user_id or 0, 1) <= 0:
        return next_day(now), DAILY_LIMIT
    return None


def _count(one: Outgoing, facts: Facts) -> None:
    if is_counted(one):
        user_id = one.delivery.user_id or 0
        facts.mails_left[user_id] = facts.mails_left.get(user_id, 1) - 1
    if key := cap_key(one):
        facts.sent[key] = facts.sent.get(key, 0) + 1


def cap_key(one: Outgoing) -> CapKey | None:
    """What a delivery is counted under for the caps of its reader; None where it counts for none."""
    type = type_of(one.notification.kind)
    if type is None or one.account is None or is_asked_for(one):
        return None
    return one.account.user.id, type, one.delivery.delivery_type


def is_counted(one: Outgoing) -> bool:
    """Whether it is a mail that the daily limit counts."""
    is_mail = one.delivery.delivery_type is Channel.EMAIL and one.delivery.user_id is not None
    return is_mail and counts_as_mail(one.notification.kind)
