"""/why: what became of a delivery, or of what was sent to somebody."""

from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.admins import admin_router
from bot.callbacks import WhyButton
from bot.show import say, show
from bot.views.why import correspondence_card, story_card
from core.errors import AppError
from core.i18n import N_
from core.model import Account
from core.operations.asking import delivery_number
from core.operations.stories import Stories

router = admin_router("why")


@router.message(Command("why"))
async def why(message: Message, command: CommandObject, account: Account, stories: Stories) -> None:
    """/why 12, or an address, a number, a @name, a public id."""
    asked, timezone = (command.args or "").strip(), account.preferences.timezone
    if not asked:
        raise AppError(N_("Which delivery, or whose? Examples: /why 12, /why ada@example.org, /why @ada"))
    delivery_id = delivery_number(asked)
    if delivery_id is not None:
        await say(message, story_card(await stories.of(delivery_id), 1, timezone))
        return
    await say(message, correspondence_card(await stories.about(asked), timezone))


@router.callback_query(WhyButton.filter())
async def turn(query: CallbackQuery, callback_data: WhyButton, account: Account, stories: Stories) -> None:
    """Another page of a story, or another story."""
    story = await stories.of(callback_data.delivery_id)
    await show(query, story_card(story, callback_data.page, account.preferences.timezone))
