"""/push: notifications in browsers and on phones."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import PushButton
from bot.presses import toast
from bot.show import say, show
from bot.views import push as views
from core.accounts.devices import Devices
from core.model import Account

router = Router(name="push")


@router.message(Command("push"))
async def push(message: Message, account: Account, devices: Devices) -> None:
    """The devices, and the link to the page."""
    url = await devices.page_url(account)
    await say(message, views.push_card(account, await devices.all(account), url))


@router.callback_query(PushButton.filter(F.action == "remove"))
async def remove(query: CallbackQuery, callback_data: PushButton, account: Account, devices: Devices) -> None:
    """Pressed twice, or for what is gone already, it shows what there is."""
    await devices.remove(account, callback_data.device_id)
    url = await devices.page_url(account)
    await show(query, views.push_card(account, await devices.all(account), url))
    await toast(query, views.removed())


@router.callback_query(PushButton.filter(F.action == "test"))
async def test(query: CallbackQuery, callback_data: PushButton, account: Account, devices: Devices) -> None:
    """A few words to that device."""
    await toast(query, views.tested(is_sent=await devices.send_test(account, callback_data.device_id)))
