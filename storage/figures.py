"""Figures about deliveries, each by one grouped statement. Nothing of anybody is in them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.delivery.holds import HELD
from core.model import Channel, DeliveryStatus
from core.model.figures import Sendings, Taken, Unit, Volume
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

    async def taken(self, since: datetime, until: datetime, unit: Unit) -> list[Taken]:
        """How long deliveries took, by the hour or day of their making, the oldest first."""
        arrived = func.coalesce(table.c.delivered_at, table.c.sent_at)
        start = stretch_of(self._connection, table.c.created_at, unit).label("start")
        took = _two_digits(seconds_between(self._connection, arrived, table.c.created_at)).label("took")
        counted = select(start, took, func.count()).where(
            table.c.created_at >= since,
            table.c.created_at < until,
            table.c.sent_at.is_not(None),
            table.c.delivery_metadata.op("->>")(HELD).is_(None),
        )
        rows = await self._connection.execute(counted.group_by("start", "took").order_by("start", "took"))
        return [Taken(_moment(row[0], unit), row[1], row[2]) for row in rows]

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
        known = select(registry.c.provider_name)  # what the index on costs begins with
        sent = (table.c.sent_at >= since, table.c.sent_at < until, table.c.provider_name.in_(known))
        rows = await self._connection.execute(counted.where(*sent).group_by(*NAMES).order_by(*NAMES[:4]))
        return [_sendings(row) for row in rows]


def _named(by: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """PostgreSQL groups by names only: it takes the same expression with another parameter for another one."""
    return [column.label(name) for name, column in zip(NAMES, by, strict=True)]


def _two_digits(seconds: ColumnElement[float]) -> ColumnElement[float]:
    """As exact as anybody reads it, so that a million deliveries are a few hundred groups; below 0.1 s to the ms."""
    steps = [(seconds < 10 ** (2 - digits), func.round(seconds * 10**digits) / 10.0**digits) for digits in (3, 2, 1, 0)]
    more = [(seconds < 100 * 10**zeros, func.round(seconds / 10**zeros) * 10.0**zeros) for zeros in (1, 2, 3)]
    return case(*steps, *more, else_=func.round(seconds / 10_000) * 10_000.0)


def _moment(start: str, unit: Unit) -> datetime:
    return datetime.strptime(start, STRETCHES[unit]).replace(tzinfo=UTC)


def _sendings(row: Sequence[Any]) -> Sendings:
    day, provider, channel, currency, reports, messages, priced, cost, arrived = row
    counts = (messages, priced, cost, arrived, bool(reports))
    return Sendings(date.fromisoformat(day), provider, Channel(channel), currency, *counts)
