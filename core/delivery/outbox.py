"""The outbox: a notification and its deliveries, written in the transaction of whatever they are about.

Nothing is sent here. The commit makes the deliveries due, and the relay takes them from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.delivery.planning import SECURITY, Planned, addresses_of, plan
from core.model import Account, Channel, Delivery, Kind, Notification, Priority
from core.ports import UnitOfWork
from core.secrets import Keys


async def notify(
    uow: UnitOfWork,
    account: Account,
    kind: Kind,
    *,
    key: str,
    now: datetime,
    keys: Keys,
    post_id: int | None = None,
    content: Mapping[str, Any] | None = None,
    interactive: bool = False,
    channels: Sequence[Channel] | None = None,
    addresses: Mapping[Channel, str] | None = None,
    scheduled_at: datetime | None = None,
) -> list[Delivery]:
    """Queue what `account` is to be told, once for each `key`; an empty list where the key is known already.

    `channels` None plans from the preferences; `addresses` overrides where a channel reaches them; `interactive` is
    what the user just asked for, which quiet hours don't hold.
    """
    content, interactive = dict(content or {}), interactive or kind in SECURITY
    intent = Notification(key, kind, now, account.user.id, post_id, content, interactive)
    notification_id = await uow.deliveries.add_notification(intent)
    if notification_id is None:
        return []
    suppressed = await _suppressed(uow, keys, kind, addresses_of(account) | dict(addresses or {}))
    failed = Channel(content["channel"]) if kind is Kind.GAVE_UP else None
    planned = plan(
        kind, account, now=now, interactive=interactive, channels=channels, addresses=addresses,
        suppressed=suppressed, gave_up=failed, scheduled_at=scheduled_at,
    )  # fmt: skip
    return await queue(uow, [delivery_of(one, replace(intent, id=notification_id), now=now) for one in planned])


async def queue(uow: UnitOfWork, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Add deliveries whose keys are new, and have the relay woken after the commit."""
    added = await uow.deliveries.add(deliveries) if deliveries else []
    uow.has_outbox = uow.has_outbox or bool(added)
    return added


def delivery_of(planned: Planned, notification: Notification, *, now: datetime, **values: Any) -> Delivery:
    """A planned delivery as the row it becomes; its key is the notification's and the channel."""
    usual = Priority.INTERACTIVE if notification.interactive else Priority.USUAL
    return Delivery(
        notification_id=notification.id,
        user_id=notification.user_id,
        delivery_type=planned.channel,
        provider_type=planned.channel,
        recipient=planned.recipient,
        recipient_type=planned.recipient_type,
        status=planned.status,
        scheduled_at=planned.scheduled_at,
        hold_reason=planned.hold_reason,
        error_code=planned.error_code,
        created_at=now,
        idempotency_key=f"{notification.key}:{planned.channel}",
        priority=values.pop("priority", usual),
        **values,
    )


async def _suppressed(uow: UnitOfWork, keys: Keys, kind: Kind, reach: Mapping[Channel, str]) -> dict[Channel, str]:
    hashes: dict[tuple[str, str], Channel] = {
        (channel, keys.address_hash(channel, address)): channel for channel, address in reach.items()
    }
    found = await uow.suppressions.reasons(hashes.keys(), kind)
    return {hashes[key]: reason for key, reason in found.items()}
