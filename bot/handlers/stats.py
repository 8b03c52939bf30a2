"""/stats: how it goes, in words and as a chart."""

from aiogram import Bot
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from aiogram.utils.chat_action import ChatActionSender

from bot.admins import admin_router
from bot.callbacks import StatsButton
from bot.charts import chart
from bot.show import say_picture, show_picture
from bot.views.stats import stats_caption
from core.operations.figures import FiguresDesk, parse_period

router = admin_router("stats")


@router.message(Command("stats"))
async def stats(message: Message, command: CommandObject, bot: Bot, figures: FiguresDesk) -> None:
    """/stats [today|7d|30d]."""
    overview = await figures.overview(parse_period(command.args or ""))
    async with ChatActionSender.upload_photo(chat_id=message.chat.id, bot=bot):
        await say_picture(message, await chart(overview), stats_caption(overview))


@router.callback_query(StatsButton.filter())
async def other_period(query: CallbackQuery, callback_data: StatsButton, figures: FiguresDesk) -> None:
    """Another period, or the same anew, in the place of the one before."""
    overview = await figures.overview(callback_data.period)
    await show_picture(query, await chart(overview), stats_caption(overview))
