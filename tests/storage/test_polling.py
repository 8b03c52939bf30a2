"""Asking what became of messages: leased, with back-off, and with an end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.delivery.aftermath import Aftermath
from core.delivery.polling import MINUTES, Poller, first_poll, next_poll
from core.errors import Unavailable
from core.model import Change, Channel, Delivery, DeliveryEvent, DeliveryStatus, EventType
from core.ports import Provider
from core.providers.base import BaseProvider
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.delivery import Desk, a_desk

S = DeliveryStatus


@dataclass
class Askable(BaseProvider):
    """Says what a test puts into `news`, by message id; an error is raised."""

    name: str = "smtp"
    channel: Channel = Channel.EMAIL
    can_poll: bool = True
    news: dict[str, EventType | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        self.asked.append(message_id)
        found = self.news.get(message_id)
        if isinstance(found, Exception):
            raise found
        return DeliveryEvent(self.name, f"poll:{message_id}:{found}", message_id, found, NOW) if found else None


@dataclass
class Asking:
    """The desk, and a poller beside it."""

    desk: Desk
    provider: Askable
    poller: Poller

    def get(self, channel: Channel, name: str) -> Provider:
        return {"smtp": self.provider}[name]  # type: ignore[return-value]

    async def sent(self, count: int = 1) -> list[Delivery]:
        """Mails that were taken just now, to be asked about at once."""
        queued = [one for n in range(count) for one in await self.desk.queue(key=f"post:{n}")]
        taken = await self.desk.run(queued)
        async with self.desk.database.begin() as uow:
            await uow.deliveries.write([Change(one, replace(one, poll_at=self.desk.clock())) for one in taken])
        return await self.desk.now(*(one.id for one in taken))

    async def now(self, delivery: Delivery) -> Delivery:
        (found,) = await self.desk.now(delivery.id)
        return found


@pytest.fixture
async def asking(any_database: Database, clock: SteppedClock, keys: Keys) -> Asking:
    desk = a_desk(any_database, clock, keys, await saved(any_database, an_account()))
    made = Asking(desk, Askable(), None)  # type: ignore[arg-type]
    made.poller = Poller(any_database, made, Aftermath(keys), clock)  # type: ignore[arg-type]
    return made


async def test_news_moves_the_delivery_on_and_ends_the_questions(asking: Asking):
    """It counts like a report that came by itself."""
    (mail,) = await asking.sent()
    asking.provider.news = {"smtp-1": EventType.DELIVERED}
    assert await asking.poller.tick() == 1
    mail = await asking.now(mail)
    assert (mail.status, mail.poll_at, mail.polls) == (S.DELIVERED, None, 1)
    assert await asking.desk.attempts(mail) == ["delivered", "delivered"]


@pytest.mark.parametrize("news", [None, Unavailable("connect"), RuntimeError("odd"), TimeoutError()])
async def test_without_news_it_asks_less_and_less_often(asking: Asking, clock: SteppedClock, news: Exception | None):
    """Whatever the reason is."""
    (mail,) = await asking.sent()
    asking.provider.news = {"smtp-1": news} if news else {}
    for polls, minutes in enumerate(MINUTES[1:], start=1):
        await asking.poller.tick()
        mail = await asking.now(mail)
        assert (mail.polls, mail.poll_at) == (polls, clock.now + timedelta(minutes=minutes))
        clock.now = mail.poll_at
    await asking.poller.tick()
    mail = await asking.now(mail)
    assert (mail.status, mail.poll_at) == (S.SENT, None)


async def test_two_pollers_ask_once(asking: Asking):
    """A question is leased before it is asked."""
    await asking.sent(3)
    async with asking.desk.database.begin() as uow:
        first = await uow.deliveries.lease_polls(NOW, NOW + timedelta(minutes=2), 2)
    assert len(first) == 2
    assert await asking.poller.tick() == 1


async def test_what_a_report_has_settled_is_not_asked_about(asking: Asking, keys: Keys):
    """The webhook was quicker."""
    (mail,) = await asking.sent()
    async with asking.desk.database.begin() as uow:
        await uow.deliveries.write([Change(mail, replace(mail, status=S.DELIVERED))])
    assert await asking.poller.tick() == 0
    assert asking.provider.asked == []
    assert (await asking.now(mail)).poll_at is None


async def test_a_bounce_that_was_found_by_asking_has_its_consequences(asking: Asking):
    """The user hears of it."""
    await asking.sent()
    asking.provider.news = {"smtp-1": EventType.BOUNCED}
    await asking.poller.tick()
    assert [one.delivery_type for one in await asking.desk.everything()][1:] == [Channel.TELEGRAM, Channel.IN_APP]


async def test_a_provider_that_is_not_set_up_any_more_is_no_trouble(asking: Asking):
    """Its messages keep their place and are asked about in vain."""
    (mail,) = await asking.sent()
    async with asking.desk.database.begin() as uow:
        await uow.deliveries.write([Change(mail, replace(mail, provider_name="gone"))])
    assert await asking.poller.tick() == 1
    assert (await asking.now(mail)).polls == 1


class Speaking(Askable):
    """Reports by itself, too."""

    async def verify(self, request: object) -> None: ...

    def parse(self, request: object) -> Sequence[DeliveryEvent]:
        return ()


def test_who_reports_is_asked_later_and_who_can_not_be_asked_never():
    """Reports are quicker, as a rule; but they can get lost."""
    assert first_poll(Askable(), NOW) == NOW + timedelta(minutes=1)
    assert first_poll(Speaking(), NOW) == NOW + timedelta(minutes=15)
    assert first_poll(Askable(can_poll=False), NOW) is None


def test_the_questions_end():
    """After about a week."""
    assert next_poll(len(MINUTES), NOW) is None
    assert 5 <= sum(MINUTES) / 1440 <= 8
