"""/providers: how each does and what it takes; switch, rank, probe and change them."""

from aiogram import F
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.admins import admin_router
from bot.answers import Text
from bot.callbacks import ProviderButton
from bot.presses import toast
from bot.show import say, show
from bot.views import providers as views
from core.errors import AppError
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Account
from core.operations.provider_words import Edit, Topic, parse_edit
from core.operations.providers import Portrait, ProviderDesk
from core.ports import Clock
from core.routing.book import Standing
from core.timewords import shown

router = admin_router("providers")
EDITING = "editing"  # in the dialogue's data: which provider, and the line that was written


class EditDialogue(StatesGroup):
    """The bot has asked for a change of a provider."""

    line = State()


@router.message(Command("providers"))
async def providers(
    message: Message, command: CommandObject, account: Account, provider_desk: ProviderDesk, clock: Clock
) -> None:
    """All of them, or the one that is named: /providers twilio."""
    everybody = await provider_desk.all()
    name = (command.args or "").strip().casefold()
    named = [one for one in everybody if name in _names(one)]
    if name and not named:
        unknown = N_("The settings do not name a provider “{name}”. /providers shows who there is.")
        raise AppError(unknown, {"name": shown(name)})
    if len(named) == 1:
        portrait = await provider_desk.one(named[0].row.id)
        await say(message, views.provider_card(portrait, clock(), account.preferences.timezone))
        return
    await say(message, views.list_card(named or everybody, 1, clock()))


def _names(one: Standing) -> tuple[str, str]:
    """What it may be called: a name can stand for two channels."""
    return one.row.provider_name, f"{one.row.provider_type} {one.row.provider_name}"


@router.callback_query(ProviderButton.filter(F.action == "list"))
async def turn(query: CallbackQuery, callback_data: ProviderButton, provider_desk: ProviderDesk, clock: Clock) -> None:
    """A page of all of them."""
    page = int(callback_data.value) if callback_data.value.isdecimal() else 1
    await show(query, views.list_card(await provider_desk.all(), page, clock()))


@router.callback_query(ProviderButton.filter(F.action == "open"))
async def open_one(
    query: CallbackQuery,
    callback_data: ProviderButton,
    account: Account,
    state: FSMContext,
    provider_desk: ProviderDesk,
    clock: Clock,
) -> None:
    """One provider; a question for a change is over."""
    await state.clear()
    portrait = await provider_desk.one(callback_data.provider_id)
    await show(query, views.provider_card(portrait, clock(), account.preferences.timezone))


@router.callback_query(ProviderButton.filter(F.action == "ask"))
async def ask(query: CallbackQuery, callback_data: ProviderButton, provider_desk: ProviderDesk) -> None:
    """Switch it, or give it another priority?"""
    portrait = await provider_desk.one(callback_data.provider_id)
    await show(query, views.ask_card(portrait.row, portrait.standing.priority, callback_data.value))


@router.callback_query(ProviderButton.filter(F.action == "go"))
async def go(
    query: CallbackQuery, callback_data: ProviderButton, account: Account, provider_desk: ProviderDesk, clock: Clock
) -> None:
    """Do what was confirmed. A second press sets the same once more, which changes nothing."""
    provider_id, value = callback_data.provider_id, callback_data.value
    if value in ("on", "off"):
        await provider_desk.switch(account, provider_id, on=value == "on")
    elif value.isdecimal() and len(value) < 4:
        await provider_desk.edit(account, provider_id, Edit(Topic.PRIORITY, int(value)))
    portrait = await provider_desk.one(provider_id)
    await toast(query, _("Done."))
    await show(query, views.provider_card(portrait, clock(), account.preferences.timezone))


@router.callback_query(ProviderButton.filter(F.action == "probe"))
async def probe(
    query: CallbackQuery, callback_data: ProviderButton, account: Account, provider_desk: ProviderDesk, clock: Clock
) -> None:
    """Ask it now whether it works; nothing is sent."""
    found = await provider_desk.probe(account, callback_data.provider_id)
    portrait = await provider_desk.one(callback_data.provider_id)
    note = views.probed_note(found)
    await show(query, views.provider_card(portrait, clock(), account.preferences.timezone, note=note))


@router.callback_query(ProviderButton.filter(F.action == "edit"))
async def edit(
    query: CallbackQuery, callback_data: ProviderButton, state: FSMContext, provider_desk: ProviderDesk
) -> None:
    """What shall it be?"""
    portrait = await provider_desk.one(callback_data.provider_id)
    await state.set_state(EditDialogue.line)
    await state.set_data({EDITING: {"id": callback_data.provider_id}})
    await show(query, views.edit_card(portrait.row))


@router.message(StateFilter(EditDialogue.line), Text())
async def line(message: Message, state: FSMContext, provider_desk: ProviderDesk) -> None:
    """The change in words; a press confirms it. One that is none is asked for again."""
    text = message.text or ""
    change = parse_edit(text)
    editing = (await state.get_data()).get(EDITING, {})
    portrait = await provider_desk.one(editing.get("id", 0))
    await state.set_data({EDITING: {"id": portrait.row.id, "line": text}})
    await say(message, views.confirm_edit_card(portrait, change))


@router.callback_query(ProviderButton.filter(F.action == "save"))
async def save(
    query: CallbackQuery,
    callback_data: ProviderButton,
    account: Account,
    state: FSMContext,
    provider_desk: ProviderDesk,
    clock: Clock,
) -> None:
    """Make the change that was written for this provider."""
    editing = (await state.get_data()).get(EDITING, {})
    portrait: Portrait = await provider_desk.one(callback_data.provider_id)
    if editing.get("id") == callback_data.provider_id and "line" in editing:
        await provider_desk.edit(account, callback_data.provider_id, parse_edit(editing["line"]))
        await state.clear()
        portrait = await provider_desk.one(callback_data.provider_id)
        await toast(query, _("Done."))
    await show(query, views.provider_card(portrait, clock(), account.preferences.timezone))
