"""Counts for the admins: one statement over the tables, no names in it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import notification_deliveries, post_versions, posts, telegram_updates, users


class OperationsTable:
    """Reading only."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def counts(self, since: datetime) -> dict[str, int]:
        """What happened since then, and what is waiting now, by name."""
        row = (await self._connection.execute(select(*_counts(since)))).one()
        return dict(row._mapping)


def _counts(since: datetime) -> list[ColumnElement[int]]:
    wanted: dict[str, Select[int]] = {
        "people": _count(users),
        "new_people": _count(users, users.c.created_at >= since),
        "blocked": _count(users, users.c.blocked_at.is_not(None)),
        "ideas": _count(posts, posts.c.created_at >= since),
        "versions": _count(post_versions, post_versions.c.created_at >= since),
        "approved": _count(posts, posts.c.approved_at >= since),
        "posted": _count(posts, posts.c.posted_at >= since),
        "updates_waiting": _count(telegram_updates, telegram_updates.c.handled_at.is_(None)),
        "possible_duplicates": select(func.coalesce(func.sum(notification_deliveries.c.possible_duplicates), 0)).where(
            notification_deliveries.c.created_at >= since
        ),
    }
    return [statement.scalar_subquery().label(name) for name, statement in wanted.items()]


def _count(table: Table, *where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(table).where(*where)
