"""`batch_cards`: the messages on which admins watch batches. A person watches a batch on one message, the newest."""

from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Batch, BatchCard
from storage.batches import BATCH, batch_of
from storage.sql import insert_new
from storage.tables import batch_cards as cards
from storage.tables import notification_batch_jobs as batches
from storage.tables import users

CARD = (cards.c.id, cards.c.batch_id, cards.c.user_id, cards.c.message_id, cards.c.shown_at)


class BatchCardsTable:
    """By their batch and the person who watches."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def watch(self, batch_id: int, user_id: int, message_id: int, now: datetime, shown_at: datetime) -> None:
        """Keep a batch up to date on this message, which shows it as it was at `shown_at`."""
        theirs = or_(cards.c.batch_id == batch_id, cards.c.message_id == message_id)
        await self._connection.execute(delete(cards).where(cards.c.user_id == user_id, theirs))
        row = {"batch_id": batch_id, "user_id": user_id, "message_id": message_id, "shown_at": shown_at}
        await self._connection.execute(insert_new(self._connection, cards).values(row | {"created_at": now}))

    async def outdated(self, limit: int) -> list[tuple[BatchCard, Batch, int]]:
        """The cards that show another state of their batch than it has, with the batch and the chat they stand in."""
        both = select(*CARD, users.c.telegram_id, *BATCH).join_from(cards, batches, cards.c.batch_id == batches.c.id)
        late = and_(batches.c.updated_at != cards.c.shown_at, users.c.telegram_id.is_not(None))
        theirs = both.join(users, cards.c.user_id == users.c.id).where(late).order_by(cards.c.id).limit(limit)
        rows = await self._connection.execute(theirs)
        cut = len(CARD)
        return [(BatchCard(*row[:cut]), found, row[cut]) for row in rows if (found := batch_of(row[cut + 1 :]))]

    async def shown(self, card: BatchCard, at: datetime) -> bool:
        """Note that the card is brought to the state of then; False where another process does it."""
        mine = and_(cards.c.id == card.id, cards.c.shown_at == card.shown_at)
        return bool((await self._connection.execute(update(cards).where(mine).values(shown_at=at))).rowcount)

    async def unwatch(self, user_id: int, message_id: int) -> None:
        """The message is gone, or shows something else."""
        mine = and_(cards.c.user_id == user_id, cards.c.message_id == message_id)
        await self._connection.execute(delete(cards).where(mine))
