"""Figures about deliveries, each by one grouped statement. Nothing of anybody is in them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.delivery.holds import HELD
from core.model import Channel, DeliveryStatus
from core.model.figures import Sendings, Timing, Unit, Volume
from storage.sql import seconds_between, stretch_of
from storage.tables import notification_deliveries as table
from storage.tables import provider_registry as registry

ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)
STRETCHES = {Unit.HOUR: "%Y-%m-%d %H", Unit.DAY: "%Y-%m-%d"}
NAMES = ("by_stretch", "by_1", "by_2", "by_3", "by_reports")
_OF_A_PROVIDER = and_(
    registry.c.provider_name == table.c.provider_name, registry.c.provider_type == table.c.provider_type
)
_REPORTS = func.coalesce(registry.c.supported_features.cast(String).contains('"reports_arrival"'), False)


class FiguresTables:
    """Reading only. Times are UTC, `since` belongs to a stretch and `until` does not."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def volume(self, since: datetime, until: datetime, unit: Unit) -> list[Volume]:
        """Deliveries by the hour or day of their making, channel, provider and status, the oldest first."""
        start = stretch_of(self._connection, table.c.created_at, unit)
        by = (start, table.c.delivery_type, table.c.provider_name, table.c.status, _REPORTS)
        counted = select(*_named(by), func.count()).join_from(table, registry, _OF_A_PROVIDER, isouter=True)
        made = (table.c.created_at >= since, table.c.created_at < until)
        rows = await self._connection.execute(counted.where(*made).group_by(*NAMES).order_by(*NAMES[:4]))
        return [
            Volume(_moment(row[0], unit), Channel(row[1]), row[2], DeliveryStatus(row[3]), bool(row[4]), row[5])
            for row in rows
        ]

    async def timing(self, since: datetime, until: datetime, unit: Unit | None) -> list[Timing]:
        """How long deliveries took, by the hour or day of their making; as one stretch where `unit` is None."""
        arrived = func.coalesce(table.c.delivered_at, table.c.sent_at)
        start = literal("") if unit is None else stretch_of(self._connection, table.c.created_at, unit)
        seconds = seconds_between(self._connection, arrived, table.c.created_at)
        taken = select(start.label("start"), seconds.label("seconds")).where(
            table.c.created_at >= since,
            table.c.created_at < until,
            table.c.sent_at.is_not(None),
            table.c.delivery_metadata.op("->>")(HELD).is_(None),
        )
        rows = await self._connection.execute(_ranked(taken))
        return [
            Timing(since if unit is None else _moment(start, unit), count, median, p95)
            for start, count, median, p95 in rows
        ]

    async def sendings(self, since: datetime, until: datetime) -> list[Sendings]:
        """What providers took, by the day on which they took it."""
        day = stretch_of(self._connection, table.c.sent_at, Unit.DAY)
        by = (day, table.c.provider_name, table.c.delivery_type, table.c.currency, _REPORTS)
        counts = (
            func.count(),
            func.count(table.c.cost_per_message),
            func.coalesce(func.sum(table.c.cost_per_message), 0),
            func.count(case((table.c.status.in_(ARRIVED), 1))),
        )
        counted = select(*_named(by), *counts).join_from(table, registry, _OF_A_PROVIDER, isouter=True)
        sent = (table.c.sent_at >= since, table.c.sent_at < until, table.c.provider_name.is_not(None))
        rows = await self._connection.execute(counted.where(*sent).group_by(*NAMES).order_by(*NAMES[:4]))
        return [_sendings(row) for row in rows]


def _named(by: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """PostgreSQL groups by names only: it takes the same expression with another parameter for another one."""
    return [column.label(name) for name, column in zip(NAMES, by, strict=True)]


def _ranked(taken: Select[str, float]) -> Select[str, int, float, float]:
    """The nearest rank of the half and of 95 in 100, exact and the same on both databases."""
    once = taken.subquery()
    place = func.row_number().over(partition_by=once.c.start, order_by=once.c.seconds)
    total = func.count().over(partition_by=once.c.start)
    ranked = select(once.c.start, once.c.seconds, place.label("place"), total.label("total")).subquery()
    return (
        select(ranked.c.start, ranked.c.total, _at(ranked, 50), _at(ranked, 95))
        .group_by(ranked.c.start, ranked.c.total)
        .order_by(ranked.c.start)
    )


def _at(ranked: Any, percent: int) -> ColumnElement[float]:
    rank = (ranked.c.total * percent + 99) // 100
    return func.max(case((ranked.c.place == rank, ranked.c.seconds)))


def _moment(start: str, unit: Unit) -> datetime:
    return datetime.strptime(start, STRETCHES[unit]).replace(tzinfo=UTC)


def _sendings(row: Sequence[Any]) -> Sendings:
    day, provider, channel, currency, reports, messages, priced, cost, arrived = row
    counts = (messages, priced, cost, arrived, bool(reports))
    return Sendings(date.fromisoformat(day), provider, Channel(channel), currency, *counts)
