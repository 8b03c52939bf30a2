"""What nobody else takes."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.show import say
from core.i18n import gettext as _
from core.telegram_text import escape

router = Router(name="unknown")


@router.callback_query()
async def stale_button(query: CallbackQuery) -> None:
    """A button of another time."""
    await query.answer(_("This button no longer works. Send /help to see what does."), show_alert=True)


@router.message(F.chat.type == "private")
async def anything_else(message: Message) -> None:
    """Something that can't be drafted from."""
    await say(message, escape(_("I can't do anything with that. Send me an idea as a text, or /help.")))
