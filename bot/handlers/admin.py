"""An admin arrives: their menu can be set from now on."""

from aiogram import Bot
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import CommandStart
from aiogram.types import Message

from bot.admins import admin_router
from bot.commands import register_admin

router = admin_router("admin")


@router.message(CommandStart())
async def admin_arrives(message: Message, bot: Bot) -> None:
    """Telegram takes it only after their first /start; the welcome is everybody's."""
    await register_admin(bot, message.chat.id)
    raise SkipHandler
