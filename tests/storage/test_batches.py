"""Batches on both databases: made in chunks, once for everybody, by one process at a time, whatever dies."""

import asyncio
import tracemalloc
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from core.batches import mailing as batches_mailing
from core.batches.batches import Broadcast, CountChanged
from core.batches.carrying import LEASE
from core.batches.judging import BACKLOG, CHUNK
from core.delivery.reports import apply
from core.errors import AppError, NotFound, Refused
from core.model import Batch, BatchStatus, Channel, DeliveryEvent, DeliveryStatus, EventType, Kind, Priority
from core.secrets import Keys
from storage.database import Database
from storage.tables import audit_log, notification_deliveries, notifications
from tests.batches import HELLO, Press, Statements, a_press, readers
from tests.conftest import SteppedClock
from tests.unit.outbox import queued

B, S = BatchStatus, DeliveryStatus


@pytest.fixture
async def press(any_database: Database, clock: SteppedClock, keys: Keys) -> Press:
    return await a_press(any_database, clock, keys)


async def actions(press: Press) -> list[str]:
    async with press.database.read() as uow:
        rows = await uow.connection.execute(select(audit_log.c.action).order_by(audit_log.c.id))
        return [row[0] for row in rows if row[0].startswith("batch.")]


async def told(press: Press, kind: Kind) -> list[dict[str, Any]]:
    async with press.database.read() as uow:
        rows = await uow.connection.execute(select(notifications.c.content).where(notifications.c.kind == kind))
        return [row[0] for row in rows]


# From the beginning to the end -----------------------------------------------------------------------------


async def test_everybody_gets_it_once_and_whoever_began_it_reads_what_became_of_it(press: Press):
    """Pending, running, completed."""
    await readers(press.database, 130)
    batch = await press.print()
    assert (batch.status, batch.total) == (B.PENDING, 131)
    await press.tick()
    assert (await press.batch(batch.id)).status is B.RUNNING
    sent = await press.send()
    assert len(sent) == len({one.recipient for one in sent}) == 131
    assert {one.idempotency_key for one in sent} == {f"batch:{batch.id}:{one.user_id}:telegram" for one in sent}
    await press.tick(2)
    done = await press.batch(batch.id)
    assert (done.status, done.processed, done.successful, done.failed) == (B.COMPLETED, 131, 131, 0)
    assert done.started_at
    assert done.completed_at
    (content,) = await told(press, Kind.MESSAGE)
    assert "Tonight" in content["subject"]
    assert "131 people" in content["text"]
    assert await actions(press) == ["batch.created"]


async def test_it_is_begun_once_however_often_it_is_asked_for(press: Press):
    """An update that is handled again after a crash."""
    first, second = await press.print(), await press.print()
    assert first.id == second.id
    assert await actions(press) == ["batch.created"]


async def test_it_goes_to_as_many_as_were_confirmed_or_to_nobody(press: Press):
    """Somebody came between the preview and the number."""
    await readers(press.database, 3)
    with pytest.raises(CountChanged) as changed:
        await press.batches.create(press.root, HELLO, key="b1", confirmed=3)
    assert changed.value.count == 4
    nobody = Broadcast("Hola", segment="language:es")
    with pytest.raises(AppError, match="nobody"):
        await press.batches.create(press.root, nobody, key="b2", confirmed=0)


async def test_who_comes_later_is_not_part_of_it(press: Press):
    """The number that was typed is the number of readers."""
    batch = await press.print()
    await readers(press.database, 5)
    await press.tick()
    assert [one.user_id for one in await press.deliveries(batch.id)] == [press.root.user.id]


async def test_a_recipient_without_any_channel_finds_it_in_the_inbox(press: Press):
    """Preferences hold: who has switched the chat off is not written to there."""
    await readers(press.database, 1, receive_telegram_notifications=False)
    batch = await press.print()
    await press.tick()
    assert [one.delivery_type for one in await press.deliveries(batch.id)] == [Channel.TELEGRAM, Channel.IN_APP]


