"""Engines over three providers of SMS and a real database, for tests of how providers are chosen and watched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from core.delivery.attempts import Sender
from core.delivery.engine import Engine
from core.model import Account, Channel, Delivery, Kind, ProviderRow
from core.routing.health import Breaker
from core.routing.limiter import Limiter
from core.routing.roster import Plan, mirror
from core.routing.router import Router
from core.routing.spending import Spending
from core.routing.watch import Watch
from core.secrets import Keys
from storage.database import Database
from tests.accounts import an_account, saved
from tests.conftest import SteppedClock
from tests.delivery import Desk, FakeProvider, FakeProviders, a_desk, with_providers

SMS = Channel.SMS
FRENCH, AMERICAN = "+33612345678", "+14155550123"
ADMIN = 9001


@dataclass
class Phones:
    """A process that sends SMS by `twilio`, `vonage` and `plivo`, in this order where nothing else is said."""

    desk: Desk
    providers: FakeProviders
    engine: Engine

    @property
    def router(self) -> Router:
        return self.engine.router

    @property
    def clock(self) -> SteppedClock:
        return self.desk.clock

    def __getattr__(self, name: str) -> FakeProvider:
        return self.providers.get(SMS, name)

    async def queue(self, times: int = 1, to: str = FRENCH, kind: Kind = Kind.MESSAGE, **values: Any) -> list[Delivery]:
        """So many SMS to a number."""
        found: list[Delivery] = []
        for _ in range(times):
            found += await self.desk.queue(
                kind, uuid4().hex, channels=[SMS], addresses={SMS: to}, content={"text": "Hello"}, **values
            )
        return found

    async def run(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Send these; as they are then."""
        await self.engine.run([one.id for one in deliveries])
        return await self.desk.now(*(one.id for one in deliveries))

    async def send(self, times: int = 1, to: str = FRENCH, **values: Any) -> list[Delivery]:
        """Queue and send."""
        return await self.run(await self.queue(times, to, **values))

    async def say(self, name: str, **values: Any) -> None:
        """What an admin says in another process, or what was learnt there."""
        async with self.desk.database.begin() as uow:
            assert await uow.providers.change(name, SMS, values, self.clock())

    async def row(self, name: str) -> ProviderRow:
        async with self.desk.database.begin() as uow:
            row = await uow.providers.one(name, SMS)
        assert row
        return row

    async def alerts(self) -> list[str]:
        """What the admin was told, the oldest first."""
        ids = [one.id for one in await self.desk.everything() if one.recipient == str(ADMIN)]
        async with self.desk.database.read() as uow:
            return [str(one.notification.content["text"]) for one in await uow.deliveries.load(ids)]

    def beside(self, **router: Any) -> "Phones":
        """Another process over the same database and the same providers."""
        engine = with_providers(self.engine, self.providers, self.router.roster.plan)
        return Phones(self.desk, self.providers, _tuned(replace(engine, sender=Sender("other", 80)), **router))


async def phones(
    database: Database,
    clock: SteppedClock,
    keys: Keys,
    plan: Plan | None = None,
    names: Sequence[str] = ("twilio", "vonage", "plivo"),
    **router: Any,
) -> Phones:
    """A process, its providers known to the registry, and an admin. Keywords are fields of `Router`."""
    await saved(database, an_account(telegram_id=ADMIN, public_id="admin", email=None))
    account: Account = await saved(database, an_account())
    desk = a_desk(database, clock, keys, account)
    providers = FakeProviders([*(FakeProvider(name, SMS) for name in names), desk.telegram, desk.in_app])
    await mirror(database, providers, clock())  # type: ignore[arg-type]
    return Phones(desk, providers, _tuned(with_providers(desk.engine, providers, plan), **router))


def _tuned(engine: Engine, **router: Any) -> Engine:
    """The same engine with a router of its own making."""
    tuned = replace(engine.router, **{"breaker": Breaker(min_calls=4), "limiter": Limiter(), **router})
    watch = Watch(tuned.roster, tuned.keys, tuned.breaker, tuned.spending, [ADMIN])
    return replace(engine, router=tuned, watch=watch)


def capped(amount: str) -> Spending:
    """A cap on SMS."""
    return Spending({SMS: Decimal(amount)})
