"""The delivery tables on both databases: leases, writing only what is still owned, what is overdue."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.delivery.outbox import notify
from core.model import Account, Attempt, Change, Channel, Delivery, DeliveryStatus, Kind, Post, PostState, Version
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved

S = DeliveryStatus
MINUTE = timedelta(minutes=1)
QueueMails = Callable[[int], Awaitable[list[Delivery]]]


@pytest.fixture
async def account(any_database: Database) -> Account:
    return await saved(any_database, an_account())


@pytest.fixture
def queue_mails(any_database: Database, account: Account, keys: Keys, now: datetime) -> QueueMails:
    async def queue_mails(count: int) -> list[Delivery]:
        async with any_database.begin() as uow:
            queued = [
                await notify(uow, account, Kind.APPROVED, key=f"post:{number}:v1", now=now, keys=keys)
                for number in range(count)
            ]
        return [one for (one,) in queued]

    return queue_mails


async def _lease(database: Database, by: str, now: datetime, limit: int = 100) -> list[int]:
    async with database.begin() as uow:
        return await uow.deliveries.lease_due(by, now + MINUTE, now, limit)


async def _write(database: Database, *changes: Change) -> set[int]:
    async with database.begin() as uow:
        return await uow.deliveries.write(changes)


async def _read(database: Database, *deliveries: Delivery) -> list[Delivery]:
    async with database.read() as uow:
        return await uow.deliveries.by_ids([one.id for one in deliveries])


async def test_leases_what_is_due_oldest_first(any_database: Database, queue_mails: QueueMails, now: datetime):
    """And no more than asked for."""
    first, second, third = await queue_mails(3)
    later = replace(second, scheduled_at=now + MINUTE)
    await _write(any_database, Change(second, later), Change(third, replace(third, scheduled_at=now - MINUTE)))
    assert await _lease(any_database, "a", now, limit=1) == [third.id]
    assert await _lease(any_database, "a", now) == [first.id]


async def test_a_leased_row_stays_pending_and_is_due_again_when_the_lease_ends(
    any_database: Database, queue_mails: QueueMails, now: datetime
):
    """It was never tried, so nobody need wonder whether it was sent."""
    (mail,) = await queue_mails(1)
    assert await _lease(any_database, "a", now) == [mail.id]
    assert await _lease(any_database, "b", now + MINUTE / 2) == []
    assert (await _read(any_database, mail))[0].status is S.PENDING
    assert await _lease(any_database, "b", now + MINUTE) == [mail.id]


async def test_released_leases_are_due_at_once(any_database: Database, queue_mails: QueueMails, now: datetime):
    """A process that stops leaves nothing waiting; those of others stay."""
    mails = await queue_mails(2)
    await _lease(any_database, "a", now, limit=1)
    await _lease(any_database, "b", now, limit=1)
    async with any_database.begin() as uow:
        assert await uow.deliveries.release("a") == 1
    assert await _lease(any_database, "c", now) == [mails[0].id]


async def test_the_next_due_time_is_the_earliest_free_one(
    any_database: Database, queue_mails: QueueMails, now: datetime
):
    """The relay sleeps until then."""
    async with any_database.read() as uow:
        assert await uow.deliveries.next_due() is None
    first, second = await queue_mails(2)
    await _write(any_database, Change(second, replace(second, scheduled_at=now + MINUTE)))
    await _lease(any_database, "a", now)
    async with any_database.read() as uow:
        assert await uow.deliveries.next_due() == now + MINUTE
        assert not await uow.deliveries.has_due(now)
    assert first.scheduled_at == now


async def test_writes_only_what_is_still_as_it_was_read(any_database: Database, queue_mails: QueueMails, now: datetime):
    """Status and attempts are the proof of ownership."""
    moved, tried, mine = await queue_mails(3)
    await _write(any_database, Change(moved, replace(moved, status=S.CANCELLED)))
    await _write(any_database, Change(tried, replace(tried, attempts=1)))
    changes = [Change(one, replace(one, status=S.SENDING, attempts=1)) for one in (moved, tried, mine)]
    assert await _write(any_database, *changes) == {mine.id}
    found = await _read(any_database, moved, tried, mine)
    assert [one.status for one in found] == [S.CANCELLED, S.PENDING, S.SENDING]


async def test_every_changing_column_is_written(any_database: Database, queue_mails: QueueMails, now: datetime):
    """Times, numbers, JSON and nothing at all come back as they went."""
    (mail,) = await queue_mails(1)
    after = replace(
        mail, status=S.FAILED, provider_name="smtp", provider_priority=2, provider_message_id="m", attempts=4,
        provider_response={"a": [1, None, "ü"]}, delivery_metadata={"route": ["smtp: 1"]}, error_code="connect",
        error_message="it's \"quoted\"", hold_reason="retry", retry_count=3, max_retries=5, possible_duplicates=1,
        scheduled_at=now + MINUTE, sent_at=now, delivered_at=now, read_at=now, failed_at=now, updated_at=now,
    )  # fmt: skip
    await _write(any_database, Change(mail, after))
    assert await _read(any_database, mail) == [after]
    emptied = replace(after, provider_response=None, error_message=None, sent_at=None, hold_reason=None)
    await _write(any_database, Change(after, emptied))
    assert await _read(any_database, mail) == [emptied]


async def test_loads_a_batch_with_all_it_is_made_from(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """Notification, account and the version that it names."""
    async with any_database.begin() as uow:
        post = await uow.posts.add(Post(0, account.user.id, "an idea", PostState.WRITING, "en", 0, now, now))
        assert post
        for number in (1, 2):
            await uow.posts.add_version(account.user.id, Version(post.id, number, f"text {number}", "first", "x", now))
        queued = await notify(
            uow, account, Kind.DRAFT, key="k", now=now, keys=keys, post_id=post.id, content={"version": 1}
        )
        alone = await notify(uow, account, Kind.ALERT, key="a", now=now, keys=keys, content={"text": "x"})
    async with any_database.read() as uow:
        loaded = await uow.deliveries.load([one.id for one in (*queued, *alone)])
    assert [one.delivery for one in loaded] == [*queued, *alone]
    assert {one.account for one in loaded} == {account}
    assert [one.view.version.text if one.view else None for one in loaded] == ["text 1", "text 1", None]
    assert loaded[0].notification.content == {"version": 1}


async def test_lost_senders_and_due_unknowns_are_overdue(
    any_database: Database, queue_mails: QueueMails, now: datetime
):
    """Those that still have time are not."""
    lost, alive, unknown = await queue_mails(3)
    await _write(
        any_database,
        Change(lost, replace(lost, status=S.SENDING), now - MINUTE, "gone"),
        Change(alive, replace(alive, status=S.SENDING), now + MINUTE, "here"),
        Change(unknown, replace(unknown, status=S.UNKNOWN), now + MINUTE),
    )
    async with any_database.read() as uow:
        assert [one.id for one in await uow.deliveries.overdue(S.SENDING, now)] == [lost.id]
        assert await uow.deliveries.overdue(S.UNKNOWN, now) == []
        assert [one.id for one in await uow.deliveries.overdue(S.UNKNOWN, now + MINUTE)] == [unknown.id]
        assert [one.id for one in await uow.deliveries.being_sent("here")] == [alive.id]
        assert [one.id for one in await uow.deliveries.being_sent()] == [lost.id, alive.id]


async def test_counts_the_mails_of_a_day_by_user(
    any_database: Database, queue_mails: QueueMails, account: Account, keys: Keys, now: datetime
):
    """Without the codes, which have limits of their own."""
    mails = await queue_mails(3)
    async with any_database.begin() as uow:
        mails += await notify(uow, account, Kind.CODE, key="code:1", now=now, keys=keys)
    times = (now, now - 2 * timedelta(days=1), None, now)
    await _write(any_database, *(Change(one, replace(one, sent_at=at)) for one, at in zip(mails, times, strict=True)))
    async with any_database.read() as uow:
        since = now - timedelta(days=1)
        assert await uow.deliveries.mails_since([account.user.id], since, [Kind.CODE]) == {account.user.id: 1}


async def test_the_log_is_a_users_own_and_newest_first(
    any_database: Database, queue_mails: QueueMails, account: Account, now: datetime
):
    """Page by page."""
    mails = await queue_mails(3)
    stranger = await saved(any_database, an_account(public_id="b", telegram_id=2, email="b@example.org"))
    async with any_database.read() as uow:
        page = await uow.delivery_log.of_user(account.user.id, offset=0, limit=2)
        assert [delivery.id for delivery, _ in page] == [mails[2].id, mails[1].id]
        assert page[0][1].kind is Kind.APPROVED
        assert await uow.delivery_log.count_of_user(account.user.id) == 3
        assert await uow.delivery_log.count_of_user(stranger.user.id) == 0


async def test_the_inbox_holds_what_came_in_app(any_database: Database, account: Account, keys: Keys, now: datetime):
    """Once it is delivered."""
    async with any_database.begin() as uow:
        _, inbox = await notify(uow, account, Kind.GAVE_UP, key="g", now=now, keys=keys, content={"channel": "email"})
        assert await uow.delivery_log.count_inbox(account.user.id) == 0
        await uow.deliveries.write([Change(inbox, replace(inbox, status=S.DELIVERED))])
        ((delivery, about),) = await uow.delivery_log.inbox(account.user.id, offset=0, limit=5)
    assert (delivery.id, about.kind) == (inbox.id, Kind.GAVE_UP)


async def test_deliveries_of_posts_attempts_and_numbers(any_database: Database, queue_mails: QueueMails, now: datetime):
    """What the cards, `/why` and the metrics read."""
    sent, waiting = await queue_mails(2)
    await _write(any_database, Change(sent, replace(sent, status=S.SENT)))
    attempt = Attempt(sent.id, Channel.EMAIL, "delivered", now, provider_name="smtp", attempt=1, duration_ms=12)
    async with any_database.begin() as uow:
        await uow.deliveries.add_logs([attempt])
        assert [replace(one, id=0) for one in await uow.delivery_log.attempts(sent.id)] == [attempt]
        assert await uow.delivery_log.counts() == {("email", "sent"): 1, ("email", "pending"): 1}
        assert await uow.delivery_log.oldest_due(now) == waiting.scheduled_at
        assert await uow.delivery_log.of_posts([1, 2]) == {}


async def test_relays_that_lease_at_once_never_take_the_same_row(postgres: Database, keys: Keys, now: datetime):
    """SKIP LOCKED: each passes over what another is taking."""
    account = await saved(postgres, an_account())
    async with postgres.begin() as uow:
        for number in range(300):
            await notify(uow, account, Kind.APPROVED, key=f"k{number}", now=now, keys=keys)

    async def relay(name: str) -> list[int]:
        taken: list[int] = []
        while batch := await _lease(postgres, name, now, limit=7):
            taken += batch
        return taken

    taken = [one for each in await asyncio.gather(*(relay(f"relay-{n}") for n in range(4))) for one in each]
    assert len(taken) == len(set(taken)) == 300


async def test_an_open_lease_transaction_does_not_hold_up_another_relay(postgres: Database, keys: Keys, now: datetime):
    """A slow relay costs the others nothing."""
    account = await saved(postgres, an_account())
    async with postgres.begin() as uow:
        for number in range(4):
            await notify(uow, account, Kind.APPROVED, key=f"k{number}", now=now, keys=keys)
    async with postgres.begin() as slow:
        held = await slow.deliveries.lease_due("slow", now + MINUTE, now, 2)
        async with asyncio.timeout(5):
            quick = await _lease(postgres, "quick", now)
    assert len(held) == len(quick) == 2
    assert not set(held) & set(quick)
