"""Where the bot is added to, and what becomes of that: it works in private chats only."""

from contextlib import suppress

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramAPIError
from aiogram.types import ChatMemberUpdated

from core.accounts import Accounts
from core.i18n import gettext as _
from core.telegram_text import escape

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
async def added_elsewhere(update: ChatMemberUpdated) -> None:
    """Added to a group or a channel: a word in groups, silence in channels, and out."""
    if update.new_chat_member.status in GONE or update.bot is None:
        return
    with suppress(TelegramAPIError):  # not allowed to write there, or to leave
        if update.chat.type != "channel":
            await update.bot.send_message(update.chat.id, escape(_("I work in private chats only. Write to me there!")))
    with suppress(TelegramAPIError):
        await update.bot.leave_chat(update.chat.id)
