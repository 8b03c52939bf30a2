"""What a person reads when something went wrong: a refusal in their language, or an apology with a reference."""

import secrets
from contextlib import suppress
from typing import Any

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, ErrorEvent, Message, Update

from bot.middlewares import language_of
from bot.session import is_answered
from core.errors import AppError, DatabaseAway
from core.i18n import gettext as _
from core.i18n import speaking
from core.rendering.telegram_text import escape

ALERT_LENGTH = 200  # characters Telegram takes in an alert
log = structlog.get_logger(__name__)
router = Router(name="errors")


@router.error()
async def answer_error(event: ErrorEvent, **data: Any) -> bool:
    """Answers whatever a handler raised. An apology that can't be sent raises, so that the update is tried again; so
    does a database that is away, for then nothing has come of the update."""
    if isinstance(event.exception, DatabaseAway):
        raise event.exception
    if isinstance(event.exception, TelegramForbiddenError):
        await _note_block(event.update, data)
        return True
    with speaking(language_of(data)):
        await _tell(event.update, _words(event.exception))
    return True


def _words(error: Exception) -> str:
    if isinstance(error, AppError):
        return _(error.message).format(**error.values)
    reference = secrets.token_hex(3)
    log.error("handler failed", reference=reference, exc_info=error)
    return _(
        "Sorry, something went wrong on my side. Please try again; if it stays, tell an admin: {reference}."
    ).format(reference=reference)


async def _note_block(update: Update, data: dict[str, Any]) -> None:
    """They blocked the bot between their update and our answer."""
    user = data.get("event_from_user")
    chat = data.get("event_chat")
    if user and chat and chat.type == "private":
        await data["accounts"].blocked(user.id)


async def _tell(update: Update, words: str) -> None:
    """An alert on a pressed button while it still waits for one, else a message; nothing for what nobody waits on."""
    event = update.event
    if isinstance(event, CallbackQuery):
        if not is_answered(event.id) and len(words) <= ALERT_LENGTH:
            with suppress(TelegramBadRequest):  # too old to be answered
                await event.answer(words, show_alert=True)
                return
        await _write(event.from_user.id, event, words)
    elif isinstance(event, Message) and event.chat.type == "private":
        await _write(event.chat.id, event, words)


async def _write(chat_id: int, event: Message | CallbackQuery, words: str) -> None:
    assert event.bot is not None
    try:
        await event.bot.send_message(chat_id, escape(words))
    except (TelegramForbiddenError, TelegramBadRequest) as error:
        log.warning("an answer could not be delivered", error=type(error).__name__)
