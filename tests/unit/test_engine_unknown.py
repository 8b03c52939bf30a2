"""What was perhaps sent: the provider is asked before anything is sent again, and how it was settled is kept."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.delivery.polling import first_poll
from core.errors import Refused, Unavailable, Uncertain
from core.model import Change, Delivery, DeliveryEvent, DeliveryStatus, EventType, Receipt
from core.secrets import Keys
from storage.database import Database
from tests.conftest import NOW, SteppedClock
from tests.routing import SMS, Phones, phones

S = DeliveryStatus
LOST = Uncertain("timeout")


@pytest.fixture
async def one(any_database: Database, clock: SteppedClock, keys: Keys) -> Phones:
    return await phones(any_database, clock, keys, names=["twilio"])


async def lost(found: Phones) -> Delivery:
    """An SMS whose answer was lost, ten minutes ago."""
    found.twilio.answers = [LOST]
    (sms,) = await found.send()
    assert sms.status is S.UNKNOWN
    await ten_minutes_later(found)
    return (await found.desk.now(sms.id))[0]


async def ten_minutes_later(found: Phones) -> None:
    found.clock.now += timedelta(minutes=10)
    await found.desk.sweeper.tick()


async def test_asked_and_found_it_is_not_sent_again(one: Phones):
    """By our key."""
    one.twilio.can_ask, one.twilio.found = True, Receipt("found")
    (sms,) = await one.run([await lost(one)])
    assert (sms.status, sms.provider_message_id, sms.resolved_by) == (S.SENT, "found", "status")
    assert (sms.possible_duplicates, len(one.twilio.sent)) == (0, 1)


async def test_asked_and_not_found_it_is_sent_again_and_is_no_duplicate(one: Phones):
    """The provider never had it."""
    one.twilio.can_ask = True
    (sms,) = await one.run([await lost(one)])
    assert (sms.status, sms.resolved_by, sms.possible_duplicates) == (S.SENT, "resend", 0)


async def test_where_nobody_can_be_asked_it_is_sent_again_and_counted(one: Phones):
    """Once, by the same provider, with the same key."""
    (sms,) = await one.run([await lost(one)])
    assert (sms.status, sms.resolved_by, sms.possible_duplicates) == (S.SENT, "resend", 1)
    assert len(set(one.twilio.sent)) == 1


@pytest.mark.parametrize(("maybe_sent", "counted"), [(False, 0), (True, 1)])
async def test_a_resend_that_was_not_sent_is_no_duplicate(one: Phones, maybe_sent: bool, counted: int):
    """What is counted is what somebody may have twice, not how often we tried."""
    again = await lost(one)
    one.twilio.answers = [Unavailable("unavailable", maybe_sent=maybe_sent)]
    (sms,) = await one.run([again])
    assert (sms.status, sms.possible_duplicates) == (S.PENDING, counted)
    (sms,) = await one.run([sms])
    assert (sms.status, sms.possible_duplicates) == (S.SENT, 1 + counted)


@pytest.mark.parametrize(
    ("news", "status", "settled"),
    [
        (EventType.DELIVERED, S.DELIVERED, "status"),
        (None, S.SENT, "status"),
        (EventType.BOUNCED, S.FAILED, "status"),
    ],
)
async def test_a_message_whose_id_is_known_is_asked_after(
    one: Phones, news: EventType | None, status: DeliveryStatus, settled: str
):
    """An id proves that it was taken: it is never sent twice."""
    sms = await lost(one)
    async with one.desk.database.begin() as uow:
        await uow.deliveries.write([Change(sms, replace(sms, provider_message_id="SM1"))])
    event = DeliveryEvent("twilio", "poll:SM1", "SM1", news, NOW) if news else None
    one.twilio.can_poll = True

    async def told(message_id: str, to: str) -> DeliveryEvent | None:
        return event

    one.twilio.status = told  # type: ignore[method-assign]
    (sms,) = await one.run([sms])
    assert (sms.status, sms.resolved_by, len(one.twilio.sent)) == (status, settled, 1)
    assert sms.possible_duplicates == 0


@pytest.mark.parametrize("trouble", [Uncertain("timeout"), Unavailable("connect"), KeyError("id")])
async def test_asking_in_vain_sends_nothing_and_asks_again(one: Phones, trouble: Exception):
    """A question whose answer is lost is no second sending."""
    one.twilio.can_ask, one.twilio.found = True, Receipt("found")
    find = one.twilio.find

    async def away(to: str, key: str) -> Receipt | None:
        raise trouble

    one.twilio.find = away  # type: ignore[method-assign]
    (sms,) = await one.run([await lost(one)])
    assert (sms.status, sms.hold_reason, len(one.twilio.sent)) == (S.PENDING, "retry", 1)
    one.twilio.find = find  # type: ignore[method-assign]
    one.clock.now = sms.scheduled_at
    (sms,) = await one.run([sms])
    assert (sms.status, sms.resolved_by, sms.possible_duplicates, len(one.twilio.sent)) == (S.SENT, "status", 0, 1)


async def test_lost_twice_it_is_given_up(one: Phones):
    """Nobody can tell, and three times would be too often."""
    sms = await lost(one)
    one.twilio.answers = [LOST]
    (sms,) = await one.run([sms])
    assert (sms.status, sms.resolved_by) == (S.FAILED, "gave_up")


async def test_a_second_sending_that_is_refused_settles_it(one: Phones):
    """The address does not exist: the first one did not arrive either."""
    sms = await lost(one)
    one.twilio.answers = [Refused("invalid_address")]
    (sms,) = await one.run([sms])
    assert (sms.status, sms.resolved_by) == (S.FAILED, "resend")


async def test_an_answer_that_comes_late_settles_it(one: Phones):
    """The sender was only slow."""
    answer = asyncio.Event()

    async def slow() -> Receipt:
        await answer.wait()
        return Receipt("late")

    one.twilio.answers = [slow]
    (sms,) = await one.queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(one.engine.run([sms.id]))
        await one.twilio.called.wait()
        one.clock.now += timedelta(minutes=10)
        await one.desk.sweeper.tick()
        answer.set()
    (sms,) = await one.desk.now(sms.id)
    assert (sms.status, sms.resolved_by, sms.error_code) == (S.SENT, "late_answer", None)


async def test_what_was_never_unknown_was_not_settled(one: Phones):
    """Most deliveries."""
    (sms,) = await one.send()
    assert (sms.status, sms.resolved_by) == (S.SENT, None)


async def test_a_provider_that_can_be_asked_is_asked_later_what_became_of_it(one: Phones):
    """Where it has not said so with its receipt."""
    one.twilio.can_poll = True
    one.twilio.answers = [Receipt("sent"), Receipt("arrived", S.DELIVERED)]
    sent, arrived = [(await one.send())[0], (await one.send())[0]]
    assert sent.poll_at == first_poll(one.providers.get(SMS, "twilio"), NOW)
    assert arrived.poll_at is None
