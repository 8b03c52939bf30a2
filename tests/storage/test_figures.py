"""Figures and costs against data that was counted by hand, on both databases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.model import Channel, DeliveryStatus
from core.model.figures import DayCost, Sendings, Taken, Unit, Volume
from storage.database import Database
from tests.conftest import NOW
from tests.records import Records

S = DeliveryStatus
EMAIL, SMS = Channel.EMAIL, Channel.SMS
MIDNIGHT = NOW.replace(hour=0)
TOMORROW = MIDNIGHT + timedelta(days=1)
TODAY = NOW.date()
LATE_YESTERDAY = MIDNIGHT - timedelta(seconds=1)


@pytest.fixture
def records(any_database: Database) -> Records:
    return Records(any_database)


async def test_volume_by_hour_channel_provider_and_status(records: Records):
    """What was made at the last second of yesterday is yesterday's."""
    await records.provider("mailgun", EMAIL, "reports_arrival")
    await records.provider("smtp", EMAIL, "can_ask")
    for status in (S.DELIVERED, S.DELIVERED, S.FAILED):
        await records.delivery("mailgun", EMAIL, status)
    await records.delivery("smtp", EMAIL, S.SENT, created_at=NOW + timedelta(hours=1, minutes=59))
    await records.delivery(None, SMS, S.SUPPRESSED, created_at=MIDNIGHT)
    await records.delivery("mailgun", EMAIL, S.READ, created_at=LATE_YESTERDAY)
    async with records.database.read() as uow:
        by_hour = await uow.figures.volume(MIDNIGHT, TOMORROW, Unit.HOUR)
        by_day = await uow.figures.volume(MIDNIGHT - timedelta(days=1), MIDNIGHT, Unit.DAY)
    assert by_hour == [
        Volume(MIDNIGHT, SMS, None, S.SUPPRESSED, False, 1),
        Volume(NOW, EMAIL, "mailgun", S.DELIVERED, True, 2),
        Volume(NOW, EMAIL, "mailgun", S.FAILED, True, 1),
        Volume(NOW + timedelta(hours=1), EMAIL, "smtp", S.SENT, False, 1),
    ]
    assert by_day == [Volume(MIDNIGHT - timedelta(days=1), EMAIL, "mailgun", S.READ, True, 1)]


async def test_a_day_without_deliveries_has_no_figures(records: Records):
    """Neither zeros nor errors."""
    async with records.database.read() as uow:
        assert await uow.figures.volume(MIDNIGHT, TOMORROW, Unit.DAY) == []
        assert await uow.figures.taken(MIDNIGHT, TOMORROW, Unit.HOUR) == []
        assert await uow.figures.sendings(MIDNIGHT, TOMORROW) == []


async def test_how_long_deliveries_took(records: Records):
    """By hour and to two digits; arrival counts where it is known, else the acceptance."""
    arrived = {"sent_at": NOW + timedelta(seconds=1), "delivered_at": NOW + timedelta(seconds=4)}
    await records.delivery("mailgun", EMAIL, S.DELIVERED, **arrived)
    at_ten = NOW + timedelta(hours=1)
    exact = (0.0, 0.004, 0.0996, 0.2549, 1.23, 1.249, 99.4, 123, 45_678, 123_456)
    for seconds in exact:
        sent_at = at_ten + timedelta(seconds=seconds)
        await records.delivery("smtp", EMAIL, S.SENT, created_at=at_ten, sent_at=sent_at)
    async with records.database.read() as uow:
        found = await uow.figures.taken(MIDNIGHT, TOMORROW, Unit.HOUR)
        by_day = await uow.figures.taken(MIDNIGHT, TOMORROW, Unit.DAY)
    assert found[0] == Taken(NOW, 4.0, 1)
    told = [(round(one.seconds, 3), one.count) for one in found[1:]]
    assert told == [
        (0.0, 1), (0.004, 1), (0.1, 1), (0.25, 1), (1.2, 2), (99, 1), (120, 1), (46_000, 1), (120_000, 1)
    ]  # fmt: skip
    assert sum(one.count for one in by_day) == 11
    assert {one.start for one in by_day} == {MIDNIGHT}


