"""What has been sent so far against the caps of readers: counted for a whole batch by one query, and by none where
nobody in it has a cap."""

from collections.abc import Iterable
from datetime import datetime

from core.accounts.rules import in_force, kinds_of
from core.delivery.gate import CapKey, cap_key
from core.model import Account, Capped, Channel, NotificationType, Outgoing
from core.ports import UnitOfWork
from core.timerules import running


async def sent_of(uow: UnitOfWork, batch: Iterable[Outgoing], now: datetime) -> dict[CapKey, int]:
    """How many deliveries count against each cap that a batch may reach, by user, type and channel."""
    capped = {
        key: one.account for one in batch if one.account and one.account.rules and (key := cap_key(one)) is not None
    }
    return await counted(uow, [(account, type, channel) for (_, type, channel), account in capped.items()], now)


async def counted(
    uow: UnitOfWork, asked: Iterable[tuple[Account, NotificationType, Channel]], now: datetime
) -> dict[CapKey, int]:
    """The same for accounts, types and channels. Counted is what was sent, or is just being sent, in the running hour,
    day or week of the reader's clock, without what they asked for themselves."""
    caps = [one for account, type, channel in asked if (one := _capped(account, type, channel, now))]
    return await uow.rules.sent(caps) if caps else {}


def _capped(account: Account, type: NotificationType, channel: Channel, now: datetime) -> Capped | None:
    rules = in_force(account, type, channel)
    if rules.cap is None:
        return None
    since, _ = running(rules.cap.period, rules.timezone, now)
    return Capped(account.user.id, type, channel, kinds_of(type), since)
