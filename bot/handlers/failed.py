"""/failed and /retry: dead letters by cause, and trying one, those of a cause, or all of them again."""

from time import monotonic

from aiogram import Bot, F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.admins import admin_router
from bot.callbacks import FailedButton, RetryButton, RetryOneButton, fingerprint
from bot.presses import toast
from bot.progress import Typing
from bot.show import say, show
from bot.views import failed as views
from core.i18n import gettext as _
from core.model import Account
from core.model.dead_letters import Which
from core.operations.asking import delivery_number, parse_which
from core.operations.dead_letters import DeadLetters
from core.ports import Clock

EVERY = 2.0  # seconds between two words about how far it has come
router = admin_router("failed")


@router.message(Command("failed"))
async def failed(message: Message, account: Account, dead_letters: DeadLetters) -> None:
    """What deliveries died of."""
    await say(message, views.causes_card(await dead_letters.causes(), 1, account.preferences.timezone))


@router.callback_query(FailedButton.filter(F.action == "list"))
async def causes(
    query: CallbackQuery, callback_data: FailedButton, account: Account, dead_letters: DeadLetters
) -> None:
    """A page of the causes."""
    found = await dead_letters.causes()
    await show(query, views.causes_card(found, callback_data.page, account.preferences.timezone))


@router.callback_query(FailedButton.filter(F.action == "cause"))
async def of_a_cause(
    query: CallbackQuery, callback_data: FailedButton, account: Account, dead_letters: DeadLetters
) -> None:
    """A page of the dead letters of one cause; where it is gone, the causes that are left."""
    found = await dead_letters.causes()
    which = views.named(callback_data, found)
    cause = next((one for one in found if which.holds(one)), None)
    if cause is None:
        await show(query, views.causes_card(found, 1, account.preferences.timezone))
        return
    page = await dead_letters.of(which, callback_data.page)
    await show(query, views.cause_card(cause, page, account.preferences.timezone))


@router.message(Command("retry"))
async def retry(
    message: Message, command: CommandObject, bot: Bot, account: Account, dead_letters: DeadLetters, clock: Clock
) -> None:
    """/retry 12, /retry all, or what they died of, a channel, a provider, since when: shows what that would come to."""
    if not command.args:
        await say(message, views.how_to())
        return
    found = await dead_letters.causes()
    delivery_id = delivery_number(command.args, but={one.error_code for one in found})
    if delivery_id is not None:
        one, fate = await dead_letters.one(delivery_id)
        await say(message, views.one_card(one, fate, account.preferences.timezone))
        return
    which = parse_which(command.args, found, clock().replace(microsecond=0), account.preferences.timezone)
    async with Typing(bot=bot, chat_id=message.chat.id):
        preview = await dead_letters.preview(which)
    await say(message, views.preview_card(which, preview, _go(which)))


@router.callback_query(RetryButton.filter(F.action == "ask"))
async def ask(query: CallbackQuery, callback_data: RetryButton, dead_letters: DeadLetters, clock: Clock) -> None:
    """What trying the dead letters of a cause again would come to."""
    until = callback_data.model_copy(update={"until": int(clock().timestamp())})
    which = views.named(until, await dead_letters.causes())
    await show(query, views.preview_card(which, await dead_letters.preview(which), _go(which)))


@router.callback_query(RetryButton.filter(F.action == "go"))
async def go(query: CallbackQuery, callback_data: RetryButton, account: Account, dead_letters: DeadLetters) -> None:
    """Try them again. What has died since the preview was not in it, and is left alone: a second press does nothing."""
    found = await dead_letters.causes()
    which = views.named(callback_data, found)
    await toast(query, _("On it."))
    total = sum(one.count for one in found if which.holds(one))
    told = monotonic()

    async def progress(done: int) -> None:
        nonlocal told
        if monotonic() - told >= EVERY:
            told = monotonic()
            await show(query, views.retrying_card(done, total))

    await show(query, views.retried_card(await dead_letters.retry(account, which, progress)))


@router.callback_query(RetryOneButton.filter(F.action == "ask"))
async def ask_one(
    query: CallbackQuery, callback_data: RetryOneButton, account: Account, dead_letters: DeadLetters
) -> None:
    """One dead letter: may it be tried again?"""
    one, fate = await dead_letters.one(callback_data.delivery_id)
    await show(query, views.one_card(one, fate, account.preferences.timezone))


@router.callback_query(RetryOneButton.filter(F.action == "go"))
async def go_one(
    query: CallbackQuery, callback_data: RetryOneButton, account: Account, dead_letters: DeadLetters
) -> None:
    """Try it again."""
    fate = await dead_letters.retry_one(account, callback_data.delivery_id)
    await show(query, views.one_retried_card(callback_data.delivery_id, fate))


def _go(which: Which) -> RetryButton:
    return RetryButton(
        action="go",
        code="" if which.error_code is None else fingerprint(which.error_code),
        channel=which.channel,
        provider="" if which.provider is None else fingerprint(which.provider),
        since=int(which.since.timestamp()) if which.since else 0,
        until=int(which.until.timestamp()) if which.until else 0,
    )