async def test_a_mail_of_it_can_be_unsubscribed_from(press: Press, keys: Keys):
    """Its link stands for announcements alone; there is one for each reader, made for all of them together."""
    await readers(press.database, 1, email="r1@example.org", receive_telegram_notifications=False)
    await readers(press.database, 1, first=200_000)
    await press.print()
    await press.tick()
    contents = dict(await queued(press.database))
    (mailed,) = (content for key, content in contents.items() if key.endswith(":email"))
    async with press.database.read() as uow:
        token = keys.link_token("unsubscribe", mailed["link_id"], mailed["generation"])
        link = await uow.links.by_token(token, press.clock())
    assert link is not None
    assert link.scope == Kind.ANNOUNCEMENT
    assert sum("link_id" in content for content in contents.values()) == 1


# Chunks ----------------------------------------------------------------------------------------------------


async def test_no_more_is_made_than_the_workers_keep_up_with(press: Press):
    """What is not made yet can be cancelled for nothing."""
    await readers(press.database, BACKLOG + 500)
    batch = await press.print()
    await press.tick(3)
    assert (await press.batch(batch.id)).processed == BACKLOG
    await press.send()
    await press.tick()
    assert (await press.batch(batch.id)).processed == BACKLOG + 501


async def test_readers_who_sleep_hold_nobody_up(press: Press):
    """A thousand in quiet hours say nothing about the workers."""
    await readers(press.database, BACKLOG + 200, quiet_hours_start=time(0), quiet_hours_end=time(12))
    batch = await press.print()
    await press.tick(3)
    found = await press.batch(batch.id)
    assert found.processed == BACKLOG + 201
    assert found.counts.holds == {"quiet_hours": BACKLOG + 200}


async def test_a_chunk_takes_a_few_statements_whatever_its_size(press: Press):
    """Not three for each reader."""
    await readers(press.database, 2 * CHUNK)
    await press.print()
    statements = Statements(press.database)
    await press.tick()
    taken = statements.taken()
    inserts = [one for one in taken if one.startswith(("INSERT INTO notifications", "INSERT INTO notification_del"))]
    assert len(inserts) == 2 * 3  # three chunks
    assert len(taken) < 40, taken


async def test_ten_thousand_readers_cost_memory_and_statements_of_a_chunk(press: Press):
    """Nothing grows with the number of readers but the table."""
    await readers(press.database, 10_000)
    batch = await press.print()
    await press.tick()
    await settle(press, batch)
    statements = Statements(press.database)
    tracemalloc.start()
    while not (await press.batch(batch.id)).is_made:
        await press.tick()
        await settle(press, batch)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert len(statements.taken()) < 10_000 / CHUNK * 20
    await press.tick()
    assert (await press.batch(batch.id)).status is B.COMPLETED
    async with press.database.read() as uow:
        mine = notification_deliveries.c.batch_id == batch.id
        many = func.count(func.distinct(notification_deliveries.c.user_id))
        assert await uow.connection.scalar(select(many).where(mine)) == 10_001


async def settle(press: Press, batch: Batch) -> None:
    """As if the workers had sent everything."""
    sent = text("UPDATE notification_deliveries SET status = 'sent' WHERE batch_id = :batch AND status = 'pending'")
    async with press.database.begin() as uow:
        await uow.connection.execute(sent, {"batch": batch.id})


# What dies, and who else is there --------------------------------------------------------------------------


async def test_a_process_that_dies_in_the_middle_of_a_chunk_leaves_nothing_half_made(
    press: Press, monkeypatch: pytest.MonkeyPatch
):
    """Another goes on when the lease has ended; nobody is told twice and nobody is left out."""
    await readers(press.database, 250)
    batch = await press.print()
    real, calls = batches_mailing.notify_all, []

    async def dying(*arguments: Any, **values: Any) -> Any:
        made = await real(*arguments, **values)
        calls.append(len(made))
        if len(calls) == 2:
            raise asyncio.CancelledError  # killed after the rows were written, before the commit
        return made

    monkeypatch.setattr(batches_mailing, "notify_all", dying)
    with pytest.raises(asyncio.CancelledError):
        await press.tick()
    assert len(await press.deliveries(batch.id)) == (await press.batch(batch.id)).processed == 100
    other = press.another_carrier("two")
    await other.run()
    assert len(await press.deliveries(batch.id)) == 100  # the lease has not ended
    press.clock.now += LEASE
    await other.run()
    assert len({one.user_id for one in await press.deliveries(batch.id)}) == 251
    assert len(await press.deliveries(batch.id)) == 251


