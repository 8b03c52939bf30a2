"""Dead letters: what they died of, which of them can be tried again, and trying them again, one or many."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.accounts.codes import LIFE as CODE_LIFE
from core.delivery.deliveries import Logged, by_hand, revived
from core.delivery.gate import Facts, is_of_a_batch, why_suppressed
from core.delivery.states import DEAD
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, BatchStatus, Change, Kind, Outgoing, Page, Priority
from core.model.dead_letters import Cause, Which
from core.paging import place
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

PAGE = 5  # rows of a list
STALE_AFTER = {Kind.CODE: CODE_LIFE, Kind.REMINDER: timedelta(days=1)}  # of no use to anybody later
LOOK = 1000  # are looked at by a few queries
AT_ONCE = 100  # are written by one statement, in one transaction
OnProgress = Callable[[int], Awaitable[None]]  # how many have been looked at


class Fate(StrEnum):
    """What trying a dead letter again would come to."""

    AGAIN = "again"
    SUPPRESSED = "suppressed"  # its address must not be used, or its reader has switched it off
    EXPIRED = "expired"  # it is too late to send it
    STOPPED = "stopped"  # its batch was cancelled
    TAKEN_OVER = "taken_over"  # its message went by another channel


@dataclass(frozen=True, slots=True)
class Preview:
    """How many dead letters would meet which fate."""

    counts: Mapping[Fate, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __getitem__(self, fate: Fate) -> int:
        return self.counts.get(fate, 0)


def fate(one: Outgoing, facts: Facts, taken_over: Collection[int], now: datetime) -> Fate:
    """What trying one again would come to; what the gate would stop is not tried. Pure."""
    delivery = one.delivery
    last_moment = delivery.expires_at or now + timedelta(1)
    if stale_after := STALE_AFTER.get(one.notification.kind):
        last_moment = min(last_moment, delivery.created_at + stale_after)
    if last_moment <= now:
        return Fate.EXPIRED
    if delivery.id in taken_over:
        return Fate.TAKEN_OVER
    if is_of_a_batch(delivery) and facts.stopped.get(delivery.batch_id or 0) is BatchStatus.CANCELLED:
        return Fate.STOPPED
    return Fate.SUPPRESSED if why_suppressed(one, facts) else Fate.AGAIN


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Dead letters in the hands of admins: whoever asks has been found to be one."""

    database: Database
    clock: Clock
    keys: Keys

    async def causes(self) -> list[Cause]:
        """What they died of, the most frequent first."""
        async with self.database.read() as uow:
            return await uow.dead_letters.causes()

    async def of(self, which: Which, page: int = 1) -> Page:
        """Those that are meant, the newest first; the items are `Logged`."""
        async with self.database.read() as uow:
            total = await uow.dead_letters.count(which)
            number, pages = place(page, total, PAGE)
            rows = await uow.dead_letters.page(which, offset=(number - 1) * PAGE, limit=PAGE)
        return Page(tuple(Logged(*row) for row in rows), number, pages, total)

    async def preview(self, which: Which) -> Preview:
        """What trying them again would come to, of each."""
        counts, now, last = dict.fromkeys(Fate, 0), self.clock(), 0
        async with self.database.read() as uow:
            while ids := await uow.dead_letters.ids(which, after=last, limit=LOOK):
                last = ids[-1]
                for one in await self._fates(uow, await uow.deliveries.load(ids), now):
                    counts[one[1]] += 1
        return Preview(counts)

    async def one(self, delivery_id: int) -> tuple[Logged, Fate]:
        """A dead letter and what trying it again would come to. Raises `NotFound`, and `AppError` where it lives."""
        async with self.database.read() as uow:
            batch = await uow.deliveries.load([delivery_id])
            if not batch:
                raise NotFound(N_("There is no delivery {number}. Example: /retry 12"), {"number": delivery_id})
            if batch[0].delivery.status not in DEAD:
                lives = N_("Delivery {number} was not lost: there is nothing to send again.")
                raise AppError(lives, {"number": delivery_id})
            ((one, its_fate),) = await self._fates(uow, _by_itself(batch), self.clock())
        return Logged(one.delivery, one.notification), its_fate

    async def retry(self, by: Account, which: Which, on_progress: OnProgress | None = None) -> Preview:
        """Try again whatever can be; what came of how many. A hundred by one statement each, so that others are not
        kept waiting; where it is cut short, asking again goes on. Who asked is noted."""
        counts, now, last = dict.fromkeys(Fate, 0), self.clock(), 0
        while True:
            async with self.database.begin() as uow:
                ids = await uow.dead_letters.ids(which, after=last, limit=AT_ONCE)
                if ids and not last:
                    meant = asked(which) | {"dead_letters": await uow.dead_letters.count(which)}
                    await uow.audit.write(by.user.id, "deliveries.retried", now, None, meant)
                met = await self._revive(uow, await uow.deliveries.load(ids), now) if ids else []
            if not ids:
                return Preview(counts)
            last = ids[-1]
            for one in met:
                counts[one] += 1
            if on_progress:
                await on_progress(sum(counts.values()))

    async def retry_one(self, by: Account, delivery_id: int) -> Fate:
        """Try one again. Pressed twice it is sent once. Raises as `one` does, but not for what is on its way again."""
        now = self.clock()
        async with self.database.begin() as uow:
            batch = await uow.deliveries.load([delivery_id])
            if not batch:
                raise NotFound(N_("There is no delivery {number}. Example: /retry 12"), {"number": delivery_id})
            if batch[0].delivery.status not in DEAD:
                return Fate.AGAIN
            (met,) = await self._revive(uow, batch, now, by_itself=True)
            if met is Fate.AGAIN:
                await uow.audit.write(by.user.id, "delivery.retried", now, None, {"delivery": delivery_id})
        return met

    async def _revive(
        self, uow: UnitOfWork, batch: Sequence[Outgoing], now: datetime, *, by_itself: bool = False
    ) -> list[Fate]:
        """Queue those that can be tried again; the fate of each."""
        before = {one.delivery.id: one.delivery for one in batch}
        found = await self._fates(uow, _by_itself(batch) if by_itself else batch, now)
        again = {one.delivery.id: one for one, its_fate in found if its_fate is Fate.AGAIN}
        changes = [Change(before[key], revived(one.delivery, now)) for key, one in again.items()]
        owned = await uow.deliveries.write(changes)
        mine = [again[delivery_id] for delivery_id in sorted(owned)]
        await uow.deliveries.add_logs([by_hand(one.delivery, one.notification, now) for one in mine])
        uow.has_outbox = uow.has_outbox or bool(owned)
        return [its_fate for _, its_fate in found]

    async def _fates(
        self, uow: UnitOfWork, batch: Sequence[Outgoing], now: datetime
    ) -> list[tuple[Outgoing, Fate]]:  # fmt: skip
        taken_over = await uow.dead_letters.taken_over([one.delivery.id for one in batch])
        batches = {one.delivery.batch_id for one in batch if one.delivery.batch_id}
        stopped = await uow.batches.stopped(batches) if batches else {}
        facts = Facts(suppressed=await suppressed(uow, self.keys, batch), stopped=stopped)
        return [(one, fate(one, facts, taken_over, now)) for one in batch]


