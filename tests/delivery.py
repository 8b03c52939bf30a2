"""An engine over fake providers and a real database, for tests of what becomes of deliveries."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.delivery.aftermath import Aftermath
from core.delivery.attempts import Sender
from core.delivery.engine import Engine, Limits
from core.delivery.outbox import notify
from core.delivery.states import Policy
from core.delivery.sweeper import Sweeper
from core.errors import SendError
from core.model import Account, Channel, Delivery, DeliveryEvent, Kind, Message, Receipt
from core.ports import Clock
from core.rendering.renderer import RenderContext
from core.routing.roster import Plan, Roster
from core.routing.router import Router
from core.routing.terms import Candidate
from core.routing.watch import Watch
from core.secrets import Keys
from storage.database import Database
from tests.conftest import SteppedClock

Answer = Receipt | SendError | Callable[[], Awaitable[Receipt]]


@dataclass
class FakeProvider:
    """Answers as it is told, one answer a call, then accepts; `sent` holds (to, key), `called` is set by a call."""

    name: str
    channel: Channel
    answers: list[Answer] = field(default_factory=list)
    can_ask: bool = False
    can_poll: bool = False
    reports_arrival: bool = False
    has_window: bool = False
    found: Receipt | None = None
    unreachable: set[str] = field(default_factory=set)
    sent: list[tuple[str, str]] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: Message, key: str) -> Receipt:
        self.sent.append((message.to, key))
        self.called.set()
        answer = self.answers.pop(0) if self.answers else Receipt(f"{self.name}-{len(self.sent)}")
        if isinstance(answer, SendError):
            raise answer
        return answer if isinstance(answer, Receipt) else await answer()

    def reaches(self, to: str) -> bool:
        return to not in self.unreachable

    async def find(self, to: str, key: str) -> Receipt | None:
        return self.found

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        return None

    async def check(self) -> None:
        pass

    async def close(self) -> None:
        pass


@dataclass
class FakeProviders:
    """Providers by channel, in order of priority."""

    providers: Sequence[FakeProvider]

    def candidates(self, channel: Channel) -> list[Candidate]:
        mine = [one for one in self.providers if one.channel is channel]
        return [Candidate(one.name, place) for place, one in enumerate(mine, start=1)]

    def get(self, channel: Channel, name: str) -> FakeProvider:
        return next(one for one in self.providers if (one.channel, one.name) == (channel, name))

    def credentials(self, channel: Channel, name: str) -> tuple[str, ...]:
        return ()


def plainly(context: RenderContext) -> Message:
    """A message without templates."""
    return Message(context.delivery.delivery_type, context.delivery.recipient, context.notification.kind)


@dataclass
class Desk:
    """Everything a test of deliveries needs."""

    database: Database
    clock: SteppedClock
    keys: Keys
    telegram: FakeProvider
    smtp: FakeProvider
    sendgrid: FakeProvider
    in_app: FakeProvider
    engine: Engine
    sweeper: Sweeper
    account: Account

    async def queue(self, kind: Kind = Kind.APPROVED, key: str = "post:1:v1", **values: Any) -> list[Delivery]:
        """Queue a notification for the account."""
        async with self.database.begin() as uow:
            return await notify(uow, self.account, kind, key=key, now=self.clock(), keys=self.keys, **values)

    async def run(self, deliveries: Sequence[Delivery] = ()) -> list[Delivery]:
        """Send these, or all that is due; the deliveries as they are then."""
        ids = [one.id for one in deliveries]
        if not ids:
            async with self.database.begin() as uow:
                ids = await uow.deliveries.lease_due("test", self.clock(), self.clock(), 100)
        await self.engine.run(ids)
        return await self.now(*ids)

    async def now(self, *ids: int) -> list[Delivery]:
        """Deliveries as they are now."""
        async with self.database.read() as uow:
            return await uow.deliveries.by_ids(ids)

    async def everything(self) -> list[Delivery]:
        """Every delivery there is."""
        return await self.now(*range(1, 100))

    async def attempts(self, delivery: Delivery) -> list[str]:
        """The words of the delivery's log."""
        async with self.database.read() as uow:
            return [one.status for one in await uow.delivery_log.attempts(delivery.id)]


def a_desk(database: Database, clock: SteppedClock, keys: Keys, account: Account, **engine: Any) -> Desk:
    """A desk with two providers for e-mail and one for each other channel; keywords change the engine."""
    telegram, in_app = FakeProvider("telegram", Channel.TELEGRAM), FakeProvider("in_app", Channel.IN_APP)
    smtp, sendgrid = FakeProvider("smtp", Channel.EMAIL), FakeProvider("sendgrid", Channel.EMAIL)
    aftermath, policy = Aftermath(keys, admins=[9001]), Policy()
    providers = FakeProviders([telegram, smtp, sendgrid, in_app])
    router = a_router(database, clock, keys, providers)
    values: dict[str, Any] = {
        "render": plainly,
        "sender": Sender("test", 80),
        "router": router,
        "watch": Watch(router.roster, keys, router.breaker, router.spending, aftermath.admins),
        "policy": policy,
        "limits": Limits(),
    } | engine
    return Desk(
        database, clock, keys, telegram, smtp, sendgrid, in_app,
        Engine(database, providers, clock=clock, aftermath=aftermath, **values),
        Sweeper(database, clock, aftermath, policy), account,
    )  # fmt: skip


def a_router(database: Database, clock: Clock, keys: Keys, providers: Any, plan: Plan | None = None) -> Router:
    """Who chooses providers, by priority where no plan says otherwise."""
    return Router(database, clock, keys, Roster(providers, clock, plan or Plan()))


def with_providers(engine: Engine, providers: FakeProviders, plan: Plan | None = None) -> Engine:
    """The same engine with other ways out; `plan` says how they are chosen."""
    router = a_router(engine.database, engine.clock, engine.aftermath.keys, providers, plan)
    watch = Watch(router.roster, router.keys, router.breaker, router.spending, engine.aftermath.admins)
    return replace(engine, providers=providers, router=router, watch=watch)


async def never() -> Receipt:
    """A provider that does not answer."""
    await asyncio.Event().wait()
    raise AssertionError
