"""A press that prints broadcasts: users, batches and the engine over one database, for tests of what many get."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, select

from core.accounts.access import AccessPolicy
from core.batches.batches import Batches, Broadcast
from core.batches.carrying import Carrier, Work
from core.batches.cleaning import Cleaning
from core.batches.mailing import Mailing
from core.batches.sources import USERS, Users
from core.model import Access, Account, Batch, BatchType, Delivery, Preferences
from core.secrets import Keys
from storage.database import Database
from storage.tables import notification_deliveries, user_settings, users
from storage.users import PREFERENCES, USER, row_of
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.delivery import Desk, a_desk

HELLO = Broadcast("We move to a new machine tonight.", "Tonight")


@dataclass
class Press:
    """`root` is the admin."""

    desk: Desk
    policy: AccessPolicy
    root: Account
    batches: Batches
    carrier: Carrier
    cleaning: Cleaning

    @property
    def database(self) -> Database:
        return self.desk.database

    @property
    def clock(self) -> SteppedClock:
        return self.desk.clock

    def another_carrier(self, name: str) -> Carrier:
        """The same work in another process."""
        return replace(self.carrier, name=name)

    async def print(self, broadcast: Broadcast = HELLO, key: str = "b1") -> Batch:
        """Begin a broadcast to everybody it is for."""
        count = await self.batches.size(broadcast)
        return await self.batches.create(self.root, broadcast, key=key, confirmed=count)

    async def tick(self, times: int = 1, seconds: float = 1) -> None:
        """Let time pass, and the carrier look at what is due."""
        for _ in range(times):
            self.clock.now += timedelta(seconds=seconds)
            await self.carrier.run()

    async def send(self) -> list[Delivery]:
        """Send everything that is due."""
        done: list[Delivery] = []
        while sent := await self.desk.run():
            done += sent
        return done

    async def batch(self, batch_id: int) -> Batch:
        """The batch as it is now."""
        async with self.database.read() as uow:
            found = await uow.batches.one(batch_id)
        assert found is not None
        return found

    async def deliveries(self, batch_id: int) -> list[Delivery]:
        """What the batch has made."""
        mine = select(notification_deliveries.c.id).where(notification_deliveries.c.batch_id == batch_id)
        async with self.database.read() as uow:
            ids = [row[0] for row in await uow.connection.execute(mine)]
            return await uow.deliveries.by_ids(ids)


async def a_press(database: Database, clock: SteppedClock, keys: Keys) -> Press:
    """With an admin who has a chat, and no other readers."""
    root = await saved(database, an_account(telegram_id=9001, name="Root", email="root@example.org", public_id="root"))
    desk = a_desk(database, clock, keys, root)
    policy = AccessPolicy(admins=frozenset({9001}))
    carrier, cleaning = a_carrier(database, clock, keys, policy)
    return Press(desk, policy, root, Batches(database, clock, keys, policy), carrier, cleaning)


def a_carrier(database: Database, clock: SteppedClock, keys: Keys, policy: AccessPolicy) -> tuple[Carrier, Cleaning]:
    """Who looks after batches, and the one of them that removes what is old."""
    mailing = Mailing(database, clock, keys, {USERS: Users(keys, policy)}, policy.admins)
    cleaning = Cleaning(database, clock, 90)
    works: dict[BatchType, Work] = dict.fromkeys(BatchType, mailing) | {BatchType.CLEANUP: cleaning}
    return Carrier(database, clock, "one", works), cleaning


async def readers(database: Database, count: int, first: int = 100_000, **values: Any) -> None:
    """So many users with a chat each; values are fields of `User` or `Preferences`."""
    settings = row_of({name: values.pop(name, getattr(Preferences(), name)) for name in PREFERENCES})
    user = {name: getattr(an_account().user, name) for name in USER if name != "id"}
    common = user | {"email": None, "username": None, "access": Access.ALLOWED} | values
    rows = [
        common | {"telegram_id": number, "public_id": f"r{number}", "name": f"R{number}"}
        for number in range(first, first + count)
    ]
    now = common["created_at"]
    async with database.begin() as uow:
        new = insert(users).returning(users.c.id)
        added = await uow.connection.execute(new, [row | {"updated_at": now} for row in rows])
        mine = [settings | {"user_id": row[0], "updated_at": now} for row in added]
        await uow.connection.execute(insert(user_settings), mine)


class Statements:
    """What a database is asked, each statement up to its first thousand characters."""

    def __init__(self, database: Database) -> None:
        self.seen: list[str] = []
        for engine in {database.engine.sync_engine, database.reader.sync_engine}:
            event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.seen.append(statement[:1000])

    def taken(self) -> Sequence[str]:
        """Those since the last time."""
        seen, self.seen = self.seen, []
        return seen
