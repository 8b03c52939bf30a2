"""`inbound_messages`: that somebody wrote to us, when, and which keyword it was. Neither the number nor the words."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import InboundMessage
from storage.sql import insert_new
from storage.tables import inbound_messages as table
from storage.tables import user_addresses, user_settings


class InboundTable:
    """By provider and the provider's id of the message, each once."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, messages: Sequence[tuple[InboundMessage, str, str | None]], now: datetime
    ) -> list[InboundMessage]:
        """Those of the messages, each with its sender's hash and keyword, that were not known."""
        rows = [
            {
                "provider_name": one.provider, "event_id": one.event_id[:255], "channel": one.channel,
                "address_hash": address, "keyword": keyword, "received_at": min(one.at, now), "created_at": now,
            }
            for one, address, keyword in messages
        ]  # fmt: skip
        if not rows:
            return []
        statement = insert_new(self._connection, table).values(rows).returning(table.c.provider_name, table.c.event_id)
        added = {tuple(row) for row in await self._connection.execute(statement)}
        known = {(one.provider, one.event_id[:255]): one for one, _, _ in messages}
        return [one for key, one in known.items() if key in added]

    async def last_words(self, addresses: Collection[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
        """When these addresses, by channel and hash, last wrote to us."""
        hashes = {address for _, address in addresses}
        latest = select(table.c.channel, table.c.address_hash, func.max(table.c.received_at))
        rows = await self._connection.execute(
            latest.where(table.c.address_hash.in_(hashes)).group_by(table.c.channel, table.c.address_hash)
        )
        return {(channel, address): at for channel, address, at in rows}

    async def language_of(self, channel: str, address_hash: str) -> str | None:
        """The language of the user whose address it is."""
        theirs = (user_addresses.c.channel == channel) & (user_addresses.c.address_hash == address_hash)
        statement = select(user_settings.c.language).join(
            user_addresses, user_addresses.c.user_id == user_settings.c.user_id
        )
        language: str | None = await self._connection.scalar(statement.where(theirs))
        return language

    async def purge(self, before: datetime) -> int:
        """Forget what is older."""
        return (await self._connection.execute(delete(table).where(table.c.created_at < before))).rowcount
