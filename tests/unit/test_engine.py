"""The engine with fake providers and a real database: what becomes of a delivery, step by step."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import text

from core.delivery import recording
from core.delivery.engine import Limits
from core.errors import DatabaseAway, Misconfigured, Refused, RenderError, Unavailable, Uncertain
from core.model import Change, Channel, DeliveryStatus, Kind, Message, Priority, Receipt
from core.rendering.renderer import RenderContext
from core.secrets import Keys
from storage.database import Database
from storage.uow import SqlUnitOfWork
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.delivery import Desk, a_desk, never
from tests.unit.outbox import set_delivery

S = DeliveryStatus
ARRIVED = Receipt("77", S.DELIVERED)


@pytest.fixture
async def desk(database: Database, clock: SteppedClock, keys: Keys) -> Desk:
    return a_desk(database, clock, keys, await saved(database, an_account()))


def at(clock: SteppedClock, **later: float) -> datetime:
    return clock.now + timedelta(**later)


async def test_an_accepted_mail_is_sent(desk: Desk, clock: SteppedClock):
    """The receipt, the provider and the reasons for it are kept."""
    (mail,) = await desk.run(await desk.queue())
    assert (mail.status, mail.provider_name, mail.provider_message_id) == (S.SENT, "smtp", "smtp-1")
    assert (mail.attempts, mail.sent_at, mail.delivered_at) == (1, clock.now, None)
    assert mail.delivery_metadata["route"] == [
        "smtp: priority 1, weight 1.00", "sendgrid: priority 2, weight 1.00",
    ]  # fmt: skip
    assert desk.smtp.sent == [("ada@example.org", "post:1:v1:email")]
    assert await desk.attempts(mail) == ["delivered"]


async def test_a_card_in_the_chat_has_arrived(desk: Desk, clock: SteppedClock):
    """Telegram's answer proves it, and its message id is what the buttons edit."""
    desk.telegram.answers = [ARRIVED]
    (card, _) = await desk.run(await desk.queue(Kind.DRAFT))
    assert (card.status, card.provider_message_id, card.delivered_at) == (S.DELIVERED, "77", clock.now)


async def test_the_next_provider_takes_over_at_once(desk: Desk):
    """A provider that is down costs the reader nothing."""
    desk.smtp.answers = [Unavailable("connect")]
    (mail,) = await desk.run(await desk.queue())
    assert (mail.status, mail.provider_name, mail.attempts, mail.retry_count) == (S.SENT, "sendgrid", 2, 0)
    assert await desk.attempts(mail) == ["retried", "delivered"]
    assert mail.possible_duplicates == 0


async def test_a_takeover_after_a_500_is_counted(desk: Desk):
    """The first provider may have sent it all the same."""
    desk.smtp.answers = [Unavailable("unavailable", maybe_sent=True)]
    (mail,) = await desk.run(await desk.queue())
    assert (mail.status, mail.possible_duplicates) == (S.SENT, 1)


async def test_backs_off_after_the_last_provider_and_gives_up_in_the_end(desk: Desk, clock: SteppedClock):
    """5 minutes, 15 minutes, an hour; then a dead letter, and the user hears of it."""
    (mail,) = await desk.queue()
    for wait in (300, 900, 3600, None):
        desk.smtp.answers, desk.sendgrid.answers = [Unavailable("connect")], [Unavailable("connect")]
        (mail,) = await desk.run([mail])
        if wait:
            assert (mail.status, mail.hold_reason, mail.scheduled_at) == (S.PENDING, "retry", at(clock, seconds=wait))
            clock.now = mail.scheduled_at
    assert (mail.status, mail.error_code, mail.attempts) == (S.FAILED, "connect", 8)
    told = [one for one in await desk.everything() if one.id != mail.id]
    assert [one.delivery_type for one in told] == [Channel.TELEGRAM, Channel.IN_APP]


async def test_a_wait_the_provider_names_is_kept_and_uses_up_no_retry(desk: Desk, clock: SteppedClock):
    """Telegram says how long; we believe it."""
    desk.telegram.answers = [Unavailable("rate_limited", retry_after=7)]
    card, _ = await desk.run(await desk.queue(Kind.DRAFT))
    assert (card.status, card.hold_reason, card.retry_count) == (S.PENDING, "rate_limited", 0)
    assert card.scheduled_at == at(clock, seconds=7)


