"""`verification_codes`: six-digit codes on their way to a mailbox, and the wrong tries at them."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import IssuedCode
from storage.tables import verification_codes as table

FIELDS = tuple(field.name for field in fields(IssuedCode))
CODES = select(*(table.c[name] for name in FIELDS))


class CodesTable:
    """Codes by their user and by the hash of their address."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, name: str) -> None:
        """Let one transaction at a time decide about what `name` stands for. On SQLite there is only one anyway."""
        if self._connection.dialect.name != "sqlite":
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
            await self._connection.execute(lock, {"name": name})

    async def recent(self, user_id: int, address_hash: str, since: datetime) -> list[IssuedCode]:
        """The user's codes and those for the address, whoever asked for them."""
        concerned = (table.c.user_id == user_id) | (table.c.address_hash == address_hash)
        rows = await self._connection.execute(CODES.where(concerned, table.c.created_at >= since))
        return [IssuedCode(*row) for row in rows]

    async def open_of(self, user_id: int, now: datetime) -> IssuedCode | None:
        """The code that the user may type now."""
        waiting = CODES.where(table.c.user_id == user_id, table.c.closed_at.is_(None), table.c.expires_at > now)
        row = (await self._connection.execute(waiting.order_by(table.c.id.desc()).limit(1))).one_or_none()
        return IssuedCode(*row) if row else None

    async def add(self, code: IssuedCode) -> int:
        """The new row's id, from which its code is derived."""
        values = {name: getattr(code, name) for name in FIELDS if name != "id"}
        new_id: int = (await self._connection.execute(insert(table).values(values).returning(table.c.id))).scalar_one()
        return new_id

    async def close(self, code_id: int, now: datetime) -> bool:
        """Use a code up and forget its address; False where that has happened."""
        closed = await self._connection.execute(
            update(table).where(table.c.id == code_id, table.c.closed_at.is_(None)).values(closed_at=now, address=None)
        )
        return bool(closed.rowcount)

    async def close_open(self, user_id: int, now: datetime) -> None:
        """Make the codes void that an earlier question is still waiting for."""
        await self._connection.execute(
            update(table)
            .where(table.c.user_id == user_id, table.c.closed_at.is_(None))
            .values(closed_at=now, address=None)
        )

    async def count_wrong(self, code_id: int, limit: int, now: datetime) -> bool:
        """Count a wrong try; False where the code is closed or has had its tries."""
        counted = await self._connection.execute(
            update(table)
            .where(table.c.id == code_id, table.c.closed_at.is_(None), table.c.wrong_tries < limit)
            .values(wrong_tries=table.c.wrong_tries + 1, last_wrong_at=now)
        )
        return bool(counted.rowcount)

    async def lock(self, code_id: int, until: datetime, now: datetime) -> None:
        """Close a code at which too many wrong tries were made, and remember until when nothing may be tried."""
        await self._connection.execute(
            update(table)
            .where(table.c.id == code_id)
            .values(locked_until=until, closed_at=func.coalesce(table.c.closed_at, now), address=None)
        )

    async def purge(self, before: datetime) -> int:
        """Delete what was asked for before then; how many."""
        return (await self._connection.execute(delete(table).where(table.c.created_at < before))).rowcount
