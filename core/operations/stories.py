"""Why somebody got something or did not: everything that is known about one delivery, or about one address."""

from dataclasses import dataclass

from core.accounts.rules import InForce, in_force, type_of
from core.delivery.deliveries import Logged
from core.delivery.gate import Facts, why_suppressed
from core.errors import NotFound
from core.i18n import N_
from core.model import Account, Attempt, Delivery, Notification
from core.operations.dead_letters import suppressed
from core.operations.people import Whom, whom
from core.operations.suppressions import LookedUp, looked_up
from core.ports import Database, UnitOfWork
from core.secrets import Keys

LATEST = 8  # deliveries of an address


@dataclass(frozen=True, slots=True)
class Story:
    """One delivery from its making to its end; attempts and reports oldest first. `rules` are those in force now for
    its reader; `barred` is why its address must not be used now, None where it may."""

    delivery: Delivery
    notification: Notification
    account: Account | None = None
    attempts: tuple[Attempt, ...] = ()
    replaced_by: tuple[Delivery, ...] = ()
    rules: InForce | None = None
    barred: str | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What is known about an address or a person: what is suppressed, and the newest deliveries, newest first."""

    label: str
    suppressed: LookedUp
    latest: tuple[Logged, ...]


@dataclass(frozen=True, slots=True)
class Stories:
    """Answers for admins. Whoever asks has been found to be one."""

    database: Database
    keys: Keys

    async def of(self, delivery_id: int) -> Story:
        """What happened to a delivery. Raises `NotFound`."""
        async with self.database.read() as uow:
            batch = await uow.deliveries.load([delivery_id])
            if not batch:
                raise NotFound(N_("There is no delivery {number}. Example: /why 12"), {"number": delivery_id})
            one = batch[0]
            siblings = await uow.deliveries.of_notification(one.notification.id)
            return Story(
                one.delivery,
                one.notification,
                one.account,
                attempts=tuple(await uow.delivery_log.attempts(delivery_id)),
                replaced_by=tuple(each for each in siblings if each.replaces_id == delivery_id),
                rules=_rules(one.account, one.notification, one.delivery),
                barred=why_suppressed(one, Facts(suppressed=await suppressed(uow, self.keys, batch))),
            )

    async def about(self, text: str) -> Correspondence:
        """What is known about an address, a number, a @name or a public id. Raises `AppError`."""
        async with self.database.read() as uow:
            asked = await whom(uow, self.keys, text)
            latest = await self._latest(uow, asked)
            return Correspondence(asked.label, await looked_up(uow, self.keys, asked), tuple(latest))

    async def _latest(self, uow: UnitOfWork, asked: Whom) -> list[Logged]:
        """Of a person everything that was sent to them, of an address what was sent there."""
        if asked.account and asked.is_person:
            rows = await uow.delivery_log.of_user(asked.account.user.id, offset=0, limit=LATEST)
            return [Logged(*row) for row in rows]
        places = {address for _channel, address in asked.places}
        found = [one for address in places for one in await uow.delivery_log.latest_for(address, LATEST)]
        newest = sorted(found, key=lambda one: -one.id)[:LATEST]
        about = {one.delivery.id: one.notification for one in await uow.deliveries.load([one.id for one in newest])}
        return [Logged(one, about[one.id]) for one in newest]


def _rules(account: Account | None, notification: Notification, delivery: Delivery) -> InForce | None:
    return in_force(account, type_of(notification.kind), delivery.delivery_type) if account else None
