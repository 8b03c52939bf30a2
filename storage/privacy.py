"""Everything that is known about one person, wherever it stands: to be handed out and to be erased.

A new table with a `user_id` is exported and (by its foreign key) erased without a change here.
"""

from collections.abc import AsyncIterator, Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import (
    dialogues,
    inbound_messages,
    invitations,
    metadata,
    notification_deliveries,
    notifications,
    post_versions,
    posts,
    provider_events,
    suppressions,
    telegram_updates,
    users,
    verification_codes,
)

PAGE = 200  # rows
SECRETS = {"token_hash", "address_hash", "leased_by"}  # of no use to the person, of use to a thief


class PersonalDataTables:
    """All tables, by the person they speak of."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_user(
        self, user_id: int, telegram_id: int | None, hashes: Collection[str]
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """(table, row) for everything, read page by page. `hashes` are those of the person's addresses."""
        for table, where in _places(user_id, telegram_id, hashes):
            async for row in self._rows(table, where):
                yield table.name, {name: value for name, value in row.items() if name not in SECRETS}

    async def _rows(self, table: Table, where: ColumnElement[bool]) -> AsyncIterator[dict[str, Any]]:
        """In the order of the primary key. No cursor is held open: PostgreSQL's need a transaction."""
        (key,) = table.primary_key.columns
        page = select(table).where(where).order_by(key).limit(PAGE)
        rows = (await self._connection.execute(page)).mappings().all()
        while rows:
            for row in rows:
                yield dict(row)
            rows = (await self._connection.execute(page.where(key > rows[-1][key]))).mappings().all()

    async def erase(self, user_id: int, telegram_id: int | None, hashes: Collection[str], now: datetime) -> None:
        """Remove the user and what is theirs. A suppression stays: it keeps no more than a keyed hash."""
        requests = notifications.c.idempotency_key.like(f"access:{user_id}:%")  # name them to the admins
        asked = verification_codes.c.address_hash.in_(hashes)  # by somebody else
        await self._connection.execute(delete(provider_events).where(_reported_about(user_id)))
        await self._connection.execute(delete(notifications).where(requests))
        await self._connection.execute(delete(inbound_messages).where(inbound_messages.c.address_hash.in_(hashes)))
        await self._connection.execute(update(verification_codes).where(asked).values(address=None, closed_at=now))
        await self._connection.execute(delete(users).where(users.c.id == user_id))
        if telegram_id is not None:
            await self._connection.execute(delete(dialogues).where(_spoken_by(telegram_id)))
            await self._forget_updates(telegram_id, now)

    async def _forget_updates(self, telegram_id: int, now: datetime) -> None:
        """Messages that still wait to be answered, this one included: nobody is to answer them any more."""
        waiting = select(telegram_updates.c.update_id, telegram_updates.c.payload).where(
            telegram_updates.c.payload.is_not(None)
        )
        theirs = [row[0] for row in await self._connection.execute(waiting) if _author(row[1]) == telegram_id]
        await self._connection.execute(
            update(telegram_updates)
            .where(telegram_updates.c.update_id.in_(theirs))
            .values(payload=None, handled_at=now)
        )


def _places(
    user_id: int, telegram_id: int | None, hashes: Collection[str]
) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Every table that may hold something of the person, and what says that a row is theirs."""
    yield users, users.c.id == user_id
    for table in metadata.sorted_tables:
        if "user_id" in table.columns:
            yield table, table.c.user_id == user_id
    yield invitations, invitations.c.inviter_id == user_id
    yield post_versions, post_versions.c.post_id.in_(select(posts.c.id).where(posts.c.user_id == user_id))
    yield provider_events, _reported_about(user_id)
    yield suppressions, suppressions.c.address_hash.in_(hashes)
    yield inbound_messages, inbound_messages.c.address_hash.in_(hashes)
    if telegram_id is not None:
        yield dialogues, _spoken_by(telegram_id)


def _reported_about(user_id: int) -> ColumnElement[bool]:
    return exists().where(
        notification_deliveries.c.user_id == user_id,
        notification_deliveries.c.provider_name == provider_events.c.provider_name,
        notification_deliveries.c.provider_message_id == provider_events.c.provider_message_id,
    )


def _spoken_by(telegram_id: int) -> ColumnElement[bool]:
    """The key of a dialogue is chat:person."""
    return or_(dialogues.c.key == f"{telegram_id}:{telegram_id}", dialogues.c.key.endswith(f":{telegram_id}"))


def _author(payload: Any) -> int | None:
    """Who an update is from: its one object beside the id names them."""
    parts = payload.values() if isinstance(payload, dict) else ()
    people = (part.get("from") or part.get("from_user") for part in parts if isinstance(part, dict))
    return next((person.get("id") for person in people if isinstance(person, dict)), None)
