"""`telegram_updates`: what came in, until it has been handled. A lease says which process has it in hand.

Claims of several processes come one after another, so that the updates of one chat stay in order among them.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.updates import Incoming
from storage.sql import insert_new
from storage.tables import telegram_updates as table

CLAIM_LOCK = 7_263_992  # any constant: PostgreSQL's name for "somebody is claiming"
UNHANDLED = table.c.handled_at.is_(None)
INCOMING = (table.c.update_id, table.c.chat_key, table.c.payload, table.c.tries)


class UpdatesTable:
    """Updates by their id."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, updates: Sequence[Incoming], now: datetime, *, owner: str | None = None, until: datetime | None = None
    ) -> set[int]:
        """Keep those that are new; their ids. With an `owner` they are its own at once, and their handling counts as
        begun."""
        if not updates:
            return set()
        common = {"received_at": now, "leased_by": owner, "leased_until": until, "tries": 1 if owner else 0}
        rows = [{"update_id": u.update_id, "chat_key": u.chat_key, "payload": u.payload, **common} for u in updates]
        added = await self._connection.execute(
            insert_new(self._connection, table).values(rows).returning(table.c.update_id)
        )
        return set(added.scalars())

    async def claim(
        self, owner: str, now: datetime, until: datetime, limit: int, *, leased: bool = False
    ) -> list[Incoming]:
        """The oldest that nobody has in hand, now `owner`'s; with `leased` also those that others had. An update waits
        while another process has an earlier one of its chat. The first handling counts as begun, later ones don't."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(text(f"SELECT pg_advisory_xact_lock({CLAIM_LOCK})"))
        free = true() if leased else and_(_free(now), ~_behind_another(owner, now))
        found = await self._connection.execute(
            select(*INCOMING).where(UNHANDLED, _not_mine(owner), free).order_by(table.c.update_id).limit(limit)
        )
        claimed = [Incoming(*row) for row in found]
        if claimed:
            await self._connection.execute(
                update(table)
                .where(table.c.update_id.in_([one.update_id for one in claimed]))
                .values(leased_by=owner, leased_until=until, tries=case((table.c.tries == 0, 1), else_=table.c.tries))
            )
        return claimed

    async def begin(self, update_id: int, owner: str) -> bool:
        """Count the beginning of another try; False where the update is somebody else's by now."""
        begun = await self._connection.execute(
            update(table)
            .where(table.c.update_id == update_id, table.c.leased_by == owner, UNHANDLED)
            .values(tries=table.c.tries + 1)
        )
        return bool(begun.rowcount)

    async def beat(self, update_ids: Collection[int], owner: str, until: datetime) -> None:
        """Keep hold of what is still being handled."""
        await self._connection.execute(
            update(table)
            .where(table.c.update_id.in_(update_ids), table.c.leased_by == owner, UNHANDLED)
            .values(leased_until=until)
        )

    async def finish(self, update_ids: Collection[int], now: datetime) -> None:
        """They have been handled: what was said in them is erased."""
        await self._connection.execute(
            update(table)
            .where(table.c.update_id.in_(update_ids))
            .values(handled_at=now, payload=None, chat_key=None, leased_by=None, leased_until=None)
        )

    async def put_back(self, update_ids: Collection[int], owner: str, until: datetime | None = None) -> None:
        """Let go of what has not been handled. Nobody takes it before `until`; without one it counts as not begun."""
        tries = table.c.tries if until else table.c.tries - 1
        await self._connection.execute(
            update(table)
            .where(table.c.update_id.in_(update_ids), table.c.leased_by == owner, UNHANDLED)
            .values(leased_by=None, leased_until=until, tries=tries)
        )

    async def purge(self, before: datetime) -> int:
        """Delete what was handled before; how many."""
        return (await self._connection.execute(delete(table).where(table.c.handled_at < before))).rowcount

    async def waiting(self) -> int:
        """How many have not been handled yet."""
        return await self._connection.scalar(select(func.count()).select_from(table).where(UNHANDLED)) or 0


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)


def _not_mine(owner: str) -> ColumnElement[bool]:
    return or_(table.c.leased_by.is_(None), table.c.leased_by != owner)


def _behind_another(owner: str, now: datetime) -> ColumnElement[bool]:
    """Whether an earlier update of the same chat is in somebody else's hand, or waits for its next try."""
    other = table.alias("other")
    return exists().where(
        other.c.chat_key == table.c.chat_key,
        other.c.update_id < table.c.update_id,
        other.c.handled_at.is_(None),
        other.c.leased_until > now,
        or_(other.c.leased_by.is_(None), other.c.leased_by != owner),
    )
