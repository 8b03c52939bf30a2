"""/email and /link: an address, and the code that proves it."""

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandObject, Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.answers import Short, Text
from bot.callbacks import SettingsButton
from bot.show import say, send
from bot.views import email as views
from bot.views import words
from core.accounts.preferences import PreferenceBook, nothing_reaches
from core.accounts.verification import EMAIL, Verification
from core.errors import AppError
from core.i18n import speaking
from core.model import Account
from core.rendering.telegram_text import escape
from core.secrets import CODE_DIGITS
from core.timewords import parse_switch

router = Router(name="email")


class EmailDialogue(StatesGroup):
    """The bot has asked for an address, or for the code it mailed there."""

    address = State()
    code = State()


class MeantAsCode(Filter):
    """Six digits, or any number while a code is still good, whatever has become of the dialogue."""

    async def __call__(self, message: Message, account: Account, verification: Verification) -> bool:
        text = "".join((message.text or "").split())
        if not (text.isascii() and text.replace("-", "").isdigit()):
            return False
        return len(text) == CODE_DIGITS or await verification.is_waiting(account)


@router.message(Command("email"))
async def email(
    message: Message,
    command: CommandObject,
    account: Account,
    state: FSMContext,
    preferences: PreferenceBook,
    verification: Verification,
) -> None:
    """/email me@example.org, on or off; alone it shows what is set."""
    if not command.args:
        await say(message, f"{escape(words.email(account))}\n{views.how_to()}")
    elif (is_on := parse_switch(command.args)) is not None:
        account = await preferences.change(account, {"receive_email_notifications": is_on})
        inbox = "\n" + words.only_inbox() if nothing_reaches(account) else ""
        await say(message, escape(words.email(account) + inbox))
    else:
        await _ask_email(message, command.args, account, state, verification)


@router.callback_query(SettingsButton.filter(F.panel == "address"))
async def another_address(query: CallbackQuery, state: FSMContext) -> None:
    """The panel's way to /email."""
    await state.set_state(EmailDialogue.address)
    await send(query, views.ask_address())


@router.message(StateFilter(EmailDialogue.address), Short())
async def typed_address(message: Message, account: Account, state: FSMContext, verification: Verification) -> None:
    """The answer to the question for an address."""
    await _ask_email(message, message.text or "", account, state, verification)


async def _ask_email(
    message: Message, text: str, account: Account, state: FSMContext, verification: Verification
) -> None:
    address = await verification.ask_email(account, text)
    await state.set_state(EmailDialogue.code)
    await say(message, views.code_sent(address))


@router.message(Command("link"))
async def link(
    message: Message, command: CommandObject, account: Account, state: FSMContext, verification: Verification
) -> None:
    """/link me@example.org."""
    if not command.args:
        await say(message, views.how_to_link())
        return
    address = await verification.ask_link(account, command.args)
    await state.set_state(EmailDialogue.code)
    await say(message, views.link_asked(address))


@router.message(MeantAsCode())
@router.message(StateFilter(EmailDialogue.code), Short())
async def typed_code(message: Message, account: Account, state: FSMContext, verification: Verification) -> None:
    """The code; a wrong one may be tried again while it is good."""
    try:
        done = await verification.confirm(account, message.text or "")
    except AppError:
        if not await verification.is_waiting(account):
            await state.clear()
        raise
    await state.clear()
    with speaking(done.account.preferences.language):
        await say(message, views.confirmed(done.address) if done.purpose == EMAIL else views.moved())


@router.message(StateFilter(EmailDialogue), Text())
async def idea_instead(message: Message, state: FSMContext) -> None:
    """They have gone on to something else; a code may still be sent later."""
    await state.clear()
    raise SkipHandler
