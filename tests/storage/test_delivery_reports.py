"""Reports of providers on both databases: each once, in any order, before or after our own commit."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from core.delivery.aftermath import Aftermath
from core.delivery.events import Events
from core.delivery.inbound import Inbound
from core.errors import BadSignature, NotFound, SendError, Unavailable, Uncertain
from core.model import Channel, Delivery, DeliveryEvent, DeliveryStatus, EventType, Receipt, Reports, WebhookRequest
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.delivery import Desk, a_desk, never

S, T = DeliveryStatus, EventType


@dataclass
class FakeReporter:
    """A provider whose webhook carries what a test puts into `events`."""

    name: str = "smtp"
    events: list[DeliveryEvent] = field(default_factory=list)

    async def verify(self, request: WebhookRequest) -> None:
        if request.headers.get("signature") != "good":
            raise BadSignature

    def parse(self, request: WebhookRequest) -> Reports:
        return Reports(tuple(self.events))


def report(kind: EventType, message: str = "smtp-1", number: int = 1, **values: Any) -> DeliveryEvent:
    return DeliveryEvent("smtp", f"event-{kind}-{number}", message, kind, NOW + timedelta(minutes=number), **values)


@dataclass
class Webhook:
    """The desk with its webhook."""

    desk: Desk
    reporter: FakeReporter
    events: Events

    async def receive(self, *events: DeliveryEvent) -> int:
        self.reporter.events = list(events)
        request = WebhookRequest("POST", "https://desk.example.org/webhooks/smtp", {"signature": "good"}, b"body")
        return (await self.events.receive("smtp", request)).new

    async def status(self, delivery: Delivery) -> DeliveryStatus:
        return (await self.desk.now(delivery.id))[0].status


@pytest.fixture
async def webhook(any_database: Database, clock: SteppedClock, keys: Keys) -> Webhook:
    desk = a_desk(any_database, clock, keys, await saved(any_database, an_account()))
    reporter = FakeReporter()
    find = {"smtp": reporter}.get
    return Webhook(desk, reporter, Events(any_database, find, Aftermath(keys), Inbound(keys, "Desk"), clock))


async def test_a_report_moves_its_delivery_on(webhook: Webhook):
    """And stands in its log."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    assert await webhook.receive(report(T.DELIVERED)) == 1
    (mail,) = await webhook.desk.now(mail.id)
    assert (mail.status, mail.delivered_at) == (S.DELIVERED, NOW + timedelta(minutes=1))
    assert await webhook.desk.attempts(mail) == ["delivered", "delivered"]


async def test_the_same_report_counts_once(webhook: Webhook):
    """Providers repeat what we were slow to answer."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    assert [await webhook.receive(report(T.OPENED)) for _ in range(2)] == [1, 0]
    assert await webhook.receive(report(T.OPENED), report(T.OPENED)) == 0
    assert await webhook.desk.attempts(mail) == ["delivered", "opened"]


async def test_a_report_that_overtakes_a_later_one_takes_nothing_back(webhook: Webhook):
    """Opened first, delivered after."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    await webhook.receive(report(T.OPENED))
    await webhook.receive(report(T.DELIVERED))
    assert await webhook.status(mail) is S.READ


async def test_a_report_before_the_receipt_waits_for_it(webhook: Webhook):
    """The provider was quicker than our own commit."""
    assert await webhook.receive(report(T.DELIVERED)) == 1
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    assert mail.status is S.DELIVERED
    assert await webhook.receive(report(T.DELIVERED)) == 0


