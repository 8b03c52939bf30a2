"""/log with Retry, and /inbox."""

from contextlib import suppress

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks import DeliveryButton, LogButton
from bot.presses import toast
from bot.show import say, show
from bot.views.log import inbox_card, log_card
from core.delivery.deliveries import Deliveries
from core.errors import NotFound
from core.i18n import gettext as _
from core.model import Account, Card, Page, PostView
from core.posts.drafts import Drafts

router = Router(name="log")


@router.message(Command("log"))
async def log(message: Message, deliveries: Deliveries, account: Account) -> None:
    """The user's own delivery log."""
    await say(message, log_card(await deliveries.log(account), account))


@router.message(Command("inbox"))
async def inbox(message: Message, deliveries: Deliveries, drafts: Drafts, account: Account) -> None:
    """What came in_app."""
    await say(message, await _inbox(await deliveries.inbox(account), drafts, account))


@router.callback_query(LogButton.filter(F.action == "log"))
async def turn_log(query: CallbackQuery, callback_data: LogButton, deliveries: Deliveries, account: Account) -> None:
    """Another page of the log."""
    await show(query, log_card(await deliveries.log(account, callback_data.page), account))


@router.callback_query(LogButton.filter(F.action == "inbox"))
async def turn_inbox(
    query: CallbackQuery, callback_data: LogButton, deliveries: Deliveries, drafts: Drafts, account: Account
) -> None:
    """Another page of the inbox."""
    await show(query, await _inbox(await deliveries.inbox(account, callback_data.page), drafts, account))


@router.callback_query(DeliveryButton.filter(F.action == "retry"))
async def retry(query: CallbackQuery, callback_data: DeliveryButton, deliveries: Deliveries, account: Account) -> None:
    """A dead letter is tried again; its button goes, whatever card it stood on."""
    await deliveries.retry(account, callback_data.delivery_id)
    await toast(query, _("It is on its way again. /log shows how it goes."))
    await _drop_button(query)


async def _drop_button(query: CallbackQuery) -> None:
    if not isinstance(query.message, Message) or query.message.reply_markup is None:
        return
    rows = [
        [button for button in row if button.callback_data != query.data]
        for row in query.message.reply_markup.inline_keyboard
    ]
    left = [row for row in rows if row]
    with suppress(TelegramBadRequest):  # pressed twice, or too old to be edited
        await query.message.edit_reply_markup(reply_markup=InlineKeyboardMarkup(inline_keyboard=left))


async def _inbox(page: Page, drafts: Drafts, account: Account) -> Card:
    return inbox_card(page, account, await _posts_of(page, drafts, account))


async def _posts_of(page: Page, drafts: Drafts, account: Account) -> dict[int, PostView]:
    """The posts that messages of the page are about, by notification."""
    views = {}
    for item in page.items:
        about = item.notification
        if about.post_id and "version" in about.content:
            with suppress(NotFound):  # erased meanwhile
                views[about.id] = await drafts.view(account, about.post_id, about.content["version"])
    return views
