"""The one way out to the Bot API: paced by the shared send budget, patient where Telegram asks for it."""

import asyncio
from contextvars import ContextVar
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import AnswerCallbackQuery, Response, TelegramMethod
from aiogram.methods.base import TelegramType

from core.delivery.budget import Budget

REQUEST_TIMEOUT = 20.0  # seconds; getUpdates adds its own long wait
WAITS = 2  # how often one request obeys a retry_after
LONGEST_WAIT = 30.0  # seconds; a longer one is an error for whoever asked
PAUSE = 1.0  # seconds until what may be repeated is, after Telegram could not be reached
REPEATABLE = ("edit", "answer", "deleteMessage", "getFile")  # done twice is done once
COUNTED = ("send", "edit", "copy", "forward")  # what Telegram's limit of messages counts
UNCOUNTED = {"sendChatAction"}

_answered: ContextVar[set[str] | None] = ContextVar("answered", default=None)


def watch_answers() -> set[str]:
    """From now on, in this task: the ids of the callback queries that have been answered."""
    answered: set[str] = set()
    _answered.set(answered)
    return answered


def is_answered(query_id: str) -> bool:
    """Whether this button has stopped spinning."""
    return query_id in (_answered.get() or ())


class NoteAnswers(BaseRequestMiddleware):
    """Remembers which callback queries were answered, whoever did it."""

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        response = await make_request(bot, method)
        answered = _answered.get()
        if answered is not None and isinstance(method, AnswerCallbackQuery):
            answered.add(method.callback_query_id)
        return response


class Pace(BaseRequestMiddleware):
    """Takes from the shared budget before each message, and waits as long as Telegram asks, once or twice. What may be
    repeated is, once, where Telegram could not be reached: else the card would not show what has happened."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        for left in reversed(range(WAITS + 1)):
            if is_counted(method):
                await self._budget.take()
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if not left or error.retry_after > LONGEST_WAIT:
                    raise
                await asyncio.sleep(error.retry_after)
            except (TelegramNetworkError, TelegramServerError):
                if left < WAITS or not method.__api_method__.startswith(REPEATABLE):
                    raise
                await asyncio.sleep(PAUSE)
        raise AssertionError("the last try returns or raises")


def is_counted(method: TelegramMethod[Any]) -> bool:
    """Whether Telegram counts this call as a message."""
    return method.__api_method__.startswith(COUNTED) and method.__api_method__ not in UNCOUNTED


def build_bot(token: str, api_base: str, budget: Budget, session: BaseSession | None = None) -> Bot:
    """The bot that handlers answer through. Texts are HTML and show no link previews."""
    session = session or AiohttpSession(api=TelegramAPIServer.from_base(api_base), timeout=REQUEST_TIMEOUT)
    session.middleware(NoteAnswers())
    session.middleware(Pace(budget))
    properties = DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True)
    return Bot(token, session=session, default=properties)