async def test_a_chunk_that_is_made_again_adds_nothing(press: Press):
    """The key is the batch's and the recipient's."""
    await readers(press.database, 20)
    batch = await press.print()
    await press.tick()
    async with press.database.begin() as uow:
        await uow.connection.execute(text("UPDATE notification_batch_jobs SET cursor = 0, processed_notifications = 0"))
    await press.tick()
    assert len(await press.deliveries(batch.id)) == 21


async def test_two_processes_at_once_make_everything_once(press: Press):
    """Whoever takes the row has it."""
    await readers(press.database, 600)
    batch = await press.print()
    press.clock.now += timedelta(seconds=1)
    await asyncio.gather(*(press.another_carrier(f"p{number}").run() for number in range(4)))
    made = await press.deliveries(batch.id)
    assert len(made) == len({one.user_id for one in made}) == 601
    assert (await press.batch(batch.id)).processed == 601


async def test_who_has_lost_the_batch_writes_nothing(press: Press):
    """Its lease has ended, and another has taken it."""
    batch = await press.print()
    async with press.database.begin() as uow:
        assert await uow.batches.take("slow", press.clock(), press.clock() + LEASE)
        assert await uow.batches.take("quick", press.clock(), press.clock() + LEASE) is None
        later = press.clock() + LEASE
        assert await uow.batches.take("quick", later, later + LEASE)
        assert await uow.batches.hold(batch.id, "slow", later + LEASE) is None
        assert not await uow.batches.save(batch.id, "slow", later, cursor=99)
        await uow.batches.put_down(batch.id, "slow", None)
    found = await press.batch(batch.id)
    assert found.cursor == 0
    assert found.look_at == later + LEASE


async def test_a_batch_that_cant_be_carried_fails_and_holds_up_no_other(press: Press):
    """Five times in a row, then it is given up."""
    broken = await press.print(key="broken")
    async with press.database.begin() as uow:
        nowhere = {"source": "nowhere", "upto": 9}
        await uow.batches.move(broken.id, [B.PENDING], B.PENDING, press.clock(), config=nowhere)
    other = await press.print(key="other")
    await press.tick(6, seconds=5)
    found = await press.batch(broken.id)
    assert (found.status, found.error_summary) == (B.FAILED, "it could not be carried on")
    assert (await press.batch(other.id)).processed == 1


# Pause, resume, cancel -------------------------------------------------------------------------------------


async def test_what_is_paused_is_not_sent_and_comes_back(press: Press):
    """Pending deliveries are out of every relay's reach, and not overdue for anybody."""
    await readers(press.database, 30)
    batch = await press.print()
    await press.tick()
    assert (await press.batches.pause(press.root, batch.id)).status is B.PAUSED
    assert await press.send() == []
    async with press.database.read() as uow:
        assert await uow.delivery_log.oldest_due(press.clock()) is None
    parked = await press.deliveries(batch.id)
    assert {(one.priority, one.hold_reason) for one in parked} == {(Priority.PARKED, "batch_paused")}
    await press.tick(3)
    assert (await press.batches.resume(press.root, batch.id)).status is B.RUNNING
    await press.tick()
    assert len(await press.send()) == 31
    assert await actions(press) == ["batch.created", "batch.paused", "batch.resumed"]


async def test_pausing_twice_is_pausing_once(press: Press):
    """The second press sees what the first has done; so does a press that comes after the end."""
    batch = await press.print()
    for _press in range(2):
        assert (await press.batches.pause(press.root, batch.id)).status is B.PAUSED
    assert await actions(press) == ["batch.created", "batch.paused"]
    await press.batches.cancel(press.root, batch.id)
    assert (await press.batches.resume(press.root, batch.id)).status is B.CANCELLED
    with pytest.raises(NotFound):
        await press.batches.pause(press.root, 999)