async def test_a_refused_address_is_suppressed_where_it_is_hard(desk: Desk):
    """The next mail to it is recorded and not sent."""
    desk.smtp.answers = [Refused("invalid_address", hard=True)]
    (first,) = await desk.run(await desk.queue())
    (second,) = await desk.queue(key="post:1:v2")
    assert (first.status, second.status, second.error_code) == (S.FAILED, S.SUPPRESSED, "invalid_address")
    assert len(desk.smtp.sent) == 1
    assert desk.sendgrid.sent == []


async def test_an_address_suppressed_meanwhile_is_not_tried(desk: Desk, keys: Keys, clock: SteppedClock):
    """It was planned before the bounce came."""
    (mail,) = await desk.queue()
    async with desk.database.begin() as uow:
        await uow.suppressions.add("email", keys.address_hash("email", mail.recipient), "bounced", clock())
    (mail,) = await desk.run([mail])
    assert (mail.status, mail.error_code, desk.smtp.sent) == (S.SUPPRESSED, "bounced", [])


async def test_a_lost_answer_is_sent_again_once_and_by_the_same_provider(desk: Desk, clock: SteppedClock):
    """A second provider could send it twice; the same one may know our key."""
    desk.smtp.answers = [Uncertain("timeout"), Uncertain("timeout")]
    (mail,) = await desk.run(await desk.queue())
    assert (mail.status, mail.possible_duplicates) == (S.UNKNOWN, 0)
    await desk.sweeper.tick()
    assert (await desk.now(mail.id))[0].status is S.UNKNOWN
    clock.now = at(clock, seconds=600)
    await desk.sweeper.tick()
    (mail,) = await desk.run()
    assert (mail.status, mail.possible_duplicates, mail.error_code) == (S.FAILED, 1, "timeout")
    assert desk.smtp.sent == [("ada@example.org", "post:1:v1:email")] * 2
    assert desk.sendgrid.sent == []


async def test_a_resend_stays_with_its_provider_while_that_is_down(desk: Desk, clock: SteppedClock):
    """Backing off does not set it free for another one."""
    desk.smtp.answers = [Uncertain("timeout"), Unavailable("connect")]
    await desk.run(await desk.queue())
    clock.now = at(clock, seconds=600)
    await desk.sweeper.tick()
    (mail,) = await desk.run()
    assert (mail.status, mail.hold_reason, desk.sendgrid.sent) == (S.PENDING, "retry", [])
    clock.now = mail.scheduled_at
    (mail,) = await desk.run()
    assert (mail.status, mail.provider_name) == (S.SENT, "smtp")


async def test_a_provider_that_can_be_asked_is_asked_before_sending_again(desk: Desk, clock: SteppedClock):
    """What it has is not sent twice."""
    desk.smtp.answers, desk.smtp.can_ask, desk.smtp.found = [Uncertain("timeout")], True, Receipt("found")
    await desk.run(await desk.queue())
    clock.now = at(clock, seconds=600)
    await desk.sweeper.tick()
    (mail,) = await desk.run()
    assert (mail.status, mail.provider_message_id, mail.possible_duplicates) == (S.SENT, "found", 0)
    assert len(desk.smtp.sent) == 1


async def test_our_own_mistake_goes_to_the_next_provider_and_to_the_admins_once(desk: Desk):
    """A bad key is not the reader's fault, and the admins needn't hear of it a hundred times."""
    await saved(desk.database, an_account(telegram_id=9001, public_id="admin", email=None))
    desk.smtp.answers = [Misconfigured("unauthorized"), Misconfigured("unauthorized")]
    first, second = await desk.run([*await desk.queue(), *await desk.queue(key="post:2:v1")])
    assert (first.provider_name, second.provider_name) == ("sendgrid", "sendgrid")
    alerts = [one for one in await desk.everything() if one.recipient == "9001"]
    assert len(alerts) == 1


