"""`audit_log`: every change of a setting and every sensitive act, with its time. Addresses are written masked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model.audit import AuditFilter, AuditRow
from storage.tables import audit_log, users

ROW = (
    audit_log.c.id, audit_log.c.created_at, audit_log.c.action, audit_log.c.before, audit_log.c.after,
    audit_log.c.user_id, users.c.name, users.c.public_id,
)  # fmt: skip


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

    async def page(self, meant: AuditFilter, *, offset: int, limit: int) -> list[AuditRow]:
        """The rows that are meant, the newest first."""
        statement = select(*ROW).join_from(audit_log, users, isouter=True).where(_meant(meant))
        rows = await self._connection.execute(statement.order_by(audit_log.c.id.desc()).offset(offset).limit(limit))
        return [AuditRow(*row) for row in rows]

    async def count(self, meant: AuditFilter) -> int:
        """How many are meant."""
        statement = select(func.count()).select_from(audit_log).where(_meant(meant))
        return (await self._connection.execute(statement)).scalar_one()

    async def topics(self) -> list[str]:
        """What has been done anything about, in order: what stands before the dot of an action."""
        actions = await self._connection.scalars(select(audit_log.c.action).distinct())
        return sorted({action.partition(".")[0] for action in actions})


def _meant(meant: AuditFilter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if meant.action is not None:
        topic = audit_log.c.action.startswith(f"{meant.action}.", autoescape=True)
        conditions.append(or_(audit_log.c.action == meant.action, topic))
    if meant.user_id is not None:
        conditions.append(audit_log.c.user_id == meant.user_id)
    return and_(*conditions)
