"""What every update passes through: the account and its language, access, and an answer to every pressed button."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import BaseMiddleware
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Chat, TelegramObject, Update, User

from bot.session import is_answered, watch_answers
from core.i18n import nearest_language, speaking
from core.model import Access, Account

Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
SLOW = 2.0  # seconds after which a button stops spinning although its handler still works


def language_of(data: dict[str, Any]) -> str:
    """The language of the account; of the Telegram app where there is none."""
    account: Account | None = data.get("account")
    user: User | None = data.get("event_from_user")
    if account:
        return account.preferences.language
    return nearest_language(user.language_code if user else None)


class KnowThePerson(BaseMiddleware):
    """In private chats: `account`, or a refusal for whoever was not let in. Everywhere: the language."""

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        user, chat = data.get("event_from_user"), data.get("event_chat")
        if user and is_private(chat) and not user.is_bot:
            arrive = data["accounts"].arrive
            data["account"] = await arrive(user.id, user.full_name, user.username, user.language_code)
        with speaking(language_of(data)):
            if await _may_come_in(event, data):
                return await handler(event, data)
        return None


async def _may_come_in(event: TelegramObject, data: dict[str, Any]) -> bool:
    """Raises what somebody without access is told; False where they were told already. Anybody may block the bot."""
    account: Account | None = data.get("account")
    if account is None or account.user.access is Access.ALLOWED:
        return True
    if isinstance(event, Update) and event.my_chat_member:
        return True
    if refusal := await data["access"].refusal(account):
        raise refusal
    return False


def is_private(chat: Chat | None) -> bool:
    """Whether this is a person's own chat with the bot."""
    return chat is not None and chat.type == "private"


class AnswerButtons(BaseMiddleware):
    """No button spins: whatever a handler leaves unanswered is answered here. What a handler raises is not: the error
    is the answer."""

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        query = event.callback_query if isinstance(event, Update) else None
        if query is None:
            return await handler(event, data)
        watch_answers()
        slow = asyncio.create_task(_answer_later(query), name="answer a slow button")
        try:
            result = await handler(event, data)
        finally:
            slow.cancel()
        await answer(query)
        return result


async def _answer_later(query: CallbackQuery) -> None:
    await asyncio.sleep(SLOW)
    await answer(query)


async def answer(query: CallbackQuery) -> None:
    """Stop the spinner, unless that has happened. Telegram forgets a query after a while: that is no error."""
    if not is_answered(query.id):
        with suppress(TelegramBadRequest):
            await query.answer()