async def test_what_does_not_render_fails_and_alerts(desk: Desk, database: Database, clock: SteppedClock, keys: Keys):
    """Nothing half-rendered is ever sent, and trying again would not help."""
    await saved(database, an_account(telegram_id=9001, public_id="admin", email=None))

    def broken(context: RenderContext) -> Message:
        raise RenderError("approved: KeyError")

    broken_desk = a_desk(database, clock, keys, desk.account, render=broken)
    (mail,) = await broken_desk.run(await broken_desk.queue())
    assert (mail.status, mail.error_code, mail.attempts) == (S.FAILED, "render", 0)
    assert [one for one in await desk.everything() if one.recipient == "9001"]


async def test_a_channel_without_a_provider_backs_off(desk: Desk):
    """An admin may set one up before the retries are used up."""
    desk.engine.providers.providers = [desk.telegram, desk.in_app]  # type: ignore[attr-defined]
    (mail,) = await desk.run(await desk.queue())
    assert (mail.status, mail.hold_reason, mail.error_code) == (S.PENDING, "retry", "no_provider")


async def test_a_pinned_provider_is_the_only_one(desk: Desk):
    """Who asks for one wants to see that one fail."""
    (mail,) = await desk.queue()
    async with desk.database.begin() as uow:
        pinned = replace(mail, delivery_metadata={"provider": "sendgrid"})
        await uow.deliveries.write([Change(mail, pinned)])
    (mail,) = await desk.run([mail])
    assert (mail.provider_name, desk.smtp.sent) == ("sendgrid", [])


async def test_a_blocked_chat_is_remembered_and_the_text_goes_by_mail(
    database: Database, clock: SteppedClock, keys: Keys
):
    """A kept text must reach its writer even where mails are switched off."""
    account = await saved(database, an_account(receive_email_notifications=False))
    desk = a_desk(database, clock, keys, account)
    desk.telegram.answers = [Refused("blocked", hard=True)]
    (card,) = await desk.run(await desk.queue(Kind.KEPT))
    async with database.read() as uow:
        now_blocked = await uow.users.by_id(account.user.id)
    assert now_blocked
    assert now_blocked.user.blocked_at == clock.now
    fallback, told = [one for one in await desk.everything() if one.id != card.id]
    assert (fallback.delivery_type, fallback.replaces_id) == (Channel.EMAIL, card.id)
    assert told.delivery_type is Channel.IN_APP


async def test_what_takes_over_belongs_to_the_same_batch(desk: Desk):
    """It is counted and stopped with it, and waits in the same lane."""
    desk.telegram.answers = [Refused("chat_not_found")]
    (card,) = await desk.queue(Kind.KEPT)
    await set_delivery(desk.database, card.id, batch_id=7, priority=Priority.BATCH)
    await desk.run([card])
    (fallback,) = [one for one in await desk.everything() if one.replaces_id == card.id]
    assert (fallback.delivery_type, fallback.batch_id, fallback.priority) == (Channel.EMAIL, 7, Priority.BATCH)


async def test_a_draft_that_also_went_by_mail_has_no_fallback(desk: Desk):
    """It is on its way already; the user only hears that the chat is out of reach."""
    desk.telegram.answers = [Refused("blocked", hard=True)]
    queued = await desk.queue(Kind.DRAFT)
    await desk.run(queued)
    assert [one.delivery_type for one in (await desk.everything())[2:]] == [Channel.EMAIL, Channel.IN_APP]
    assert all(one.replaces_id is None for one in await desk.everything())


async def test_a_message_into_a_blocked_chat_that_arrives_opens_it_again(
    database: Database, clock: SteppedClock, keys: Keys
):
    """The user pressed a button: they are back, whatever we missed."""
    account = await saved(database, an_account(email=None, blocked_at=clock.now))
    desk = a_desk(database, clock, keys, account)
    (held,) = await desk.queue(Kind.KEPT)
    (card,) = await desk.run(await desk.queue(Kind.DRAFT, key="post:2:v1", interactive=True))
    assert (held.delivery_type, card.status) == (Channel.IN_APP, S.SENT)
    async with database.read() as uow:
        back = await uow.users.by_id(account.user.id)
    assert back
    assert back.user.blocked_at is None


