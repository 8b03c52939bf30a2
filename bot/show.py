"""How cards reach the chat: a pressed card is edited in place, anything else is a new message."""

from collections.abc import Awaitable
from typing import Any

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    Update,
)

from core.model import Button, Buttons, Card

UNCHANGED = "message is not modified"
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "there is no text in the message")


def keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    """Rows of core's buttons as Telegram's; None where there are none."""
    rows = [[_button(button) for button in row] for row in buttons if row]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _button(button: Button) -> InlineKeyboardButton:
    copy = CopyTextButton(text=button.copy) if button.copy else None
    return InlineKeyboardButton(text=button.text, callback_data=button.data, url=button.url, copy_text=copy)


def source_key(update: Update) -> str:
    """The key of what this update asked for: the same when it is replayed after a crash."""
    return f"update:{update.update_id}"


async def show(query: CallbackQuery, card: Card | str) -> None:
    """Put the card in the place of the one that was pressed; where that is gone or too old, send it anew."""
    card = _as_card(card)
    if not isinstance(query.message, Message) or not await _edit(query.message, card):
        await send(query, card)


async def show_picture(query: CallbackQuery, picture: bytes, card: Card) -> None:
    """Put a PNG and what is said below it, at most 1,024 units, in the place of the ones before."""
    media = InputMediaPhoto(media=_png(picture), caption=card.text)
    if isinstance(query.message, Message):
        edit = query.message.edit_media(media, reply_markup=keyboard(card.buttons))
        if await _is_edited(edit):
            return
    chat_id = query.message.chat.id if query.message else query.from_user.id
    assert query.bot is not None
    await query.bot.send_photo(chat_id, _png(picture), caption=card.text, reply_markup=keyboard(card.buttons))


async def say_picture(message: Message, picture: bytes, card: Card) -> Message:
    """Answer with a PNG and what is said below it, at most 1,024 units."""
    return await message.answer_photo(_png(picture), caption=card.text, reply_markup=keyboard(card.buttons))


def _png(picture: bytes) -> BufferedInputFile:
    return BufferedInputFile(picture, "chart.png")


async def _edit(message: Message, card: Card) -> bool:
    return await _is_edited(message.edit_text(card.text, reply_markup=keyboard(card.buttons)))


async def _is_edited(edit: Awaitable[Any]) -> bool:
    """False where the message can't be edited any more. Nothing to change is as good as changed."""
    try:
        await edit
    except TelegramBadRequest as error:
        reason = error.message.lower()
        if UNCHANGED in reason:
            return True
        if any(words in reason for words in GONE):
            return False
        raise
    return True


async def send(query: CallbackQuery, card: Card | str) -> Message:
    """A new message in the chat of the button; to the person themself where the chat is unknown."""
    card = _as_card(card)
    chat_id = query.message.chat.id if query.message else query.from_user.id
    assert query.bot is not None  # every update is mounted to our bot
    return await query.bot.send_message(chat_id, card.text, reply_markup=keyboard(card.buttons))


async def say(message: Message, what: Card | str) -> Message:
    """Answer a message with a card or a text of HTML."""
    card = _as_card(what)
    return await message.answer(card.text, reply_markup=keyboard(card.buttons))


def _as_card(what: Card | str) -> Card:
    return Card(what) if isinstance(what, str) else what
