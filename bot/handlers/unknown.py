"""Whatever nobody else takes: every kind of update has its answer, or its defined silence."""

from collections import OrderedDict
from contextlib import suppress

from aiogram import Bot, F, Router
from aiogram.enums import ContentType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, InlineQuery, InlineQueryResultsButton, Message

from bot.commands import nearest_command
from bot.show import say
from bot.views import common
from core.accounts.accounts import Accounts
from core.i18n import gettext as _
from core.model import Account
from core.rendering.telegram_text import escape, shorten

router = Router(name="unknown")
IS_PRIVATE = F.chat.type == "private"
COMMAND_LENGTH = 32  # the longest that Telegram allows
ALBUMS_KEPT = 100
_albums: OrderedDict[str, None] = OrderedDict()  # an album comes as many messages and gets one answer


@router.message(IS_PRIVATE, F.text.startswith("/"))
async def unknown_command(message: Message, account: Account, accounts: Accounts) -> None:
    """A command that doesn't exist, or not for them."""
    typed = shorten((message.text or "").split()[0].removeprefix("/").partition("@")[0], COMMAND_LENGTH)
    await say(message, common.unknown_command(typed, nearest_command(typed, is_admin=accounts.is_admin(account))))


@router.message(IS_PRIVATE)
async def unreadable(message: Message) -> None:
    """Pictures, stickers, polls: said what to send instead. Service messages are nobody's question."""
    answer = common.answer_to(ContentType(message.content_type), has_caption=bool(message.caption))
    if answer and not _is_answered_album(message):
        await say(message, escape(answer))


@router.edited_message(IS_PRIVATE, F.text | F.caption)
async def edited(message: Message) -> None:
    """An edit changes nothing here. A live location is "edited" all the time and passed over."""
    await say(message, common.edits_are_not_followed())


@router.message()
@router.channel_post()
async def elsewhere(message: Message, bot: Bot) -> None:
    """In a group: a word to whoever speaks to the bot, and out. In a channel: out."""
    if _is_for(message, bot):
        with suppress(TelegramAPIError):  # it may not be allowed to write
            await message.answer(escape(common.only_in_private()))
    with suppress(TelegramAPIError):
        await bot.leave_chat(message.chat.id)


@router.callback_query()
async def dead_button(query: CallbackQuery) -> None:
    """A button in a group, of a card that is gone, or with data that nobody made."""
    is_elsewhere = query.message is not None and query.message.chat.type != "private"
    await query.answer(common.only_in_private() if is_elsewhere else common.dead_button(), show_alert=True)


@router.inline_query()
async def inline(query: InlineQuery) -> None:
    """Nothing is drafted into other chats: the way to the private chat is shown."""
    button = InlineQueryResultsButton(text=_("Open the chat to draft a post"), start_parameter="inline")
    await query.answer([], button=button, cache_time=300, is_personal=True)


def _is_for(message: Message, bot: Bot) -> bool:
    """Whether a message of a group is meant for the bot: a command, or a reply to it."""
    replied = message.reply_to_message
    is_reply = bool(replied and replied.from_user and replied.from_user.id == bot.id)
    return message.chat.type != "channel" and (is_reply or (message.text or "").startswith("/"))


def _is_answered_album(message: Message) -> bool:
    group = message.media_group_id
    if group is None:
        return False
    is_known = group in _albums
    _albums[group] = None
    if len(_albums) > ALBUMS_KEPT:
        _albums.popitem(last=False)
    return is_known