async def test_a_report_that_crossed_with_the_receipt_is_found_by_the_sweeper(webhook: Webhook):
    """Each was written while the other was not yet to be seen."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    async with webhook.desk.database.begin() as uow:
        await uow.events.add([report(T.DELIVERED)], webhook.desk.clock())
    await webhook.desk.sweeper.tick()
    assert await webhook.status(mail) is S.DELIVERED


async def test_a_report_about_what_is_being_sent_waits(webhook: Webhook):
    """The sender writes first; it owns the row."""
    answer = asyncio.Event()

    async def slow() -> Receipt:
        await answer.wait()
        return Receipt("smtp-1")

    webhook.desk.smtp.answers = [slow]
    (mail,) = await webhook.desk.queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(webhook.desk.engine.run([mail.id]))
        await webhook.desk.smtp.called.wait()
        await webhook.receive(report(T.DELIVERED, key=mail.idempotency_key))
        assert await webhook.status(mail) is S.SENDING
        answer.set()
    assert await webhook.status(mail) is S.DELIVERED


async def test_our_key_resolves_what_was_perhaps_sent(webhook: Webhook):
    """Its message id was lost with the answer."""
    webhook.desk.smtp.answers = [Uncertain("timeout")]
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    await webhook.receive(report(T.DELIVERED, "never-seen", key=mail.idempotency_key))
    (mail,) = await webhook.desk.now(mail.id)
    assert (mail.status, mail.provider_message_id, mail.error_code) == (S.DELIVERED, "never-seen", None)
    assert mail.resolved_by == "event"


@pytest.mark.parametrize("second", [Unavailable("connect"), Uncertain("timeout")])
async def test_a_report_resolves_what_could_not_be_sent_again(webhook: Webhook, second: SendError):
    """Whether it waits for another try or was given up: the report knows better."""
    desk = webhook.desk
    desk.smtp.answers = [Uncertain("timeout"), second]
    await desk.run(await desk.queue())
    desk.clock.now += timedelta(seconds=600)
    await desk.sweeper.tick()
    (mail,) = await desk.run()
    assert mail.status in (S.PENDING, S.FAILED)
    await webhook.receive(report(T.DELIVERED, "never-seen", key=mail.idempotency_key))
    (mail,) = await desk.now(mail.id)
    assert (mail.status, mail.resolved_by) == (S.DELIVERED, "event")


async def test_a_report_that_came_while_the_sender_died_is_not_lost(webhook: Webhook):
    """The sweeper takes it for perhaps sent, and the report tells that it was."""
    webhook.desk.smtp.answers = [never]
    (mail,) = await webhook.desk.queue()
    run = asyncio.create_task(webhook.desk.engine.run([mail.id]))
    await webhook.desk.smtp.called.wait()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    await webhook.receive(report(T.DELIVERED, key=mail.idempotency_key))
    webhook.desk.clock.now += timedelta(seconds=100)
    await webhook.desk.sweeper.tick()
    await webhook.desk.sweeper.tick()
    assert await webhook.status(mail) is S.DELIVERED


async def test_a_hard_bounce_suppresses_the_address_and_tells_the_user(webhook: Webhook):
    """The next mail is recorded and not sent."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    await webhook.receive(report(T.BOUNCED, code="bounced", hard=True))
    (again,) = await webhook.desk.queue(key="post:2:v1")
    assert (await webhook.status(mail), again.status) == (S.BOUNCED, S.SUPPRESSED)
    told = [one for one in await webhook.desk.everything() if one.idempotency_key.startswith("gave_up:")]
    assert [one.delivery_type for one in told] == [Channel.TELEGRAM, Channel.IN_APP]


async def test_a_soft_bounce_suppresses_nothing(webhook: Webhook):
    """A full mailbox may have room tomorrow."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    await webhook.receive(report(T.BOUNCED, code="content_refused"))
    (again,) = await webhook.desk.queue(key="post:2:v1")
    assert (await webhook.status(mail), again.status) == (S.BOUNCED, S.PENDING)


@pytest.mark.parametrize(("kind", "reason"), [(T.COMPLAINED, "complained"), (T.UNSUBSCRIBED, "unsubscribed")])
async def test_a_complaint_ends_all_mails_and_leaves_the_delivery(webhook: Webhook, kind: EventType, reason: str):
    """It did arrive."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    await webhook.receive(report(kind))
    (again,) = await webhook.desk.queue(key="post:2:v1")
    assert (await webhook.status(mail), again.status, again.error_code) == (S.SENT, S.SUPPRESSED, reason)


