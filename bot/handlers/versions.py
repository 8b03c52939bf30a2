"""New versions: the directions of ♻️, the author's own words, and edits by reply."""

from collections.abc import Awaitable
from contextlib import suppress

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, ForceReply, Message, Update

from bot.callbacks import DraftButton
from bot.presses import settle, toast
from bot.progress import Progress, second_try
from bot.replies import ReplyToCard
from bot.show import keyboard, say, show, source_key
from bot.views.drafts import locked_card, newer_below, post_card, version_card, words
from core.cards import directions_card, writing_card
from core.errors import AppError
from core.i18n import gettext as _
from core.model import Account, Card, PostView
from core.posts.drafts import Drafts, NotWritten
from core.posts.posts import OPEN, Stale
from core.posts.writing import Direction
from core.rendering.telegram_text import escape

router = Router(name="versions")
TEXT = F.text & ~F.text.startswith("/")


class OwnWords(StatesGroup):
    """Waiting for the author to say what to change."""

    waiting = State()


@router.callback_query(DraftButton.filter(F.action == "directions"))
async def directions(query: CallbackQuery, callback_data: DraftButton, drafts: Drafts, account: Account) -> None:
    """♻️ asks what the next version should do differently."""
    view = await drafts.view(account, callback_data.post_id, callback_data.version)
    if view.post.state in OPEN and view.version.number:
        return await show(query, directions_card(view))
    return await settle(query, account, drafts.view(account, callback_data.post_id), words(Stale(view)))


@router.callback_query(DraftButton.filter(F.action == "write"))
async def write(
    query: CallbackQuery, callback_data: DraftButton, drafts: Drafts, account: Account, event_update: Update
) -> None:
    """A direction was chosen: the card shows that it is being written, and then the new version."""
    direction, seen = wish_of(callback_data.argument)
    if direction is None:
        return await toast(query, _("This button no longer works. Send /help to see what does."))

    async def writing(note: str = "") -> None:
        with suppress(TelegramAPIError):  # the text matters more than the news of it
            await show(query, writing_card(note=note))

    press = drafts.regenerate(
        account,
        callback_data.post_id,
        from_version=callback_data.version,
        direction=direction,
        source_key=source_key(event_update),
        seen=seen,
        on_start=writing,
        on_retry=lambda: writing(second_try()),
    )
    return await _show_written(query, callback_data.post_id, drafts, account, press)


async def _show_written(
    query: CallbackQuery, post_id: int, drafts: Drafts, account: Account, press: Awaitable[PostView]
) -> None:
    try:
        await show(query, await _written(drafts, account, await press))
    except (Stale, NotWritten) as refusal:
        await show(query, post_card(refusal.view, account, words(refusal)))
        await toast(query, words(refusal))
    except AppError:
        raise  # nothing was begun: the card is as it was
    except Exception:
        await show(query, post_card(await drafts.view(account, post_id), account))
        raise


@router.callback_query(DraftButton.filter(F.action == "own"))
async def ask_for_own_words(
    query: CallbackQuery, callback_data: DraftButton, drafts: Drafts, account: Account, bot: Bot, state: FSMContext
) -> None:
    """💬 asks what to change, in the author's own words."""
    view = await drafts.view(account, callback_data.post_id, callback_data.version)
    if view.post.state not in OPEN:
        return await settle(query, account, drafts.view(account, callback_data.post_id), words(Stale(view)))
    _direction, seen = wish_of(callback_data.argument)
    card_id = query.message.message_id if query.message else None
    asked = {"post_id": view.post.id, "version": view.version.number, "seen": seen, "card_id": card_id}
    await state.set_state(OwnWords.waiting)
    await state.set_data(asked)
    question = _(
        "What should I change? Reply in your own words, or /cancel. Example: shorter, as a list, without emoji"
    )
    reply = ForceReply(input_field_placeholder=_("What should I change?"))
    await bot.send_message(query.from_user.id, escape(question), reply_markup=reply)
    return None


@router.message(ReplyToCard(), TEXT)
async def edit(message: Message, post_id: int, card_id: int, drafts: Drafts, account: Account, bot: Bot) -> None:
    """A reply to a draft card is the author's own text for it. The new card arrives as a delivery."""
    try:
        view = await drafts.edit(account, post_id, message.text or "")
    except Stale as stale:
        await say(message, locked_card(stale.view, words(stale)))
        return
    await _point_below(bot, message.chat.id, card_id, view)


@router.message(OwnWords.waiting, TEXT)
async def own_words(
    message: Message, drafts: Drafts, account: Account, bot: Bot, state: FSMContext, event_update: Update
) -> None:
    """What to change, in the author's own words. The new card arrives as a delivery; the question stays open until
    then, so that a crash between loses nothing."""
    asked = await state.get_data()
    try:
        async with Progress(bot, message.chat.id) as progress:
            view = await drafts.regenerate(
                account,
                asked["post_id"],
                from_version=asked["version"],
                direction=Direction.OWN,
                instruction=message.text or "",
                source_key=source_key(event_update),
                seen=asked["seen"],
                in_place=False,
                on_retry=progress.retrying,
            )
    except (Stale, NotWritten) as refusal:
        await say(message, post_card(refusal.view, account, words(refusal)))
    else:
        await _point_below(bot, message.chat.id, asked["card_id"], view)
    await state.clear()


async def _point_below(bot: Bot, chat_id: int, card_id: int | None, view: PostView) -> None:
    """The old card only points to the new one, so that one card is alive. It still says which post it is."""
    with suppress(TelegramAPIError):  # gone, or too old to be edited
        pointer = keyboard(newer_below(view))
        await bot.edit_message_reply_markup(chat_id=chat_id, message_id=card_id, reply_markup=pointer)


async def _written(drafts: Drafts, account: Account, view: PostView) -> Card:
    if view.post.state not in OPEN:  # approved or deleted while it was being written
        return post_card(view, account)
    return version_card(*await drafts.compare(account, view.post.id, view.version.number), account)


def wish_of(argument: str) -> tuple[Direction | None, int | None]:
    """The direction on a button, and how many versions there were when it was shown (None: the card's own number)."""
    name, _dot, latest = argument.partition(".")
    direction = Direction(name) if name in set(Direction) else None
    return direction, int(latest) if latest.isdecimal() else None
