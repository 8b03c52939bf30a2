"""The log, the inbox, Retry, a delivery's story, and sending from the command line."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.delivery.deliveries import PAGE, Deliveries
from core.delivery.sending import Messenger
from core.errors import AppError, NotFound, Refused, Unavailable, Uncertain
from core.model import Channel, DeliveryStatus, Kind
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.delivery import Desk, a_desk

S = DeliveryStatus


@pytest.fixture
async def desk(database: Database, clock: SteppedClock, keys: Keys) -> Desk:
    return a_desk(database, clock, keys, await saved(database, an_account()))


@pytest.fixture
def deliveries(database: Database, clock: SteppedClock) -> Deliveries:
    return Deliveries(database, clock)


async def test_the_log_is_paged_and_a_page_too_far_is_the_last(desk: Desk, deliveries: Deliveries):
    """A stale button still shows something."""
    for number in range(PAGE + 1):
        await desk.queue(key=f"post:{number}:v1")
    first, far = await deliveries.log(desk.account), await deliveries.log(desk.account, 99)
    assert (len(first.items), first.pages, first.total) == (PAGE, 2, PAGE + 1)
    assert (far.number, len(far.items)) == (2, 1)
    assert first.items[0].notification.kind is Kind.APPROVED


async def test_an_empty_inbox_has_one_empty_page(desk: Desk, deliveries: Deliveries):
    """Page 1 of 1."""
    page = await deliveries.inbox(desk.account)
    assert (page.items, page.number, page.pages, page.total) == ((), 1, 1, 0)


async def test_retry_sends_a_dead_letter_again(desk: Desk, deliveries: Deliveries):
    """With all its retries, along the whole route."""
    desk.smtp.answers = [Refused("mailbox_full")]
    (mail,) = await desk.run(await desk.queue())
    again = await deliveries.retry(desk.account, mail.id)
    assert (mail.status, again.status) == (S.FAILED, S.PENDING)
    (mail,) = await desk.run([again])
    assert (mail.status, mail.attempts) == (S.SENT, 2)
    assert await desk.attempts(mail) == ["failed", "retried", "delivered"]


async def test_a_retry_of_what_was_perhaps_sent_is_counted(desk: Desk, deliveries: Deliveries, clock: SteppedClock):
    """Nobody could tell, and it was given up: whoever has it may get it once more."""
    desk.smtp.answers = [Uncertain("timeout"), Uncertain("timeout")]
    await desk.run(await desk.queue())
    clock.now += timedelta(seconds=600)
    await desk.sweeper.tick()
    (mail,) = await desk.run()
    assert (mail.status, mail.resolved_by, mail.possible_duplicates) == (S.FAILED, "gave_up", 1)
    (mail,) = await desk.run([await deliveries.retry(desk.account, mail.id)])
    assert (mail.status, mail.resolved_by, mail.possible_duplicates) == (S.SENT, None, 2)


async def test_retry_pressed_twice_sends_once(desk: Desk, deliveries: Deliveries):
    """A double tap."""
    desk.smtp.answers = [Refused("mailbox_full")]
    (mail,) = await desk.run(await desk.queue())
    first, second = [await deliveries.retry(desk.account, mail.id) for _ in range(2)]
    assert first.status is second.status is S.PENDING
    assert (await desk.attempts(mail)).count("retried") == 1


async def test_a_second_failure_is_told_again(desk: Desk, deliveries: Deliveries):
    """The first word about it was read long ago."""
    desk.smtp.answers = [Refused("mailbox_full"), Refused("mailbox_full")]
    (mail,) = await desk.run(await desk.queue())
    await desk.run([await deliveries.retry(desk.account, mail.id)])
    told = [one for one in await desk.everything() if one.idempotency_key.startswith("gave_up:")]
    assert [one.delivery_type for one in told] == [Channel.TELEGRAM, Channel.IN_APP] * 2


async def test_somebody_elses_delivery_is_not_found(desk: Desk, deliveries: Deliveries):
    """Neither is one that never was."""
    (mail,) = await desk.queue()
    stranger = replace(desk.account, user=replace(desk.account.user, id=77))
    for account, delivery_id in ((stranger, mail.id), (desk.account, 999)):
        with pytest.raises(NotFound):
            await deliveries.retry(account, delivery_id)


async def test_what_arrived_is_not_sent_again(desk: Desk, deliveries: Deliveries):
    """A stale Retry button."""
    (mail,) = await desk.run(await desk.queue())
    with pytest.raises(AppError, match="nothing to send again"):
        await deliveries.retry(desk.account, mail.id)


async def test_a_suppressed_address_that_is_free_again_can_be_retried(desk: Desk, deliveries: Deliveries, keys: Keys):
    """The suppression is looked up at the attempt, not remembered by the row."""
    address_hash = keys.address_hash("email", "ada@example.org")
    async with desk.database.begin() as uow:
        await uow.suppressions.add("email", address_hash, "bounced", desk.clock())
    (mail,) = await desk.queue()
    (still,) = await desk.run([await deliveries.retry(desk.account, mail.id)])
    async with desk.database.begin() as uow:
        await uow.suppressions.remove("email", address_hash)
    (sent,) = await desk.run([await deliveries.retry(desk.account, mail.id)])
    assert (mail.status, still.status, sent.status) == (S.SUPPRESSED, S.SUPPRESSED, S.SENT)


async def test_the_story_has_attempts_and_reasons_but_no_address(desk: Desk, deliveries: Deliveries):
    """An admin may read it."""
    desk.smtp.answers = [Unavailable("connect", "no route")]
    (mail,) = await desk.run(await desk.queue())
    story = await deliveries.timeline(mail.id)
    assert [one["status"] for one in story["attempts_made"]] == ["retried", "delivered"]
    assert (story["channel"], story["kind"], story["route"][0]) == (
        "email",
        "approved",
        "smtp: priority 1, weight 1.00",
    )
    assert "ada@example.org" not in json.dumps(story)
    with pytest.raises(NotFound):
        await deliveries.timeline(999)


async def test_numbers_for_stats_and_metrics(desk: Desk, deliveries: Deliveries, clock: SteppedClock):
    """How many, and how long the oldest has waited."""
    assert await deliveries.oldest_age() == 0
    await desk.queue(Kind.DRAFT)
    clock.now += timedelta(seconds=90)
    assert await deliveries.oldest_age() == 90
    assert await deliveries.stats() == {("telegram", "pending"): 1, ("email", "pending"): 1}
    assert await deliveries.stats(clock.now) == {}


async def test_a_channel_that_is_back(desk: Desk, deliveries: Deliveries):
    """They unblocked the bot."""
    desk.telegram.answers = [Refused("blocked", hard=True)]
    await desk.run(await desk.queue(Kind.KEPT))
    await deliveries.channel_back(desk.account.user.id)
    async with desk.database.read() as uow:
        account = await uow.users.by_id(desk.account.user.id)
    assert account
    assert account.user.blocked_at is None


@pytest.fixture
def messenger(desk: Desk) -> Messenger:
    return Messenger(desk.database, desk.engine, desk.sweeper, desk.clock)


async def test_an_errand_is_sent_and_reported(messenger: Messenger):
    """What the command line prints."""
    report = await messenger.send_now(Channel.EMAIL, "x@example.org", "Hello", "Hi")
    assert report | {"id": 0} == {
        "id": 0, "status": "sent", "provider": "smtp", "provider_message_id": "smtp-1", "attempts": 1, "error": None,
    }  # fmt: skip


async def test_an_errand_takes_the_provider_it_names(messenger: Messenger, desk: Desk):
    """And no other, though that one has the better priority."""
    desk.sendgrid.answers = [Refused("invalid_address", "no such box", hard=True)]
    report = await messenger.send_now(Channel.EMAIL, "x@example.org", "Hello", provider="sendgrid")
    assert (report["status"], report["provider"], report["error"]) == (
        "failed", "sendgrid", "invalid_address: no such box",
    )  # fmt: skip
    assert desk.smtp.sent == []


@pytest.mark.parametrize(("error", "status"), [(Unavailable("connect"), "pending"), (Uncertain("timeout"), "unknown")])
async def test_an_errand_that_needs_longer_is_left_to_the_workers(
    messenger: Messenger, desk: Desk, error: Unavailable, status: str
):
    """It returns as soon as nothing more can happen in time."""
    desk.telegram.answers = [error]
    report = await messenger.send_now(Channel.TELEGRAM, "1", "Hello", timeout=60)
    assert (report["status"], report["attempts"]) == (status, 1)


async def test_no_relay_takes_an_errand(messenger: Messenger, desk: Desk):
    """It is leased in the transaction that queues it."""
    desk.telegram.answers = [Unavailable("rate_limited", retry_after=30)]
    await messenger.send_now(Channel.TELEGRAM, "1", "Hello", timeout=1)
    assert len(desk.telegram.sent) == 1
