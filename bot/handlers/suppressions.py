"""/suppressions: look an address up, and lift what is suppressed, for a reason."""

from aiogram import F
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.admins import admin_router
from bot.answers import Text
from bot.callbacks import SuppressionButton
from bot.show import say, show
from bot.views import suppressions as views
from core.errors import AppError
from core.i18n import N_
from core.model import Account
from core.operations.suppressions import SuppressionDesk, check_reason

router = admin_router("suppressions")
LIFTING = "lifting"  # in the dialogue's data: which suppression, and why


class LiftDialogue(StatesGroup):
    """The bot has asked why a suppression is to be lifted."""

    reason = State()


@router.message(Command("suppressions"))
async def suppressions(message: Message, command: CommandObject, account: Account, suppressed: SuppressionDesk) -> None:
    """/suppressions, or with an address."""
    if not command.args:
        await say(message, views.counts_card(await suppressed.counts()))
        return
    await say(message, views.looked_up_card(await suppressed.look_up(command.args), account.preferences.timezone))


@router.callback_query(SuppressionButton.filter(F.action == "list"))
async def counts(query: CallbackQuery, state: FSMContext, suppressed: SuppressionDesk) -> None:
    """Back to the counts; a question for a reason is over."""
    await state.clear()
    await show(query, views.counts_card(await suppressed.counts()))


@router.callback_query(SuppressionButton.filter(F.action == "lift"))
async def ask(
    query: CallbackQuery, callback_data: SuppressionButton, state: FSMContext, suppressed: SuppressionDesk
) -> None:
    """Why?"""
    row = await suppressed.one(callback_data.suppression_id)
    if row is None:
        await show(query, views.lifted_card(None))
        return
    await state.set_state(LiftDialogue.reason)
    await state.set_data({LIFTING: {"id": row.id}})
    await show(query, views.ask_reason(row))


@router.message(StateFilter(LiftDialogue.reason), Text())
async def reason(message: Message, state: FSMContext, suppressed: SuppressionDesk) -> None:
    """The reason; a press confirms it. One that is none is asked for again."""
    said = check_reason(message.text or "")
    lifting = (await state.get_data()).get(LIFTING, {})
    row = await suppressed.one(lifting.get("id", 0))
    if row is None:
        await state.clear()
        await say(message, views.lifted_card(None))
        return
    await state.set_state(None)
    await state.set_data({LIFTING: {"id": row.id, "reason": said}})
    await say(message, views.confirm_card(row, said))


@router.callback_query(SuppressionButton.filter(F.action == "go"))
async def go(
    query: CallbackQuery,
    callback_data: SuppressionButton,
    account: Account,
    state: FSMContext,
    suppressed: SuppressionDesk,
) -> None:
    """Lift it for the reason that was given for this one."""
    lifting = (await state.get_data()).get(LIFTING, {})
    if await suppressed.one(callback_data.suppression_id) is None:
        await show(query, views.lifted_card(None))
        return
    if lifting.get("id") != callback_data.suppression_id or "reason" not in lifting:
        raise AppError(N_("I have lost the reason. Look the address up once more."))
    row = await suppressed.lift(account, callback_data.suppression_id, lifting["reason"])
    await state.clear()
    await show(query, views.lifted_card(row))