async def test_what_comes_due_during_a_pause_is_parked_at_the_gate(press: Press):
    """A retry, a reader who wakes up: they wait with their batch, and go on with it."""
    await readers(press.database, 1, quiet_hours_start=time(8), quiet_hours_end=time(10))
    batch = await press.print()
    await press.tick()
    await press.batches.pause(press.root, batch.id)
    press.clock.now += timedelta(hours=2)
    await press.desk.run()
    made = await press.deliveries(batch.id)
    assert {(one.status, one.priority, one.hold_reason) for one in made} == {
        (S.PENDING, Priority.PARKED, "batch_paused")
    }
    await press.batches.resume(press.root, batch.id)
    await press.tick()
    assert len(await press.send()) == 2


async def test_what_a_worker_has_in_hand_ends_as_it_ends(press: Press):
    """The pause does not take it from under its hands."""
    await readers(press.database, 5)
    batch = await press.print()
    await press.tick()
    async with press.database.begin() as uow:
        later = press.clock() + timedelta(minutes=1)
        mine = await uow.deliveries.lease_due("worker", later, press.clock(), 2)
    await press.batches.pause(press.root, batch.id)
    made = await press.deliveries(batch.id)
    assert {one.id for one in made if one.priority == Priority.BATCH} == set(mine)


async def test_what_is_cancelled_never_goes_out(press: Press):
    """Nor what a worker had taken but not begun."""
    await readers(press.database, 40)
    batch = await press.print()
    await press.tick()
    async with press.database.begin() as uow:
        later = press.clock() + timedelta(minutes=1)
        in_hand = await uow.deliveries.lease_due("worker", later, press.clock(), 5)
    assert (await press.batches.cancel(press.root, batch.id)).status is B.CANCELLED
    await press.desk.engine.run(in_hand)
    assert press.desk.telegram.sent == []
    await press.tick(3)
    found = await press.batch(batch.id)
    assert found.counts.statuses == {S.CANCELLED: 41}
    assert (found.status, found.look_at) == (B.CANCELLED, None)


async def test_a_great_batch_is_cancelled_piece_by_piece_and_the_gate_lets_none_of_it_pass(
    press: Press, monkeypatch: pytest.MonkeyPatch
):
    """A transaction over a hundred thousand rows would hold up everybody."""
    monkeypatch.setattr("core.batches.batches.CANCELLED_AT_ONCE", 10)
    await readers(press.database, 40, quiet_hours_start=time(8), quiet_hours_end=time(10))
    batch = await press.print()
    await press.tick()
    await press.batches.cancel(press.root, batch.id)
    assert sum(one.status is S.PENDING for one in await press.deliveries(batch.id)) == 31
    press.clock.now += timedelta(hours=2)
    await press.desk.run()
    assert press.desk.telegram.sent == []
    await press.tick()
    assert {one.status for one in await press.deliveries(batch.id)} == {S.CANCELLED}


async def test_a_chunk_that_was_about_to_be_made_is_not_made_after_a_pause(press: Press):
    """The press takes the row from whoever carries it."""
    await readers(press.database, 50)
    batch = await press.print()
    async with press.database.begin() as uow:
        await uow.batches.take("one", press.clock(), press.clock() + LEASE)
    await press.batches.pause(press.root, batch.id)
    async with press.database.begin() as uow:
        assert await uow.batches.hold(batch.id, "one", press.clock() + LEASE) is None


# When too many fail ----------------------------------------------------------------------------------------


async def test_it_is_paused_where_too_many_fail_and_the_admins_hear_of_it_once(press: Press):
    """More than a fifth of at least fifty; nothing more is sent."""
    press.desk.telegram.answers = [Refused("chat_not_found") for _ in range(20)]
    await readers(press.database, BACKLOG + 100)
    batch = await press.print()
    await press.tick()
    await press.desk.run()  # a hundred: twenty failed, eighty sent
    await press.tick()
    assert (await press.batch(batch.id)).status is B.RUNNING
    press.desk.telegram.answers = [Refused("chat_not_found") for _ in range(50)]
    await press.desk.run()
    await press.tick(3)
    found = await press.batch(batch.id)
    assert (found.status, found.failed, found.error_summary) == (B.PAUSED, 70, "chat_not_found 70")
    (content,) = await told(press, Kind.ALERT)
    assert "70 of 200" in content["text"]
    sent = len(press.desk.telegram.sent)
    await press.send()
    assert len(press.desk.telegram.sent) == sent + 1  # the alert itself
    assert await actions(press) == ["batch.created", "batch.paused"]


