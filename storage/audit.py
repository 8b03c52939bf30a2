"""`audit_log`: every change of a setting and every sensitive act, with its time. Addresses are written masked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import audit_log


class AuditLog:
    """Rows are added and, with their user, erased; never changed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def write(
        self,
        user_id: int | None,
        action: str,
        now: datetime,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Note what was done; `before` and `after` hold plain JSON values."""
        row = {"user_id": user_id, "action": action, "before": before, "after": after, "created_at": now}
        await self._connection.execute(insert(audit_log).values(row))

    async def happened(self, user_id: int, action: str, since: datetime) -> bool:
        """Whether the user has such a row that is not older."""
        rows = select(audit_log.c.id).where(
            audit_log.c.user_id == user_id, audit_log.c.action == action, audit_log.c.created_at >= since
        )
        return (await self._connection.execute(rows.limit(1))).first() is not None
