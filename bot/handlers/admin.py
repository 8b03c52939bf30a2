"""/stats and /why. Whoever is no admin gets the answer to a command that doesn't exist."""

from aiogram import Bot, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import Message

from bot.admins import IsAdmin
from bot.commands import register_admin
from bot.show import say
from bot.views import admin as views
from core.delivery.operations import Operations
from core.errors import AppError
from core.i18n import N_
from core.model import Account

router = Router(name="admin")


@router.message(CommandStart(), IsAdmin())
async def admin_arrives(message: Message, bot: Bot) -> None:
    """Their menu can be set from now on; the welcome is everybody's."""
    await register_admin(bot, message.chat.id)
    raise SkipHandler


@router.message(Command("why"), IsAdmin())
async def why(message: Message, command: CommandObject, operations: Operations, account: Account) -> None:
    """What happened to a delivery."""
    number = (command.args or "").strip().removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise AppError(N_("Which delivery? Its number stands in /log and in the logs. Example: /why 12"))
    await say(message, views.story_card(await operations.why(int(number)), account.preferences.timezone))
