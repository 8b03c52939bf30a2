"""/start, /help and /cancel."""

from aiogram import Router
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import HelpButton
from bot.handlers.timezone import ask_where
from bot.show import say, show
from bot.views import start as views
from core.accounts.access import Admission
from core.accounts.accounts import Accounts
from core.accounts.verification import Verification
from core.model import Account

router = Router(name="start")


@router.message(CommandStart())
async def start(message: Message, account: Account, access: Admission, state: FSMContext) -> None:
    """A welcome, also to whoever came by a link with something behind it; then the question where they are."""
    await access.welcome_admin(account)
    if account.preferences.timezone_confirmed:
        await say(message, views.welcome(account))
    else:
        await ask_where(message, views.welcome(account), state)


@router.message(Command("help"))
async def help_topics(message: Message, account: Account, accounts: Accounts) -> None:
    """The topics to choose from."""
    await say(message, views.help_card("", account, is_admin=accounts.is_admin(account)))


@router.callback_query(HelpButton.filter())
async def help_topic(query: CallbackQuery, callback_data: HelpButton, account: Account, accounts: Accounts) -> None:
    """One topic, in the place of the last one."""
    await show(query, views.help_card(callback_data.topic, account, is_admin=accounts.is_admin(account)))


@router.message(Command("cancel"))
async def cancel(message: Message, account: Account, state: FSMContext, verification: Verification) -> None:
    """Leave any dialogue; a code that was asked for in it is void."""
    left = await state.get_state()
    await state.clear()
    await verification.give_up(account)
    await say(message, views.cancelled(left))
