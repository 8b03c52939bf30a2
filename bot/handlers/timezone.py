"""/timezone, a shared location, and the question at the beginning."""

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, KeyboardButton, Message, ReplyKeyboardMarkup, ReplyKeyboardRemove

from bot.answers import Short, Text
from bot.callbacks import TimezoneButton
from bot.show import say, show
from bot.views import settings as panel
from bot.views import timezone as views
from core.accounts.preferences import PreferenceBook
from core.errors import AppError
from core.model import Account
from core.ports import Clock
from core.timezones import Place, Timezones, iana_name

router = Router(name="timezone")


class TimezoneDialogue(StatesGroup):
    """The bot has asked where somebody is."""

    place = State()


async def ask_where(message: Message, first: str, state: FSMContext) -> None:
    """Say `first`, with the button that shares a location; then ask for that, a city or one of a few guesses. An answer
    that is none of these is an idea as ever."""
    await state.set_state(TimezoneDialogue.place)
    button = KeyboardButton(text=views.share_location(), request_location=True)
    share = ReplyKeyboardMarkup(keyboard=[[button]], resize_keyboard=True, one_time_keyboard=True)
    await message.answer(first, reply_markup=share)
    await say(message, views.question(message.date))


@router.message(Command("timezone"))
async def timezone_command(
    message: Message,
    command: CommandObject,
    account: Account,
    state: FSMContext,
    timezones: Timezones,
    preferences: PreferenceBook,
    clock: Clock,
) -> None:
    """Set it by a name or a city; without one, show it and ask."""
    if command.args:
        await _answer(message, await timezones.find(command.args), account, state, preferences, clock)
    elif account.preferences.timezone_confirmed:
        await state.set_state(TimezoneDialogue.place)
        await say(message, f"{views.is_set(account.preferences.timezone, clock())}\n\n{views.how_to_change()}")
    else:
        await ask_where(message, views.guessed(account.preferences.timezone), state)


@router.message(F.location)
async def shared_location(
    message: Message,
    account: Account,
    state: FSMContext,
    timezones: Timezones,
    preferences: PreferenceBook,
    clock: Clock,
) -> None:
    """A location at any time sets the timezone."""
    assert message.location is not None
    found = await timezones.at(message.location.latitude, message.location.longitude)
    await _answer(message, [Place(found)], account, state, preferences, clock)


@router.message(StateFilter(TimezoneDialogue.place), Short())
async def typed_place(
    message: Message,
    account: Account,
    state: FSMContext,
    timezones: Timezones,
    preferences: PreferenceBook,
    clock: Clock,
) -> None:
    """The answer to the question where they are; one I can't place is asked for again."""
    try:
        places = await timezones.find(message.text or "")
    except AppError as refusal:
        await say(message, views.not_found(refusal, message.text or ""))
        return
    await _answer(message, places, account, state, preferences, clock)


@router.message(StateFilter(TimezoneDialogue.place), Text())
async def idea_instead(message: Message, state: FSMContext) -> None:
    """They have gone on to something else: the question is over, and the text goes where ideas go."""
    await state.clear()
    raise SkipHandler


async def _answer(
    message: Message,
    places: list[Place],
    account: Account,
    state: FSMContext,
    preferences: PreferenceBook,
    clock: Clock,
) -> None:
    """Set the likeliest place and offer the others of that name. After the first question, say what comes next: that
    takes the location button away, which a message with buttons of its own can't."""
    await state.clear()
    await preferences.timezone(account, places[0].timezone)
    await say(message, views.confirmed(places, clock()))
    if not account.preferences.timezone_confirmed:
        await message.answer(views.what_next(), reply_markup=ReplyKeyboardRemove())


@router.callback_query(TimezoneButton.filter())
async def pressed_place(
    query: CallbackQuery,
    callback_data: TimezoneButton,
    account: Account,
    state: FSMContext,
    preferences: PreferenceBook,
    clock: Clock,
) -> None:
    """A guess, or another place of the same name."""
    timezone = iana_name(callback_data.name)
    if timezone is None:
        raise panel.no_such_button()
    account = await preferences.timezone(account, timezone)
    await state.clear()
    if callback_data.origin == "settings":
        await show(query, panel.card("main", account, clock()))
        return
    await show(query, views.is_set(timezone, clock()))
    if callback_data.origin == "start" and query.message and query.bot:
        await query.bot.send_message(query.message.chat.id, views.what_next(), reply_markup=ReplyKeyboardRemove())
