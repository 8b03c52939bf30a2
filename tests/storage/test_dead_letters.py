"""Dead letters by cause, and trying many again, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from core.model import Account, Channel, DeliveryStatus, Priority
from core.model.dead_letters import Cause, Which
from core.operations.dead_letters import AT_ONCE, DeadLetters, Fate
from core.secrets import Keys
from storage.database import Database
from storage.tables import audit_log, delivery_logs, notification_batch_jobs, notification_deliveries
from tests.accounts import an_account, saved
from tests.conftest import NOW, SteppedClock
from tests.records import Records

S = DeliveryStatus
EMAIL, SMS = Channel.EMAIL, Channel.SMS


@pytest.fixture
def records(any_database: Database) -> Records:
    return Records(any_database)


@pytest.fixture
def dead_letters(any_database: Database, clock: SteppedClock, keys: Keys) -> DeadLetters:
    return DeadLetters(any_database, clock, keys)


@pytest.fixture
async def admin(any_database: Database) -> Account:
    return await saved(any_database, an_account())


async def rows(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    async with database.read() as uow:
        found = await uow.connection.execute(select(*columns).order_by(columns[0].table.c.id))
        return [tuple(row) for row in found]


async def test_causes_by_code_channel_and_provider(records: Records):
    """The most frequent first; what lives is none; a death without a word counts too."""
    for minutes in range(3):
        died = NOW + timedelta(minutes=minutes)
        await records.delivery("twilio", SMS, S.FAILED, error_code="unavailable", updated_at=died)
    await records.delivery("mailgun", EMAIL, S.BOUNCED, error_code="bounced")
    await records.delivery(None, EMAIL, S.SUPPRESSED, error_code="unsubscribed")
    await records.delivery("plivo", SMS, S.FAILED)
    await records.delivery(None, EMAIL, S.SUPPRESSED, error_code="switched_off")  # as its reader wanted
    for alive in (S.PENDING, S.SENT, S.EXPIRED, S.CANCELLED, S.UNKNOWN):
        await records.delivery("twilio", SMS, alive, error_code="unavailable")
    async with records.database.read() as uow:
        assert await uow.dead_letters.causes() == [
            Cause("unavailable", SMS, "twilio", 3, NOW + timedelta(minutes=2)),
            Cause("", SMS, "plivo", 1, NOW),
            Cause("bounced", EMAIL, "mailgun", 1, NOW),
            Cause("unsubscribed", EMAIL, "", 1, NOW),
        ]
        assert await uow.dead_letters.count(Which(error_code="")) == 1
        assert await uow.dead_letters.count(Which(provider="")) == 1
        assert await uow.dead_letters.count(Which("unavailable", SMS, "twilio", since=NOW + timedelta(minutes=1))) == 2
        assert await uow.dead_letters.count(Which("unavailable", until=NOW)) == 1


async def test_what_trying_again_would_come_to(records: Records, dead_letters: DeadLetters, keys: Keys):
    """One can go, one's address is suppressed, one is too late, and the message of one went by telegram."""
    for address in ("fine@example.org", "gone@example.org"):
        await records.delivery("mailgun", EMAIL, S.FAILED, recipient=address)
    await records.delivery("mailgun", EMAIL, S.FAILED, expires_at=NOW)
    replaced = await records.delivery("mailgun", EMAIL, S.FAILED)
    await records.delivery("telegram", Channel.TELEGRAM, S.DELIVERED, replaces_id=replaced)
    both_dead = await records.delivery("mailgun", EMAIL, S.FAILED)
    await records.delivery(None, Channel.TELEGRAM, S.FAILED, replaces_id=both_dead)
    async with records.database.begin() as uow:
        await uow.suppressions.add("email", keys.address_hash("email", "gone@example.org"), "bounced", NOW)
    preview = await dead_letters.preview(Which(channel=EMAIL))
    assert preview.counts == {
        Fate.AGAIN: 2, Fate.SUPPRESSED: 1, Fate.EXPIRED: 1, Fate.TAKEN_OVER: 1, Fate.STOPPED: 0,
    }  # fmt: skip
    assert preview.total == 5
    assert (await dead_letters.preview(Which(channel=SMS))).total == 0


async def test_what_is_of_no_use_any_more_is_too_late(records: Records, dead_letters: DeadLetters):
    """A code that has run out, a reminder of another day."""
    for kind, minutes in (("code", 14), ("code", 15), ("reminder", 23 * 60), ("reminder", 24 * 60), ("draft", 10**5)):
        await records.delivery("smtp", EMAIL, S.FAILED, kind=kind, created_at=NOW - timedelta(minutes=minutes))
    preview = await dead_letters.preview(Which())
    assert (preview[Fate.AGAIN], preview[Fate.EXPIRED]) == (3, 2)


