"""/remind, and the buttons of a reminder."""

from datetime import date, datetime

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.callbacks import ReminderButton
from bot.handlers.ideas import NewIdea
from bot.show import say, send, show
from bot.views import reminders as views
from bot.views import settings as panel
from bot.views import words
from core.accounts.preferences import PreferenceBook
from core.accounts.reminders import Reminders
from core.model import Account
from core.ports import Clock
from core.rendering.telegram_text import escape

router = Router(name="reminders")


@router.message(Command("remind"))
async def remind(
    message: Message, command: CommandObject, account: Account, preferences: PreferenceBook, clock: Clock
) -> None:
    """/remind 09:00 mon-fri email, or off; alone it shows what is set, with buttons."""
    if not command.args:
        await say(message, panel.card("reminder", account, clock()))
        return
    account = await preferences.remind(account, command.args)
    await say(message, escape(words.reminder(account)))


def day_of(button: ReminderButton) -> date:
    """The local date that a reminder was for."""
    try:
        return datetime.strptime(button.day, "%Y%m%d").date()
    except ValueError:
        raise panel.no_such_button() from None


@router.callback_query(ReminderButton.filter(F.action == "draft"))
async def draft_now(query: CallbackQuery, state: FSMContext) -> None:
    """Ask for the idea; the next text is one."""
    await state.set_state(NewIdea.waiting)
    await send(query, views.ask_for_idea())


@router.callback_query(ReminderButton.filter(F.action == "snooze"))
async def snooze(query: CallbackQuery, callback_data: ReminderButton, account: Account, reminders: Reminders) -> None:
    """Once more in an hour; the card that was pressed is done with."""
    pressed = str(query.message.message_id) if query.message else callback_data.day
    again = await reminders.snooze(account, day_of(callback_data), pressed)
    await show(query, views.snoozed(again, account.preferences.timezone))


@router.callback_query(ReminderButton.filter(F.action == "skip"))
async def skip(query: CallbackQuery, callback_data: ReminderButton, account: Account, reminders: Reminders) -> None:
    """Nothing more today."""
    following = await reminders.skip(account, day_of(callback_data))
    await show(query, views.skipped(following, account.preferences.timezone))
