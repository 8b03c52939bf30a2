"""Where a batch's recipients come from. A batch names its source and tells it, in its configuration, which it wants."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from core.accounts.access import AccessPolicy
from core.accounts.links import ensure_unsubscribe_links
from core.batches.audience import audience_of
from core.delivery.planning import plan
from core.model import Account, Batch, Channel, Kind, Recipient
from core.ports import UnitOfWork
from core.secrets import Keys

USERS = "users"


class Source(Protocol):
    """Numbers its recipients: the numbers grow, and the same recipient always has the same one."""

    async def page(self, uow: UnitOfWork, batch: Batch, limit: int, now: datetime) -> Sequence[Recipient]:
        """The recipients after `batch.cursor`, in the order of their numbers; fewer than `limit` where it ends. What
        the texts need, an unsubscribe link say, is made here, by a few statements for all of them."""
        ...


@dataclass(frozen=True, slots=True)
class Users:
    """Users of the bot, by segment. The configuration: `segment`, `upto` (the last user who counts, so that whoever
    comes later is not part of it), `channels`."""

    keys: Keys
    policy: AccessPolicy

    async def page(self, uow: UnitOfWork, batch: Batch, limit: int, now: datetime) -> Sequence[Recipient]:
        """See `Source`."""
        channels = channels_of(batch)
        wanted = audience_of(batch.config["segment"], self.policy, batch.created_at, next(iter(channels or []), None))
        accounts = await uow.audience.page(replace(wanted, upto=batch.config["upto"]), batch.cursor, limit)
        mailed = [one for one in accounts if Channel.EMAIL in _planned(one, kind_of(batch), channels, now)]
        links = await ensure_unsubscribe_links(uow, self.keys, mailed, now, kind_of(batch))
        return [
            Recipient(one.user.id, one, _linked(links.get(one.user.id)))
            for one in accounts
        ]  # fmt: skip


def channels_of(batch: Batch) -> list[Channel] | None:
    """The channels that the batch insists on; None where each reader's own count."""
    named = batch.config.get("channels")
    return [Channel(one) for one in named] if named else None


def kind_of(batch: Batch) -> Kind:
    """What its notifications say."""
    return Kind(batch.config["kind"])


def _planned(
    account: Account, kind: Kind, channels: Sequence[Channel] | None, now: datetime
) -> Collection[Channel]:  # fmt: skip
    return {one.channel for one in plan(kind, account, now=now, channels=channels)}


def _linked(link: tuple[int, int] | None) -> dict[str, int]:
    return {"link_id": link[0], "generation": link[1]} if link else {}
