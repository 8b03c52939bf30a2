"""Deliveries through the whole engine, beside what they can't be faster than and what others take, in the same run.

    .venv/bin/python bench/deliveries.py [--deliveries 10000] [--only engine,bare,aiohttp,celery,start,memory,claim]

engine    queue, lease, render, route, post, record: 50 in flight to a stub provider in a process of its own; on SQLite,
          then on PostgreSQL (TEST_DATABASE_URL, default 127.0.0.1, a database of its own that is dropped afterwards)
bare      (a) the same posts in a bare loop with the same HTTP client and concurrency
aiohttp   (b) the same with bare aiohttp
celery    (c) the same post as a Celery task with Redis, the same retries and a status row; needs `pip install
          "celery[redis]"` (a process for each core, and once more with 50 threads)
start     how long after its commit a lone delivery's first attempt starts, on an idle engine
memory    resident memory after 10,000 and after 100,000 deliveries
claim     what one claim costs with 10 thousand and with 1 million rows in the table, with its query plan
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import aiohttp
import httpx
import structlog
from pydantic import SecretStr
from sqlalchemy import insert, text

from core.delivery.budget import Budget
from core.model import Channel, Delivery, Kind
from core.parts import Parts
from core.providers.base import http_client
from core.providers.registry import build_registry
from core.secrets import Keys
from core.settings import Settings
from scheduler.role import Working, build_worker_role
from storage.database import Database
from storage.migrate import migrate
from storage.tables import notification_deliveries, notifications

TEXT = "Your table is booked for 19:30. Reply STOP to end these messages."
PHONE = "+14155550123"
IN_FLIGHT = 50
POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres")


def clock() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def a_stub() -> AsyncIterator[str]:
    """The stub provider's address."""
    stub = subprocess.Popen([sys.executable, str(ROOT / "bench/stub_provider.py")], stdout=subprocess.PIPE, text=True)
    try:
        assert stub.stdout is not None
        port = await asyncio.to_thread(stub.stdout.readline)
        yield f"http://127.0.0.1:{port.strip()}"
    finally:
        stub.kill()


