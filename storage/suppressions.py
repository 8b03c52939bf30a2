"""`suppressions`: addresses that must not be used, as keyed hashes."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Channel
from core.model.audit import Suppression
from storage.sql import insert_new
from storage.tables import suppressions

ALL = "all"
SUPPRESSION = tuple(suppressions.c[field.name] for field in fields(Suppression))
AddressKey = tuple[str, str]  # channel, address hash


class SuppressionsTable:
    """Who must be left alone: by a channel and a keyed hash, for everything or for one kind."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def reasons(self, addresses: Collection[AddressKey], kind: str) -> dict[AddressKey, str]:
        """The reason for each of these addresses that may not be sent this kind."""
        found = await self.scopes(addresses)
        return {
            (channel, address): reason for (channel, address, scope), reason in found.items() if scope in (ALL, kind)
        }

    async def scopes(self, addresses: Collection[AddressKey]) -> dict[tuple[str, str, str], str]:
        """The reason by channel, address hash and scope, for a batch of addresses."""
        hashes = {address for _, address in addresses}
        if not hashes:
            return {}
        table = suppressions.c
        statement = select(table.channel, table.address_hash, table.scope, table.reason)
        rows = await self._connection.execute(statement.where(table.address_hash.in_(hashes)))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    async def add(self, channel: str, address_hash: str, reason: str, now: datetime, *, scope: str = ALL) -> bool:
        """Suppress an address; False where it is already."""
        row = {"channel": channel, "address_hash": address_hash, "scope": scope, "reason": reason, "created_at": now}
        statement = insert_new(self._connection, suppressions).values(row).returning(suppressions.c.id)
        return (await self._connection.execute(statement)).first() is not None

    async def remove(self, channel: str, address_hash: str, *, scope: str = ALL) -> bool:
        """Lift a suppression; False where there was none."""
        table = suppressions.c
        mine = (table.channel == channel) & (table.address_hash == address_hash) & (table.scope == scope)
        return bool((await self._connection.execute(delete(suppressions).where(mine))).rowcount)

    async def found(self, addresses: Collection[AddressKey]) -> list[Suppression]:
        """What is suppressed of these addresses, the newest first."""
        if not addresses:
            return []
        table = suppressions.c
        wanted = tuple_(table.channel, table.address_hash).in_(list(addresses))
        rows = await self._connection.execute(select(*SUPPRESSION).where(wanted).order_by(table.id.desc()))
        return [_suppression(row) for row in rows]

    async def one(self, suppression_id: int) -> Suppression | None:
        """A suppression; None where it was lifted."""
        row = (await self._connection.execute(select(*SUPPRESSION).where(suppressions.c.id == suppression_id))).first()
        return _suppression(row) if row else None

    async def counts(self) -> dict[tuple[Channel, str], int]:
        """How many addresses are suppressed, by channel and reason."""
        table = suppressions.c
        statement = select(table.channel, table.reason, func.count()).group_by(table.channel, table.reason)
        return {(Channel(row[0]), row[1]): row[2] for row in await self._connection.execute(statement)}


def _suppression(row: Row[Any]) -> Suppression:
    return Suppression(**dict(row._mapping) | {"channel": Channel(row.channel)})
