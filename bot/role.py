"""The bot role: updates in, by polling or webhook, handled, and the menu of commands set beside it."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot import commands, webhook
from bot.batch_cards import LiveCards
from bot.desk import Desk, build_desk
from bot.dispatcher import build_dispatcher
from bot.intake import Intake
from bot.polling import Polling
from bot.session import build_bot
from core import metrics
from core.i18n import gettext as _
from core.i18n import nearest_language, speaking
from core.parts import Parts
from core.ports import Providers
from core.rendering.telegram_text import escape
from core.writers import make_writer

STALE = 90  # seconds without an answer of Telegram after which polling counts as broken
log = structlog.get_logger(__name__)


class BotRole:
    """Runs until `stop`. `webhook_secret` set: Telegram calls us at `settings.public_url`, else it is polled."""

    def __init__(self, desk: Desk, bot: Bot, *, alone: bool, webhook_secret: str | None = None) -> None:
        self._desk, self._bot, self._secret = desk, bot, webhook_secret
        self._dispatcher: Dispatcher = build_dispatcher(desk)
        self.intake = Intake(desk.database, desk.clock, self.handle, self.give_up, alone=alone)
        self._polling = None if webhook_secret else Polling(bot, self.intake, desk.clock)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Raises `SettingsError` where Telegram refuses the token or the webhook's address."""
        live_cards = LiveCards(self._bot, self._desk.watching)
        beside = [
            asyncio.create_task(commands.register(self._bot, self._desk.settings.admin_telegram_ids)),
            asyncio.create_task(live_cards.run(), name="cards of batches"),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.intake.run(), name="intake")
                receiving = group.create_task(self._receive(), name="receiving")
                await self._stopping.wait()
                if self._polling is None:
                    receiving.cancel()
        finally:
            for task in beside:
                task.cancel()
            await self._bot.session.close()
            await self._desk.writer.close()

    def stop(self) -> None:
        """Take nothing new; `run` returns when the handlers under way have finished."""
        if self._polling:
            self._polling.stop()
        self.intake.stop()
        self._stopping.set()

    async def _receive(self) -> None:
        if self._polling:
            await self._polling.run()
        else:
            await webhook.register(self._bot, self._desk.settings.public_url or "", self._secret or "")

    async def check(self) -> str | None:
        """For /readyz: why no updates come in; None where they do."""
        if self._polling is None:
            return None
        last = self._polling.last_answer
        if last is None:
            return "Telegram has not answered yet"
        age = (self._desk.clock() - last).total_seconds()
        return f"Telegram has not answered for {age:.0f} s" if age > STALE else None

    async def handle(self, payload: Mapping[str, Any]) -> None:
        """One update through the dispatcher."""
        began = monotonic()
        try:
            update = Update.model_validate(payload, context={"bot": self._bot})
            update.event_type  # noqa: B018 - aiogram would print the whole update where it doesn't know its kind
        except (ValidationError, UpdateTypeLookupError):
            log.warning("an update that can't be read is passed over", kinds=sorted(set(payload) - {"update_id"}))
            return
        try:
            answer = await self._dispatcher.feed_update(self._bot, update)
            if isinstance(answer, TelegramMethod):
                await self._bot(answer)
        except BaseException:
            metrics.updates.labels("failed").observe(monotonic() - began)
            raise
        metrics.updates.labels("handled").observe(monotonic() - began)

    async def give_up(self, payload: Mapping[str, Any]) -> None:
        """An apology for what can't be handled, to whoever waits for an answer."""
        person = _person(payload)
        if person is None:
            return
        with speaking(nearest_language(person.get("language_code"))):
            words = _(
                "Sorry, I could not handle something you sent, however often I tried. Please send it another way."
            )
            await self._bot.send_message(person["id"], escape(words))


def build_bot_role(parts: Parts, providers: Providers | None = None) -> BotRole:
    """The role, with a writer and a bot of its own. `providers` are those that admins can probe."""
    settings = parts.settings
    writer = make_writer(settings.llm)
    ours = parts.database, parts.clock, parts.keys, settings, writer
    desk = build_desk(*ours, parts.book, parts.extra, providers)
    bot = build_bot(parts.token, settings.telegram.api_base, parts.budget)
    secret = parts.webhook_secret if settings.telegram_mode == "webhook" else None
    return BotRole(desk, bot, alone=parts.is_alone, webhook_secret=secret)


def _person(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Who wrote or pressed, in their private chat."""
    message = payload.get("message") or {}
    if message.get("chat", {}).get("type") == "private":
        return message.get("from") or None
    return (payload.get("callback_query") or {}).get("from")
