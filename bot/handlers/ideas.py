"""An idea, from /new or just a message, becomes a draft. Its card arrives as a delivery."""

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, Update

from bot.progress import Progress
from bot.show import say, source_key
from bot.views.drafts import post_card, words
from core.i18n import gettext as _
from core.model import Account
from core.posts.drafts import Drafts, NotWritten
from core.rendering.telegram_text import escape

router = Router(name="ideas")


class NewIdea(StatesGroup):
    """Waiting for an idea."""

    waiting = State()


@router.message(Command("new"))
async def new(
    message: Message,
    command: CommandObject,
    state: FSMContext,
    drafts: Drafts,
    account: Account,
    bot: Bot,
    event_update: Update,
) -> None:
    """/new with an idea drafts it; alone it asks for one."""
    if command.args:
        await state.clear()
        await draft(message, command.args, drafts, account, bot, source_key(event_update))
    else:
        await ask_for_idea(message, state)


@router.message(F.text & ~F.text.startswith("/"))
async def idea(
    message: Message,
    state: FSMContext,
    drafts: Drafts,
    account: Account,
    bot: Bot,
    event_update: Update,
    raw_state: str | None = None,
) -> None:
    """A plain text message is an idea."""
    await draft(message, message.text or "", drafts, account, bot, source_key(event_update))
    if raw_state == NewIdea.waiting.state:
        await state.clear()


async def ask_for_idea(message: Message, state: FSMContext) -> None:
    """Ask for an idea; whatever comes next is one."""
    await state.set_state(NewIdea.waiting)
    question = _(
        "What is the post about? A sentence or two is enough, with the facts you want in it. /cancel leaves.\n"
        "Example: We cut our release time from 2 weeks to 1 day by deleting half of our tests"
    )
    await say(message, escape(question))


async def draft(message: Message, text: str, drafts: Drafts, account: Account, bot: Bot, key: str) -> None:
    """Write the draft while the chat shows "typing". A writer that gives up leaves the idea and a button."""
    try:
        async with Progress(bot, message.chat.id) as progress:
            await drafts.start(account, text, source_key=key, on_retry=progress.retrying)
    except NotWritten as failure:
        await say(message, post_card(failure.view, account, words(failure)))
