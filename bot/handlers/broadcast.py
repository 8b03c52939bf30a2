"""/broadcast: a word to many. Written, looked at, tested, confirmed by typing how many people it goes to."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from aiogram import Bot, F
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, Update

from bot.admins import admin_router
from bot.answers import Short, Text
from bot.callbacks import BroadcastButton
from bot.presses import toast
from bot.show import keyboard, say, show
from bot.views import batches as batch_views
from bot.views import broadcast as views
from core.batches.batches import Batches, Broadcast, split_title
from core.batches.preview import Rehearsal
from core.batches.watching import Watching
from core.errors import AppError
from core.i18n import N_
from core.model import Account, Card, Channel
from core.updates import storable

FIELDS = {"segment": "segment", "channel": "channel", "title": "is_titled"}  # of a plan, by what changes them
SEPARATORS = str.maketrans("", "", ",.'’ \u00a0\u202f")  # as people write thousands
router = admin_router("broadcast")


class BroadcastDialogue(StatesGroup):
    """The bot has asked what to say, or for the number of people."""

    text = State()
    count = State()


@dataclass(frozen=True, slots=True)
class Plan:
    """What the dialogue has come to, as it is kept. `mark` tells its cards from those of another broadcast."""

    mark: str
    text: str = ""
    is_titled: bool = True
    segment: str = "all"
    channel: str = ""
    preview_id: int = 0

    @property
    def broadcast(self) -> Broadcast:
        """As it would go out."""
        title, rest = split_title(self.text) if self.is_titled else ("", self.text)
        return Broadcast(rest, title, self.segment, Channel(self.channel) if self.channel else None)

    def kept(self) -> dict[str, Any]:
        """As the dialogue keeps it."""
        return {name: getattr(self, name) for name in self.__slots__}


async def plan_of(state: FSMContext, mark: str | None = None) -> Plan:
    """The plan that the dialogue is about; raises `AppError` where the card that was pressed is of another one."""
    kept = await state.get_data()
    plan = Plan(**kept) if kept.keys() == set(Plan.__slots__) else None
    if plan is None or not plan.text or mark not in (None, plan.mark):
        raise AppError(N_("This card is of an earlier broadcast. Begin anew with /broadcast."))
    return plan


# What is said ----------------------------------------------------------------------------------------------


@router.message(Command("broadcast"))
async def broadcast(
    message: Message,
    command: CommandObject,
    state: FSMContext,
    account: Account,
    batches: Batches,
    rehearsal: Rehearsal,
    event_update: Update,
) -> None:
    """/broadcast with a text shows it at once; alone it asks for one."""
    plan = Plan(str(event_update.update_id))
    await state.set_data(plan.kept())
    if command.args:
        await _look(message, replace(plan, text=command.args), state, account, batches, rehearsal)
    else:
        await state.set_state(BroadcastDialogue.text)
        await say(message, views.ask_text())


@router.message(StateFilter(BroadcastDialogue.text), Text())
async def written(
    message: Message, state: FSMContext, account: Account, batches: Batches, rehearsal: Rehearsal
) -> None:
    """What they want to say."""
    plan = Plan(**await state.get_data())
    await _look(message, replace(plan, text=message.text or ""), state, account, batches, rehearsal)


async def _look(
    message: Message, plan: Plan, state: FSMContext, account: Account, batches: Batches, rehearsal: Rehearsal
) -> None:
    """The message as it reads, and below it to whom and how."""
    plan = replace(plan, text=storable(plan.text).strip())
    preview = await say(message, views.preview_card(rehearsal.message(account, plan.broadcast)))
    plan = replace(plan, preview_id=preview.message_id)
    await state.set_state(None)
    await state.set_data(plan.kept())
    await say(message, await _plan_card(plan, batches))


async def _plan_card(plan: Plan, batches: Batches) -> Card:
    return views.plan_card(plan.broadcast, await batches.size(plan.broadcast), plan.mark)


# What can be changed ---------------------------------------------------------------------------------------


@router.callback_query(BroadcastButton.filter(F.action == "plan"))
async def back(query: CallbackQuery, callback_data: BroadcastButton, state: FSMContext, batches: Batches) -> None:
    """The plan again; no number is waited for."""
    plan = await plan_of(state, callback_data.mark)
    await state.set_state(None)
    await show(query, await _plan_card(plan, batches))


@router.callback_query(BroadcastButton.filter(F.action == "to"))
async def to_whom(query: CallbackQuery, callback_data: BroadcastButton, state: FSMContext, batches: Batches) -> None:
    """The segments, each with its size."""
    plan = await plan_of(state, callback_data.mark)
    sizes = await batches.sizes(plan.broadcast.channel)
    await show(query, views.segments_card(sizes, plan.segment, plan.mark))


@router.callback_query(BroadcastButton.filter(F.action == "by"))
async def how(query: CallbackQuery, callback_data: BroadcastButton, state: FSMContext, batches: Batches) -> None:
    """The channels, each with how many of the segment it reaches."""
    plan = await plan_of(state, callback_data.mark)
    sizes = {one: await batches.size(replace(plan.broadcast, channel=one)) for one in views.CHANNELS}
    await show(query, views.channels_card(sizes, plan.broadcast.channel, plan.mark))


@router.callback_query(BroadcastButton.filter(F.action.in_({"segment", "channel", "title"})))
async def change(
    query: CallbackQuery,
    callback_data: BroadcastButton,
    state: FSMContext,
    account: Account,
    batches: Batches,
    rehearsal: Rehearsal,
    bot: Bot,
) -> None:
    """One of these is chosen; the message above is shown as it reads then."""
    before = await plan_of(state, callback_data.mark)
    name, value = FIELDS[callback_data.action], callback_data.value
    chosen: dict[str, Any] = {name: not before.is_titled if name == "is_titled" else value}
    plan = replace(before, **chosen)
    preview = views.preview_card(rehearsal.message(account, plan.broadcast))
    card = await _plan_card(plan, batches)
    await state.set_data(plan.kept())
    if name != "segment":
        await _show_preview(bot, query, plan, preview)
    await show(query, card)


async def _show_preview(bot: Bot, query: CallbackQuery, plan: Plan, card: Card) -> None:
    with suppress(TelegramAPIError):  # it was deleted, or it reads the same
        await bot.edit_message_text(
            card.text, chat_id=query.from_user.id, message_id=plan.preview_id, reply_markup=keyboard(card.buttons)
        )


@router.callback_query(BroadcastButton.filter(F.action == "text"))
async def another_text(query: CallbackQuery, callback_data: BroadcastButton, state: FSMContext) -> None:
    """The next message is the text."""
    await plan_of(state, callback_data.mark)
    await state.set_state(BroadcastDialogue.text)
    await show(query, views.ask_text())


@router.callback_query(BroadcastButton.filter(F.action == "test"))
async def test(
    query: CallbackQuery, callback_data: BroadcastButton, state: FSMContext, account: Account, batches: Batches
) -> None:
    """To whoever writes it alone, by the real engine."""
    plan = await plan_of(state, callback_data.mark)
    await batches.test(account, plan.broadcast, query.id)
    await toast(query, views.tested())


@router.callback_query(BroadcastButton.filter(F.action == "drop"))
async def drop(query: CallbackQuery, callback_data: BroadcastButton, state: FSMContext) -> None:
    """Nothing goes out."""
    await plan_of(state, callback_data.mark)
    await state.clear()
    await show(query, views.dropped())


# Sending ---------------------------------------------------------------------------------------------------


@router.callback_query(BroadcastButton.filter(F.action == "send"))
async def send(query: CallbackQuery, callback_data: BroadcastButton, state: FSMContext, batches: Batches) -> None:
    """Ask for the number of people. A button is pressed too easily."""
    plan = await plan_of(state, callback_data.mark)
    count = await batches.size(plan.broadcast)
    await state.set_state(BroadcastDialogue.count)
    await show(query, views.confirm_card(plan.broadcast, count, plan.mark))


@router.message(StateFilter(BroadcastDialogue.count), Short())
async def confirm(message: Message, state: FSMContext, account: Account, batches: Batches, watching: Watching) -> None:
    """The number of people begins it; any other is asked for again."""
    plan = await plan_of(state)
    typed = (message.text or "").translate(SEPARATORS)
    confirmed = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1
    batch = await batches.create(account, plan.broadcast, key=f"broadcast:{plan.mark}", confirmed=confirmed)
    await state.clear()
    watched = await batches.open(batch.id)
    shown = await say(message, batch_views.batch_card(watched, account.preferences.timezone))
    await watching.watch(account, watched.batch, shown.message_id)


@router.message(StateFilter(BroadcastDialogue.count), Text())
async def idea_instead(message: Message, state: FSMContext) -> None:
    """They have gone on to something else; the plan can still be sent from its card."""
    await state.set_state(None)
    raise SkipHandler
