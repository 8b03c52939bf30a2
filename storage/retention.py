"""Removing what is old, a window of rows at a time: short transactions that nobody has to wait for.

Rows are looked at in the order of their ids, which is that of their making. So a step reads as many rows as its window
has, however many the table has, and the walk ends at the first window in which nothing is old. What is not at its end
stays, whatever its age; posts, the audit log and the daily costs are not touched at all.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import OPEN_BATCHES, BatchType, DeliveryStatus
from storage.tables import (
    batch_cards,
    delivery_logs,
    inbound_messages,
    notification_batch_jobs,
    notification_deliveries,
    notifications,
    provider_events,
    provider_health_metrics,
    telegram_updates,
)

OPEN = (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
Removed = tuple[dict[str, int], int | None]


class RetentionTables:
    """One method for everything: `STEPS` names what can be removed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remove(self, what: str, before: datetime, after: int, limit: int) -> Removed:
        """Look at the next `limit` rows after an id and remove those older than `before` that may go: how many, by
        table, and the id after which to go on, None where nothing older is left."""
        table, made_at, may_go = STEPS[what]
        key = next(iter(table.primary_key.columns))
        rows = (
            await self._connection.execute(
                select(key, made_at < before, and_(*may_go(before))).where(key > after).order_by(key).limit(limit)
            )
        ).all()
        ids = [row[0] for row in rows if row[2]]
        counts = {name: await self._delete(column, ids) for name, column in _with_what_hangs_on(table, key).items()}
        is_over = len(rows) < limit or not any(row[1] for row in rows)
        return {name: count for name, count in counts.items() if count}, None if is_over else rows[-1][0]

    async def _delete(self, column: Column[Any], ids: Sequence[int]) -> int:
        if not ids:
            return 0
        return (await self._connection.execute(delete(column.table).where(column.in_(ids)))).rowcount


def _with_what_hangs_on(table: Table, key: Column[Any]) -> dict[str, Column[Any]]:
    """What is deleted together, the dependent rows first: the database would do it, but not count it."""
    logs = {delivery_logs.name: delivery_logs.c.delivery_id} if table is notification_deliveries else {}
    return {**logs, table.name: key}


def _old(column: Column[Any]) -> Callable[[datetime], Sequence[ColumnElement[bool]]]:
    return lambda before: (column < before,)


def _deliveries(before: datetime) -> Sequence[ColumnElement[bool]]:
    """At their end, and nothing has happened with them since."""
    return (notification_deliveries.c.updated_at < before, notification_deliveries.c.status.not_in(OPEN))


def _notifications(before: datetime) -> Sequence[ColumnElement[bool]]:
    """Whose deliveries are gone."""
    lives = exists().where(notification_deliveries.c.notification_id == notifications.c.id)
    return (notifications.c.created_at < before, ~lives)


def _batches(before: datetime) -> Sequence[ColumnElement[bool]]:
    """Of cleaning up; what was sent to many stays on the list."""
    jobs = notification_batch_jobs.c
    is_over = jobs.status.not_in(sorted(OPEN_BATCHES))
    return (jobs.created_at < before, jobs.job_type == BatchType.CLEANUP, is_over)


Step = tuple[Table, Column[Any], Callable[[datetime], Sequence[ColumnElement[bool]]]]
STEPS: Mapping[str, Step] = {
    one[0].name: one
    for one in (
        (notification_deliveries, notification_deliveries.c.created_at, _deliveries),
        (notifications, notifications.c.created_at, _notifications),
        (provider_events, provider_events.c.created_at, _old(provider_events.c.created_at)),
        (inbound_messages, inbound_messages.c.created_at, _old(inbound_messages.c.created_at)),
        (
            provider_health_metrics,
            provider_health_metrics.c.health_check_timestamp,
            _old(provider_health_metrics.c.health_check_timestamp),
        ),
        (telegram_updates, telegram_updates.c.received_at, _old(telegram_updates.c.handled_at)),
        (batch_cards, batch_cards.c.created_at, _old(batch_cards.c.created_at)),
        (notification_batch_jobs, notification_batch_jobs.c.created_at, _batches),
    )
}
