"""The worker role, whole: relay, in-process broker, engine and sweeper over a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import text

from core.delivery.outbox import notify
from core.delivery.places import Places
from core.model import Change, DeliveryStatus, Kind, Priority, Receipt
from core.secrets import Keys
from scheduler.worker import WorkerOptions, WorkerRole
from storage.database import Database
from storage.wakeup import Wakeup
from tests.accounts import an_account, saved
from tests.delivery import Desk, a_desk, never
from tests.unit.outbox import set_delivery

S = DeliveryStatus


def wall_clock() -> datetime:
    return datetime.now(UTC)


async def make_desk(database: Database, keys: Keys) -> Desk:
    """A desk in real time: the relay sleeps in real seconds."""
    clock: Any = wall_clock
    return a_desk(database, clock, keys, await saved(database, an_account()))


@pytest.fixture
async def desk(database: Database, keys: Keys) -> Desk:
    return await make_desk(database, keys)


def a_role(desk: Desk, **options: Any) -> WorkerRole:
    wake = asyncio.Event()
    desk.database.on_outbox = wake.set
    chosen = WorkerOptions(**{"name": "worker"} | options)
    engine = replace(desk.engine, places=Places(chosen.concurrency))
    return WorkerRole(engine, desk.database, wall_clock, desk.sweeper, chosen, wake=wake)


@asynccontextmanager
async def running(role: WorkerRole) -> AsyncIterator[None]:
    await role.start()
    try:
        yield
    finally:
        await role.stop(1)


async def until(desk: Desk, status: DeliveryStatus, count: int = 1, seconds: float = 10) -> None:
    """Wait until so many deliveries have a status."""
    async with asyncio.timeout(seconds):
        while True:
            async with desk.database.read() as uow:
                counts = await uow.delivery_log.counts()
            if sum(many for (_, found), many in counts.items() if found == status) >= count:
                return
            await asyncio.sleep(0.01)


async def test_what_is_queued_is_sent_at_once(desk: Desk):
    """No polling in between: far within the relay's look of every second."""
    async with running(a_role(desk)):
        await asyncio.sleep(0.2)
        began = perf_counter()
        await desk.queue()
        await until(desk, S.SENT)
        assert perf_counter() - began < 0.5


async def test_what_was_queued_before_the_start_is_sent(desk: Desk):
    """A restart loses nothing."""
    await desk.queue()
    async with running(a_role(desk)):
        await until(desk, S.SENT)


async def test_a_thousand_deliveries_take_seconds(desk: Desk):
    """Each once, in batches: a couple of seconds on an idle machine, here with room for a busy one."""
    async with desk.database.begin() as uow:
        for number in range(1000):
            await notify(uow, desk.account, Kind.APPROVED, key=f"k{number}", now=wall_clock(), keys=desk.keys)
    began = perf_counter()
    async with running(a_role(desk)):
        await until(desk, S.SENT, 1000, seconds=30)
    assert perf_counter() - began < 10
    assert len(desk.smtp.sent) == len(set(desk.smtp.sent)) == 1000


async def test_never_more_in_flight_than_there_are_places(desk: Desk):
    """What waits stays in the outbox, where another machine can take it."""
    flying = most = 0
    gate = asyncio.Event()

    async def slow() -> Receipt:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await gate.wait()
        flying -= 1
        return Receipt("x")

    desk.smtp.answers = [slow] * 30
    for number in range(30):
        await desk.queue(key=f"k{number}")
    async with running(a_role(desk, concurrency=10)):
        await desk.smtp.called.wait()
        await asyncio.sleep(0.3)
        gate.set()
        await until(desk, S.SENT, 30)
    assert 1 <= most <= 10


async def test_nobody_waits_behind_a_batch(desk: Desk):
    """Half of the places are never a batch's, however slow its provider is and however long its queue."""
    gate = asyncio.Event()

    async def slow() -> Receipt:
        await gate.wait()
        return Receipt("x")

    desk.telegram.answers = [slow] * 40
    for number in range(40):
        (card,) = await desk.queue(Kind.MESSAGE, key=f"k{number}")
        await set_delivery(desk.database, card.id, priority=Priority.BATCH)
    async with running(a_role(desk, concurrency=4)):
        await until(desk, S.SENDING, 2)
        await desk.queue()
        await until(desk, S.SENT)
        assert len(desk.telegram.sent) == 2
        gate.set()
        await until(desk, S.SENT, 41)


