"""What is old goes, what is still open stays: on both databases, in short steps, once a day."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update

from core.batches.carrying import LEASE
from core.batches.cleaning import STEPS, WINDOW, WINDOWS
from core.model import Attempt, BatchStatus, BatchType, Channel, DeliveryEvent, DeliveryStatus, EventType, Kind
from core.secrets import Keys
from core.updates import incoming
from storage import retention
from storage.database import Database
from storage.tables import (
    audit_log,
    delivery_logs,
    metadata,
    notification_batch_jobs,
    notification_deliveries,
    notifications,
    posts,
    provider_events,
)
from tests.batches import Press, a_press
from tests.conftest import SteppedClock

S = DeliveryStatus
DAY = timedelta(days=1)


@pytest.fixture
async def press(any_database: Database, clock: SteppedClock, keys: Keys) -> Press:
    return await a_press(any_database, clock, keys)


async def ids(press: Press, table: Any) -> list[int]:
    async with press.database.read() as uow:
        return [row[0] for row in await uow.connection.execute(select(table.c.id).order_by(table.c.id))]


async def delivered(press: Press, key: str, age: timedelta, status: DeliveryStatus = S.SENT) -> int:
    """A mail with a line in its log, as it was so long ago."""
    then = press.clock.now - age
    (mail,) = await press.desk.queue(Kind.APPROVED, key=key)
    async with press.database.begin() as uow:
        await uow.deliveries.add_logs([Attempt(mail.id, Channel.EMAIL, "delivered", then)])
        values = {"created_at": then, "updated_at": then, "status": status}
        await uow.connection.execute(
            update(notification_deliveries).where(notification_deliveries.c.id == mail.id).values(values)
        )
        await uow.connection.execute(
            update(notifications).where(notifications.c.id == mail.notification_id).values(created_at=then)
        )
    return mail.id


async def clean(press: Press, days: int = 0) -> Any:
    """A day's cleaning, to its end; the batch."""
    press.clock.now += days * DAY
    await press.cleaning.begin()
    for _ in range(20):
        await press.tick()
    async with press.database.read() as uow:
        return await uow.batches.by_key(f"cleanup:{press.clock.now:%Y-%m-%d}")


async def test_what_is_old_and_over_goes_with_its_log_and_its_notification(press: Press):
    """The counts say how much that was."""
    old = [
        await delivered(press, f"old{number}", 100 * DAY, status) for number, status in enumerate((S.SENT, S.FAILED))
    ]
    young = await delivered(press, "young", 80 * DAY)
    batch = await clean(press)
    assert await ids(press, notification_deliveries) == [young]
    assert len(await ids(press, notifications)) == len(await ids(press, delivery_logs)) == 1
    assert (batch.type, batch.status) == (BatchType.CLEANUP, BatchStatus.COMPLETED)
    assert batch.tally["removed"] == {
        "notification_deliveries": len(old), "delivery_logs": len(old), "notifications": len(old),
    }  # fmt: skip
    assert batch.processed == 3 * len(old)


@pytest.mark.parametrize("status", [S.PENDING, S.SENDING, S.UNKNOWN])
async def test_what_is_still_open_stays_whatever_its_age(press: Press, status: DeliveryStatus):
    """With the notification it is made from."""
    kept = await delivered(press, "kept", 400 * DAY, status)
    await clean(press)
    assert await ids(press, notification_deliveries) == [kept]
    assert len(await ids(press, notifications)) == 1


async def test_what_something_happened_with_lately_stays(press: Press):
    """It was made long ago, and retried last week."""
    kept = await delivered(press, "kept", 400 * DAY)
    async with press.database.begin() as uow:
        await uow.connection.execute(update(notification_deliveries).values(updated_at=press.clock.now - 7 * DAY))
    await clean(press)
    assert await ids(press, notification_deliveries) == [kept]


