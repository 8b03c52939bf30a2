"""`links`: what a token in a message stands for. Only a token's hash is kept."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import Link
from core.secrets import token_hash
from storage.sql import insert_new, update_rows
from storage.tables import links as table

FIELDS = tuple(field.name for field in fields(Link))
LINKS = select(*(table.c[name] for name in FIELDS))


class LinksTable:
    """One row for each purpose, user and scope."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ensure(self, link: Link, token_of: Callable[[Link], str]) -> Link:
        """The row for the link's purpose, user and scope, made where it is missing."""
        mine = (table.c.purpose == link.purpose) & (table.c.user_id == link.user_id) & (table.c.scope == link.scope)
        row = (await self._connection.execute(LINKS.where(mine))).one_or_none()
        if row is None:
            await self._add(link, token_of)
            row = (await self._connection.execute(LINKS.where(mine))).one()
        return Link(*row)

    async def ensure_all(self, links: Sequence[Link], token_of: Callable[[Link], str]) -> list[Link]:
        """The same for many links of one purpose and scope, by at most four statements."""
        first = links[0]
        users = {link.user_id for link in links}
        mine = (table.c.purpose == first.purpose) & (table.c.scope == first.scope) & table.c.user_id.in_(users)
        found = [Link(*row) for row in await self._connection.execute(LINKS.where(mine))]
        known = {link.user_id for link in found}
        missing = [link for link in links if link.user_id not in known]
        if not missing:
            return found
        await self._add_all(missing, token_of)
        return [Link(*row) for row in await self._connection.execute(LINKS.where(mine))]

    async def _add_all(self, links: Sequence[Link], token_of: Callable[[Link], str]) -> None:
        rows = [_row(link) for link in links]
        new = insert_new(self._connection, table).returning(*LINKS.selected_columns)
        added = [Link(*row) for row in await self._connection.execute(new, rows)]
        tokens = [{"id": one.id, "token_hash": token_hash(token_of(one)), "was": one.generation} for one in added]
        if tokens:
            await update_rows(self._connection, table, tokens, expected={"generation": "was"})

    async def _add(self, link: Link, token_of: Callable[[Link], str]) -> None:
        new = insert_new(self._connection, table).values(_row(link)).returning(table.c.id)
        new_id = await self._connection.scalar(new)
        if new_id is not None:
            await self._set_token(replace(link, id=new_id), token_of)

    async def _set_token(self, link: Link, token_of: Callable[[Link], str]) -> None:
        hashed = token_hash(token_of(link))
        await self._connection.execute(
            update(table).where(table.c.id == link.id).values(token_hash=hashed, generation=link.generation)
        )

    async def by_token(self, token: str, now: datetime) -> Link | None:
        """The link that a token opens; None where it is unknown, revoked or expired."""
        alive = or_(table.c.expires_at.is_(None), table.c.expires_at > now)
        row = (
            await self._connection.execute(LINKS.where(table.c.token_hash == token_hash(token), alive))
        ).one_or_none()
        return Link(*row) if row else None

    async def extend(self, link_id: int, until: datetime) -> None:
        """Let a link work until then."""
        await self._connection.execute(update(table).where(table.c.id == link_id).values(expires_at=until))

    async def revoke(self, user_id: int, token_of: Callable[[Link], str]) -> None:
        """Raise the generation of the user's links: tokens that were sent open nothing any more."""
        for row in (await self._connection.execute(LINKS.where(table.c.user_id == user_id))).all():
            link = Link(*row)
            await self._set_token(replace(link, generation=link.generation + 1), token_of)


def _row(link: Link) -> dict[str, Any]:
    """A new link with a token that nobody knows: its own is derived from the id, which is not known yet."""
    return {name: getattr(link, name) for name in FIELDS if name != "id"} | {"token_hash": secrets.token_hex(32)}