async def test_quiet_hours_that_began_meanwhile_hold_it(database: Database, clock: SteppedClock, keys: Keys):
    """It was planned by day and its turn came at night."""
    quiet = an_account(quiet_hours_start=time(22), quiet_hours_end=time(7))
    desk = a_desk(database, clock, keys, await saved(database, quiet))
    (mail,) = await desk.queue()
    clock.now = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    (mail,) = await desk.run([mail])
    assert (mail.status, mail.hold_reason) == (S.PENDING, "quiet_hours")
    assert mail.scheduled_at == datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    assert (mail.attempts, desk.smtp.sent) == (0, [])


async def test_mails_over_the_daily_limit_wait_for_the_next_day(database: Database, clock: SteppedClock, keys: Keys):
    """Codes are counted elsewhere: without them nobody could confirm an address."""
    desk = a_desk(database, clock, keys, await saved(database, an_account()), limits=Limits(mails_a_day=2))
    await desk.run(await desk.queue(key="post:1:v1"))
    batch = [*await desk.queue(key="post:2:v1"), *await desk.queue(key="post:3:v1")]
    second, third = await desk.run([*batch])
    (code,) = await desk.run(await desk.queue(Kind.CODE, key="code:1"))
    assert (second.status, third.status, third.hold_reason) == (S.SENT, S.PENDING, "daily_limit")
    assert third.scheduled_at == datetime(2026, 3, 3, tzinfo=UTC)
    assert code.status is S.SENT


async def test_two_workers_with_the_same_delivery_send_it_once(desk: Desk):
    """A lease ran out in the queue and the id was queued again."""
    (mail,) = await desk.queue()
    await asyncio.gather(*(desk.engine.run([mail.id]) for _ in range(4)))
    assert len(desk.smtp.sent) == 1


async def test_a_provider_that_never_answers_is_uncertain_in_the_end(
    database: Database, clock: SteppedClock, keys: Keys
):
    """Whatever an adapter waits for, its row is not held for ever."""
    desk = a_desk(database, clock, keys, await saved(database, an_account()), limits=Limits(call_seconds=0.05))
    desk.smtp.answers = [never]
    (mail,) = await desk.run(await desk.queue())
    assert (mail.status, mail.error_code) == (S.UNKNOWN, "timeout")


async def test_an_adapter_that_breaks_leaves_the_others_alone(desk: Desk):
    """One bad answer must not lose the outcome of a whole batch."""

    async def broken() -> Receipt:
        raise KeyError("id")

    desk.smtp.answers = [broken]
    first, second = await desk.run([*await desk.queue(), *await desk.queue(key="post:2:v1")])
    assert sorted([first.status, second.status]) == [S.SENT, S.UNKNOWN]


async def test_a_receipt_waits_for_a_database_that_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """What is known to be sent must not be forgotten, and so be sent again."""
    monkeypatch.setattr(recording, "AGAIN_AFTER", (0.01,) * 5)
    begin, troubles = desk.database.begin, [DatabaseAway() for _ in range(5)]

    def away() -> AbstractAsyncContextManager[SqlUnitOfWork]:
        if desk.smtp.sent and troubles:
            raise troubles.pop()
        return begin()

    (mail,) = await desk.queue()
    monkeypatch.setattr(desk.database, "begin", away)
    (mail,) = await desk.run([mail])
    assert (mail.status, mail.attempts, mail.possible_duplicates, troubles) == (S.SENT, 1, 0, [])


async def test_a_worker_that_dies_while_sending_leaves_it_unknown(desk: Desk, clock: SteppedClock):
    """Nobody knows whether the provider has it, so it is not sent by another one."""
    desk.smtp.answers = [never]
    (mail,) = await desk.queue()
    run = asyncio.create_task(desk.engine.run([mail.id]))
    await desk.smtp.called.wait()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert (await desk.now(mail.id))[0].status is S.SENDING
    clock.now = at(clock, seconds=81)
    await desk.sweeper.tick()
    (mail,) = await desk.now(mail.id)
    assert (mail.status, mail.error_code) == (S.UNKNOWN, "uncertain")


