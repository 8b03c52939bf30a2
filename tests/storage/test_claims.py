"""Which deliveries are leased first, and by which index they are found, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.dialects.sqlite import aiosqlite

from core.delivery.outbox import notify
from core.model import LEASED, Account, Change, DeliveryStatus, Kind, Priority
from core.secrets import Keys
from storage.claims import any_due, claim, claim_plan, next_times
from storage.database import Database
from storage.tables import notification_deliveries, notifications
from tests.accounts import an_account, saved

MINUTE = timedelta(minutes=1)
INDEX = "idx_notification_deliveries_scheduled"


@pytest.fixture
async def account(any_database: Database) -> Account:
    return await saved(any_database, an_account())


async def fill(database: Database, account: Account, now: datetime, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Deliveries of one notification, one for each row of values; their ids."""
    about = {"idempotency_key": "n", "kind": Kind.APPROVED, "content": {}, "interactive": False, "created_at": now}
    common = {
        "user_id": account.user.id, "delivery_type": "email", "provider_type": "email", "recipient": "ada@example.org",
        "recipient_type": "email", "status": "pending", "delivery_metadata": {}, "scheduled_at": now,
        "created_at": now, "updated_at": now,
    }  # fmt: skip
    async with database.begin() as uow:
        connection = uow.connection
        owner = await connection.scalar(insert(notifications).values(about).returning(notifications.c.id))
        made = [common | {"notification_id": owner, "idempotency_key": str(n)} | row for n, row in enumerate(rows)]
        new = insert(notification_deliveries).returning(notification_deliveries.c.id, sort_by_parameter_order=True)
        return [row[0] for row in await connection.execute(new, made)]


async def lease(database: Database, now: datetime, limit: int, priorities: tuple[Priority, ...] = LEASED) -> list[int]:
    async with database.begin() as uow:
        return await uow.deliveries.lease_due("test", now + MINUTE, now, limit, priorities)


async def test_what_somebody_waits_for_goes_before_a_broadcast_that_was_there_first(
    any_database: Database, account: Account, now: datetime
):
    """However many are in front of it."""
    batch = [{"priority": Priority.BATCH, "scheduled_at": now - MINUTE}] * 200
    usual = {"priority": Priority.USUAL, "scheduled_at": now - MINUTE / 2}
    ids = await fill(any_database, account, now, [*batch, usual, {"priority": Priority.INTERACTIVE}])
    assert await lease(any_database, now, 3) == [ids[-1], ids[-2], ids[0]]
    assert await lease(any_database, now, 200) == ids[1:200]
    assert await lease(any_database, now, 5) == []


async def test_a_relay_leases_only_its_priorities(any_database: Database, account: Account, now: datetime):
    """So that a worker can keep places free for what is not part of a batch."""
    batch, usual = await fill(any_database, account, now, [{"priority": Priority.BATCH}, {"priority": Priority.USUAL}])
    async with any_database.read() as uow:
        assert not await uow.deliveries.has_due(now, (Priority.INTERACTIVE,))
        assert await uow.deliveries.has_due(now, (Priority.BATCH,))
        assert await uow.deliveries.next_due((Priority.INTERACTIVE,)) is None
    assert await lease(any_database, now, 5, (Priority.INTERACTIVE, Priority.USUAL)) == [usual]
    assert await lease(any_database, now, 5, (Priority.BATCH,)) == [batch]


async def test_what_is_parked_is_leased_by_nobody_and_overdue_for_nobody(
    any_database: Database, account: Account, now: datetime
):
    """A batch may be paused for a week, and no alarm rings."""
    await fill(any_database, account, now, [{"priority": Priority.PARKED, "scheduled_at": now - MINUTE}])
    assert await lease(any_database, now, 5) == []
    async with any_database.read() as uow:
        assert not await uow.deliveries.has_due(now)
        assert await uow.deliveries.next_due() is None
        assert await uow.delivery_log.oldest_due(now) is None


