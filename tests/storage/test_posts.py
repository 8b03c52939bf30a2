"""Posts and their versions on both databases: every move is guarded by what it was decided on."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.model import DeliveryStatus, Kind, Post, PostState, PostView, Version
from storage.database import Database
from storage.tables import notification_deliveries, notifications, users

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=3)
AUTHOR, SOMEBODY = 1, 2
OPEN = (PostState.DRAFT,)


@pytest.fixture
async def database(any_database: Database) -> Database:
    """Two people."""
    async with any_database.engine.begin() as connection:
        for number, name in ((AUTHOR, "Ada"), (SOMEBODY, "Grace")):
            person = {"public_id": f"u{number}", "telegram_id": number, "name": name, "access": "allowed"}
            await connection.execute(insert(users), {**person, "id": number, "created_at": NOW, "updated_at": NOW})
    return any_database


def an_idea(source_key: str = "update:1", user_id: int = AUTHOR) -> Post:
    return Post(
        0, user_id, "Ship small", PostState.WRITING, "en", 0, NOW, NOW, source_key,
        writing_until=LATER, writing_key=source_key,
    )  # fmt: skip


def a_text(post_id: int, text: str = "A post", writer: str = "offline", at: datetime = NOW) -> Version:
    return Version(post_id, 0, text, "first", writer, at)


async def a_draft(database: Database, source_key: str = "update:1", texts: tuple[str, ...] = ("One",)) -> PostView:
    async with database.begin() as uow:
        post = await uow.posts.add(an_idea(source_key))
        assert post
        view = await uow.posts.add_version(AUTHOR, a_text(post.id, texts[0]), lease=source_key)
        for text in texts[1:]:
            view = await uow.posts.add_version(AUTHOR, a_text(post.id, text), latest=view.post.latest if view else 0)
    assert view
    return view


async def test_an_update_makes_one_post(database: Database) -> None:
    """A replayed update finds the post that it made."""
    async with database.begin() as uow:
        first = await uow.posts.add(an_idea())
        assert await uow.posts.add(an_idea()) is None
        assert await uow.posts.by_source_key(AUTHOR, "update:1") == first
        assert await uow.posts.by_source_key(SOMEBODY, "update:1") is None


async def test_an_idea_is_its_own_version_zero(database: Database) -> None:
    """Before the first version there is still something to show."""
    async with database.begin() as uow:
        post = await uow.posts.add(an_idea())
        assert post
        view = await uow.posts.view(AUTHOR, post.id)
    assert view
    assert (view.version.number, view.version.text, view.post.state) == (0, "Ship small", PostState.WRITING)


async def test_a_view_shows_the_version_asked_for(database: Database) -> None:
    """Without one it is the approved version, or else the latest."""
    post = (await a_draft(database, texts=("One", "Two", "Three"))).post
    async with database.begin() as uow:
        shown = [await uow.posts.view(AUTHOR, post.id, number) for number in (None, 1, 3, 4)]
        await uow.posts.move(post, OPEN, NOW, state=PostState.APPROVED, approved_version=2, approved_at=NOW)
        approved = await uow.posts.view(AUTHOR, post.id)
    assert [view.version.text if view else None for view in shown] == ["Three", "One", "Three", None]
    assert approved
    assert (approved.version.text, approved.post.state) == ("Two", PostState.APPROVED)


async def test_a_post_is_seen_by_its_owner_only(database: Database) -> None:
    """The owner stands in every WHERE clause."""
    post = (await a_draft(database)).post
    theirs = replace(post, user_id=SOMEBODY)
    async with database.begin() as uow:
        assert await uow.posts.view(SOMEBODY, post.id) is None
        assert await uow.posts.move(theirs, OPEN, NOW, state=PostState.DELETED) is None
        assert await uow.posts.add_version(SOMEBODY, a_text(post.id), latest=1) is None
        assert not await uow.posts.claim_writing(SOMEBODY, post.id, key="k", latest=1, until=LATER, now=NOW)


async def test_versions_are_numbered_and_kept(database: Database) -> None:
    """Every text stays, oldest first."""
    post = (await a_draft(database, texts=("One", "Two"))).post
    async with database.read() as uow:
        versions = await uow.posts.versions(post.id)
    assert [(version.number, version.text) for version in versions] == [(1, "One"), (2, "Two")]


async def test_one_writer_at_a_time(database: Database) -> None:
    """A second press finds the lease taken; the same update takes its own over; an expired one is free."""
    post = (await a_draft(database)).post

    async def claim(key: str, latest: int, now: datetime) -> bool:
        async with database.begin() as uow:
            until = now + timedelta(minutes=3)
            return await uow.posts.claim_writing(AUTHOR, post.id, key=key, latest=latest, until=until, now=now)

    assert await claim("update:2", 1, NOW)
    assert not await claim("update:3", 1, NOW)
    assert await claim("update:2", 1, NOW)
    assert not await claim("update:2", 0, NOW), "a stale press"
    assert await claim("update:3", 1, NOW + timedelta(minutes=4))


async def test_only_the_lease_adds_its_version(database: Database) -> None:
    """Whoever lost the lease writes nothing; an edit by hand doesn't end it."""
    post = (await a_draft(database)).post
    async with database.begin() as uow:
        await uow.posts.claim_writing(AUTHOR, post.id, key="update:2", latest=1, until=LATER, now=NOW)
        assert await uow.posts.add_version(AUTHOR, a_text(post.id, "Lost"), lease="update:9") is None
        by_hand = await uow.posts.add_version(AUTHOR, a_text(post.id, "By hand", "user"), latest=1)
        written = await uow.posts.add_version(AUTHOR, a_text(post.id, "Written"), lease="update:2")
        assert await uow.posts.add_version(AUTHOR, a_text(post.id, "Again"), lease="update:2") is None
    assert by_hand
    assert written
    assert (by_hand.version.number, written.version.number) == (2, 3)
    assert written.post.writing_until is None


