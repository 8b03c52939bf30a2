"""What admins do with batches: begin a broadcast, watch, pause, resume, cancel. Everything is written to the audit log.

Nothing is made or sent here: the batch is due for a look at once, and `batches_carrying` does the rest.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.accounts.access import AccessPolicy
from core.batches.audience import SEGMENTS, audience_of
from core.batches.mailing import CANCELLED_AT_ONCE, NOT_SENT
from core.batches.sources import USERS
from core.delivery.outbox import notify
from core.errors import AppError, NotFound
from core.i18n import N_
from core.model import Account, Audience, Batch, BatchStatus, BatchType, Channel, DeliveryStatus, Kind, Page, Tally
from core.ports import Clock, Database, UnitOfWork
from core.rendering.telegram_text import shorten
from core.secrets import Keys

PAGE = 8  # batches
NAME_LENGTH = 60  # units
CARRIED = (BatchStatus.PENDING, BatchStatus.RUNNING)
TITLE_LENGTH = 100  # characters; a longer first line is the beginning of the text
Also = Callable[[UnitOfWork, Batch, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What is to be said, to whom, and by which channel; None for each reader's own."""

    text: str
    title: str = ""
    segment: str = SEGMENTS[0]
    channel: Channel | None = None

    @property
    def content(self) -> dict[str, str]:
        """As the notifications carry it."""
        return {"subject": self.title, "text": self.text}


@dataclass(frozen=True, slots=True)
class Watched:
    """A batch with what can be known of it now. `causes` are the error codes of what was not sent."""

    batch: Batch
    tally: Tally
    causes: Mapping[str, int]
    creator: Account | None = None


class CountChanged(AppError):
    """The number that was typed is not, or no longer, the number of recipients: `count`."""

    def __init__(self, count: int) -> None:
        words = N_("It would go to {count} people now. Type that number to send it, or /cancel.")
        super().__init__(words, {"count": count})
        self.count = count