async def test_a_cancelled_batch_stays_cancelled(records: Records, dead_letters: DeadLetters, admin: Account):
    """What is tried again one by one goes all the same, without its batch."""
    batch = await records.insert(
        notification_batch_jobs, job_name="News", job_type="broadcast", idempotency_key="k", status="cancelled",
        job_config={}, tally={}, updated_at=NOW,
    )  # fmt: skip
    ids = [
        await records.delivery("smtp", EMAIL, S.FAILED, batch_id=batch, priority=Priority.BATCH) for _ in range(2)
    ]  # fmt: skip
    assert (await dead_letters.retry(admin, Which())).counts[Fate.STOPPED] == 2
    assert await dead_letters.retry_one(admin, ids[0]) is Fate.AGAIN
    table = notification_deliveries.c
    assert await rows(records.database, table.status, table.priority) == [("pending", 1), ("failed", 2)]


async def test_what_can_be_tried_again_is(records: Records, dead_letters: DeadLetters, admin: Account):
    """With all its retries; the rest stays as it is; who asked for what is in the audit log."""
    again = await records.delivery("twilio", SMS, S.FAILED, error_code="unavailable", attempts=4, retry_count=3)
    await records.delivery("twilio", SMS, S.FAILED, error_code="unavailable", expires_at=NOW)
    await records.delivery("mailgun", EMAIL, S.FAILED, error_code="unavailable")
    done = await dead_letters.retry(admin, Which("unavailable", SMS, until=NOW))
    assert {its_fate: count for its_fate, count in done.counts.items() if count} == {Fate.AGAIN: 1, Fate.EXPIRED: 1}
    table = notification_deliveries.c
    assert await rows(records.database, table.id, table.status, table.retry_count) == [
        (again, "pending", 0), (again + 1, "failed", 0), (again + 2, "failed", 0)
    ]  # fmt: skip
    logged = await rows(records.database, delivery_logs.c.delivery_id, delivery_logs.c.status, delivery_logs.c.attempt)
    assert logged == [(again, "retried", 4)]
    meant = {"cause": "unavailable", "channel": "sms", "until": NOW.isoformat(), "dead_letters": 2}
    noted = await rows(records.database, audit_log.c.user_id, audit_log.c.action, audit_log.c.after)
    assert noted == [(admin.user.id, "deliveries.retried", meant)]


async def test_what_died_after_the_preview_was_not_in_it(records: Records, dead_letters: DeadLetters, admin: Account):
    """So a second press, when they have failed once more, sends nothing."""
    await records.delivery("twilio", SMS, S.FAILED, updated_at=NOW + timedelta(seconds=1))
    assert (await dead_letters.retry(admin, Which(until=NOW))).total == 0
    assert await rows(records.database, audit_log.c.action) == []


async def test_many_are_written_a_hundred_at_a_time(records: Records, dead_letters: DeadLetters, admin: Account):
    """One statement for each hundred, however many there are; how far it has come is told."""
    for _ in range(2 * AT_ONCE + 1):
        await records.delivery("twilio", SMS, S.FAILED, error_code="unavailable")
    statements: list[str] = []
    engine = records.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *values: statements.append(values[2]))
    seen: list[int] = []

    async def progress(done: int) -> None:
        seen.append(done)

    done = await dead_letters.retry(admin, Which(), progress)
    assert (done[Fate.AGAIN], seen) == (201, [100, 200, 201])
    assert sum("UPDATE notification_deliveries" in one for one in statements) == 3
    assert {status for _, status in await rows(records.database, notification_deliveries.c.id,
                                               notification_deliveries.c.status)} == {"pending"}  # fmt: skip
    assert len(await rows(records.database, audit_log.c.action)) == 1


async def test_one_is_tried_again_once(records: Records, dead_letters: DeadLetters, admin: Account):
    """Pressed twice it is queued once, and noted once."""
    delivery_id = await records.delivery("twilio", SMS, S.FAILED)
    assert await dead_letters.retry_one(admin, delivery_id) is Fate.AGAIN
    assert await dead_letters.retry_one(admin, delivery_id) is Fate.AGAIN
    assert await rows(records.database, delivery_logs.c.status) == [("retried",)]
    assert await rows(records.database, audit_log.c.after) == [({"delivery": delivery_id},)]