async def test_a_released_lease_is_free(database: Database) -> None:
    """After a failure the next press may write."""
    post = (await a_draft(database)).post
    async with database.begin() as uow:
        await uow.posts.claim_writing(AUTHOR, post.id, key="update:2", latest=1, until=LATER, now=NOW)
        await uow.posts.release_writing(post.id, "update:9")
        assert not await uow.posts.claim_writing(AUTHOR, post.id, key="update:3", latest=1, until=LATER, now=NOW)
        await uow.posts.release_writing(post.id, "update:2")
        assert await uow.posts.claim_writing(AUTHOR, post.id, key="update:3", latest=1, until=LATER, now=NOW)


async def test_what_was_written_meanwhile_is_kept(database: Database) -> None:
    """Approving or deleting while a version is being written loses neither."""
    post = (await a_draft(database)).post
    async with database.begin() as uow:
        await uow.posts.claim_writing(AUTHOR, post.id, key="update:2", latest=1, until=LATER, now=NOW)
        await uow.posts.move(post, OPEN, NOW, state=PostState.APPROVED, approved_version=1)
        written = await uow.posts.add_version(AUTHOR, a_text(post.id, "Late"), lease="update:2")
        assert await uow.posts.add_version(AUTHOR, a_text(post.id, "By hand"), latest=2) is None, "approved is locked"
    assert written
    assert (written.post.state, written.post.approved_version, written.post.latest) == (PostState.APPROVED, 1, 2)


async def test_an_idea_deleted_while_it_is_written_comes_back_as_a_draft(database: Database) -> None:
    """The state before the deletion becomes draft with the first version."""
    async with database.begin() as uow:
        post = await uow.posts.add(an_idea())
        assert post
        gone = {"state": PostState.DELETED, "state_before_delete": PostState.WRITING}
        await uow.posts.move(post, (PostState.WRITING,), NOW, **gone)
        written = await uow.posts.add_version(AUTHOR, a_text(post.id), lease="update:1")
    assert written
    assert (written.post.state, written.post.state_before_delete) == (PostState.DELETED, PostState.DRAFT)


async def test_a_move_needs_the_state_it_was_decided_on(database: Database) -> None:
    """The second of two presses changes nothing."""
    post = (await a_draft(database)).post
    async with database.begin() as uow:
        approved = await uow.posts.move(post, OPEN, LATER, state=PostState.APPROVED, approved_version=1)
        assert await uow.posts.move(post, OPEN, LATER, state=PostState.DELETED) is None
    assert approved
    assert (approved.state, approved.updated_at) == (PostState.APPROVED, LATER)


