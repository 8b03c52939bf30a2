"""`notifications` and `notification_deliveries`: the outbox, and the life of what is in it.

Whoever writes says what they believe the row to be (status and attempt in the WHERE clause), and writes nothing where
that is no longer so. Many rows are written by one statement.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Channel, Delivery, DeliveryStatus, Notification
from storage.sql import insert_new
from storage.tables import notification_deliveries as table
from storage.tables import notifications

FIELDS = tuple(field.name for field in fields(Delivery))
DELIVERY = tuple(table.c[name] for name in FIELDS)


def to_delivery(values: Sequence[Any]) -> Delivery:
    """A delivery from the columns of `DELIVERY`."""
    named = dict(zip(FIELDS, values, strict=True))
    named["delivery_type"] = Channel(named["delivery_type"])
    named["status"] = DeliveryStatus(named["status"])
    return Delivery(**named)


class DeliveriesTable:
    """The repository of notifications and their deliveries."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_notification(self, notification: Notification) -> int | None:
        """The new notification's id; None where its key is known already."""
        row = {
            "idempotency_key": notification.key,
            "kind": notification.kind,
            "user_id": notification.user_id,
            "post_id": notification.post_id,
            "content": dict(notification.content),
            "interactive": notification.interactive,
            "created_at": notification.created_at,
        }
        statement = insert_new(self._connection, notifications).values(row).returning(notifications.c.id)
        new_id: int | None = await self._connection.scalar(statement)
        return new_id

    async def add(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """The deliveries whose keys were new, with their ids."""
        rows = [
            {name: getattr(one, name) for name in FIELDS if name != "id"} | {"updated_at": one.created_at}
            for one in deliveries
        ]
        statement = insert_new(self._connection, table).values(rows)
        added = await self._connection.execute(statement.returning(table.c.id, table.c.idempotency_key))
        ids = {key: new_id for new_id, key in added}
        return [
            replace(one, id=ids[one.idempotency_key], updated_at=one.created_at)
            for one in deliveries
            if one.idempotency_key in ids
        ]