def _by_itself(batch: Sequence[Outgoing]) -> list[Outgoing]:
    """What is tried again one by one goes without its batch, whatever has become of that."""
    return [replace(one, delivery=replace(one.delivery, priority=Priority.USUAL)) for one in batch]


async def suppressed(
    uow: UnitOfWork, keys: Keys, batch: Sequence[Outgoing]
) -> dict[tuple[str, str, str], str]:  # fmt: skip
    """Why addresses of a batch must not be used, by channel, address and scope."""
    places = {(one.delivery.delivery_type, one.delivery.recipient) for one in batch}
    hashes: dict[tuple[str, str], tuple[str, str]] = {
        (channel, keys.address_hash(channel, address)): (channel, address) for channel, address in places
    }
    found = await uow.suppressions.scopes(hashes.keys())
    return {(*hashes[key[:2]], key[2]): reason for key, reason in found.items() if key[:2] in hashes}


def asked(which: Which) -> dict[str, Any]:
    """What was meant, as plain JSON for the audit log."""
    values = {"cause": which.error_code, "channel": which.channel, "provider": which.provider}
    times = {name: getattr(which, name) for name in ("since", "until")}
    named = {name: str(value) for name, value in values.items() if value is not None}
    return named | {name: moment.isoformat() for name, moment in times.items() if moment}
