"""What a use case has queued, read from the tables."""

from typing import Any

from sqlalchemy import select, update

from storage.database import Database
from storage.tables import notification_deliveries, notifications


async def queued(database: Database, status: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """The key of every delivery, and the content of its notification, by key."""
    joined = notification_deliveries.join(notifications)
    statement = select(notification_deliveries.c.idempotency_key, notifications.c.content).select_from(joined)
    if status:
        statement = statement.where(notification_deliveries.c.status == status)
    async with database.read() as uow:
        rows = await uow.connection.execute(statement.order_by(notification_deliveries.c.idempotency_key))
        return [(key, content) for key, content in rows]


async def set_delivery(database: Database, delivery_id: int, **values: Any) -> None:
    """Leave a delivery as the engine would have."""
    statement = update(notification_deliveries).where(notification_deliveries.c.id == delivery_id).values(**values)
    async with database.begin() as uow:
        await uow.connection.execute(statement)
