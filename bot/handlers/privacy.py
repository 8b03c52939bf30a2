"""/export and /forget."""

from datetime import UTC, datetime

from aiogram import Bot, F, Router
from aiogram.enums import ChatAction
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot.callbacks import ForgetButton
from bot.show import say, show
from bot.views import privacy as views
from core.accounts.privacy import Privacy
from core.model import Account
from core.ports import Clock

LARGEST = 50_000_000  # bytes that Telegram takes from a bot

router = Router(name="privacy")


@router.message(Command("export"))
async def export(message: Message, account: Account, privacy: Privacy, clock: Clock, bot: Bot) -> None:
    """A JSON file with everything."""
    await bot.send_chat_action(message.chat.id, ChatAction.UPLOAD_DOCUMENT)
    content = bytearray()
    async for piece in privacy.export(account):
        content += piece.encode()
        if len(content) > LARGEST:
            await say(message, views.too_large())
            return
    file = BufferedInputFile(bytes(content), f"postrider-{clock():%Y-%m-%d}.json")
    await message.answer_document(file, caption=views.exported())


@router.message(Command("forget"))
async def forget(message: Message, privacy: Privacy) -> None:
    """Ask before anything is erased."""
    await say(message, views.ask(privacy.erase_until()))


@router.callback_query(ForgetButton.filter(F.action == "erase"))
async def erase(
    query: CallbackQuery, callback_data: ForgetButton, account: Account, privacy: Privacy, state: FSMContext
) -> None:
    """Everything goes, the dialogue too."""
    await privacy.erase(account, datetime.fromtimestamp(callback_data.until, UTC))
    await state.clear()
    await show(query, views.erased())


@router.callback_query(ForgetButton.filter())
async def keep(query: CallbackQuery) -> None:
    """Nothing is erased."""
    await show(query, views.kept())
