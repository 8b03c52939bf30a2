"""What every role of a process is built from."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from core.delivery.budget import Budget
from core.ports import Clock, Database
from core.rendering.book import TemplateBook
from core.routing.limiter import Limiter
from core.secrets import Keys
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """`name` is this process, as it stands on leases; `is_alone`: no other works on this database. `wake` is set when
    deliveries were queued. `extra` is for rendering: chat_url, once it is known; `book` holds the texts that admins
    have changed; `limiter` counts the calls of providers with a rate limit."""

    settings: Settings
    keys: Keys
    database: Database
    clock: Clock
    budget: Budget
    name: str
    is_alone: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    extra: dict[str, Any] = field(default_factory=dict)
    book: TemplateBook = field(default_factory=TemplateBook)
    limiter: Limiter = field(default_factory=Limiter)

    @property
    def token(self) -> str:
        """The bot's token. A demo has put its own into the settings where none was set."""
        assert self.settings.telegram.bot_token is not None
        return self.settings.telegram.bot_token.get_secret_value()

    @property
    def webhook_secret(self) -> str:
        """TELEGRAM_WEBHOOK_SECRET, else one derived from SECRET_KEY: the same on every machine."""
        given = self.settings.telegram.webhook_secret
        return given.get_secret_value() if given else self.keys.link_token("telegram-webhook", 0, 0)
