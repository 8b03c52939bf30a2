"""`provider_events`: what providers reported, each report once; unmatched ones wait for their delivery."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import DeliveryEvent, DeliveryStatus, EventType
from core.updates import storable
from storage.deliveries import was_given_to
from storage.sql import insert_new
from storage.tables import notification_deliveries as deliveries
from storage.tables import provider_events as table

EVENT = (
    table.c.provider_name,
    table.c.event_id,
    table.c.provider_message_id,
    table.c.event_type,
    table.c.event_at,
    table.c.code,
    table.c.detail,
    table.c.hard,
    table.c.idempotency_key,
)
ANY_WAITS = select(exists().where(table.c.applied_at.is_(None)))  # the partial index knows


class EventsTable:
    """Reports by provider and event id."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, events: Sequence[DeliveryEvent], now: datetime) -> list[DeliveryEvent]:
        """Those of the events that were not known, kept as unmatched."""
        rows = [_row(event) | {"created_at": now} for event in events]
        statement = insert_new(self._connection, table).values(rows).returning(table.c.provider_name, table.c.event_id)
        added = {tuple(row) for row in await self._connection.execute(statement)} if rows else set()
        new = {(event.provider, event.event_id): event for event in events}
        return [event for key, event in new.items() if key in added]

    async def waiting(self, messages: Collection[tuple[str, str]], keys: Collection[str]) -> list[DeliveryEvent]:
        """Unmatched reports about these messages, by (provider, message id) or by our keys. Mostly none waits at all,
        and then a question without a list of ids is the cheaper one."""
        if not await self._connection.scalar(ANY_WAITS):
            return []
        ids = {message_id for _, message_id in messages}
        about = or_(table.c.provider_message_id.in_(ids), table.c.idempotency_key.in_(keys))
        statement = select(*EVENT).where(and_(table.c.applied_at.is_(None), about)).order_by(table.c.id)
        found = [_event(row) for row in await self._connection.execute(statement)]
        return [
            event for event in found if event.key in keys or (event.provider, event.provider_message_id) in messages
        ]

    async def matched(self, since: datetime, limit: int = 100) -> list[DeliveryEvent]:
        """Reports kept since then that still wait although their delivery is known and not just being sent: the two
        were written at the same moment, and neither saw the other."""
        by_id = and_(
            deliveries.c.provider_name == table.c.provider_name,
            deliveries.c.provider_message_id == table.c.provider_message_id,
        )
        by_key = and_(
            table.c.idempotency_key != "",
            deliveries.c.idempotency_key == table.c.idempotency_key,
            was_given_to(table.c.provider_name),
        )
        about = and_(or_(by_id, by_key), deliveries.c.status != DeliveryStatus.SENDING)
        waits = and_(table.c.applied_at.is_(None), table.c.created_at >= since, exists().where(about))
        statement = select(*EVENT).where(waits).order_by(table.c.id).limit(limit)
        return [_event(row) for row in await self._connection.execute(statement)]

    async def applied(self, events: Collection[DeliveryEvent], now: datetime) -> None:
        """These have done their work."""
        by_provider: dict[str, list[str]] = {}
        for event in events:
            by_provider.setdefault(event.provider, []).append(event.event_id)
        for provider, ids in by_provider.items():
            mine = and_(table.c.provider_name == provider, table.c.event_id.in_(ids))
            await self._connection.execute(update(table).where(mine).values(applied_at=now))


def _row(event: DeliveryEvent) -> dict[str, object]:
    row: dict[str, object] = storable(
        {
            "provider_name": event.provider,
            "event_id": event.event_id,
            "provider_message_id": event.provider_message_id,
            "idempotency_key": event.key,
            "event_type": event.type,
            "event_at": event.at,
            "code": event.code,
            "detail": event.detail,
            "hard": event.hard,
        }
    )
    return row


def _event(row: Sequence[object]) -> DeliveryEvent:
    provider, event_id, message_id, kind, *rest = row
    return DeliveryEvent(provider, event_id, message_id, EventType(kind), *rest)  # type: ignore[arg-type]
