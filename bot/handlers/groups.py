"""Where the bot is added to, and what becomes of that: it works in private chats only."""

from contextlib import suppress

from aiogram import Bot, F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramAPIError
from aiogram.types import ChatMemberUpdated

from bot.views.common import only_in_private
from core.accounts.accounts import Accounts
from core.rendering.telegram_text import escape

router = Router(name="groups")
GONE = {ChatMemberStatus.LEFT, ChatMemberStatus.KICKED}


@router.my_chat_member(F.chat.type == "private")
async def blocked_or_back(update: ChatMemberUpdated, accounts: Accounts) -> None:
    """The person blocked the bot, or came back: deliveries follow."""
    if update.new_chat_member.status in GONE:
        await accounts.blocked(update.from_user.id)
    else:
        await accounts.unblocked(update.from_user.id)


@router.my_chat_member()
async def added_elsewhere(update: ChatMemberUpdated, bot: Bot) -> None:
    """Added to a group or a channel: a word in groups, silence in channels, and out."""
    if update.new_chat_member.status in GONE:
        return
    if update.chat.type != "channel":
        with suppress(TelegramAPIError):  # it may not be allowed to write
            await bot.send_message(update.chat.id, escape(only_in_private()))
    with suppress(TelegramAPIError):
        await bot.leave_chat(update.chat.id)
