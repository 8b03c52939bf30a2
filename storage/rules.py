"""`user_notification_preferences`: what a user has set for one type of messages, on one channel or on all of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import (
    Cap,
    Capped,
    Channel,
    ConversationStyle,
    DeliveryStatus,
    Kind,
    NotificationType,
    Period,
    QuietHours,
    Rule,
)
from storage.sql import insert_new
from storage.tables import notification_deliveries as deliveries
from storage.tables import notifications
from storage.tables import user_notification_preferences as table

ALL = "all"  # `delivery_method` of a rule for every channel
SENT = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)
IN_FLIGHT = (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
COLUMNS = (
    "user_id", "invitation_type", "delivery_method", "is_enabled", "frequency_limit", "frequency_period",
    "quiet_hours_start", "quiet_hours_end", "timezone", "preferred_providers", "blocked_providers",
    "conversation_style",
)  # fmt: skip
RULES = select(*(table.c[name] for name in COLUMNS)).order_by(table.c.id)


class RulesTable:
    """By their user. A rule that says nothing is not kept."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_users(self, user_ids: Collection[int]) -> dict[int, tuple[Rule, ...]]:
        """The rules of many users by one query; a user without any is missing."""
        found: dict[int, list[Rule]] = {}
        for row in await self._connection.execute(RULES.where(table.c.user_id.in_(user_ids))):
            found.setdefault(row.user_id, []).append(_rule(row))
        return {user_id: tuple(rules) for user_id, rules in found.items()}

    async def set(self, user_id: int, rule: Rule, now: datetime) -> None:
        """Keep the rule in the place of the one for the same type and channel."""
        if rule == Rule(rule.type, rule.channel):
            await self.clear(user_id, rule.type, rule.channel or ALL)
            return
        values = _columns(rule) | {"updated_at": now}
        key = {"user_id": user_id, "invitation_type": rule.type, "delivery_method": rule.channel or ALL}
        new = insert_new(self._connection, table).values(key | values | {"created_at": now}).returning(table.c.id)
        if await self._connection.scalar(new) is None:
            known = [table.c[name] == value for name, value in key.items()]
            await self._connection.execute(update(table).where(*known).values(values))

    async def clear(self, user_id: int, type: NotificationType, method: str | None = None) -> int:
        """Drop the rules of a type, of one channel (or `all`) where it is named; how many there were."""
        mine = (table.c.user_id == user_id) & (table.c.invitation_type == type)
        if method is not None:
            mine &= table.c.delivery_method == method
        return (await self._connection.execute(delete(table).where(mine))).rowcount

    async def sent(self, caps: Collection[Capped]) -> dict[tuple[int, NotificationType, Channel], int]:
        """How many deliveries count against each cap, by one query; a cap that nothing counts against is missing. What
        failed or came back does not count, nor what its reader had asked for."""
        types = {(cap.user_id, kind): cap.type for cap in caps for kind in cap.kinds}
        statement = select(deliveries.c.user_id, notifications.c.kind, deliveries.c.delivery_type, func.count())
        counted = statement.join_from(deliveries, notifications).where(or_(*map(_counts, caps)))
        by = (deliveries.c.user_id, notifications.c.kind, deliveries.c.delivery_type)
        found: dict[tuple[int, NotificationType, Channel], int] = {}
        for user_id, kind, channel, count in await self._connection.execute(counted.group_by(*by)):
            key = (user_id, types[user_id, Kind(kind)], Channel(channel))
            found[key] = found.get(key, 0) + count
        return found


def _counts(cap: Capped) -> ColumnElement[bool]:
    was_sent = deliveries.c.status.in_(SENT) & (deliveries.c.sent_at >= cap.since)
    return and_(
        deliveries.c.user_id == cap.user_id,
        deliveries.c.delivery_type == cap.channel,
        notifications.c.kind.in_(cap.kinds),
        notifications.c.interactive.is_(False),
        or_(was_sent, deliveries.c.status.in_(IN_FLIGHT)),
    )


def _columns(rule: Rule) -> dict[str, Any]:
    return {
        "is_enabled": rule.is_enabled,
        "frequency_limit": rule.cap.limit if rule.cap else None,
        "frequency_period": rule.cap.period if rule.cap else Period.DAILY,
        "quiet_hours_start": rule.quiet.start if rule.quiet else None,
        "quiet_hours_end": rule.quiet.end if rule.quiet else None,
        "timezone": rule.timezone,
        "preferred_providers": None if rule.preferred is None else list(rule.preferred),
        "blocked_providers": None if rule.blocked is None else list(rule.blocked),
        "conversation_style": rule.style,
    }


def _rule(row: Row[Any]) -> Rule:
    is_quiet = row.quiet_hours_start is not None and row.quiet_hours_end is not None
    return Rule(
        type=NotificationType(row.invitation_type),
        channel=None if row.delivery_method == ALL else Channel(row.delivery_method),
        is_enabled=row.is_enabled,
        cap=None if row.frequency_limit is None else Cap(row.frequency_limit, Period(row.frequency_period)),
        quiet=QuietHours(row.quiet_hours_start, row.quiet_hours_end) if is_quiet else None,
        timezone=row.timezone,
        preferred=None if row.preferred_providers is None else tuple(row.preferred_providers),
        blocked=None if row.blocked_providers is None else tuple(row.blocked_providers),
        style=None if row.conversation_style is None else ConversationStyle(row.conversation_style),
    )
