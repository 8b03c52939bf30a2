"""Deliveries as people look at them: the log, the inbox, a timeline, the numbers."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import LEASED, Attempt, Channel, Delivery, DeliveryStatus, Kind, Notification
from storage.deliveries import DELIVERY, NOTIFICATION, to_delivery, to_notification
from storage.tables import delivery_logs, notifications
from storage.tables import notification_deliveries as table

ATTEMPT = tuple(delivery_logs.c[field.name] for field in fields(Attempt))
CUT = len(DELIVERY)
Listed = tuple[Delivery, Notification]


class DeliveryLog:
    """Reading only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def one(self, delivery_id: int) -> Listed | None:
        """A delivery with its notification."""
        listed = await self._listed(table.c.id == delivery_id, 0, 1)
        return listed[0] if listed else None

    async def of_user(self, user_id: int, *, offset: int, limit: int) -> list[Listed]:
        """A user's deliveries, newest first."""
        return await self._listed(table.c.user_id == user_id, offset, limit)

    async def count_of_user(self, user_id: int) -> int:
        """How many deliveries a user has had."""
        return await self._count(table.c.user_id == user_id)

    async def inbox(self, user_id: int, *, offset: int, limit: int) -> list[Listed]:
        """What came in_app, newest first."""
        return await self._listed(_in_inbox(user_id), offset, limit)

    async def count_inbox(self, user_id: int) -> int:
        """How many messages came in_app."""
        return await self._count(_in_inbox(user_id))

    async def of_posts(self, post_ids: Collection[int]) -> dict[int, list[Delivery]]:
        """The deliveries of each post, oldest first; a post without any is missing."""
        statement = select(notifications.c.post_id, *DELIVERY).join_from(notifications, table)
        about = and_(notifications.c.post_id.in_(post_ids), notifications.c.kind != Kind.GAVE_UP)
        rows = await self._connection.execute(statement.where(about).order_by(table.c.id))
        found: dict[int, list[Delivery]] = {}
        for post_id, *row in rows:
            found.setdefault(post_id, []).append(to_delivery(row))
        return found

    async def attempts(self, delivery_id: int) -> list[Attempt]:
        """What was tried and reported, oldest first."""
        statement = select(*ATTEMPT).where(delivery_logs.c.delivery_id == delivery_id).order_by(delivery_logs.c.id)
        return [_attempt(row) for row in await self._connection.execute(statement)]

    async def latest_for(self, recipient: str, limit: int = 10) -> list[Delivery]:
        """The newest deliveries to an address or chat, for "why didn't they get it?"."""
        statement = select(*DELIVERY).where(table.c.recipient == recipient).order_by(table.c.id.desc()).limit(limit)
        return [to_delivery(row) for row in await self._connection.execute(statement)]

    async def counts(self, since: datetime | None = None) -> dict[tuple[str, str], int]:
        """How many deliveries there are by channel and status, of those made since then."""
        statement = select(table.c.delivery_type, table.c.status, func.count())
        if since is not None:
            statement = statement.where(table.c.created_at >= since)
        rows = await self._connection.execute(statement.group_by(table.c.delivery_type, table.c.status))
        return {(channel, status): count for channel, status, count in rows}

    async def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the longest waiting delivery has been due; None where none is. A paused batch is not due."""
        waits = and_(table.c.status == DeliveryStatus.PENDING, table.c.priority.in_(LEASED))
        due = and_(waits, table.c.scheduled_at <= now)
        oldest: datetime | None = await self._connection.scalar(select(func.min(table.c.scheduled_at)).where(due))
        return oldest

    async def _listed(self, where: ColumnElement[bool], offset: int, limit: int) -> list[Listed]:
        statement = select(*DELIVERY, *NOTIFICATION).join_from(table, notifications).where(where)
        rows = await self._connection.execute(statement.order_by(table.c.id.desc()).offset(offset).limit(limit))
        return [(to_delivery(row[:CUT]), to_notification(row[CUT:])) for row in rows]

    async def _count(self, where: ColumnElement[bool]) -> int:
        return (await self._connection.execute(select(func.count()).select_from(table).where(where))).scalar_one()


def _in_inbox(user_id: int) -> ColumnElement[bool]:
    arrived = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)
    return and_(table.c.user_id == user_id, table.c.delivery_type == Channel.IN_APP, table.c.status.in_(arrived))


def _attempt(row: Any) -> Attempt:
    named = dict(zip([column.name for column in ATTEMPT], row, strict=True))
    return Attempt(**named | {"channel": Channel(named["channel"])})