async def test_what_was_held_for_its_reader_says_nothing_about_speed(records: Records):
    """A night of quiet hours is no slowness; nor is what was never sent."""
    held = {"held": [["quiet_hours", "2026-03-01T22:00:00+00:00", "2026-03-02T07:00:00+00:00"]]}
    await records.delivery("smtp", EMAIL, S.SENT, sent_at=NOW + timedelta(hours=9), delivery_metadata=held)
    await records.delivery("smtp", EMAIL, S.PENDING)
    await records.delivery("smtp", EMAIL, S.SENT, sent_at=NOW + timedelta(seconds=3), delivery_metadata={"route": []})
    async with records.database.read() as uow:
        assert await uow.figures.taken(MIDNIGHT, TOMORROW, Unit.DAY) == [Taken(MIDNIGHT, 3.0, 1)]


async def test_what_providers_took_by_day(records: Records):
    """By the day of the sending; a message without a known price counts, its cost does not."""
    await records.provider("twilio", SMS, "reports_arrival")
    paid = {"cost_per_message": Decimal("0.0079"), "currency": "USD"}
    await records.delivery("twilio", SMS, S.DELIVERED, sent_at=NOW, **paid)
    await records.delivery("twilio", SMS, S.BOUNCED, sent_at=NOW, **paid)
    await records.delivery("twilio", SMS, S.SENT, sent_at=LATE_YESTERDAY, **paid)
    await records.delivery("twilio", SMS, S.READ, sent_at=NOW)
    await records.delivery("twilio", SMS, S.FAILED)
    async with records.database.read() as uow:
        found = await uow.figures.sendings(MIDNIGHT - timedelta(days=1), TOMORROW)
    yesterday = TODAY - timedelta(days=1)
    assert sorted(found, key=lambda one: (one.day, one.currency or "")) == [
        Sendings(yesterday, "twilio", SMS, "USD", 1, 1, Decimal("0.0079"), 0, True),
        Sendings(TODAY, "twilio", SMS, None, 1, 0, Decimal(0), 1, True),
        Sendings(TODAY, "twilio", SMS, "USD", 2, 2, Decimal("0.0158"), 1, True),
    ]


def a_cost(messages: int, cost: str, success: str | None = None, day: date = TODAY) -> DayCost:
    rate = Decimal(success) if success else None
    return DayCost("twilio", SMS, day, "USD", messages, Decimal(cost), None, rate, None)


async def test_a_day_is_kept_once_however_often(records: Records):
    """A late report changes its success; the day stays one row."""
    async with records.database.begin() as uow:
        await uow.costs.keep([a_cost(10, "0.079", "80.00")], NOW)
        await uow.costs.keep([a_cost(10, "0.079", "90.00")], NOW)
    async with records.database.read() as uow:
        assert await uow.costs.of_days(TODAY, TODAY) == [a_cost(10, "0.079", "90.00")]


async def test_a_day_never_shrinks(records: Records):
    """Deliveries are cleaned up after a while; what they cost was paid all the same."""
    async with records.database.begin() as uow:
        await uow.costs.keep([a_cost(10, "0.079", "90.00")], NOW)
        await uow.costs.keep([a_cost(3, "0.0237", "100.00")], NOW)
    async with records.database.read() as uow:
        assert await uow.costs.of_days(TODAY, TODAY) == [a_cost(10, "0.079", "90.00")]


async def test_costs_of_some_days(records: Records):
    """Both ends included, the oldest first."""
    days = [TODAY - timedelta(days=ago) for ago in range(4)]
    async with records.database.begin() as uow:
        await uow.costs.keep([], NOW)
        await uow.costs.keep([a_cost(1, "0.01", day=day) for day in days], NOW)
    async with records.database.read() as uow:
        found = await uow.costs.of_days(days[2], days[1])
    assert [one.date for one in found] == [days[2], days[1]]