@asynccontextmanager
async def a_database(kind: str) -> AsyncIterator[Database]:
    """An empty database of the newest schema; gone afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite+aiosqlite:///{folder}/bench.db")
            await migrate(database)
            yield database
            await database.close()
        return
    name = f"bench_{uuid4().hex[:8]}"
    await in_postgres(f"CREATE DATABASE {name}")
    database = Database(POSTGRES.rsplit("/", 1)[0] + f"/{name}")
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()
        await in_postgres(f"DROP DATABASE {name} WITH (FORCE)")


async def in_postgres(statement: str) -> None:
    """Outside of any transaction."""
    database = Database(POSTGRES)
    async with database.reader.connect() as connection:
        await connection.execute(text(statement))
    await database.close()


@dataclass
class Bench:
    """An engine at work on a database."""

    database: Database
    parts: Parts
    worker: Working

    async def queue(self, count: int, *, due: datetime | None = None, in_one: int = 1000) -> None:
        """Deliveries as a use case would commit them, due now or later."""
        for start in range(0, count, in_one):
            await self._queue(range(start, min(count, start + in_one)), due or clock())

    async def _queue(self, numbers: Sequence[int], due: datetime) -> None:
        now, batch = clock(), uuid4().hex[:12]
        async with self.database.begin() as uow:
            rows = [
                {"idempotency_key": f"{batch}:{n}", "kind": Kind.MESSAGE, "content": {"text": TEXT},
                 "interactive": True, "created_at": now} for n in numbers
            ]  # fmt: skip
            returning = insert(notifications).returning(notifications.c.id, notifications.c.idempotency_key)
            made = [tuple(row) for row in await uow.connection.execute(returning, rows)]
            deliveries = [
                Delivery(
                    key, Channel.SMS, PHONE, "phone", due, now, f"{name}:sms", provider_type="sms",
                ) for key, name in made
            ]  # fmt: skip
            await uow.deliveries.add(deliveries)
            uow.has_outbox = True

    async def done(self, count: int) -> None:
        """Wait until so many have been taken."""
        sent = text("SELECT count(*) FROM notification_deliveries WHERE status IN ('sent', 'delivered')")
        while True:
            async with self.database.reader.connect() as connection:
                if (await connection.scalar(sent)) >= count:
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def an_engine(database: Database, url: str) -> AsyncIterator[Bench]:
    """The worker role, as a process runs it."""
    settings = Settings(
        _env_file=None, sms_providers=["sandbox:1"], worker_concurrency=IN_FLIGHT,
        sandbox={"base_url": url, "api_key": SecretStr("sandbox")}, secret_key=SecretStr("k" * 32),
    )  # fmt: skip
    parts = Parts(settings, Keys("k" * 32), database, clock, Budget(25), "bench", is_alone=True)
    database.on_outbox = parts.wake.set
    registry = build_registry(settings, parts.budget, clock=clock)
    worker = build_worker_role(parts, registry, None)
    task = asyncio.create_task(worker.run())
    await asyncio.sleep(0.2)
    try:
        yield Bench(database, parts, worker)
    finally:
        worker.stop()
        await task
        await registry.close()


async def engine_rate(kind: str, url: str, count: int) -> float:
    """Deliveries a second, from the start of the worker with all of them queued."""
    async with a_database(kind) as database, an_engine(database, url) as bench:
        await bench.queue(200)
        await bench.done(200)  # warm
        began = time.perf_counter()
        loading = asyncio.create_task(bench.queue(count))
        await bench.done(count + 200)
        took = time.perf_counter() - began
        await loading
    return count / took


async def in_flight(count: int, post: Callable[[int], Awaitable[None]]) -> float:
    """Posts a second with `IN_FLIGHT` at once."""
    numbers = iter(range(count))

    async def one() -> None:
        for number in numbers:
            await post(number)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(one())
    return count / (time.perf_counter() - began)


def body(number: int) -> dict[str, str]:
    return {"to": PHONE, "subject": "", "text": TEXT, "html": "", "key": str(number), "from": "desk@example.org"}


async def bare_rate(url: str, count: int) -> float:
    """(a)"""
    async with http_client(20) as http:
        target, headers = f"{url}/sandbox/sms/messages", {"Authorization": "Bearer sandbox"}

        async def post(number: int) -> None:
            answer = await http.send(httpx.Request("POST", target, json=body(number), headers=headers))
            assert answer.json()["id"]

        await in_flight(200, post)
        return await in_flight(count, post)


async def aiohttp_rate(url: str, count: int) -> float:
    """(b)"""
    target, headers = f"{url}/sandbox/sms/messages", {"Authorization": "Bearer sandbox"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as http:

        async def post(number: int) -> None:
            async with http.post(target, json=body(number), headers=headers) as answer:
                assert (await answer.json())["id"]

        await in_flight(200, post)
        return await in_flight(count, post)


def celery_rate(url: str, count: int, pool: Sequence[str]) -> float:
    """(c)"""
    import sqlite3

    import redis

    redis.Redis.from_url("redis://127.0.0.1:6379/9").flushdb()
    with tempfile.TemporaryDirectory() as folder:
        rows = sqlite3.connect(f"{folder}/rows.db", isolation_level=None)
        rows.execute("PRAGMA journal_mode=WAL")
        rows.execute("CREATE TABLE deliveries (id INTEGER PRIMARY KEY, status TEXT, message_id TEXT)")
        rows.execute("BEGIN")
        rows.executemany("INSERT INTO deliveries VALUES (?, 'pending', NULL)", [(n,) for n in range(count + 200)])
        rows.execute("COMMIT")
        environment = os.environ | {
            "BENCH_URL": f"{url}/sandbox/sms/messages", "BENCH_ROWS": f"{folder}/rows.db", "BENCH_TEXT": TEXT,
        }  # fmt: skip
        os.environ.update(environment)
        command = [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", *pool, "-l", "ERROR"]
        worker = subprocess.Popen(command, cwd=ROOT / "bench", env=environment, stderr=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL)  # fmt: skip
        try:
            sys.path.insert(0, str(ROOT / "bench"))
            from celery_tasks import deliver

            def wait(wanted: int) -> None:
                while rows.execute("SELECT count(*) FROM deliveries WHERE status = 'sent'").fetchone()[0] < wanted:
                    time.sleep(0.02)

            for number in range(200):
                deliver.delay(number)
            wait(200)
            began = time.perf_counter()
            for number in range(200, count + 200):
                deliver.delay(number)
            wait(count + 200)
            return count / (time.perf_counter() - began)
        finally:
            worker.terminate()
            worker.wait(20)


async def start_times(kind: str, url: str, count: int = 50) -> list[float]:
    """Milliseconds from a lone delivery's commit to the start of its first attempt."""
    found = []
    async with a_database(kind) as database, an_engine(database, url) as bench:
        for number in range(count):
            await bench.queue(1)
            committed = clock()
            await bench.done(number + 1)
            async with database.reader.connect() as connection:
                sent_at, took = (
                    await connection.execute(
                        text("SELECT l.created_at, l.duration_ms FROM delivery_logs l ORDER BY l.id DESC LIMIT 1")
                    )
                ).one()
            moment = datetime.fromisoformat(str(sent_at)) if not isinstance(sent_at, datetime) else sent_at
            began = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - timedelta(milliseconds=took or 0)
            found.append((began - committed).total_seconds() * 1000)
            await asyncio.sleep(0.05)
    return found


