"""The daily costs, rolled up again and again, and read over the days, on both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, update

from core.model import Channel, DeliveryStatus
from core.model.figures import DayCost
from core.operations.costs import Costs, spent
from storage.database import Database
from storage.tables import notification_deliveries
from tests.conftest import NOW, SteppedClock
from tests.records import Records

S = DeliveryStatus
SMS = Channel.SMS
TODAY = NOW.date()
CENT = Decimal("0.010000")


@pytest.fixture
def costs(any_database: Database, clock: SteppedClock) -> Costs:
    return Costs(any_database, clock, "EUR")


@pytest.fixture
async def records(any_database: Database) -> Records:
    records = Records(any_database)
    await records.provider("twilio", SMS, "reports_arrival")
    return records


async def sent(records: Records, days_ago: int, status: DeliveryStatus = S.SENT) -> int:
    at = NOW - timedelta(days=days_ago)
    return await records.delivery("twilio", SMS, status, sent_at=at, cost_per_message=CENT, currency="USD")


async def kept(costs: Costs) -> list[DayCost]:
    async with costs.database.read() as uow:
        return await uow.costs.of_days(TODAY - timedelta(days=30), TODAY)


async def test_today_and_the_three_days_before(records: Records, costs: Costs):
    """A row for each; older days are as they were kept."""
    for days_ago in range(6):
        await sent(records, days_ago)
    assert await costs.roll_up() == 4
    assert [one.date for one in await kept(costs)] == [TODAY - timedelta(days=days) for days in (3, 2, 1, 0)]


async def test_a_late_report_changes_the_day(records: Records, costs: Costs, any_database: Database):
    """Run again and again there is one row, and it says what is known by now."""
    late, _ = await sent(records, 2), await sent(records, 2, S.DELIVERED)
    for _ in range(2):
        await costs.roll_up()
    half = DayCost("twilio", SMS, TODAY - timedelta(days=2), "USD", 2, CENT * 2, CENT, Decimal("50.00"), CENT * 2)
    assert await kept(costs) == [half]
    async with any_database.begin() as uow:
        table = notification_deliveries
        await uow.connection.execute(update(table).where(table.c.id == late).values(status=S.DELIVERED))
    await costs.roll_up()
    assert [(one.delivery_success_rate, one.cost_per_successful_delivery) for one in await kept(costs)] == [
        (Decimal("100.00"), CENT)
    ]


async def test_costs_outlive_their_deliveries(records: Records, costs: Costs, any_database: Database):
    """Yesterday was cleaned up; what it cost is known all the same, and today is counted from what is there."""
    await sent(records, 1)
    await costs.roll_up()
    async with any_database.begin() as uow:
        await uow.connection.execute(delete(notification_deliveries))
    await sent(records, 0)
    await costs.roll_up()
    found = await costs.since(TODAY - timedelta(days=1))
    assert [(one.date, one.total_messages) for one in found] == [(TODAY - timedelta(days=1), 1), (TODAY, 1)]
    assert spent(found) == {"USD": CENT * 2}


async def test_a_message_without_a_price_counts_in_the_currency_of_the_house(records: Records, costs: Costs):
    """It cost nobody knows what."""
    await records.delivery("twilio", SMS, S.DELIVERED, sent_at=NOW)
    (today,) = await costs.since(TODAY)
    assert (today.currency, today.total_messages, today.total_cost) == ("EUR", 1, Decimal(0))
    assert (today.average_cost_per_message, today.cost_per_successful_delivery) == (None, None)