async def test_reports_updates_and_measurements_go_posts_and_the_audit_log_stay(press: Press):
    """Each by its own time."""
    then = press.clock.now - 100 * DAY
    async with press.database.begin() as uow:
        report = DeliveryEvent("smtp", "e1", "m1", EventType.DELIVERED, then)
        await uow.events.add([report], then)
        await uow.updates.add([incoming({"update_id": number}) for number in (1, 2)], then)
        await uow.updates.finish([1], then)
        await uow.audit.write(press.root.user.id, "settings.language", then)
        health = metadata.tables["provider_health_metrics"]
        row = {"provider_name": "smtp", "provider_type": "email", "health_check_timestamp": then, "is_healthy": True}
        await uow.connection.execute(insert(health).values(row | {"created_at": then}))
        idea = {"user_id": press.root.user.id, "idea": "i", "state": "draft", "language": "en"}
        await uow.connection.execute(insert(posts).values(idea | {"created_at": then, "updated_at": then}))
    batch = await clean(press)
    removed = {"provider_events": 1, "provider_health_metrics": 1, "telegram_updates": 1}
    assert batch.tally["removed"] == removed
    assert await ids(press, provider_events) == []
    assert len(await ids(press, posts)) == len(await ids(press, audit_log)) == 1


async def test_it_is_done_once_a_day(press: Press):
    """However many processes ask for it; old ones of its kind are taken off the list, broadcasts are not."""
    await press.print()
    first = await clean(press)
    await press.cleaning.begin()
    assert (await clean(press)).id == first.id
    assert (await clean(press, days=1)).id != first.id
    await clean(press, days=100)
    async with press.database.read() as uow:
        kinds = [one.type for one in await uow.batches.page(0, 10)]
    assert kinds == [BatchType.CLEANUP, BatchType.BROADCAST]


async def test_a_great_table_is_cleaned_in_short_steps_and_others_can_write_between_them(
    press: Press, monkeypatch: pytest.MonkeyPatch
):
    """After a crash it goes on where it was."""
    monkeypatch.setattr("core.batches.cleaning.WINDOW", 10)
    monkeypatch.setattr("core.batches.cleaning.WINDOWS", 2)
    for number in range(45):
        await delivered(press, f"k{number}", 100 * DAY)
    await press.cleaning.begin()
    await press.tick()
    assert len(await ids(press, notification_deliveries)) == 25
    other = press.another_carrier("two")
    press.clock.now += LEASE
    await other.run()
    assert len(await ids(press, notification_deliveries)) == 5
    await press.tick(10)
    assert await ids(press, notifications) == []


async def test_a_step_reads_as_many_rows_as_its_window_has(press: Press, now: datetime):
    """It ends at the first window in which nothing is old: a table of young rows costs one look."""
    for number in range(8):
        await delivered(press, f"k{number}", (100 - 10 * number) * DAY)
    async with press.database.begin() as uow:
        before = now - 55 * DAY
        removed, cursor = await uow.retention.remove("notification_deliveries", before, 0, 4)
        assert (removed["notification_deliveries"], cursor) == (4, 4)
        assert await uow.retention.remove("notification_deliveries", before, 4, 4) == (
            {"delivery_logs": 1, "notification_deliveries": 1},
            8,
        )
        assert await uow.retention.remove("notification_deliveries", before, 8, 4) == ({}, None)
        left = select(func.count()).select_from(notification_deliveries)
        assert await uow.connection.scalar(left) == 3


async def test_removing_a_delivery_does_not_search_the_others_for_it(press: Press):
    """What was sent in its place names it; an index leads there."""
    first, second = await delivered(press, "a", 100 * DAY), await delivered(press, "b", DAY)
    async with press.database.begin() as uow:
        mine = notification_deliveries.c.id == second
        await uow.connection.execute(update(notification_deliveries).where(mine).values(replaces_id=first))
        replaced = "SELECT id FROM notification_deliveries WHERE replaces_id = 1"
        if not press.database.is_sqlite:
            await uow.connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if press.database.is_sqlite else "EXPLAIN "
        plan = " ".join(str(row[-1]) for row in await uow.connection.exec_driver_sql(explain + replaced))
    assert "idx_notification_deliveries_replaces_id" in plan
    await clean(press)
    (kept,) = await press.desk.now(second)
    assert kept.replaces_id is None


def test_every_step_is_one_that_the_tables_know():
    """And none is left out."""
    assert set(STEPS) == set(retention.STEPS)
    assert WINDOW * WINDOWS <= 10_000
    assert notification_batch_jobs.name == STEPS[-1]