@dataclass(frozen=True, slots=True)
class Batches:
    """Whoever asks has been found to be an admin."""

    database: Database
    clock: Clock
    keys: Keys
    policy: AccessPolicy

    async def sizes(self, channel: Channel | None = None) -> dict[str, int]:
        """How many people each segment has that the channel reaches."""
        audiences = [audience_of(one, self.policy, self.clock(), channel) for one in SEGMENTS]
        async with self.database.read() as uow:
            return dict(zip(SEGMENTS, await uow.audience.count(audiences), strict=True))

    async def size(self, broadcast: Broadcast) -> int:
        """How many people it would go to."""
        async with self.database.read() as uow:
            return await self._size(uow, broadcast)

    async def test(self, account: Account, broadcast: Broadcast, key: str) -> None:
        """Send it to the one who wrote it alone, as its readers will get it. Raises `AppError` where the channel does
        not reach them."""
        channels = [broadcast.channel] if broadcast.channel else None
        async with self.database.begin() as uow:
            fresh = await uow.users.by_id(account.user.id) or account
            queued = await notify(
                uow, fresh, Kind.ANNOUNCEMENT, key=f"batch-test:{account.user.id}:{key}", now=self.clock(),
                keys=self.keys, content=broadcast.content, interactive=True, channels=channels,
            )  # fmt: skip
        if not any(one.status is DeliveryStatus.PENDING for one in queued):
            raise AppError(N_("This channel does not reach you yet: /preferences and /email set your addresses."))

    async def create(self, account: Account, broadcast: Broadcast, *, key: str, confirmed: int) -> Batch:
        """Begin it; the same `key` begins it once. Raises `CountChanged` where it would go to another number of people
        than was confirmed, and `AppError` where it would go to nobody."""
        now = self.clock()
        async with self.database.begin() as uow:
            if known := await uow.batches.by_key(key):
                return known
            count = await self._size(uow, broadcast)
            if count == 0:
                raise AppError(N_("There is nobody it would go to. Choose another segment or channel."))
            if count != confirmed:
                raise CountChanged(count)
            upto = await uow.audience.last(self._audience(broadcast, now))
            batch = await uow.batches.add(_new(account, broadcast, key, count, upto, now))
            if batch is None:  # begun in this very moment
                return await self._by_key(uow, key)
            about = {"batch": batch.id, "segment": broadcast.segment, "channel": broadcast.channel, "recipients": count}
            await uow.audit.write(account.user.id, "batch.created", now, None, about)
        return batch

    async def list(self, page: int = 1) -> Page:
        """Batches, newest first; the items are `Batch`."""
        async with self.database.read() as uow:
            total = await uow.batches.count()
            pages = max(1, -(-total // PAGE))
            number = min(max(1, page), pages)
            items = await uow.batches.page((number - 1) * PAGE, PAGE)
        return Page(tuple(items), number, pages, total)

    async def open(self, batch_id: int) -> Watched:
        """A batch as it stands now. Of one whose deliveries have been cleaned up, what was counted last. Raises
        `NotFound`."""
        async with self.database.read() as uow:
            batch = await self._one(uow, batch_id)
            tally = await uow.batches.tally(batch_id)
            causes = await uow.batches.causes(batch_id, NOT_SENT)
            creator = await uow.users.by_id(batch.created_by) if batch.created_by else None
        is_gone = sum(tally.statuses.values()) < sum(batch.counts.statuses.values())
        return Watched(batch, batch.counts if is_gone else replace(tally, rate=batch.counts.rate), causes, creator)

    async def pause(self, account: Account, batch_id: int) -> Batch:
        """Hold what has not been sent. What a worker has in hand just now ends as it ends. Safe to repeat."""

        async def hold(uow: UnitOfWork, batch: Batch, now: datetime) -> None:
            await uow.batches.park(batch.id, now)

        return await self._move(account, batch_id, CARRIED, BatchStatus.PAUSED, "batch.paused", hold)

    async def resume(self, account: Account, batch_id: int) -> Batch:
        """Go on. Failures are counted anew: whoever resumes has seen the old ones."""
        async with self.database.read() as uow:
            batch, tally = await self._one(uow, batch_id), await uow.batches.tally(batch_id)
        config = {**batch.config, "judged_from": [tally.accepted, tally.failed]}
        paused = (BatchStatus.PAUSED,)
        return await self._move(account, batch_id, paused, BatchStatus.RUNNING, "batch.resumed", config=config)

    async def cancel(self, account: Account, batch_id: int) -> Batch:
        """Send nothing more of it, for good."""

        async def call_off(uow: UnitOfWork, batch: Batch, now: datetime) -> None:
            await uow.batches.cancel_pending(batch.id, CANCELLED_AT_ONCE, now)

        return await self._move(
            account, batch_id, (*CARRIED, BatchStatus.PAUSED), BatchStatus.CANCELLED, "batch.cancelled", call_off
        )

    async def _move(
        self,
        account: Account,
        batch_id: int,
        sources: Collection[BatchStatus],
        to: BatchStatus,
        action: str,
        also: Also | None = None,
        **values: Any,
    ) -> Batch:
        """Move a batch where it may move, and say so; as it is where it may not: somebody was quicker."""
        now = self.clock()
        async with self.database.begin() as uow:
            before = await self._one(uow, batch_id)
            moved = await uow.batches.move(batch_id, sources, to, now, **values)
            if moved is None:
                return await self._one(uow, batch_id)
            if also:
                await also(uow, moved, now)
            about = {"batch": batch_id, "status": moved.status}
            await uow.audit.write(account.user.id, action, now, {"status": before.status}, about)
        return moved

    async def _one(self, uow: UnitOfWork, batch_id: int) -> Batch:
        if batch := await uow.batches.one(batch_id):
            return batch
        raise NotFound(N_("There is no such batch. /batches lists them."))

    async def _by_key(self, uow: UnitOfWork, key: str) -> Batch:
        known = await uow.batches.by_key(key)
        assert known is not None
        return known

    async def _size(self, uow: UnitOfWork, broadcast: Broadcast) -> int:
        return (await uow.audience.count([self._audience(broadcast, self.clock())]))[0]

    def _audience(self, broadcast: Broadcast, at: datetime) -> Audience:
        return audience_of(broadcast.segment, self.policy, at, broadcast.channel)


def split_title(text: str) -> tuple[str, str]:
    """A short first line that is followed by more is the title; the title, empty where there is none, and the rest."""
    first, _, rest = text.strip().partition("\n")
    if rest.strip() and len(first.strip()) <= TITLE_LENGTH:
        return first.strip(), rest.strip()
    return "", text.strip()


def _new(account: Account, broadcast: Broadcast, key: str, count: int, upto: int, now: datetime) -> Batch:
    config: dict[str, Any] = {
        "source": USERS,
        "kind": Kind.ANNOUNCEMENT,
        "content": broadcast.content,
        "segment": broadcast.segment,
        "upto": upto,
    }
    if broadcast.channel:
        config["channels"] = [broadcast.channel]
    name = shorten(broadcast.title or broadcast.text, NAME_LENGTH)
    return Batch(key, name, BatchType.BROADCAST, now, config, total=count, created_by=account.user.id)