async def test_stopping_lets_what_is_in_flight_finish_and_takes_nothing_new(desk: Desk):
    """SIGTERM: sends in flight finish, what was only leased is free for others at once."""
    answer = asyncio.Event()

    async def slow() -> Receipt:
        await answer.wait()
        return Receipt("x")

    desk.smtp.answers = [slow]
    (flying,) = await desk.queue()
    role = a_role(desk, concurrency=1)
    await role.start()
    await desk.smtp.called.wait()
    (waiting,) = await desk.queue(key="post:2:v1")
    await asyncio.sleep(0.2)
    stopping = asyncio.create_task(role.stop(5))
    await asyncio.sleep(0.1)
    answer.set()
    async with asyncio.timeout(2):
        await stopping
    first, second = await desk.now(flying.id, waiting.id)
    assert (first.status, second.status) == (S.SENT, S.PENDING)
    async with desk.database.begin() as uow:
        assert await uow.deliveries.lease_due("next", wall_clock(), wall_clock(), 10) == [waiting.id]


async def test_what_does_not_finish_in_time_stays_sending(desk: Desk):
    """It is perhaps sent, so nobody may just send it again."""
    desk.smtp.answers = [never]
    (mail,) = await desk.queue()
    role = a_role(desk)
    await role.start()
    await desk.smtp.called.wait()
    began = perf_counter()
    await role.stop(0.2)
    assert perf_counter() - began < 1
    assert (await desk.now(mail.id))[0].status is S.SENDING


async def test_a_role_that_starts_alone_takes_over_from_the_last_one(desk: Desk):
    """Nobody waits for the leases of a process that was killed."""
    leased, sending = [*await desk.queue(), *await desk.queue(key="post:2:v1")]
    later = wall_clock() + timedelta(hours=1)
    async with desk.database.begin() as uow:
        await uow.deliveries.write([Change(sending, replace(sending, status=S.SENDING, attempts=1), later, "killed")])
        await uow.deliveries.lease_due("killed", later, wall_clock(), 10)
    async with running(a_role(desk, alone=True)):
        await until(desk, S.SENT)
        await until(desk, S.UNKNOWN)
    first, second = await desk.now(leased.id, sending.id)
    assert (first.status, second.status) == (S.SENT, S.UNKNOWN)


async def test_a_batch_that_breaks_does_not_end_the_worker(desk: Desk):
    """Its rows are due again when their lease ends; the next batch goes on."""
    real, failures = desk.database.read, [OSError("gone")]

    def read() -> Any:
        if failures and asyncio.current_task() in role._running:
            raise failures.pop()
        return real()

    desk.database.read = read  # type: ignore[method-assign] - the edge to the network
    role = a_role(desk, lease_seconds=1)
    async with running(role):
        await desk.queue()
        await until(desk, S.SENT)
    assert failures == []


async def test_one_delivery_that_breaks_does_not_hold_up_its_batch(desk: Desk):
    """Whatever is wrong with its row, the others go out."""
    first, second = [*await desk.queue(), *await desk.queue(key="post:2:v1")]
    async with desk.database.begin() as uow:
        broken = "UPDATE notifications SET kind = 'unheard of' WHERE id = (SELECT min(id) FROM notifications)"
        await uow.connection.execute(text(broken))
    async with running(a_role(desk)):
        await until(desk, S.SENT)
    found = await desk.now(first.id, second.id)
    assert [one.status for one in found] == [S.PENDING, S.SENT]


async def test_another_process_is_woken_through_postgres(postgres: Database, keys: Keys):
    """It listens; the process that queued only commits."""
    heard = asyncio.Event()
    listening = asyncio.create_task(Wakeup(postgres.url, heard.set).run())
    try:
        async with asyncio.timeout(5):
            await heard.wait()  # the first call: it is connected
        heard.clear()
        desk = await make_desk(postgres, keys)
        assert not heard.is_set()
        await desk.queue()
        async with asyncio.timeout(5):
            await heard.wait()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_two_worker_processes_on_one_postgres_send_each_delivery_once(postgres: Database, keys: Keys):
    """Leases, and writing only what is still owned."""
    desk = await make_desk(postgres, keys)
    other = Database(postgres.url)
    second = replace(desk, database=other, engine=replace(desk.engine, database=other))
    async with postgres.begin() as uow:
        for number in range(200):
            await notify(uow, desk.account, Kind.APPROVED, key=f"k{number}", now=wall_clock(), keys=keys)
    async with running(a_role(desk, name="a")), running(a_role(second, name="b")):
        await until(desk, S.SENT, 200, seconds=30)
    assert len(desk.smtp.sent) == len(set(desk.smtp.sent)) == 200
    await other.close()
