"""/batches: what goes out to many, and what has; pause, resume, cancel."""

from aiogram import F
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.admins import admin_router
from bot.callbacks import BatchButton
from bot.presses import toast
from bot.show import say, show
from bot.views import batches as views
from core.batches.batches import Batches
from core.batches.watching import Watching
from core.model import Account

router = admin_router("batches")


@router.message(Command("batches"))
async def batches_list(message: Message, account: Account, batches: Batches) -> None:
    """All of them, newest first."""
    await say(message, views.list_card(await batches.list(), account.preferences.timezone))


@router.callback_query(BatchButton.filter(F.action == "list"))
async def turn(
    query: CallbackQuery, callback_data: BatchButton, account: Account, batches: Batches, watching: Watching
) -> None:
    """A page of them, in the place of what was shown."""
    await _look_away(query, account, watching)
    await show(query, views.list_card(await batches.list(callback_data.page), account.preferences.timezone))


@router.callback_query(BatchButton.filter(F.action == "open"))
async def open_one(
    query: CallbackQuery, callback_data: BatchButton, account: Account, batches: Batches, watching: Watching
) -> None:
    """One of them; while something moves in it, the card follows."""
    await _open(query, callback_data.batch_id, account, batches, watching)


@router.callback_query(BatchButton.filter(F.action == "pause"))
async def pause(
    query: CallbackQuery, callback_data: BatchButton, account: Account, batches: Batches, watching: Watching
) -> None:
    """The emergency brake works at once. It is undone by Resume."""
    batch = await batches.pause(account, callback_data.batch_id)
    await _open(query, batch.id, account, batches, watching)
    await toast(query, views.said(batch))


@router.callback_query(BatchButton.filter(F.action.in_({"ask_resume", "ask_cancel"})))
async def ask(
    query: CallbackQuery, callback_data: BatchButton, account: Account, batches: Batches, watching: Watching
) -> None:
    """What can't be taken back is asked for first."""
    watched = await batches.open(callback_data.batch_id)
    if not watched.batch.is_open:
        await _open(query, callback_data.batch_id, account, batches, watching)
        return
    await _look_away(query, account, watching)
    card = views.resume_card if callback_data.action == "ask_resume" else views.cancel_card
    await show(query, card(watched))


@router.callback_query(BatchButton.filter(F.action.in_({"resume", "cancel"})))
async def settle(
    query: CallbackQuery, callback_data: BatchButton, account: Account, batches: Batches, watching: Watching
) -> None:
    """Go on with it, or cancel it for good."""
    move = batches.resume if callback_data.action == "resume" else batches.cancel
    batch = await move(account, callback_data.batch_id)
    await _open(query, batch.id, account, batches, watching)
    await toast(query, views.said(batch))


async def _open(query: CallbackQuery, batch_id: int, account: Account, batches: Batches, watching: Watching) -> None:
    watched = await batches.open(batch_id)
    await show(query, views.batch_card(watched, account.preferences.timezone))
    if query.message:
        await watching.watch(account, watched.batch, query.message.message_id)


async def _look_away(query: CallbackQuery, account: Account, watching: Watching) -> None:
    """The message is to show something else: nothing must be written over it."""
    if query.message:
        await watching.unwatch(account, query.message.message_id)
