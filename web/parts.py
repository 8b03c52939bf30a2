"""What the web server needs from the rest of the program."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from core.accounts.devices import Devices
from core.accounts.links import Links
from core.delivery.events import Events
from core.ports import Clock, Database

Check = Callable[[], Awaitable[str | None]]  # None: ready; else why not


@dataclass(frozen=True, slots=True)
class WebParts:
    """`telegram_secret` is what Telegram sends with each update; `on_update` is called when one was stored;
    `checks` say what this process needs in order to work."""

    database: Database
    clock: Clock
    links: Links
    events: Events
    devices: Devices
    telegram_secret: str
    metrics_token: str | None = None
    public_url: str | None = None
    on_update: Callable[[], None] = lambda: None
    checks: Mapping[str, Check] = field(default_factory=dict)
