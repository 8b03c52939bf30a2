"""Keeping an approved post for a date."""

from contextlib import suppress

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import DraftButton
from bot.presses import settle
from bot.show import keyboard, say, show
from bot.views.drafts import date_card, kept, locked_card, post_card, words
from core.errors import AppError, NotFound
from core.i18n import gettext as _
from core.model import Account, PostState, PostView
from core.ports import Clock
from core.posts.drafts import Drafts
from core.posts.keeping import Keeping
from core.posts.posts import Stale
from core.rendering.telegram_text import escape

router = Router(name="dates")
WORDS = 6  # "el viernes a las 18:30"; more is an idea that came in between


def is_short(text: str) -> bool:
    """Whether a text may be a date."""
    return not text.startswith("/") and "\n" not in text and len(text.split()) <= WORDS


class KeepDate(StatesGroup):
    """Waiting for the date of a post."""

    waiting = State()


@router.callback_query(DraftButton.filter((F.action == "keep") & (F.argument == "")))
async def ask_for_date(
    query: CallbackQuery, callback_data: DraftButton, drafts: Drafts, account: Account, state: FSMContext, clock: Clock
) -> None:
    """🕓 asks when, and takes a tap or a text for an answer."""
    view = await drafts.view(account, callback_data.post_id)
    if view.post.state is not PostState.APPROVED:
        return await settle(query, account, drafts.view(account, callback_data.post_id), words(Stale(view)))
    await state.set_state(KeepDate.waiting)
    await state.set_data({"post_id": view.post.id, "card_id": query.message.message_id if query.message else None})
    return await show(query, date_card(view, account, clock()))


@router.callback_query(DraftButton.filter(F.action == "keep"))
async def keep(
    query: CallbackQuery, callback_data: DraftButton, keeping: Keeping, account: Account, state: FSMContext
) -> None:
    """A suggested date was tapped."""
    press = keeping.keep(account, callback_data.post_id, callback_data.argument)
    await settle(query, account, press, _("Kept. I'll send it to you then."))
    await state.clear()


@router.callback_query(DraftButton.filter(F.action == "unkeep"))
async def unkeep(query: CallbackQuery, callback_data: DraftButton, keeping: Keeping, account: Account) -> None:
    """Kept for no date any more."""
    await settle(query, account, keeping.unkeep(account, callback_data.post_id), _("It is kept for no date now."))


@router.message(KeepDate.waiting, F.text.func(is_short))
async def read_date(message: Message, keeping: Keeping, account: Account, state: FSMContext, bot: Bot) -> None:
    """The date as the author typed it; one that can't be read is asked for again."""
    asked = await state.get_data()
    try:
        view = await keeping.keep(account, asked["post_id"], message.text or "")
    except (Stale, NotFound) as refusal:
        await say(message, locked_card(refusal.view, words(refusal)) if isinstance(refusal, Stale) else words(refusal))
    except AppError as refusal:
        await say(message, escape(f"{words(refusal)}\n{_('/cancel leaves it as it is.')}"))
        return
    else:
        await _confirm(message, bot, asked["card_id"], view, account)
    await state.clear()


async def _confirm(message: Message, bot: Bot, card_id: int | None, view: PostView, account: Account) -> None:
    """The card that asked shows the post again, and a word says until when it is kept."""
    card = post_card(view, account)
    with suppress(TelegramAPIError):  # gone, or too old to be edited
        await bot.edit_message_text(
            card.text, chat_id=message.chat.id, message_id=card_id, reply_markup=keyboard(card.buttons)
        )
    await say(message, kept(view, account))
