"""Three vendors, one failing at random, one slow, one flapping, and a program that is killed while it sends: every
delivery ends in a true state, none is lost, and what came twice is counted.

CHAOS_SEED runs one of the failures again, as far as chance has it in its hands.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, text, update

from core.delivery.outbox import notify
from core.model import Account, Channel, DeliveryStatus, Kind
from core.secrets import Keys
from storage.database import Database
from storage.tables import notification_deliveries
from tests.accounts import an_account, saved
from tests.e2e.conftest import Desk, Person, PretendWorld, eventually
from tests.e2e.stories import ACCEPTED, CHECKS, stories_of, tell
from tests.e2e.tempers import failing, flapping, slow
from tests.e2e.vendors import NAMES, Vendors, running, settings_of
from tests.providers.vendor import closed_port

pytestmark = pytest.mark.e2e
DELIVERIES, MOST, READERS = 300, 600, 20
WAVE = (5, 15)  # deliveries committed at once
PAUSE = (0.2, 0.8)  # seconds between two waves: about 15 seconds in all
BACKLOG = 50  # deliveries: while more than these wait for their first call, no more are committed
STAYS_BAD = 15.0  # seconds of trouble after the last delivery was queued
SETTLES_WITHIN = 120.0  # seconds
SECRET = "the same on every machine, 32 characters or more"
# As if that had passed since they were taken: what became of them is asked now.
A_QUARTER_OF_AN_HOUR_LATER = (
    update(notification_deliveries)
    .where(notification_deliveries.c.status == DeliveryStatus.SENT, notification_deliveries.c.poll_at.is_not(None))
    .values(poll_at=bindparam("now"))
)
# Who has which temper. The slow one keeps what it is given, so that whoever comes after it would get next to nothing.
ORDERS = ((flapping, failing, slow), (flapping, slow, failing), (failing, flapping, slow))
PATIENCE = {
    "UNKNOWN_RESEND_AFTER": "2", "RETRY_BACKOFF": "1,1,2", "LEASE_SECONDS": "5", "HEALTH_CHECK_SECONDS": "1",
    "CIRCUIT_MIN_CALLS": "5", "CIRCUIT_WINDOW": "2", "CIRCUIT_PROBE_AFTER": "1", "CIRCUIT_CLOSE_AFTER": "1",
    "DAILY_MAIL_LIMIT": "100000", "LOG_FORMAT": "json", "SECRET_KEY": SECRET,
}  # fmt: skip


@dataclass
class Chaos:
    """What a test of it needs. `keys` are of the deliveries queued so far."""

    chance: random.Random
    vendors: Vendors
    desk: Desk
    world: PretendWorld
    admin: Person
    keys: list[str]

    async def queue(self, database: Database) -> None:
        """Wave after wave, as a use case commits them; some more where that is not enough to close a circuit."""
        readers = [await _reader(database, number) for number in range(READERS)]
        while len(self.keys) < DELIVERIES or (len(self.keys) < MOST and not await has_closed(database)):
            wave = self.chance.randint(*WAVE)
            names = [f"chaos:{len(self.keys) + number}" for number in range(wave)]
            async with database.begin() as uow:
                for name in names:
                    await notify(
                        uow, self.chance.choice(readers), Kind.MESSAGE, key=name, now=datetime.now(UTC),
                        keys=Keys(SECRET), content={"subject": "Chaos", "text": f"This is {name}."},
                        interactive=self.chance.random() < 0.3, channels=[Channel.EMAIL],
                    )  # fmt: skip
                await uow.connection.execute(A_QUARTER_OF_AN_HOUR_LATER, {"now": datetime.now(UTC)})
            self.keys += [f"{name}:email" for name in names]
            await asyncio.sleep(self.chance.uniform(*PAUSE))
            await eventually(self.keeps_up, "deliveries go out")

    async def keeps_up(self) -> bool:
        """Whether no more wait for their first call than a program that works would leave."""
        return len(self.keys) - len(self.called()) < BACKLOG

    def called(self) -> set[str]:
        """The keys of deliveries that a vendor has been called for."""
        return {call.key for call in self.vendors.calls if call.key}

    async def kill_at_work(self, desk: Desk, roles: str = "all") -> None:
        """At some moment after it has begun to deliver; and start it again."""
        before = len(self.called())

        async def works() -> bool:
            return len(self.called()) > before

        await eventually(works, "deliveries go out")
        await asyncio.sleep(self.chance.uniform(0, 5))
        desk.kill()
        await desk.died()
        await desk.start(roles)


async def has_closed(database: Database) -> bool:
    """Whether a circuit that had opened has closed again."""
    closed = text("SELECT count(*) FROM notifications WHERE idempotency_key LIKE 'circuit:%:closed:%'")
    async with database.reader.connect() as connection:
        return bool(await connection.scalar(closed))


async def _reader(database: Database, number: int) -> Account:
    return await saved(
        database, an_account(public_id=f"reader-{number}", telegram_id=None, email=f"reader{number}@example.org")
    )


@pytest.fixture
async def chaos(world: PretendWorld, desk: Desk) -> AsyncIterator[Chaos]:
    """Everything but the database: the vendors are up, the program is not started."""
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))
    chance = random.Random(seed)
    tempers = dict(zip(NAMES, chance.choice(ORDERS), strict=True))
    print(f"CHAOS_SEED={seed}", {name: temper.__name__ for name, temper in tempers.items()})
    admin = await world.add_person("Ines")
    port = closed_port()
    async with running(Vendors(chance, tempers, f"http://127.0.0.1:{port}/webhooks/postmark")) as vendors:
        settings = {"ADMIN_TELEGRAM_IDS": str(admin.id), "WEB_PORT": str(port)}
        desk.env |= PATIENCE | settings_of(vendors) | settings
        yield Chaos(chance, vendors, desk, world, admin, [])


# The two programs -------------------------------------------------------------------------------------------


async def test_one_program_on_sqlite_killed_twice(chaos: Chaos):
    """It holds the file alone, and takes over at once what its last life left."""
    desk = chaos.desk
    await desk.start()
    await chaos.admin.says("/start")
    await chaos.admin.sees("Ines")
    database = Database(desk.env["DATABASE_URL"])
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(chaos.queue(database))
            await chaos.kill_at_work(desk)
            await chaos.kill_at_work(desk)
        await all_is_well(chaos, database, [desk])
    finally:
        await database.close()


@pytest.mark.postgres
async def test_two_workers_on_postgres_one_killed(chaos: Chaos, empty_postgres_url: str, tmp_path: Path):
    """The other one goes on; what the dead one had in hand is free when its leases end."""
    chaos.desk.env |= {"DATABASE_URL": empty_postgres_url, "EMAIL_STRATEGY": "split"}
    (tmp_path / "second").mkdir()
    desks = [chaos.desk, replace(chaos.desk, folder=tmp_path / "second")]
    roles = ["bot,web,worker", "worker,scheduler"]
    await desks[0].start(roles[0])
    await chaos.admin.says("/start")
    await chaos.admin.sees("Ines")
    await desks[1].start(roles[1])
    database = Database(empty_postgres_url)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(chaos.queue(database))
            killed = chaos.chance.randrange(2)
            await chaos.kill_at_work(desks[killed], roles[killed])
        await all_is_well(chaos, database, desks)
    finally:
        await database.close()
        await desks[1].stop()


async def all_is_well(chaos: Chaos, database: Database, desks: Sequence[Desk]) -> None:
    """Waits until everything has ended, and looks at all of it."""
    chaos.vendors.calm_down(STAYS_BAD)
    await settled(database, desks)
    stories = await stories_of(database, chaos.vendors)
    assert {one.delivery.idempotency_key for one in stories} == set(chaos.keys), "a delivery is lost"
    for check in CHECKS:
        for one in stories:
            check(one)
    await the_admins_heard_of_each_opening_once(chaos, database)
    for desk in desks:
        assert '"level": "error"' not in desk.log(), desk.folder
    tell(stories)


async def settled(database: Database, desks: Sequence[Desk]) -> None:
    """Nothing waits any more, alerts included."""
    waiting = text(
        "SELECT status, hold_reason, count(*) FROM notification_deliveries "
        "WHERE status IN ('pending', 'sending', 'unknown') GROUP BY status, hold_reason"
    )
    left: list[object] = []

    async def look() -> bool:
        assert all(desk.process and desk.process.returncode is None for desk in desks), "a program ended by itself"
        async with database.reader.connect() as connection:
            left[:] = list(await connection.execute(waiting))
        return not left

    try:
        await eventually(look, "every delivery ends", SETTLES_WITHIN)
    except AssertionError as error:
        raise AssertionError(f"{error}: {left}") from None


async def the_admins_heard_of_each_opening_once(chaos: Chaos, database: Database) -> None:
    """A circuit that opens is told, then that it has closed, and so on: never twice the same. All of it is in the chat,
    and more often only where that is counted."""
    told = text(
        "SELECT n.idempotency_key, d.status, d.possible_duplicates FROM notifications n "
        "JOIN notification_deliveries d ON d.notification_id = n.id "
        "WHERE n.idempotency_key LIKE 'circuit:%' ORDER BY n.id"
    )
    async with database.reader.connect() as connection:
        alerts = [(*key.split(":")[2:4], status, possible) for key, status, possible in await connection.execute(told)]
    words = [message["text"] for message in await chaos.admin.messages()]
    for vendor in NAMES:
        moves = [move for name, move, _, _ in alerts if name == vendor]
        assert moves == [("opened", "closed")[place % 2] for place in range(len(moves))], (vendor, moves)
    assert {move for _, move, _, _ in alerts} == {"opened", "closed"}, "no circuit opened and closed"
    assert {status for _, _, status, _ in alerts} <= set(ACCEPTED), alerts
    for vendor, move in {(name, move) for name, move, _, _ in alerts}:
        mine = [possible for name, how, _, possible in alerts if (name, how) == (vendor, move)]
        sign = "⚠️" if move == "opened" else "✅"
        heard = len([one for one in words if f"{sign} {vendor} (email)" in one])
        assert len(mine) <= heard <= len(mine) + sum(mine), (vendor, move, heard, mine)
    print("circuits", dict(Counter(f"{name} {move}" for name, move, _, _ in alerts)))
