"""Samples of a user's voice: posts they wrote before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Sample
from storage.tables import users, voice_samples


class SamplesTable:
    """The repository of `voice_samples`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, user_id: int) -> None:
        """Let nobody else add to the user's samples before this transaction ends."""
        await self._connection.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())

    async def of_user(self, user_id: int) -> list[Sample]:
        """The user's samples, oldest first."""
        columns = (voice_samples.c.id, voice_samples.c.content, voice_samples.c.created_at)
        statement = select(*columns).where(voice_samples.c.user_id == user_id).order_by(voice_samples.c.id)
        return [Sample(*row) for row in await self._connection.execute(statement)]

    async def add(self, user_id: int, texts: Sequence[str], now: datetime) -> None:
        """Keep these texts."""
        rows = [{"user_id": user_id, "content": text, "created_at": now} for text in texts]
        await self._connection.execute(insert(voice_samples), rows)

    async def remove(self, user_id: int, sample_id: int | None = None) -> int:
        """Forget one sample, or all; how many went."""
        mine = delete(voice_samples).where(voice_samples.c.user_id == user_id)
        chosen = mine if sample_id is None else mine.where(voice_samples.c.id == sample_id)
        return (await self._connection.execute(chosen)).rowcount
