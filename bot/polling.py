"""Long polling: updates are asked for, stored, and only then acknowledged by the next offset."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods.base import TelegramMethod

from bot.intake import Intake
from core.errors import SettingsError
from core.identity import UNAUTHORIZED
from core.ports import Clock

ALLOWED = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "inline_query",
    "my_chat_member",
]
LONG_POLL = 30  # seconds Telegram may hold the request
SLACK = 15  # seconds more until the connection counts as dead
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between tries while Telegram can't be reached
log = structlog.get_logger(__name__)


class GetUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates as raw JSON: one update of a kind that aiogram doesn't know can't stop the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int = LONG_POLL
    allowed_updates: list[str] = ALLOWED


class Polling:
    """Runs until `stop`. `last_answer` is when Telegram last answered."""

    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        clock: Clock,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._clock = clock
        self._sleep = sleep
        self._stopping = asyncio.Event()
        self._offset: int | None = None
        self._failures = 0
        self.last_answer: datetime | None = None

    async def run(self) -> None:
        """Raises `SettingsError` where the token is wrong; everything else is waited out. A webhook is dropped when
        Telegram says that one is set: most of the time that saves the start a call."""
        while not self._stopping.is_set():
            await self._patiently(self._round)

    def stop(self) -> None:
        """Ask no more. A request that waits is dropped; what it might have brought stays at Telegram."""
        self._stopping.set()

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        """One success of `work`, however long it takes."""
        while not self._stopping.is_set():
            try:
                await work()
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise SettingsError(UNAUTHORIZED) from None
            except Exception as error:
                await self._wait_out(error)
            else:
                self._recovered()
                self.last_answer = self._clock()
                return

    async def _round(self) -> None:
        await self._intake.room()
        updates = await self._ask()
        if updates:
            await self._intake.store(updates)
            self._offset = updates[-1]["update_id"] + 1

    async def _ask(self) -> list[dict[str, Any]]:
        """The next updates; none when it is time to stop. The first question is answered at once, so that it is soon
        known whether Telegram can be reached."""
        question = GetUpdates(offset=self._offset, timeout=LONG_POLL if self.last_answer else 0)
        asking = asyncio.create_task(self._bot(question, request_timeout=LONG_POLL + SLACK))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
            return await asking if asking.done() else []
        finally:
            asking.cancel()
            stopping.cancel()

    async def _wait_out(self, error: Exception) -> None:
        pause = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures += 1
        if isinstance(error, TelegramRetryAfter):
            pause = max(pause, error.retry_after)
        if self._failures == 1:
            self._tell(error)
        if is_webhook_set(error):
            await self._try_to_drop_webhook()
        waiting = asyncio.ensure_future(self._sleep(pause))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((waiting, stopping), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        stopping.cancel()

    async def _try_to_drop_webhook(self) -> None:
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except Exception as error:
            log.warning("the webhook could not be removed", error=type(error).__name__)

    def _tell(self, error: Exception) -> None:
        """Once for each outage."""
        if is_webhook_set(error):
            log.info("a webhook is set, and is dropped: this program polls")
        elif isinstance(error, TelegramConflictError):
            log.error(
                "another program uses this bot token (409): stop it, or give this one a token of its own; trying on"
            )
        else:
            log.warning("Telegram can't be polled, trying on", error=type(error).__name__)

    def _recovered(self) -> None:
        if self._failures:
            log.info("Telegram is being polled again", failures=self._failures)
        self._failures = 0


def is_webhook_set(error: Exception) -> bool:
    """Whether Telegram refuses to be polled because it has a webhook to call."""
    return isinstance(error, TelegramConflictError) and "webhook" in error.message.lower()