async def test_a_bad_signature_changes_nothing(webhook: Webhook):
    """The web answers it with a 401."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    webhook.reporter.events = [report(T.DELIVERED)]
    with pytest.raises(BadSignature):
        await webhook.events.receive("smtp", WebhookRequest("POST", "", {"signature": "bad"}, b"body"))
    assert await webhook.status(mail) is S.SENT


async def test_three_soft_bounces_in_a_week_are_enough(webhook: Webhook, keys: Keys):
    """A full mailbox may heal; one that never does is left alone. A mail that comes back twice counts once."""
    reasons = []
    for number in range(1, 4):
        (mail,) = await webhook.desk.run(await webhook.desk.queue(key=f"post:{number}"))
        again = [report(T.BOUNCED, f"smtp-{number}", number=which) for which in (number, number + 10)]
        await webhook.receive(*again)
        async with webhook.desk.database.read() as uow:
            address = ("email", keys.address_hash("email", mail.recipient))
            reasons.append((await uow.suppressions.reasons([address], "approved")).get(address))
    assert reasons == [None, None, "bounced_often"]


async def test_soft_bounces_of_another_week_are_forgotten(webhook: Webhook, keys: Keys, clock: SteppedClock):
    """Three in a year are nobody's fault."""
    for number in range(1, 4):
        (mail,) = await webhook.desk.run(await webhook.desk.queue(key=f"post:{number}"))
        await webhook.receive(report(T.BOUNCED, f"smtp-{number}", number=number))
        clock.now += timedelta(days=4)
    async with webhook.desk.database.read() as uow:
        assert not await uow.suppressions.reasons([("email", keys.address_hash("email", mail.recipient))], "approved")


async def test_one_request_settles_many_deliveries(webhook: Webhook):
    """Providers collect reports; one that is repeated within a request counts once."""
    queued = [mail for number in range(5) for mail in await webhook.desk.queue(key=f"post:{number}")]
    sent = await webhook.desk.run(queued)
    reports = [report(T.DELIVERED, one.provider_message_id or "", number=one.id) for one in sent]
    assert await webhook.receive(*reports, *reports) == 5
    assert {one.status for one in await webhook.desk.now(*(one.id for one in sent))} == {S.DELIVERED}


async def test_an_unknown_provider_and_unknown_events(webhook: Webhook):
    """Not found, and nothing to do."""
    assert await webhook.receive() == 0
    with pytest.raises(NotFound):
        await webhook.events.receive("nobody", WebhookRequest("POST", "", {}))


async def test_another_providers_message_with_the_same_id_is_not_ours(webhook: Webhook):
    """Ids are unique within a provider only."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    theirs = replace(report(T.BOUNCED, hard=True), provider="sendgrid")
    await webhook.receive(theirs)
    assert await webhook.status(mail) is S.SENT


@pytest.mark.parametrize(("told", "becomes"), [(T.DELIVERED, S.DELIVERED), (T.FAILED, S.SENT), (T.BOUNCED, S.SENT)])
async def test_a_copy_at_another_provider_does_not_take_the_delivery_with_it(
    webhook: Webhook, told: EventType, becomes: DeliveryStatus
):
    """It said 500 and sent it all the same: that it arrives is good to know, that it does not ends nothing."""
    webhook.desk.smtp.answers = [Unavailable("unavailable", maybe_sent=True)]
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    await webhook.receive(report(told, "a copy", key=mail.idempotency_key))
    (mail,) = await webhook.desk.now(mail.id)
    assert (mail.status, mail.provider_name, mail.provider_message_id) == (becomes, "sendgrid", "sendgrid-1")
    assert await webhook.desk.attempts(mail) == ["retried", "delivered", str(told)]


async def test_a_provider_is_not_believed_about_what_it_was_never_given(webhook: Webhook, keys: Keys):
    """Our keys can be guessed; whoever may report for one gateway has no say about the messages of another."""
    (mail,) = await webhook.desk.run(await webhook.desk.queue())
    forged = replace(report(T.BOUNCED, "x", key=mail.idempotency_key, hard=True), provider="a gateway")
    await webhook.receive(forged)
    await webhook.desk.sweeper.tick()
    assert await webhook.status(mail) is S.SENT
    async with webhook.desk.database.read() as uow:
        assert not await uow.suppressions.reasons([("email", keys.address_hash("email", mail.recipient))], "approved")
        assert await uow.events.matched(NOW) == []
