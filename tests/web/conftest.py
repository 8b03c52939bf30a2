"""The web application through its ASGI interface, over a real SQLite file."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from core.accounts.devices import Devices
from core.accounts.links import Links
from core.delivery.aftermath import Aftermath
from core.delivery.events import Events
from core.delivery.inbound import Inbound
from core.model import DeliveryEvent, EventType, Reports, WebhookRequest
from core.secrets import Keys
from core.settings import Settings
from storage.database import Database
from tests.conftest import NOW, SteppedClock
from web.app import build_web
from web.parts import WebParts

SECRET = "the-secret-of-the-webhook"
LOOPBACK = ("127.0.0.1", 50000)


@dataclass
class FakeProvider:
    """The webhook half of a provider: `good` is the only signature it knows."""

    verified: list[bytes] = field(default_factory=list)

    async def verify(self, request: WebhookRequest) -> None:
        from core.errors import BadSignature, Unavailable

        self.verified.append(request.body)
        if request.body == b"unverifiable":
            raise Unavailable("connect")
        if request.body == b"garbage":
            raise RecursionError
        if request.headers.get("x-signature") != "good":
            raise BadSignature

    def parse(self, request: WebhookRequest) -> Reports:
        body = request.body
        if body == b"unreadable":
            raise ValueError("not JSON")
        if body == b"nested too deeply":
            raise RecursionError
        if not body:
            return Reports()
        return Reports((DeliveryEvent("fake", body.decode(), "m-1", EventType.DELIVERED, NOW),))


@dataclass
class Browser:
    """Asks the application."""

    http: httpx.AsyncClient
    parts: WebParts
    provider: FakeProvider
    woken: list[int]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.http, name)


MakeBrowser = Callable[..., Browser]


@pytest.fixture
async def make_browser(database: Database, clock: SteppedClock, keys: Keys) -> AsyncIterator[MakeBrowser]:
    clients: list[httpx.AsyncClient] = []

    def make(*, client: tuple[str, int] = LOOPBACK, settings: Settings | None = None, **more: Any) -> Browser:
        provider, woken = FakeProvider(), []
        reporting = {"fake": provider}.get
        parts = WebParts(
            database=database,
            clock=clock,
            links=Links(database, clock, keys, "https://desk.example.org"),
            events=Events(database, reporting, Aftermath(keys), Inbound(keys, "Desk"), clock),
            devices=Devices(database, clock, keys, settings or Settings(_env_file=None)),
            telegram_secret=SECRET,
            on_update=lambda: woken.append(1),
            **more,
        )
        transport = httpx.ASGITransport(build_web(parts), raise_app_exceptions=False, client=client)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://desk"))
        return Browser(clients[-1], parts, provider, woken)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def browser(make_browser: MakeBrowser) -> Browser:
    return make_browser()
