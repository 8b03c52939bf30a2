"""`user_addresses`: where a user's phones, browsers and devices are reached. An address belongs to one user."""

from collections.abc import Collection
from dataclasses import fields

from sqlalchemy import Select, delete, select, tuple_, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Channel, UserAddress
from storage.sql import insert_new
from storage.tables import user_addresses as table

FIELDS = tuple(field.name for field in fields(UserAddress))
ADDRESSES = select(*(table.c[name] for name in FIELDS))


class AddressesTable:
    """By their user, in the order in which they were added, and by channel and keyed hash."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of_user(self, user_id: int, channel: Channel | None = None) -> list[UserAddress]:
        """A user's addresses, of one channel or of all."""
        mine = ADDRESSES.where(table.c.user_id == user_id)
        return await self._read(mine if channel is None else mine.where(table.c.channel == channel))

    async def of_users(self, user_ids: Collection[int]) -> dict[int, list[UserAddress]]:
        """The same of many users at once; a user without any is missing."""
        found: dict[int, list[UserAddress]] = {}
        for one in await self._read(ADDRESSES.where(table.c.user_id.in_(user_ids))):
            found.setdefault(one.user_id, []).append(one)
        return found

    async def by_hash(self, channel: Channel, address_hash: str) -> UserAddress | None:
        """Whose address that is."""
        mine = (table.c.channel == channel) & (table.c.address_hash == address_hash)
        return next(iter(await self._read(ADDRESSES.where(mine))), None)

    async def add(self, address: UserAddress, address_hash: str) -> int:
        """The row's id. An address that somebody else had becomes this user's: a phone or a browser changes hands."""
        values = {name: getattr(address, name) for name in FIELDS if name != "id"} | {"address_hash": address_hash}
        known = (table.c.channel == address.channel) & (table.c.address_hash == address_hash)
        new = insert_new(self._connection, table).values(values).returning(table.c.id)
        new_id: int | None = await self._connection.scalar(new)
        if new_id is None:
            taken = {"user_id": address.user_id, "address": address.address, "label": address.label}
            moved = update(table).where(known).values(taken).returning(table.c.id)
            new_id = (await self._connection.execute(moved)).scalar_one()
        return new_id

    async def remove(self, user_id: int, address_id: int) -> UserAddress | None:
        """Take an address away from its user; what it was, None where it was not theirs."""
        mine = (table.c.id == address_id) & (table.c.user_id == user_id)
        gone = delete(table).where(mine).returning(*ADDRESSES.selected_columns)
        row = (await self._connection.execute(gone)).one_or_none()
        return _address(row) if row else None

    async def forget(self, addresses: Collection[tuple[str, str]]) -> int:
        """Drop addresses, by channel and hash, that reach nobody any more; how many there were."""
        if not addresses:
            return 0
        dead = tuple_(table.c.channel, table.c.address_hash).in_(list(addresses))
        return (await self._connection.execute(delete(table).where(dead))).rowcount

    async def _read(self, query: Select[*tuple[object, ...]]) -> list[UserAddress]:
        return [_address(row) for row in await self._connection.execute(query.order_by(table.c.id))]


def _address(row: Row[*tuple[object, ...]]) -> UserAddress:
    values = dict(zip(FIELDS, row, strict=True))
    return UserAddress(**values | {"channel": Channel(str(values["channel"]))})  # type: ignore[arg-type]
