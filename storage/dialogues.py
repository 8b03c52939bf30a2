"""`dialogues`: what the bot has asked and waits to be answered, one row for a person in a chat."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import dialogues

EMPTY: dict[str, Any] = {"state": None, "data": {}}


class DialoguesTable:
    """Dialogues by their key."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> tuple[str | None, dict[str, Any]]:
        """The state and what was noted; (None, {}) where nothing was asked."""
        row = (
            await self._connection.execute(select(dialogues.c.state, dialogues.c.data).where(dialogues.c.key == key))
        ).one_or_none()
        return (row.state, row.data) if row else (None, {})

    async def put(self, key: str, now: datetime, **changes: Any) -> None:
        """Write `state`, `data` or both, and leave the other as it is."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        row = EMPTY | changes | {"key": key, "updated_at": now}
        new = dialect.insert(dialogues).values(row)
        await self._connection.execute(
            new.on_conflict_do_update(index_elements=["key"], set_={**changes, "updated_at": now})
        )

    async def clear(self, key: str, now: datetime, *names: str) -> None:
        """Empty the state, the data or both; a row that says nothing any more goes away."""
        state, data = await self.get(key)
        left = {"state": state, "data": data} | {name: EMPTY[name] for name in names}
        if left == EMPTY:
            await self.remove(key)
        else:
            await self.put(key, now, **left)

    async def remove(self, key: str) -> None:
        """End the dialogue."""
        await self._connection.execute(delete(dialogues).where(dialogues.c.key == key))

    async def purge(self, before: datetime) -> int:
        """Drop dialogues that nobody has touched since; how many."""
        return (await self._connection.execute(delete(dialogues).where(dialogues.c.updated_at < before))).rowcount
