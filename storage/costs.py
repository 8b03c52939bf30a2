"""`provider_cost_analysis`: what each provider took on each day, kept when the deliveries are gone."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Channel
from core.model.figures import DayCost
from storage.sql import DIALECTS
from storage.tables import provider_cost_analysis as table

FIELDS = tuple(field.name for field in fields(DayCost))
KEY = ("provider_name", "provider_type", "date", "currency")


class CostsTable:
    """A row for each provider, channel, UTC day and currency."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_days(self, first: date, last: date) -> list[DayCost]:
        """The rows of these days, both included, the oldest first."""
        statement = select(*(table.c[name] for name in FIELDS)).where(table.c.date >= first, table.c.date <= last)
        rows = await self._connection.execute(statement.order_by(table.c.date, table.c.id))
        return [DayCost(**{**row, "provider_type": Channel(row["provider_type"])}) for row in rows.mappings()]

    async def keep(self, costs: Sequence[DayCost], now: datetime) -> None:
        """Write these days, again and again with the same result. A day never shrinks: what was counted once stays
        counted when its deliveries are erased or cleaned up."""
        if not costs:
            return
        rows = [{name: getattr(one, name) for name in FIELDS} | {"created_at": now} for one in costs]
        new: Any = DIALECTS[self._connection.dialect.name].insert(table)
        changed = {name: new.excluded[name] for name in FIELDS if name not in KEY}
        grown = new.excluded.total_messages >= table.c.total_messages
        statement = new.on_conflict_do_update(index_elements=KEY, set_=changed, where=grown)
        await self._connection.execute(statement, rows)
