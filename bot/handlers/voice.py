"""/voice: past posts as samples of the author's voice. And voice notes, which are ideas where the writer can listen."""

from io import BytesIO

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Document, Message, Update
from aiogram.types import Voice as VoiceNote

from bot.callbacks import VoiceButton
from bot.handlers.ideas import draft
from bot.presses import toast
from bot.progress import Typing
from bot.show import say, send, show, source_key
from bot.views.voice import forget_all_card, heard, how_to_add, sample_card, voice_card
from core.errors import AppError
from core.i18n import N_
from core.i18n import gettext as _
from core.model import Account
from core.posts.drafts import Drafts
from core.posts.voice import MAX_FILE, MAX_NOTE, Voice, decode_file

router = Router(name="voice")
TEXT_FILES = (".txt", ".md")


class Samples(StatesGroup):
    """Waiting for posts the author wrote before."""

    waiting = State()


@router.message(Command("voice"), F.document)
@router.message(Samples.waiting, F.document)
async def learn_file(message: Message, voice: Voice, account: Account, state: FSMContext, bot: Bot) -> None:
    """Posts from a file."""
    assert message.document is not None  # the filter says so
    _check_file(message.document)
    text = decode_file(await _download(bot, message.document, MAX_FILE, TOO_LARGE_FILE))
    await _learn(message, text, voice, account, state)


@router.message(Command("voice"))
async def samples(message: Message, command: CommandObject, voice: Voice, account: Account, state: FSMContext) -> None:
    """What is kept, and the question for more; or a post right behind the command."""
    if command.args:
        await _learn(message, command.args, voice, account, state)
        return
    await say(message, voice_card(await voice.samples(account)))
    await _ask(state)
    await say(message, how_to_add())


@router.message(Samples.waiting, F.text & ~F.text.startswith("/"))
async def learn_text(message: Message, voice: Voice, account: Account, state: FSMContext) -> None:
    """Posts that were pasted."""
    await _learn(message, message.text or "", voice, account, state)


@router.callback_query(VoiceButton.filter(F.action == "add"))
async def ask_for_more(query: CallbackQuery, state: FSMContext) -> None:
    """➕ asks for more."""
    await _ask(state)
    await send(query, how_to_add())


@router.callback_query(VoiceButton.filter(F.action == "list"))
async def back_to_list(query: CallbackQuery, voice: Voice, account: Account) -> None:
    """⬅️ from one sample, or from the question."""
    await show(query, voice_card(await voice.samples(account)))


@router.callback_query(VoiceButton.filter(F.action == "show"))
async def show_sample(query: CallbackQuery, callback_data: VoiceButton, voice: Voice, account: Account) -> None:
    """One sample whole."""
    await show(query, sample_card(await voice.sample(account, callback_data.sample_id)))


@router.callback_query(VoiceButton.filter(F.action == "ask_all"))
async def ask_before_forgetting(query: CallbackQuery, voice: Voice, account: Account) -> None:
    """There is no undo for this, so it is asked first."""
    kept = await voice.samples(account)
    await show(query, forget_all_card(len(kept)) if kept else voice_card(kept))


@router.callback_query(VoiceButton.filter(F.action.in_({"forget", "forget_all"})))
async def forget(query: CallbackQuery, callback_data: VoiceButton, voice: Voice, account: Account) -> None:
    """One sample, or all."""
    one = callback_data.sample_id if callback_data.action == "forget" else None
    await show(query, voice_card(await voice.forget(account, one)))
    await toast(query, _("Deleted."))


@router.message(F.voice)
async def voice_note(
    message: Message, voice: Voice, drafts: Drafts, account: Account, bot: Bot, event_update: Update
) -> None:
    """What was said is an idea, where the writer can listen."""
    assert message.voice is not None  # the filter says so
    voice.check_can_hear()
    async with Typing(bot=bot, chat_id=message.chat.id):
        audio = await _download(bot, message.voice, MAX_NOTE, TOO_LARGE_NOTE)
        text = await voice.transcribe(account, audio, "note.ogg")
    await say(message, heard(text))
    await draft(message, text, drafts, account, bot, source_key(event_update))


async def _ask(state: FSMContext) -> None:
    await state.set_state(Samples.waiting)


async def _learn(message: Message, text: str, voice: Voice, account: Account, state: FSMContext) -> None:
    """Keep the posts and close the question: the next text is an idea again."""
    await say(message, voice_card(await voice.learn(account, text), learned=True))
    await state.clear()


def _check_file(document: Document) -> None:
    if not (document.file_name or "").lower().endswith(TEXT_FILES):
        raise AppError(N_("I read .txt and .md files. Save your posts as plain text, or paste them here."))


async def _download(bot: Bot, file: Document | VoiceNote, limit: int, refusal: str) -> bytes:
    """The file's bytes; one that is too large is refused before it is fetched where Telegram says its size."""
    if (file.file_size or 0) > limit:
        raise AppError(refusal)
    try:
        content = await bot.download(file, destination=BytesIO())
    except TelegramBadRequest as error:  # Telegram hands out no more than 20 MB to a bot
        raise AppError(refusal) from error
    data = content.getvalue() if isinstance(content, BytesIO) else b""
    if len(data) > limit:
        raise AppError(refusal)
    return data


TOO_LARGE_FILE = N_("That file is larger than 256 KB. Send the posts in parts, or paste them.")
TOO_LARGE_NOTE = N_("That recording is larger than 20 MB, which is what bots may fetch. Send a shorter one.")