async def test_a_delivery_over_which_senders_die_is_given_up_in_the_end(desk: Desk, clock: SteppedClock):
    """One that dies says nothing about the delivery; four of them do."""
    (mail,) = await desk.queue()
    deaths = 0
    while (await desk.now(mail.id))[0].status is not S.FAILED:
        desk.smtp.answers = [never]
        desk.smtp.called.clear()
        run = asyncio.create_task(desk.engine.run([mail.id]))
        await desk.smtp.called.wait()
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        deaths += 1
        for _ in range(2):  # found lost, then due again
            clock.now = at(clock, seconds=601)
            await desk.sweeper.tick()
    assert (deaths, (await desk.now(mail.id))[0].possible_duplicates) == (4, 3)
    assert desk.sendgrid.sent == []


async def test_a_batch_of_cards_is_marked_a_few_at_a_time(desk: Desk):
    """A card that waits for the shared pace was not perhaps sent, should we be killed meanwhile."""
    flying = asyncio.Event()

    async def slow() -> Receipt:
        await flying.wait()
        return ARRIVED

    desk.telegram.answers = [slow] * 12
    cards = [one for number in range(12) for one in await desk.queue(Kind.KEPT, key=f"k{number}")]
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.engine.run([one.id for one in cards]))
        await desk.telegram.called.wait()
        statuses = [one.status for one in await desk.now(*(one.id for one in cards))]
        assert (statuses.count(S.SENDING), statuses.count(S.PENDING)) == (5, 7)
        flying.set()
    assert {one.status for one in await desk.now(*(one.id for one in cards))} == {S.DELIVERED}
    assert len(desk.telegram.sent) == 12


@pytest.mark.parametrize("sweeps", [1, 2])
async def test_a_sender_that_was_only_slow_still_says_what_became_of_it(desk: Desk, clock: SteppedClock, sweeps: int):
    """A laptop slept: what is known to be sent is not sent again."""
    answer = asyncio.Event()

    async def slow() -> Receipt:
        await answer.wait()
        return Receipt("late")

    desk.smtp.answers = [slow]
    (mail,) = await desk.queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.engine.run([mail.id]))
        await desk.smtp.called.wait()
        for _ in range(sweeps):
            clock.now = at(clock, seconds=601)
            await desk.sweeper.tick()
        assert (await desk.now(mail.id))[0].status is (S.UNKNOWN, S.PENDING)[sweeps - 1]
        answer.set()
    (mail,) = await desk.now(mail.id)
    assert (mail.status, mail.provider_message_id, mail.error_code) == (S.SENT, "late", None)
    assert await desk.run() == []


async def test_a_process_that_starts_alone_takes_over_at_once(desk: Desk, clock: SteppedClock):
    """Nobody else can be sending."""
    desk.smtp.answers = [never]
    sending, waiting = [*await desk.queue(), *await desk.queue(key="post:2:v1")]
    async with desk.database.begin() as uow:
        await uow.deliveries.lease_due("predecessor", at(clock, hours=1), clock(), 10)
    run = asyncio.create_task(desk.engine.run([sending.id]))
    await desk.smtp.called.wait()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    await desk.sweeper.reclaim()
    sending, waiting = await desk.now(sending.id, waiting.id)
    assert sending.status is S.UNKNOWN
    async with desk.database.begin() as uow:
        assert await uow.deliveries.lease_due("successor", at(clock, hours=1), clock(), 10) == [waiting.id]


async def test_a_late_message_expires(desk: Desk, clock: SteppedClock):
    """An old reminder is no use."""
    (mail,) = await desk.queue()
    async with desk.database.begin() as uow:
        await uow.connection.execute(text("UPDATE notification_deliveries SET expires_at = '2026-03-02 08:00:00'"))
    await desk.sweeper.tick()
    assert (await desk.now(mail.id))[0].status is S.EXPIRED


async def test_observes_every_attempt(database: Database, clock: SteppedClock, keys: Keys):
    """What the metrics count."""
    seen: list[tuple[str, str, str]] = []

    def observe(channel: Channel, provider: str, outcome: str, seconds: float) -> None:
        seen.append((channel, provider, outcome))

    desk = a_desk(database, clock, keys, await saved(database, an_account()), observe=observe)
    desk.smtp.answers = [Unavailable("connect")]
    await desk.run(await desk.queue())
    assert seen == [("email", "smtp", "retried"), ("email", "sendgrid", "delivered")]