async def test_an_answer_is_interactive_and_a_notice_is_not(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """The outbox knows which is which; a code is always waited for."""
    async with any_database.begin() as uow:
        asked = [("a", Kind.APPROVED, True), ("b", Kind.APPROVED, False), ("c", Kind.CODE, False)]
        made = [
            await notify(uow, account, kind, key=key, now=now, keys=keys, interactive=waited)
            for key, kind, waited in asked
        ]
    assert [one.priority for (one,) in made] == [Priority.INTERACTIVE, Priority.USUAL, Priority.INTERACTIVE]


async def test_the_priority_is_written_with_a_change(
    any_database: Database, account: Account, keys: Keys, now: datetime
):
    """The gate parks what belongs to a paused batch."""
    async with any_database.begin() as uow:
        (mail,) = await notify(uow, account, Kind.APPROVED, key="a", now=now, keys=keys)
        await uow.deliveries.write([Change(mail, replace(mail, priority=Priority.PARKED))])
        (found,) = await uow.deliveries.by_ids([mail.id])
    assert found.priority == Priority.PARKED


# The plans --------------------------------------------------------------------------------------------------

SPREAD: tuple[dict[str, Any], ...] = (
    *({"status": DeliveryStatus.SENT},) * 40,
    {"priority": Priority.USUAL},
    {"priority": Priority.BATCH},
    {"priority": Priority.PARKED},
    {"priority": Priority.USUAL, "scheduled_at": datetime.fromisoformat("2030-01-01T00:00:00+00:00")},
)


@pytest.fixture
async def crowded(any_database: Database, account: Account, now: datetime) -> Database:
    """Ten thousand deliveries, most of them sent long ago, and with statistics about them."""
    await fill(any_database, account, now, SPREAD * 230)
    async with any_database.begin() as uow:
        await uow.connection.execute(text("ANALYZE"))
    return any_database


async def plan_of(database: Database, statement: Any, values: dict[str, Any]) -> str:
    """How the database goes about a statement; on PostgreSQL as it is planned for every value at once."""
    if database.is_sqlite:
        compiled = statement.compile(dialect=aiosqlite.dialect())
        told = f"EXPLAIN QUERY PLAN {compiled}"
        async with database.begin() as uow:
            bound = tuple({**compiled.params, **values}[name] for name in compiled.positiontup)
            plain = tuple(one.strftime("%F %T.%f") if isinstance(one, datetime) else one for one in bound)
            rows = await uow.connection.exec_driver_sql(told, plain)
            return "\n".join(row[-1] for row in rows)
    compiled = statement.compile(dialect=asyncpg.dialect())
    async with database.begin() as uow:
        await uow.connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        await uow.connection.exec_driver_sql(f"PREPARE asked AS {compiled}")
        names = ({**compiled.params, **values}[name] for name in compiled.positiontup)
        written = ", ".join(f"'{one}'" if isinstance(one, str | datetime) else str(one) for one in names)
        rows = await uow.connection.exec_driver_sql("EXPLAIN EXECUTE asked" + (f"({written})" if written else ""))
        plan = "\n".join(row[0] for row in rows)
        await uow.connection.exec_driver_sql("DEALLOCATE asked")
        return plan


@pytest.mark.parametrize("priorities", [LEASED, LEASED[:2], LEASED[2:]], ids=["all", "usual", "batches"])
@pytest.mark.parametrize("name", ["claim", "any_due", "next_times"])
async def test_what_is_due_is_found_by_the_partial_index_alone(
    crowded: Database, name: str, priorities: tuple[Priority, ...], now: datetime
):
    """So that it costs the same with ten thousand rows in the table and with a million."""
    made = {"claim": partial(claim, limit=100), "any_due": any_due, "next_times": next_times}
    statement = made[name](priorities)
    values = {"until": now + MINUTE, "by": "test", "now": now}
    plan = await plan_of(crowded, statement, values)
    assert plan.count(INDEX) == len(priorities), plan
    for full in ("Seq Scan on notification_deliveries", "SCAN notification_deliveries"):
        assert full not in plan, plan
    assert "USE TEMP B-TREE" not in plan, plan


async def test_the_plan_of_a_claim_is_told_and_leases_nothing(crowded: Database, now: datetime):
    """For whoever doubts that a claim costs the same in a table of a million rows."""
    async with crowded.begin() as uow:
        plan = await claim_plan(uow.connection, now)
    assert INDEX in plan
    async with crowded.read() as uow:
        assert await uow.deliveries.being_sent("plan") == []
        assert await uow.deliveries.next_due() == now


async def test_a_backlog_is_read_in_the_order_of_the_index(any_database: Database, account: Account, now: datetime):
    """Sorting it for each claim would cost the more the longer it is."""
    backlog = [{"scheduled_at": now - n * MINUTE / 100} for n in range(6000)]
    await fill(any_database, account, now, [*backlog, *({"status": DeliveryStatus.SENT},) * 6000])
    async with any_database.begin() as uow:
        await uow.connection.execute(text("ANALYZE"))
        plan = await claim_plan(uow.connection, now)
    assert INDEX in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