async def test_who_lets_it_go_on_is_not_stopped_by_the_old_failures(press: Press):
    """They were seen. New ones stop it again, with another word to the admins."""
    press.desk.telegram.answers = [Refused("chat_not_found") for _ in range(100)]
    await readers(press.database, 400)
    batch = await press.print()
    await press.tick()
    await press.desk.run()
    await press.tick()
    assert (await press.batch(batch.id)).status is B.PAUSED
    await press.batches.resume(press.root, batch.id)
    await press.tick(2)
    assert (await press.batch(batch.id)).status is B.RUNNING
    press.desk.telegram.answers = [Refused("chat_not_found") for _ in range(100)]
    await press.desk.run()
    await press.tick(2)
    assert (await press.batch(batch.id)).status is B.PAUSED
    assert len(await told(press, Kind.ALERT)) == 2


# Counting --------------------------------------------------------------------------------------------------


async def test_reports_are_counted_for_a_while_after_the_end(press: Press):
    """Mails arrive after they were sent."""
    batch = await press.print(Broadcast("Hello", channel=Channel.EMAIL))
    await press.tick()
    (mail,) = await press.send()
    await press.tick(2)
    assert (await press.batch(batch.id)).counts.arrived == 0
    report = DeliveryEvent("smtp", "e1", mail.provider_message_id or "", EventType.DELIVERED, press.clock())
    async with press.database.begin() as uow:
        await apply(uow, await uow.events.add([report], press.clock()), keys=press.desk.keys, now=press.clock())
    await press.tick(2, seconds=15)
    assert (await press.batch(batch.id)).counts.arrived == 1
    await press.tick(60, seconds=15)
    assert (await press.batch(batch.id)).look_at is None


async def test_counts_come_from_one_look_into_an_index(press: Press):
    """However many deliveries there are beside the batch's."""
    await readers(press.database, BACKLOG)
    batch = await press.print()
    await press.tick()
    statements = Statements(press.database)
    explain = "EXPLAIN QUERY PLAN" if press.database.is_sqlite else "EXPLAIN"
    async with press.database.begin() as uow:
        await uow.connection.execute(text("UPDATE notification_deliveries SET batch_id = NULL WHERE id % 20 > 0"))
        await uow.connection.execute(text("ANALYZE"))
        assert (await uow.batches.tally(batch.id)).statuses == {S.PENDING: BACKLOG // 20}
        counted = statements.taken()[-1]
        rows = await uow.connection.exec_driver_sql(f"{explain} {counted}", (batch.id,))
        plan = " ".join(str(row[-1]) for row in rows)
    assert "idx_notification_deliveries_batch_id" in plan, plan


async def test_what_was_counted_stays_when_the_deliveries_are_gone(press: Press):
    """They are removed after a while; the batch still says what it was."""
    batch = await press.print()
    await press.tick()
    await press.send()
    await press.tick(2)
    async with press.database.begin() as uow:
        await uow.connection.execute(text("DELETE FROM notification_deliveries"))
    watched = await press.batches.open(batch.id)
    assert watched.tally.accepted == 1
    assert watched.creator is not None
    assert watched.creator.user.id == press.root.user.id


async def test_a_batch_without_its_creator_goes_on(press: Press):
    """They have left; the admins are still told."""
    await readers(press.database, 60)
    batch = await press.print()
    async with press.database.begin() as uow:
        await uow.users.remove(press.root.user.id)
    await press.tick()
    await press.send()
    await press.tick(2)
    found = await press.batch(batch.id)
    assert (found.status, found.created_by) == (B.COMPLETED, None)
