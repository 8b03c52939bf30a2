"""The outbox: a notification and its deliveries, written in the transaction of whatever they are about.

Nothing is sent here. The commit makes the deliveries due, and the relay takes them from there.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.accounts.rules import type_of
from core.delivery.courtesy import counted
from core.delivery.holds import put_off
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
    intent = Intent(account, key, dict(content or {}), dict(addresses or {}), post_id)
    return await notify_all(
        uow, kind, [intent], now=now, keys=keys, interactive=interactive, channels=channels, scheduled_at=scheduled_at
    )


@dataclass(frozen=True, slots=True)
class Intent:
    """What one account is to be told, once for each `key`. `addresses` overrides where a channel reaches them."""

    account: Account
    key: str
    content: Mapping[str, Any] = field(default_factory=dict)
    addresses: Mapping[Channel, str] = field(default_factory=dict)
    post_id: int | None = None

    @property
    def reach(self) -> set[tuple[Channel, str]]:
        """Every channel and address that reaches them."""
        reach = addresses_of(self.account) | {channel: (one,) for channel, one in self.addresses.items()}
        return {(channel, one) for channel, found in reach.items() for one in found}


async def notify_all(
    uow: UnitOfWork,
    kind: Kind,
    intents: Sequence[Intent],
    *,
    now: datetime,
    keys: Keys,
    interactive: bool = False,
    channels: Sequence[Channel] | None = None,
    scheduled_at: datetime | None = None,
    **values: Any,
) -> list[Delivery]:
    """`notify` for many accounts by as many statements as for one; `values` are further columns of the deliveries."""
    interactive = interactive or kind in SECURITY
    about = {
        one.key: Notification(one.key, kind, now, one.account.user.id, one.post_id, dict(one.content), interactive)
        for one in intents
    }
    ids = await uow.deliveries.add_notifications(list(about.values()))
    new = [one for one in intents if one.key in ids]
    suppressed = await _suppressed(uow, keys, kind, [one.reach for one in new]) if new else []
    sent = await _sent(uow, kind, new, now) if not interactive else {}
    deliveries = []
    for one, barred in zip(new, suppressed, strict=True):
        failed = Channel(one.content["channel"]) if kind is Kind.GAVE_UP else None
        planned = plan(
            kind, one.account, now=now, interactive=interactive, channels=channels, addresses=one.addresses,
            suppressed=barred, gave_up=failed, scheduled_at=scheduled_at, sent=sent.get(one.account.user.id),
        )  # fmt: skip
        notification = replace(about[one.key], id=ids[one.key])
        deliveries += [delivery_of(each, notification, now=now, **values) for each in planned]
    return await queue(uow, deliveries)


async def queue(uow: UnitOfWork, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Add deliveries whose keys are new, and have the relay woken after the commit."""
    added = await uow.deliveries.add(deliveries) if deliveries else []
    uow.has_outbox = uow.has_outbox or bool(added)
    return added


def delivery_of(planned: Planned, notification: Notification, *, now: datetime, **values: Any) -> Delivery:
    """A planned delivery as the row it becomes; its key is the notification's and the channel, with a number where that
    reaches them at several addresses."""
    more = f":{planned.place}" if planned.place > 1 else ""
    usual = Priority.INTERACTIVE if notification.interactive else Priority.USUAL
    made = Delivery(
        notification_id=notification.id,
        user_id=notification.user_id,
        delivery_type=planned.channel,
        provider_type=planned.channel,
        recipient=planned.recipient,
        recipient_type=planned.recipient_type,
        status=planned.status,
        scheduled_at=planned.scheduled_at,
        error_code=planned.error_code,
        created_at=now,
        idempotency_key=f"{notification.key}:{planned.channel}{more}",
        priority=values.pop("priority", usual),
        **values,
    )
    return put_off(made, planned.hold_reason, planned.scheduled_at, now) if planned.hold_reason else made


async def _suppressed(
    uow: UnitOfWork, keys: Keys, kind: Kind, reaches: Sequence[Collection[tuple[Channel, str]]]
) -> list[dict[tuple[Channel, str], str]]:
    """For each reach the addresses that may not be used, by channel, and why."""
    hashes: dict[tuple[Channel, str], tuple[str, str]] = {
        (channel, address): (channel, keys.address_hash(channel, address))
        for one in reaches
        for channel, address in one
    }
    found = await uow.suppressions.reasons(set(hashes.values()), kind)
    return [{place: found[hashes[place]] for place in one if hashes[place] in found} for one in reaches]


async def _sent(uow: UnitOfWork, kind: Kind, intents: Sequence[Intent], now: datetime) -> dict[int, dict[Channel, int]]:
    """What counts against caps so far, by user and channel; without a query where nobody has any."""
    type, found = type_of(kind), defaultdict[int, dict[Channel, int]](dict)
    ruled = [one.account for one in intents if one.account.rules]
    asked = [(account, type, channel) for account in ruled for channel in Channel if type]
    for (user_id, _, channel), count in (await counted(uow, asked, now)).items():
        found[user_id][channel] = count
    return found
