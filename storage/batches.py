"""`notification_batch_jobs`: who carries which batch, how far it has come, and what its deliveries are counted as.

Whoever carries a batch holds its row under a lease; every write of a carrier says so in its WHERE clause. A person's
press takes the lease away, so that the carrier's next write misses.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import BATCH_PAUSED, Batch, BatchStatus, BatchType, DeliveryStatus, Priority, Tally
from storage.sql import insert_new
from storage.tables import notification_batch_jobs as table
from storage.tables import notification_deliveries as deliveries

COLUMNS = {  # of Batch, in its order
    "key": table.c.idempotency_key,
    "name": table.c.job_name,
    "type": table.c.job_type,
    "created_at": table.c.created_at,
    "config": table.c.job_config,
    "total": table.c.total_notifications,
    "created_by": table.c.created_by,
    "status": table.c.status,
    "processed": table.c.processed_notifications,
    "successful": table.c.successful_notifications,
    "failed": table.c.failed_notifications,
    "tally": table.c.tally,
    "error_summary": table.c.error_summary,
    "cursor": table.c.cursor,
    "look_at": table.c.leased_until,
    "started_at": table.c.started_at,
    "completed_at": table.c.completed_at,
    "updated_at": table.c.updated_at,
    "id": table.c.id,
}
BATCH = tuple(COLUMNS.values())
ENDED = (BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.CANCELLED)


class BatchesTable:
    """Batches, and their deliveries as far as they belong together."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # What people do ---------------------------------------------------------------------------------

    async def add(self, batch: Batch) -> Batch | None:
        """The new batch, due for its first look at once; None where its key is known already."""
        names = (name for name in COLUMNS if name not in ("id", "look_at", "updated_at"))
        values = {COLUMNS[name].name: getattr(batch, name) for name in names}
        values |= {"leased_until": batch.created_at, "updated_at": batch.created_at}
        new = insert_new(self._connection, table).values(values).returning(*BATCH)
        return batch_of((await self._connection.execute(new)).one_or_none())

    async def one(self, batch_id: int) -> Batch | None:
        """The batch, or None."""
        return await self._one(table.c.id == batch_id)

    async def by_key(self, key: str) -> Batch | None:
        """The batch with this key, or None."""
        return await self._one(table.c.idempotency_key == key)

    async def page(self, offset: int, limit: int) -> list[Batch]:
        """Batches, newest first."""
        rows = await self._connection.execute(
            select(*BATCH).order_by(table.c.id.desc()).offset(offset).limit(limit)
        )  # fmt: skip
        return [found for row in rows if (found := batch_of(row))]

    async def count(self) -> int:
        """How many there are."""
        return await self._connection.scalar(select(func.count()).select_from(table)) or 0

    async def move(
        self, batch_id: int, sources: Collection[BatchStatus], to: BatchStatus, now: datetime, **values: Any
    ) -> Batch | None:
        """Take a batch from one of these statuses to another and from whoever carries it; None where it has none of
        them. It is looked at anew at once. `values` are further columns, named as in `Batch`."""
        changes = {COLUMNS[name].name: value for name, value in values.items()}
        changes |= {"status": to, "updated_at": now, "leased_until": now, "leased_by": None}
        if to in ENDED:
            changes["completed_at"] = now
        moved = update(table).where(table.c.id == batch_id, table.c.status.in_(sources)).values(changes)
        return batch_of((await self._connection.execute(moved.returning(*BATCH))).one_or_none())

    # What a carrier does ----------------------------------------------------------------------------

    async def has_due(self, now: datetime) -> bool:
        """Whether any batch wants to be looked after; takes no lock."""
        return (await self._connection.scalar(select(table.c.id).where(_is_due(now)).limit(1))) is not None

    async def take(self, by: str, now: datetime, until: datetime) -> Batch | None:
        """The batch that has waited longest for a look, `by`'s until then; None where none is due."""
        oldest = (
            select(table.c.id)
            .where(_is_due(now))
            .order_by(table.c.leased_until, table.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taken = update(table).where(table.c.id == oldest).values(leased_by=by, leased_until=until)
        return batch_of((await self._connection.execute(taken.returning(*BATCH))).one_or_none())

    async def hold(self, batch_id: int, by: str, until: datetime) -> Batch | None:
        """The batch as it is now, locked until the transaction ends and kept until then; None where it is no longer
        `by`'s."""
        held = update(table).where(_mine(batch_id, by)).values(leased_until=until)
        return batch_of((await self._connection.execute(held.returning(*BATCH))).one_or_none())

    async def save(self, batch_id: int, by: str, now: datetime, **values: Any) -> bool:
        """Write columns, named as in `Batch`, and tell whoever watches; False where it is no longer `by`'s."""
        changes = {COLUMNS[name].name: value for name, value in values.items()}
        written = update(table).where(_mine(batch_id, by)).values(changes | {"updated_at": now})
        return bool((await self._connection.execute(written)).rowcount)

    async def put_down(self, batch_id: int, by: str, look_at: datetime | None) -> None:
        """Let go of it until the next look, for ever without one."""
        await self._connection.execute(
            update(table).where(_mine(batch_id, by)).values(leased_by=None, leased_until=look_at)
        )

    # Its deliveries ---------------------------------------------------------------------------------

    async def tally(self, batch_id: int) -> Tally:
        """How its deliveries stand: one pass over an index that has nothing else in it."""
        mine = (deliveries.c.status, deliveries.c.hold_reason)
        counted = select(*mine, func.count()).where(deliveries.c.batch_id == batch_id).group_by(*mine)
        statuses: dict[str, int] = {}
        holds: dict[str, int] = {}
        for status, hold, count in await self._connection.execute(counted):
            statuses[status] = statuses.get(status, 0) + count
            if hold and status == DeliveryStatus.PENDING:
                holds[hold] = count
        return Tally(statuses, holds)

    async def causes(self, batch_id: int, statuses: Collection[DeliveryStatus]) -> dict[str, int]:
        """How many of its deliveries came to these statuses, by error code, the most frequent first."""
        many = func.count()
        lost = and_(deliveries.c.batch_id == batch_id, deliveries.c.status.in_(statuses))
        counted = select(deliveries.c.error_code, many).where(lost).group_by(deliveries.c.error_code)
        rows = await self._connection.execute(counted.order_by(many.desc(), deliveries.c.error_code))
        return {code or "": count for code, count in rows}

    async def park(self, batch_id: int, now: datetime) -> int:
        """Take what waits its turn out of everybody's reach; how many. What a worker has in hand ends as it ends; what
        is held for another reason is parked by the gate when its time has come."""
        free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
        waits = and_(_pending(batch_id), deliveries.c.hold_reason.is_(None), free)
        values = {"priority": int(Priority.PARKED), "hold_reason": BATCH_PAUSED, "updated_at": now}
        return (await self._connection.execute(update(deliveries).where(waits).values(values))).rowcount

    async def unpark(self, batch_id: int, limit: int, now: datetime) -> int:
        """Let up to `limit` of what was parked go on; how many."""
        parked = and_(_pending(batch_id), deliveries.c.hold_reason == BATCH_PAUSED)
        values = {"priority": int(Priority.BATCH), "hold_reason": None, "updated_at": now}
        return await self._change(select(deliveries.c.id).where(parked).limit(limit), values)

    async def cancel_pending(self, batch_id: int, limit: int, now: datetime) -> int:
        """Cancel up to `limit` of what is pending, first what waits its turn; how many."""
        values = {
            "status": DeliveryStatus.CANCELLED, "error_code": "cancelled", "hold_reason": None, "leased_until": null(),
            "leased_by": null(), "updated_at": now,
        }  # fmt: skip
        held_last = case((deliveries.c.hold_reason.is_(None), 0), else_=1)
        chosen = select(deliveries.c.id).where(_pending(batch_id)).order_by(held_last, deliveries.c.id).limit(limit)
        return await self._change(chosen, values)

    async def stopped(self, batch_ids: Collection[int]) -> dict[int, BatchStatus]:
        """Those of these batches that are paused or cancelled."""
        stopped = (BatchStatus.PAUSED, BatchStatus.CANCELLED)
        found = select(table.c.id, table.c.status).where(table.c.id.in_(batch_ids), table.c.status.in_(stopped))
        return {row[0]: BatchStatus(row[1]) for row in await self._connection.execute(found)}

    async def _one(self, where: ColumnElement[bool]) -> Batch | None:
        return batch_of((await self._connection.execute(select(*BATCH).where(where))).one_or_none())

    async def _change(self, chosen: Select[tuple[int]], values: Mapping[str, Any]) -> int:
        changed = update(deliveries).where(deliveries.c.id.in_(chosen)).values(dict(values))
        return (await self._connection.execute(changed)).rowcount


def batch_of(row: Any) -> Batch | None:
    """A row of `BATCH` as a value; None for none."""
    if row is None:
        return None
    named = dict(zip(COLUMNS, row, strict=True))
    return Batch(**named | {"type": BatchType(named["type"]), "status": BatchStatus(named["status"])})


def _is_due(now: datetime) -> ColumnElement[bool]:
    return table.c.leased_until <= now


def _mine(batch_id: int, by: str) -> ColumnElement[bool]:
    return and_(table.c.id == batch_id, table.c.leased_by == by)


def _pending(batch_id: int) -> ColumnElement[bool]:
    return and_(deliveries.c.batch_id == batch_id, deliveries.c.status == DeliveryStatus.PENDING)
