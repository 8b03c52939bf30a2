"""Posts and their versions: reading one, and every move of its life guarded by the state it was decided on."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from core.model import Channel, DeliveryStatus, Kind, Post, PostState, PostView, Version
from storage.tables import notification_deliveries, notifications, post_versions, posts, users

FIELDS = tuple(field.name for field in fields(Post))
POST = tuple(posts.c[name] for name in FIELDS)
VERSION_FIELDS = tuple(field.name for field in fields(Version))
VERSION = tuple(post_versions.c[{"number": "version", "text": "content"}.get(name, name)] for name in VERSION_FIELDS)
SHOWN = func.coalesce(posts.c.approved_version, posts.c.latest)  # the version a post stands for
BY_HAND = "user"  # post_versions.writer of a text the author wrote: it doesn't count as a draft


def to_post(values: Sequence[Any]) -> Post:
    """A post from the columns of `POST`."""
    named = dict(zip(FIELDS, values, strict=True))
    before = named["state_before_delete"]
    return Post(**{**named, "state": PostState(named["state"]), "state_before_delete": before and PostState(before)})


def to_view(row: Sequence[Any]) -> PostView | None:
    """A post and its version from `POST` + `VERSION`; an idea not written yet is its own version 0."""
    post, version = to_post(row[: len(POST)]), row[len(POST) :]
    if version[0] is not None:
        return PostView(post, Version(*version))
    return PostView(post, Version(post.id, 0, post.idea, "idea", BY_HAND, post.created_at)) if not post.latest else None


def _view(number: ColumnElement[Any]) -> Select[Any]:
    version = (post_versions.c.post_id == posts.c.id) & (post_versions.c.version == number)
    mine = (posts.c.id == bindparam("post")) & (posts.c.user_id == bindparam("user"))
    return select(*POST, *VERSION).outerjoin_from(posts, post_versions, version).where(mine)


# Built once: a press costs its statements, not their making.
VIEW_SHOWN, VIEW_ONE = _view(SHOWN), _view(bindparam("number"))
ABOUT = select(notifications.c.id).where(
    notifications.c.post_id == bindparam("about"), notifications.c.kind.in_(bindparam("kinds", expanding=True))
)
CANCEL_WAITING = (
    update(notification_deliveries)
    .where(notification_deliveries.c.notification_id.in_(ABOUT))
    .where(notification_deliveries.c.status == DeliveryStatus.PENDING)
    .values(status=DeliveryStatus.CANCELLED, hold_reason=None, updated_at=bindparam("now"))
)
ABOUT_POST = select(notifications.c.id).where(
    notifications.c.post_id == bindparam("as_post"), notifications.c.kind.in_(bindparam("as_kinds", expanding=True))
)
CANCEL = (
    update(notification_deliveries)
    .where(notification_deliveries.c.notification_id.in_(ABOUT_POST))
    .where(notification_deliveries.c.status == bindparam("as_pending"))
    .values({name: bindparam(f"to_{name}") for name in ("status", "hold_reason", "updated_at")})
)


@cache
def _move(names: tuple[str, ...]) -> ReturningUpdate[Any]:
    """The statement that changes these columns of a post which is as it was read."""
    as_read = (posts.c.id == bindparam("as_id")) & (posts.c.user_id == bindparam("as_user"))
    state_is = posts.c.state == bindparam("as_state")
    changes: dict[str, Any] = {name: bindparam(f"to_{name}") for name in (*names, "updated_at")}
    return update(posts).where(as_read, state_is).values(changes).returning(*POST)


class PostsTable:
    """The repository of `posts` and `post_versions`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, post: Post) -> Post | None:
        """Keep a new idea; None when its update has made a post before."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        values = {name: getattr(post, name) for name in FIELDS if name != "id"}
        statement = dialect.insert(posts).values(values).on_conflict_do_nothing(index_elements=["source_key"])
        row = (await self._connection.execute(statement.returning(*POST))).one_or_none()
        return to_post(row) if row else None

    async def by_source_key(self, user_id: int, source_key: str) -> Post | None:
        """The post that an update has made."""
        statement = select(*POST).where(posts.c.source_key == source_key, posts.c.user_id == user_id)
        row = (await self._connection.execute(statement)).one_or_none()
        return to_post(row) if row else None

    async def view(self, user_id: int, post_id: int, version: int | None = None) -> PostView | None:
        """A user's post with the version asked for; without one the approved, else the latest."""
        statement = VIEW_SHOWN if version is None else VIEW_ONE
        values = {"post": post_id, "user": user_id} | ({} if version is None else {"number": version})
        row = (await self._connection.execute(statement, values)).one_or_none()
        return to_view(row) if row else None

    async def by_card(self, user_id: int, message_id: str) -> int | None:
        """The post that a Telegram message of ours, delivered to this user, is about."""
        delivered = (
            (notification_deliveries.c.user_id == user_id)
            & (notification_deliveries.c.delivery_type == Channel.TELEGRAM)
            & (notification_deliveries.c.provider_message_id == message_id)
        )
        about = select(notifications.c.post_id).join_from(notifications, notification_deliveries)
        post_id: int | None = await self._connection.scalar(
            about.where(delivered, notifications.c.post_id.is_not(None))
        )
        return post_id

    async def versions(self, post_id: int) -> list[Version]:
        """Every text the post has had, oldest first."""
        statement = select(*VERSION).where(post_versions.c.post_id == post_id).order_by(post_versions.c.version)
        return [Version(*row) for row in await self._connection.execute(statement)]

    async def drafts_since(self, user_id: int, since: datetime, now: datetime) -> int:
        """Drafts written for the user since then, with those being written now. Holds the user's row, so that
        two requests at once don't both count the same; whoever only refers to it by a foreign key need not wait."""
        mine = select(users.c.id).where(users.c.id == user_id)
        await self._connection.execute(mine.with_for_update(key_share=True))
        written = (
            select(func.count())
            .select_from(posts.join(post_versions, post_versions.c.post_id == posts.c.id))
            .where(posts.c.user_id == user_id, posts.c.updated_at >= since)
            .where(post_versions.c.created_at >= since, post_versions.c.writer != BY_HAND)
        )
        open_now = select(func.count()).where(posts.c.user_id == user_id, posts.c.writing_until > now)
        counts = select(written.scalar_subquery() + open_now.scalar_subquery())
        return int((await self._connection.execute(counts)).scalar_one())

    async def claim_writing(
        self, user_id: int, post_id: int, *, key: str, latest: int, until: datetime, now: datetime
    ) -> bool:
        """Lease the post for writing its next version. False when somebody is at it or `latest` has passed; a
        replay of the same update (`key`) takes its own lease over."""
        free = posts.c.writing_until.is_(None) | (posts.c.writing_until <= now) | (posts.c.writing_key == key)
        statement = (
            update(posts)
            .where(posts.c.id == post_id, posts.c.user_id == user_id, posts.c.latest == latest, free)
            .where(posts.c.state.in_((PostState.WRITING, PostState.DRAFT)))
            .values(writing_until=until, writing_key=key)
        )
        return (await self._connection.execute(statement)).rowcount == 1

    async def release_writing(self, post_id: int, key: str) -> None:
        """Give a lease back without a version."""
        mine = (posts.c.id == post_id) & (posts.c.writing_key == key)
        await self._connection.execute(update(posts).where(mine).values(writing_until=None, writing_key=None))

    async def add_version(
        self, user_id: int, version: Version, *, lease: str | None = None, latest: int | None = None
    ) -> PostView | None:
        """Add a text as the next version (its `number` is set here). With `lease`, only while that lease holds; with
        `latest`, only onto that version of a post still to be approved. None when that has passed."""
        mine = (posts.c.id == version.post_id) & (posts.c.user_id == user_id)
        changes: dict[str, Any] = {}
        if lease is not None:
            mine &= posts.c.writing_key == lease
            changes = {"writing_until": None, "writing_key": None}
        if latest is not None:
            mine &= (posts.c.latest == latest) & posts.c.state.in_((PostState.WRITING, PostState.DRAFT))
        statement = (
            update(posts)
            .where(mine)
            .values(
                latest=posts.c.latest + 1,
                state=_written(posts.c.state),
                state_before_delete=_written(posts.c.state_before_delete),
                updated_at=version.created_at,
                **changes,
            )
        )
        row = (await self._connection.execute(statement.returning(*POST))).one_or_none()
        return await self._insert(to_post(row), version) if row else None

    async def _insert(self, post: Post, version: Version) -> PostView:
        numbered = replace(version, number=post.latest)
        values = {column.name: getattr(numbered, field) for column, field in zip(VERSION, VERSION_FIELDS, strict=True)}
        await self._connection.execute(insert(post_versions), values)
        return PostView(post, numbered)

    async def move(self, post: Post, expected: Collection[PostState], now: datetime, **changes: Any) -> Post | None:
        """Change a post that is still as it was read: None when its state has moved on meanwhile."""
        if post.state not in expected:
            return None
        as_read = {"as_id": post.id, "as_user": post.user_id, "as_state": post.state}
        values = {f"to_{name}": value for name, value in changes.items()} | {"to_updated_at": now}
        row = (await self._connection.execute(_move(tuple(changes)), as_read | values)).one_or_none()
        return to_post(row) if row else None

    async def last_posted_at(self, user_id: int) -> datetime | None:
        """When the user last posted, of the posts that still count as posted."""
        latest = select(func.max(posts.c.posted_at)).where(
            posts.c.user_id == user_id, posts.c.state == PostState.POSTED
        )
        moment: datetime | None = (await self._connection.execute(latest)).scalar_one()
        return moment

    async def take_kept(self, now: datetime, limit: int = 100) -> list[Post]:
        """Posts whose date has come, each handed out once: the date is cleared here and still on the values."""
        due = select(*POST).where(posts.c.keep_until <= now).order_by(posts.c.keep_until).limit(limit)
        found = [to_post(row) for row in await self._connection.execute(due.with_for_update(skip_locked=True))]
        if found:
            taken = posts.c.id.in_([post.id for post in found])
            await self._connection.execute(update(posts).where(taken).values(keep_until=None))
        return found

    async def cancel_waiting(self, post_id: int, kinds: Collection[Kind], now: datetime) -> int:
        """Cancel what is still waiting to be sent about a post; how many that were."""
        values = {"about": post_id, "kinds": list(kinds), "now": now}
        return (await self._connection.execute(CANCEL_WAITING, values)).rowcount


def _written(state: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a state becomes once there is a version."""
    return case((state == PostState.WRITING, PostState.DRAFT.value), else_=state)
