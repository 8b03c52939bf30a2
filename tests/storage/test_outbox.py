"""The outbox on both databases: one intent is queued once, in the transaction of what it is about."""

from dataclasses import replace
from datetime import datetime

import pytest

from core.delivery.outbox import notify
from core.model import Account, Channel, DeliveryStatus, Kind
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved


@pytest.fixture
async def account(any_database: Database) -> Account:
    return await saved(any_database, an_account())


async def test_queues_a_delivery_for_each_planned_channel(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """A draft goes into the chat and into the mailbox."""
    async with any_database.begin() as uow:
        queued = await notify(uow, account, Kind.DRAFT, key="post:1:v1", now=now, keys=keys, content={"version": 1})
        assert uow.has_outbox
    assert [one.delivery_type for one in queued] == [Channel.TELEGRAM, Channel.EMAIL]
    assert [one.idempotency_key for one in queued] == ["post:1:v1:telegram", "post:1:v1:email"]
    assert all(one.id and one.status is DeliveryStatus.PENDING for one in queued)


async def test_the_same_key_is_queued_once(any_database: Database, account: Account, keys: Keys, now: datetime):
    """A replayed update asks for the same thing again."""
    for expected in (2, 0):
        async with any_database.begin() as uow:
            queued = await notify(uow, account, Kind.DRAFT, key="post:1:v1", now=now, keys=keys)
            assert uow.has_outbox is (expected > 0)
        assert len(queued) == expected


async def test_nothing_is_queued_by_a_transaction_that_fails(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """The change and its deliveries are kept together or not at all."""

    async def failing() -> None:
        async with any_database.begin() as uow:
            await notify(uow, account, Kind.DRAFT, key="post:1:v1", now=now, keys=keys)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await failing()
    async with any_database.begin() as uow:
        assert await notify(uow, account, Kind.DRAFT, key="post:1:v1", now=now, keys=keys)


async def test_a_suppressed_address_is_recorded_and_not_sent(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """The log can say why nothing came."""
    async with any_database.begin() as uow:
        await uow.suppressions.add("email", keys.address_hash("email", account.user.email or ""), "bounced", now)
        chat, mail = await notify(uow, account, Kind.DRAFT, key="post:1:v1", now=now, keys=keys)
    assert (chat.status, mail.status, mail.error_code) == (DeliveryStatus.PENDING, DeliveryStatus.SUPPRESSED, "bounced")


async def test_unsubscribing_from_reminders_leaves_the_other_mails(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """A suppression may be for one kind only."""
    prefers_mail = replace(account.preferences, daily_reminder_channel=Channel.EMAIL)
    account = replace(account, preferences=prefers_mail)
    address_hash = keys.address_hash("email", account.user.email or "")
    async with any_database.begin() as uow:
        await uow.suppressions.add("email", address_hash, "unsubscribed", now, scope=Kind.REMINDER)
        (reminder,) = await notify(uow, account, Kind.REMINDER, key="reminder:1:x", now=now, keys=keys)
        _, mail = await notify(uow, account, Kind.DRAFT, key="post:1:v1", now=now, keys=keys)
    assert reminder.delivery_type is Channel.TELEGRAM
    assert mail.status is DeliveryStatus.PENDING


async def test_a_code_goes_to_the_address_it_confirms(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """The new mailbox is not the user's yet."""
    async with any_database.begin() as uow:
        (code,) = await notify(
            uow, account, Kind.CODE, key="code:1", now=now, keys=keys, addresses={Channel.EMAIL: "new@example.org"}
        )
    assert (code.recipient, code.recipient_type) == ("new@example.org", "email")
