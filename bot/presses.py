"""What presses on draft cards share: the card shows what has really happened, and the toast says it."""

from collections.abc import Awaitable
from contextlib import suppress

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery

from bot.show import show
from bot.views.drafts import post_card, words
from core.model import Account, PostView
from core.posts.posts import Stale

TOAST_LENGTH = 200  # characters Telegram takes


async def settle(query: CallbackQuery, account: Account, press: Awaitable[PostView], said: str) -> None:
    """Do what the button says, and show the post as it stands then. On a card that was overtaken, say so."""
    try:
        view = await press
    except Stale as stale:
        view, said = stale.view, words(stale)
    await show(query, post_card(view, account))
    await toast(query, said)


async def toast(query: CallbackQuery, text: str) -> None:
    """A short word above the chat. Telegram forgets a query after a while: then the card alone tells."""
    with suppress(TelegramBadRequest):
        await query.answer(text[:TOAST_LENGTH])
