"""The table of commands, and how Telegram learns it: per language, with the admins' own for them alone."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNotFound
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
)

from core.i18n import N_, speaking
from core.i18n import gettext as _
from core.model import LANGUAGES

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0  # seconds between tries
ALIKE = 0.6  # how close a mistyped command must be to be guessed
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A command as the menu shows it."""

    name: str
    description: str
    admins_only: bool = False


COMMANDS = (
    Listed("new", N_("Turn an idea into a draft")),
    Listed("posts", N_("Your posts: find, filter, go on")),
    Listed("voice", N_("Teach me how you write")),
    Listed("settings", N_("All settings in one place")),
    Listed("preferences", N_("What reaches you: which way, how often, when")),
    Listed("email", N_("Your email address, on or off")),
    Listed("phone", N_("Your number, for SMS and WhatsApp")),
    Listed("telegram", N_("Drafts and reminders in this chat, on or off")),
    Listed("push", N_("Notifications in a browser or on a phone")),
    Listed("remind", N_("A daily reminder to post")),
    Listed("quiet", N_("Hours in which I keep quiet")),
    Listed("timezone", N_("Where your day begins")),
    Listed("language", N_("English, español, français")),
    Listed("log", N_("What was delivered, and what was not")),
    Listed("inbox", N_("Messages kept for you here")),
    Listed("link", N_("Move your account to this chat")),
    Listed("export", N_("All your data as a file")),
    Listed("forget", N_("Erase all your data")),
    Listed("help", N_("How it works, by topic")),
    Listed("cancel", N_("Leave what I asked you")),
    Listed("start", N_("Begin here")),
    Listed("stats", N_("Admin: how it goes, in figures"), admins_only=True),
    Listed("failed", N_("Admin: what was not delivered, by cause"), admins_only=True),
    Listed("retry", N_("Admin: send what was lost again"), admins_only=True),
    Listed("why", N_("Admin: what happened to a delivery"), admins_only=True),
    Listed("broadcast", N_("Admin: tell many people something"), admins_only=True),
    Listed("batches", N_("Admin: what goes out to many"), admins_only=True),
    Listed("providers", N_("Admin: who carries messages, how well, at what price"), admins_only=True),
    Listed("suppressions", N_("Admin: addresses that are left alone"), admins_only=True),
    Listed("audit", N_("Admin: who changed what"), admins_only=True),
    Listed("templates", N_("Admin: the texts of messages"), admins_only=True),
)
SHORT = N_("Drafts LinkedIn posts from your ideas, and gets them approved with one tap.")
LONG = N_(
    "Send me an idea in a sentence or two. I draft a LinkedIn post, you approve it with one tap, and it reaches you "
    "here and by email, whenever you want it."
)


def nearest_command(typed: str, *, is_admin: bool) -> str | None:
    """The command that somebody probably meant, without its slash."""
    names = [command.name for command in COMMANDS if is_admin or not command.admins_only]
    found = get_close_matches(typed.casefold(), names, n=1, cutoff=ALIKE)
    return found[0] if found else None


async def register(bot: Bot, admins: Iterable[int]) -> None:
    """Tell Telegram everything, however long it takes. Run it beside the program: nothing waits for it."""
    await _patiently(lambda: _register_commands(bot, BotCommandScopeAllPrivateChats(), with_admins=False))
    for admin in admins:
        await _patiently(lambda admin=admin: register_admin(bot, admin))  # type: ignore[misc]
    await _patiently(lambda: _register_texts(bot))


async def register_admin(bot: Bot, telegram_id: int) -> None:
    """The admin's own menu. It fails before their first /start: nothing is lost, that will call it again."""
    try:
        await _register_commands(bot, BotCommandScopeChat(chat_id=telegram_id), with_admins=True)
    except (TelegramBadRequest, TelegramForbiddenError):
        log.info("an admin has not started the bot yet, or has blocked it")


async def _register_commands(bot: Bot, scope: BotCommandScopeUnion, *, with_admins: bool) -> None:
    for language, code in _languages():
        with speaking(language):
            wanted = [
                BotCommand(command=one.name, description=_(one.description))
                for one in COMMANDS
                if with_admins or not one.admins_only
            ]
        await bot.set_my_commands(wanted, scope=scope, language_code=code)


async def _register_texts(bot: Bot) -> None:
    """Only what differs is written: Telegram allows few changes of these a day."""
    for language, code in _languages():
        with speaking(language):
            short, long = _(SHORT), _(LONG)
        if (await bot.get_my_short_description(language_code=code)).short_description != short:
            await bot.set_my_short_description(short, language_code=code)
        if (await bot.get_my_description(language_code=code)).description != long:
            await bot.set_my_description(long, language_code=code)


def _languages() -> list[tuple[str, str | None]]:
    """Language and the code Telegram files it under; English stands also for every language that we don't have."""
    return [(LANGUAGES[0], None), *((language, language) for language in LANGUAGES)]


async def _patiently(work: Callable[[], Awaitable[None]]) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            return await work()
        except TelegramNotFound:
            log.warning("this Bot API server does not know a method for menus and texts, going without")
            return None
        except Exception as error:
            log.warning("the menu of commands could not be set, trying on", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
