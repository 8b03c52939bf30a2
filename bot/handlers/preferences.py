"""/preferences: rules by type and channel, by buttons, by a typed line, or by an answer to a question."""

from collections.abc import Callable
from typing import Any

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.answers import Short, Text
from bot.callbacks import PreferenceButton
from bot.show import say, send, show
from bot.views import preferences as views
from bot.views.preference_buttons import no_such_button, provider_code
from bot.views.preference_choices import ask_own
from core.accounts.rulebook import SWITCHABLE, RuleBook, Sheet
from core.accounts.rules import TYPES
from core.accounts.rulewords import Topic, Wish, parse_cap, parse_quiet_hours, parse_style, parse_wish
from core.errors import AppError
from core.model import Account, Channel, NotificationType
from core.secrets import CODE_DIGITS

router = Router(name="preferences")


class PreferenceDialogue(StatesGroup):
    """The bot has asked how many, or for quiet hours."""

    cap = State()
    quiet = State()


ASKED = {Topic.CAP: PreferenceDialogue.cap, Topic.QUIET: PreferenceDialogue.quiet}
READ: dict[Topic, Callable[[str], Any]] = {
    Topic.SWITCH: lambda value: {"1": True, "0": False}[value],
    Topic.CAP: parse_cap,
    Topic.QUIET: parse_quiet_hours,
    Topic.STYLE: parse_style,
    Topic.RESET: lambda value: None,
}
BY_CODE = {Topic.PREFER, Topic.BLOCK, Topic.ALLOW}  # name a provider


def wish_of(button: PreferenceButton, sheet: Sheet) -> Wish:
    """What a press wants; `AppError` for what no button of ours says."""
    try:
        type, channel, topic = place_of(button), channel_of(button), Topic(button.topic)
        if topic not in BY_CODE:
            return Wish(type, channel, topic, READ[topic](button.value))
        names = sheet.providers.get(channel, ()) if channel else ()
        return Wish(type, channel, topic, {provider_code(name): name for name in names}[button.value])
    except (LookupError, ValueError, AppError):
        raise no_such_button() from None


def place_of(button: PreferenceButton) -> NotificationType:
    """The type that a button is about."""
    found = {type.value: type for type in TYPES}.get(button.type)
    if found is None:
        raise no_such_button()
    return found


def channel_of(button: PreferenceButton) -> Channel | None:
    """The channel that a button is about; None for all of them."""
    found = {channel.value: channel for channel in SWITCHABLE}.get(button.channel)
    if button.channel and found is None:
        raise no_such_button()
    return found


@router.message(Command("preferences"))
async def preferences(message: Message, command: CommandObject, account: Account, rules: RuleBook) -> None:
    """`/preferences reminders email off`; alone it shows every type."""
    if not command.args:
        await say(message, views.list_card(await rules.sheet(account)))
        return
    wish = parse_wish(command.args)
    sheet = await rules.carry_out(account, wish)
    await say(message, views.shown_after(wish, sheet))


@router.callback_query(PreferenceButton.filter(F.panel == "list"))
async def every_type(query: CallbackQuery, account: Account, rules: RuleBook) -> None:
    """The list of types."""
    await show(query, views.list_card(await rules.sheet(account)))


@router.callback_query(PreferenceButton.filter(F.topic == "own"))
async def ask(query: CallbackQuery, callback_data: PreferenceButton, state: FSMContext) -> None:
    """✏️ asks for a number or for hours that have no button."""
    topic = Topic(callback_data.panel) if callback_data.panel in ASKED else None
    if topic is None:
        raise no_such_button()
    channel = channel_of(callback_data)
    await state.set_state(ASKED[topic])
    await state.set_data({"type": place_of(callback_data).value, "channel": channel.value if channel else None})
    await send(query, ask_own(topic))


@router.callback_query(PreferenceButton.filter(F.topic == "undo"))
async def undo(query: CallbackQuery, callback_data: PreferenceButton, account: Account, rules: RuleBook) -> None:
    """↩️ puts back what a reset took away."""
    type = place_of(callback_data)
    await show(query, views.type_card(await rules.undo_reset(account, type), type))


@router.callback_query(PreferenceButton.filter())
async def press(query: CallbackQuery, callback_data: PreferenceButton, account: Account, rules: RuleBook) -> None:
    """Set a value where one is named, and show the card it stands on, in the place of the one before."""
    type, channel = place_of(callback_data), channel_of(callback_data)
    sheet = await rules.sheet(account)
    if not callback_data.topic:
        await show(query, views.card(callback_data.panel, sheet, type, channel))
        return
    wish = wish_of(callback_data, sheet)
    sheet = await rules.carry_out(account, wish)
    if wish.topic is Topic.RESET:
        await show(query, views.type_card(sheet, type, was_reset=True))
        return
    await show(query, views.card(callback_data.panel, sheet, type, channel))


def is_code(text: str) -> bool:
    """Whether it may be what was mailed to confirm an address."""
    return text.isascii() and text.isdigit() and len(text) == CODE_DIGITS


@router.message(StateFilter(PreferenceDialogue), Text())
async def typed(message: Message, account: Account, rules: RuleBook, state: FSMContext) -> None:
    """The answer to the question. One that is not understood may be tried again; a code that was mailed meanwhile goes
    where codes go, a longer text where ideas go."""
    topic = Topic.CAP if await state.get_state() == PreferenceDialogue.cap.state else Topic.QUIET
    try:
        value = READ[topic](message.text or "")
    except AppError:
        if is_code(message.text or ""):
            raise SkipHandler from None
        if await Short()(message):
            raise
        await state.clear()
        raise SkipHandler from None
    data = await state.get_data()
    await state.clear()
    channel = Channel(data["channel"]) if data["channel"] else None
    wish = Wish(NotificationType(data["type"]), channel, topic, value)
    await say(message, views.shown_after(wish, await rules.carry_out(account, wish)))