def resident() -> float:
    """This process's memory in MB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


async def memory(url: str) -> list[tuple[int, float]]:
    """Resident memory after so many deliveries."""
    found = []
    async with a_database("sqlite") as database, an_engine(database, url) as bench:
        for total, more in ((10_000, 10_000), (50_000, 40_000), (100_000, 50_000)):
            for start in range(0, more, 5_000):
                await bench.queue(5_000)
                await bench.done(total - more + start + 5_000)
            found.append((total, resident()))
    return found


async def claim(kind: str) -> list[tuple[int, float, str]]:
    """Milliseconds of one claim of 100 among so many rows, most of them settled, and the plan."""
    found = []
    async with a_database(kind) as database:
        have = 0
        for total in (10_000, 100_000, 1_000_000):
            await fill(database, total - have)
            have = total
            times = [await one_claim(database) for _ in range(20)]
            found.append((total, statistics.median(times) * 1000, await plan(database)))
    return found


async def fill(database: Database, count: int) -> None:
    """Old rows, settled, and 5,000 that are due."""
    now = clock()
    async with database.begin() as uow:
        row = {
            "idempotency_key": uuid4().hex,
            "kind": "message",
            "content": {},
            "interactive": False,
            "created_at": now,
        }
        statement = insert(notifications).values(row).returning(notifications.c.id)
        notification_id = await uow.connection.scalar(statement)
    old = Delivery(
        notification_id or 0, Channel.SMS, PHONE, "phone", now - timedelta(days=1), now, "", provider_type="sms"
    )
    base = {column.name: getattr(old, column.name) for column in notification_deliveries.c
            if hasattr(old, column.name) and column.name != "id"} | {"updated_at": now}  # fmt: skip
    for start in range(0, count, 10_000):
        size = min(10_000, count - start)
        rows = [
            base | {"idempotency_key": uuid4().hex, "status": "pending" if start == 0 and n < 5_000 else "sent"}
            for n in range(size)
        ]
        async with database.begin() as uow:
            await uow.connection.execute(insert(notification_deliveries), rows)
    async with database.reader.connect() as connection:
        await connection.execute(text("ANALYZE"))


async def one_claim(database: Database) -> float:
    now = clock()
    began = time.perf_counter()
    async with database.begin() as uow:
        ids = await uow.deliveries.lease_due("bench", now + timedelta(seconds=60), now, 100)
    took = time.perf_counter() - began
    assert len(ids) == 100
    async with database.begin() as uow:
        await uow.deliveries.release("bench")
    return took


async def plan(database: Database) -> str:
    """How the database finds what is due."""
    from storage.claims import claim_plan

    async with database.begin() as uow:
        return await claim_plan(uow.connection, clock())


def tell(name: str, rate: float, base: float | None = None) -> float:
    """One line of the table."""
    beside = f"  {rate / base:5.2f} of (a)" if base else ""
    print(f"{name:<42}{rate:>9,.0f} a second{beside}", flush=True)
    return rate


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--only", default="bare,aiohttp,engine,celery,start,memory,claim")
    chosen = parser.parse_args()
    wanted, count = set(chosen.only.split(",")), chosen.deliveries
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with a_stub() as url:
        base = None
        if "bare" in wanted:
            base = tell("(a) bare loop, the engine's HTTP client", await bare_rate(url, count))
        if "aiohttp" in wanted:
            tell("(b) bare aiohttp", await aiohttp_rate(url, count), base)
        if "engine" in wanted:
            for kind in ("sqlite", "postgresql"):
                tell(f"the engine on {kind}", await engine_rate(kind, url, count), base)
        if "bare" in wanted and "engine" in wanted:
            tell("(a) once more", await bare_rate(url, count), base)
        if "celery" in wanted:
            for pool in (("-P", "prefork", "-c", str(os.cpu_count())), ("-P", "threads", "-c", str(IN_FLIGHT))):
                rate = await asyncio.to_thread(celery_rate, url, count, pool)
                tell(f"(c) Celery and Redis, {' '.join(pool[1::2])}", rate, base)
        if "start" in wanted:
            for kind in ("sqlite", "postgresql"):
                times = await start_times(kind, url)
                print(f"first attempt after the commit, {kind:<11} median {statistics.median(times):6.1f} ms, "
                      f"p95 {sorted(times)[-3]:6.1f} ms")  # fmt: skip
        if "memory" in wanted:
            for total, megabytes in await memory(url):
                print(f"resident after {total:>9,} deliveries: {megabytes:6.1f} MB", flush=True)
    if "claim" in wanted:
        for kind in ("sqlite", "postgresql"):
            for total, took, how in await claim(kind):
                print(f"a claim of 100 among {total:>9,} rows, {kind}: {took:6.2f} ms\n{how}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
