"""The author's shelf: posts by page, by state and by word, and the texts that show how the author writes."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import PostState, PostView
from storage.posts import POST, SHOWN, VERSION, to_view
from storage.tables import post_versions, posts

SHELF = posts.outerjoin(post_versions, (post_versions.c.post_id == posts.c.id) & (post_versions.c.version == SHOWN))


class ShelfTable:
    """Lists of a user's posts."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def page(
        self, user_id: int, states: Collection[PostState], word: str, *, offset: int, limit: int
    ) -> list[PostView]:
        """Posts in these states whose idea or text holds `word`, newest first."""
        statement = _chosen(select(*POST, *VERSION), user_id, states, word)
        newest = statement.order_by(posts.c.created_at.desc(), posts.c.id.desc()).offset(offset).limit(limit)
        views = [to_view(row) for row in await self._connection.execute(newest)]
        return [view for view in views if view]

    async def count(self, user_id: int, states: Collection[PostState], word: str) -> int:
        """How many posts `page` has in all."""
        statement = _chosen(select(func.count()), user_id, states, word)
        total: int = await self._connection.scalar(statement)
        return total

    async def recently_approved(self, user_id: int, *, but: int, limit: int) -> list[str]:
        """The texts the user approved last, newest first, without those of the post `but`."""
        statement = (
            select(post_versions.c.content)
            .select_from(SHELF)
            .where(posts.c.user_id == user_id, posts.c.id != but)
            .where(posts.c.state.in_((PostState.APPROVED, PostState.POSTED)))
            .order_by(posts.c.approved_at.desc(), posts.c.id.desc())
            .limit(limit)
        )
        return list((await self._connection.execute(statement)).scalars())


def _chosen(
    statement: Select[tuple[int]], user_id: int, states: Collection[PostState], word: str
) -> Select[tuple[int]]:
    mine = statement.select_from(SHELF).where(posts.c.user_id == user_id, posts.c.state.in_(states))
    return mine.where(_holds(word)) if word else mine


def _holds(word: str) -> ColumnElement[bool]:
    # SQLite folds the case of ASCII letters only, so the usual spellings of "éxito" are asked for one by one.
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    columns = (posts.c.idea, post_versions.c.content)
    return or_(*(column.icontains(spelling, autoescape=True) for column in columns for spelling in sorted(spellings)))