async def test_drafts_are_counted_with_those_being_written(database: Database) -> None:
    """Texts by hand and those of yesterday don't count."""
    post = (await a_draft(database)).post
    async with database.begin() as uow:
        await uow.posts.add(an_idea("update:2"))
        await uow.posts.add_version(AUTHOR, a_text(post.id, "Old", at=NOW - timedelta(days=1)), latest=1)
        await uow.posts.add_version(AUTHOR, a_text(post.id, "By hand", "user"), latest=2)
    async with database.begin() as uow:
        counts = [
            await uow.posts.drafts_since(AUTHOR, NOW, now=NOW),
            await uow.posts.drafts_since(AUTHOR, NOW, now=LATER),
            await uow.posts.drafts_since(AUTHOR, NOW - timedelta(days=1), now=LATER),
            await uow.posts.drafts_since(SOMEBODY, NOW, now=NOW),
        ]
    assert counts == [2, 1, 2, 0]


async def test_a_kept_post_is_handed_out_once_when_its_date_comes(database: Database) -> None:
    """The date is cleared in the same statement that reads it."""
    first = (await a_draft(database, "update:1")).post
    second = (await a_draft(database, "update:2")).post
    async with database.begin() as uow:
        await uow.posts.move(first, OPEN, NOW, keep_until=NOW)
        await uow.posts.move(second, OPEN, NOW, keep_until=LATER)
    async with database.begin() as uow:
        taken = await uow.posts.take_kept(NOW)
        assert await uow.posts.take_kept(NOW) == []
    assert [(post.id, post.keep_until) for post in taken] == [(first.id, NOW)]
    async with database.read() as uow:
        view = await uow.posts.view(AUTHOR, first.id)
    assert view
    assert view.post.keep_until is None


async def test_the_last_posting_day(database: Database) -> None:
    """It follows the posts that still count as posted."""
    post = (await a_draft(database)).post
    async with database.begin() as uow:
        assert await uow.posts.last_posted_at(AUTHOR) is None
        await uow.posts.move(post, OPEN, NOW, state=PostState.POSTED, posted_at=LATER)
        assert await uow.posts.last_posted_at(AUTHOR) == LATER


async def test_what_waits_to_be_sent_about_a_post_is_cancelled(database: Database) -> None:
    """Those sent already, and those of other posts or kinds, stay as they are."""
    first, second = [(await a_draft(database, key)).post.id for key in ("update:1", "update:2")]
    async with database.begin() as uow:
        waiting = (
            (first, Kind.DRAFT, "pending"),
            (first, Kind.DRAFT, "delivered"),
            (first, Kind.GAVE_UP, "pending"),
            (second, Kind.DRAFT, "pending"),
        )
        for number, (post_id, kind, status) in enumerate(waiting, start=1):
            await queue(uow.connection, number, post_id, kind, status)
        assert await uow.posts.cancel_waiting(first, (Kind.DRAFT, Kind.KEPT), LATER) == 1
        order = notification_deliveries.c.id
        stored = (await uow.connection.scalars(select(notification_deliveries.c.status).order_by(order))).all()
    assert list(stored) == [DeliveryStatus.CANCELLED, "delivered", "pending", "pending"]


async def queue(connection: AsyncConnection, number: int, post_id: int, kind: Kind, status: str) -> None:
    """A delivery of one notification, straight into the tables."""
    notification = {"id": number, "idempotency_key": f"n{number}", "kind": kind, "post_id": post_id, "content": {}}
    await connection.execute(insert(notifications), {**notification, "interactive": True, "created_at": NOW})
    delivery = {"notification_id": number, "idempotency_key": f"d{number}", "delivery_type": "email", "status": status}
    where = {"recipient": "ada@example.org", "recipient_type": "email", "provider_type": "email"}
    times = {"scheduled_at": NOW, "created_at": NOW, "updated_at": NOW}
    await connection.execute(insert(notification_deliveries), {**delivery, **where, **times, "delivery_metadata": {}})


async def test_counting_drafts_holds_up_nobody_who_only_names_the_user(postgres: Database):
    """The count and a delivery of the same user would wait for each other's rows, and one of them be thrown out."""
    async with postgres.engine.begin() as connection:
        person = {"id": AUTHOR, "public_id": "u1", "telegram_id": 1, "name": "Ada", "access": "allowed"}
        await connection.execute(insert(users), {**person, "created_at": NOW, "updated_at": NOW})
    async with postgres.begin() as counting:
        await counting.posts.drafts_since(AUTHOR, NOW, NOW)
        async with asyncio.timeout(5), postgres.begin() as naming:
            await naming.audit.write(AUTHOR, "settings.tone", NOW)
