"""Carrying a batch of notifications: deliveries are made in chunks, counted, stopped where too many fail, and at the
end whoever began it reads what has become of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from core.batches import judging
from core.batches.carrying import LEASE
from core.batches.sources import Source, channels_of, kind_of
from core.batches.words import alarm, summary
from core.delivery.outbox import Intent, notify, notify_all
from core.i18n import speaking
from core.model import BATCH_PAUSED, Account, Batch, BatchStatus, Delivery, DeliveryStatus, Kind, Priority, Tally
from core.ports import Clock, Database, UnitOfWork
from core.secrets import Keys

CANCELLED_AT_ONCE = 1000  # deliveries in one transaction
LOST = (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.EXPIRED)
NOT_SENT = (*LOST, DeliveryStatus.SUPPRESSED)


@dataclass(frozen=True, slots=True)
class Mailing:
    """`sources` are the ways to recipients by their names; `admins` are Telegram ids."""

    database: Database
    clock: Clock
    keys: Keys
    sources: Mapping[str, Source]
    admins: Collection[int] = ()

    async def look(self, batch: Batch, by: str) -> datetime | None:
        """See `batches_carrying.Work`."""
        now = self.clock()
        async with self.database.read() as uow:
            tally = judging.rated(batch, await uow.batches.tally(batch.id), now)
        if batch.status is BatchStatus.CANCELLED:
            await self._cancel_more(batch, now)
        elif batch.status in (BatchStatus.PENDING, BatchStatus.RUNNING):
            if judging.fails_too_often(batch, tally):
                await self._stop(batch, tally, now)
                return None  # the next look is set with the pause
            if judging.is_done(batch, tally):
                await self._complete(batch, tally, now)
                return None
            batch = await self._go_on(batch, by, tally)
        await self._save(batch, by, tally, now)
        return judging.next_look(batch, tally, now)

    # Going on ---------------------------------------------------------------------------------------

    async def _go_on(self, batch: Batch, by: str, tally: Tally) -> Batch:
        """Let go on what was parked, then make more, as far as there is room; the batch as it is then."""
        room = judging.room(tally)
        if room and tally.holds.get(BATCH_PAUSED):
            room -= await self._unpark(batch, by, room)
        while room >= judging.SMALLEST and not batch.is_made:
            made = await self._make(batch, by, min(room, judging.CHUNK))
            if made is None:
                return batch
            batch, deliveries = made
            room -= sum(one.status is DeliveryStatus.PENDING and one.hold_reason is None for one in deliveries)
        return batch

    async def _make(self, batch: Batch, by: str, limit: int) -> tuple[Batch, list[Delivery]] | None:
        """One chunk in one transaction: what it makes and how far it came are kept together or not at all. None where
        the batch is somebody else's, or is to stop."""
        now = self.clock()
        async with self.database.begin() as uow:
            held = await uow.batches.hold(batch.id, by, now + LEASE)
            if held is None:
                return None
            deliveries, count, cursor = await self._deliveries(uow, held, limit, now)
            changes: dict[str, Any] = {
                "status": BatchStatus.RUNNING, "started_at": held.started_at or now, "cursor": cursor,
                "processed": held.processed + count,
            }  # fmt: skip
            await uow.batches.save(held.id, by, now, **changes)
        return replace(held, **changes, updated_at=now), deliveries

    async def _deliveries(
        self, uow: UnitOfWork, batch: Batch, limit: int, now: datetime
    ) -> tuple[list[Delivery], int, int]:
        """The deliveries of the next recipients, how many recipients these were, and the new cursor. A recipient who
        has theirs already gets no second one: the key is theirs alone."""
        recipients = await self.sources[batch.config["source"]].page(uow, batch, limit, now)
        common: Mapping[str, Any] = batch.config["content"]
        intents = [
            Intent(one.account, f"batch:{batch.id}:{one.number}", {**common, **one.content}, one.addresses)
            for one in recipients
        ]
        deliveries = await notify_all(
            uow, kind_of(batch), intents, now=now, keys=self.keys, channels=channels_of(batch), batch_id=batch.id,
            priority=Priority.BATCH,
        )  # fmt: skip
        is_last = len(recipients) < limit
        return deliveries, len(recipients), batch.config["upto"] if is_last else recipients[-1].number

    async def _unpark(self, batch: Batch, by: str, limit: int) -> int:
        now = self.clock()
        async with self.database.begin() as uow:
            if await uow.batches.hold(batch.id, by, now + LEASE) is None:
                return 0
            count = await uow.batches.unpark(batch.id, limit, now)
            uow.has_outbox = uow.has_outbox or bool(count)
        return count

    async def _cancel_more(self, batch: Batch, now: datetime) -> None:
        """Until nothing is left, a piece at a time: the gate lets none of them pass meanwhile."""
        count = CANCELLED_AT_ONCE
        while count == CANCELLED_AT_ONCE:
            async with self.database.begin() as uow:
                count = await uow.batches.cancel_pending(batch.id, CANCELLED_AT_ONCE, now)

    async def _save(self, batch: Batch, by: str, tally: Tally, now: datetime) -> None:
        """Keep the counts where they have changed. Whoever watches the batch sees them."""
        if _counted(batch) == asdict(tally):
            return
        async with self.database.begin() as uow:
            await uow.batches.save(batch.id, by, now, **_columns(tally))

    # Ends -------------------------------------------------------------------------------------------

    async def _stop(self, batch: Batch, tally: Tally, now: datetime) -> None:
        """Too many fail: pause, and tell whoever began it and the admins."""
        async with self.database.begin() as uow:
            causes = await uow.batches.causes(batch.id, LOST)
            moved = await uow.batches.move(
                batch.id, (batch.status,), BatchStatus.PAUSED, now, error_summary=_written(causes), **_columns(tally)
            )
            if moved is None:
                return
            await uow.batches.park(batch.id, now)
            good, bad = judging.tried(batch, tally)
            about = {"batch": batch.id, "why": "failures", "failed": bad, "tried": good + bad}
            await uow.audit.write(None, "batch.paused", now, None, about)
            for account in await self._concerned(uow, batch):
                with speaking(account.preferences.language):
                    text = alarm(batch, bad, good + bad, causes)
                key = f"batch:{batch.id}:alarm:{tally.failed}:{account.user.id}"
                await notify(uow, account, Kind.ALERT, key=key, now=now, keys=self.keys, content={"text": text})

    async def _complete(self, batch: Batch, tally: Tally, now: datetime) -> None:
        """Everybody has theirs, or can't have it."""
        async with self.database.begin() as uow:
            causes = await uow.batches.causes(batch.id, NOT_SENT)
            moved = await uow.batches.move(
                batch.id, (batch.status,), BatchStatus.COMPLETED, now, error_summary=_written(causes) or None,
                **_columns(replace(tally, rate=0.0)),
            )  # fmt: skip
            creator = await uow.users.by_id(batch.created_by) if batch.created_by else None
            if moved is None or creator is None:
                return
            with speaking(creator.preferences.language):
                content = summary(moved, causes)
            key = f"batch:{batch.id}:done:{creator.user.id}"
            await notify(uow, creator, Kind.MESSAGE, key=key, now=now, keys=self.keys, content=content)

    async def _concerned(self, uow: UnitOfWork, batch: Batch) -> list[Account]:
        creator = await uow.users.by_id(batch.created_by) if batch.created_by else None
        admins = await uow.users.by_telegrams(self.admins)
        return list({one.user.id: one for one in [*([creator] if creator else []), *admins]}.values())


def _columns(tally: Tally) -> dict[str, Any]:
    return {"tally": asdict(tally), "successful": tally.accepted, "failed": tally.failed}


def _counted(batch: Batch) -> dict[str, Any]:
    return asdict(batch.counts)


def _written(causes: Mapping[str, int]) -> str:
    """The causes by their codes, as they stay when the deliveries are gone."""
    return ", ".join(f"{code or 'unknown'} {count}" for code, count in causes.items())
