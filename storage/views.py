"""The four views (storage/analytics.py) as values."""

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Integer, Numeric, String, TableClause, column, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Channel
from core.model.analytics import FunnelStep, InvitationSummary, NotificationAnalytics, ProviderPerformance
from storage.types import UtcDateTime

Row = TypeVar("Row", InvitationSummary, NotificationAnalytics, ProviderPerformance, FunnelStep)
TYPES: dict[str, Any] = {
    "user_id": BigInteger,
    "email": String,
    "last_activity": UtcDateTime,
    "delivery_type": String,
    "provider_name": String,
    "provider_type": String,
    "currency": String,
    "acceptance_rate": Numeric(7, 2),
    "success_rate": Numeric(7, 2),
    "view_rate": Numeric(7, 2),
    "conversion_rate": Numeric(7, 2),
    "avg_cost_per_message": Numeric(18, 6),
    "total_cost": Numeric(18, 6),
    "first_delivery": UtcDateTime,
    "last_delivery": UtcDateTime,
    "invitation_type": String,
    "conversation_style": String,
}  # everything else is a count


def _view(name: str, row: type[Any]) -> TableClause:
    return table(name, *(column(field.name, TYPES.get(field.name, Integer)) for field in fields(row)))


class Views:
    """Reading only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def invitation_summary(self, user_id: int) -> InvitationSummary | None:
        """What came of a user's invitations; None where there is no such user."""
        view = _view("user_invitation_summary", InvitationSummary)
        rows = await self._rows(InvitationSummary, view, view.c.user_id == user_id)
        return rows[0] if rows else None

    async def notification_analytics(self, user_id: int) -> list[NotificationAnalytics]:
        """How a user's invitations were delivered, a row for each channel."""
        view = _view("user_notification_analytics", NotificationAnalytics)
        return await self._rows(NotificationAnalytics, view, view.c.user_id == user_id)

    async def provider_performance(self) -> list[ProviderPerformance]:
        """What each provider did on each channel."""
        return await self._rows(ProviderPerformance, _view("provider_performance_summary", ProviderPerformance))

    async def conversion_funnel(self) -> list[FunnelStep]:
        """From sent to accepted, by type and style."""
        return await self._rows(FunnelStep, _view("invitation_conversion_funnel", FunnelStep))

    async def _rows(self, kind: type[Row], view: TableClause, *where: Any) -> list[Row]:
        statement = select(view).where(*where).order_by(*list(view.c)[:2])
        return [_value(kind, row) for row in (await self._connection.execute(statement)).mappings()]


def _value(kind: type[Row], row: Any) -> Row:
    channels = {name: Channel(row[name]) for name in ("delivery_type", "provider_type") if name in row}
    return kind(**{**row, **channels})
