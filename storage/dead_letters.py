"""Dead letters: deliveries that gave up. The time of a death is that of its writing down."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.delivery.planning import SWITCHED_OFF
from core.delivery.states import DEAD
from core.model import Channel, Delivery, DeliveryStatus, Notification
from core.model.dead_letters import Cause, Which
from storage.deliveries import DELIVERY, NOTIFICATION, to_delivery, to_notification
from storage.tables import notification_deliveries as table
from storage.tables import notifications

CODE = func.coalesce(table.c.error_code, "")
PROVIDER = func.coalesce(table.c.provider_name, "")
GONE = (*DEAD, DeliveryStatus.EXPIRED, DeliveryStatus.CANCELLED)
CUT = len(DELIVERY)


class DeadLettersTable:
    """Reading only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def causes(self) -> list[Cause]:
        """What they died of, the most frequent first."""
        code, provider, count = CODE.label("code"), PROVIDER.label("provider"), func.count().label("count")
        statement = select(code, table.c.delivery_type, provider, count, func.max(table.c.updated_at).label("newest"))
        grouped = statement.where(_meant(Which())).group_by("code", table.c.delivery_type, "provider")
        rows = await self._connection.execute(grouped.order_by(count.desc(), code, table.c.delivery_type, provider))
        return [Cause(row[0], Channel(row[1]), *row[2:]) for row in rows]

    async def count(self, which: Which) -> int:
        """How many are meant."""
        return (
            await self._connection.execute(select(func.count()).select_from(table).where(_meant(which)))
        ).scalar_one()

    async def page(self, which: Which, *, offset: int, limit: int) -> list[tuple[Delivery, Notification]]:
        """Those that are meant with their notifications, the newest first."""
        statement = select(*DELIVERY, *NOTIFICATION).join_from(table, notifications).where(_meant(which))
        newest = statement.order_by(table.c.updated_at.desc(), table.c.id.desc())
        rows = await self._connection.execute(newest.offset(offset).limit(limit))
        return [(to_delivery(row[:CUT]), to_notification(row[CUT:])) for row in rows]

    async def ids(self, which: Which, *, after: int, limit: int) -> list[int]:
        """The ids of those that are meant and come after an id, in order."""
        statement = select(table.c.id).where(_meant(which), table.c.id > after).order_by(table.c.id).limit(limit)
        return list(await self._connection.scalars(statement))

    async def taken_over(self, delivery_ids: Collection[int]) -> set[int]:
        """Those whose message went, or goes, by another channel: to send them again would be to say it twice."""
        successor = table.alias("successor")
        statement = select(successor.c.replaces_id).where(
            successor.c.replaces_id.in_(delivery_ids), successor.c.status.not_in(GONE)
        )
        return {found for found in await self._connection.scalars(statement) if found is not None}


def _meant(which: Which) -> ColumnElement[bool]:
    # What its reader has switched off is no death: that it was not sent is what was wanted.
    conditions: list[ColumnElement[bool]] = [table.c.status.in_(DEAD), CODE != SWITCHED_OFF]
    if which.error_code is not None:
        conditions.append(CODE == which.error_code)  # noqa: SIM300
    if which.channel is not None:
        conditions.append(table.c.delivery_type == which.channel)
    if which.provider is not None:
        conditions.append(PROVIDER == which.provider)  # noqa: SIM300
    if which.since is not None:
        conditions.append(table.c.updated_at >= which.since)
    if which.until is not None:
        conditions.append(table.c.updated_at <= which.until)
    return and_(*conditions)
