"""/settings, and the commands that set one thing: /telegram, /quiet, /language."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import SettingsButton
from bot.show import say, show
from bot.views import settings as panel
from bot.views import words
from core.accounts.preferences import PreferenceBook, nothing_reaches
from core.errors import AppError
from core.i18n import N_, speaking
from core.model import LANGUAGES, Account, Channel, ConversationStyle, Tone
from core.ports import Clock
from core.rendering.telegram_text import escape
from core.timerules import WEEK
from core.timewords import parse_switch, shown

router = Router(name="settings")


def _time(value: str) -> Any:
    return datetime.strptime(value, "%H%M").time()


def _days(value: str) -> tuple[int, ...]:
    days = tuple(sorted({int(digit) for digit in value}))
    if not days or not set(days) <= set(WEEK):
        raise ValueError(value)
    return days


def _quiet(value: str) -> dict[str, Any]:
    start, end = (None, None) if value == "off" else map(_time, value.split("-"))
    return {"quiet_hours_start": start, "quiet_hours_end": end}


def _language(value: str) -> str:
    return LANGUAGES[LANGUAGES.index(value)]


def _one(field: str, read: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    return lambda value: {field: read(value)}


def _switch(value: str) -> bool:
    return {"1": True, "0": False}[value]


VALUES: dict[str, Callable[[str], dict[str, Any]]] = {
    "email": _one("receive_email_notifications", _switch),
    "telegram": _one("receive_telegram_notifications", _switch),
    "remind": _one("daily_reminder_enabled", _switch),
    "time": _one("daily_reminder_time", _time),
    "days": _one("daily_reminder_days", _days),
    "channel": _one("daily_reminder_channel", Channel),
    "quiet": _quiet,
    "language": _one("language", _language),
    "style": _one("conversation_style", ConversationStyle),
    "tone": _one("tone", Tone),
}


def changes_of(button: SettingsButton) -> dict[str, Any]:
    """What a press sets; `AppError` for what no button of ours says."""
    try:
        return VALUES[button.name](button.value)
    except (LookupError, ValueError):
        raise panel.no_such_button() from None


@router.message(Command("settings"))
async def settings(message: Message, account: Account, clock: Clock) -> None:
    """The panel."""
    await say(message, panel.card("main", account, clock()))


@router.callback_query(SettingsButton.filter(F.panel != "address"))
async def press(
    query: CallbackQuery, callback_data: SettingsButton, account: Account, preferences: PreferenceBook, clock: Clock
) -> None:
    """Set a value and show the part of the panel it stands on, in the place of the one before."""
    if callback_data.name:
        account = await preferences.change(account, changes_of(callback_data))
    with speaking(account.preferences.language):
        await show(query, panel.card(callback_data.panel, account, clock()))


@router.message(Command("telegram"))
async def telegram(
    message: Message, command: CommandObject, account: Account, preferences: PreferenceBook, clock: Clock
) -> None:
    """/telegram on|off; alone it shows what is set, with buttons."""
    if not command.args:
        await say(message, panel.card("telegram", account, clock()))
        return
    is_on = switch(command, "/telegram off")
    account = await preferences.change(account, {"receive_telegram_notifications": is_on})
    inbox = "\n" + words.only_inbox() if nothing_reaches(account) else ""
    await say(message, escape(words.telegram(account) + inbox))


def switch(command: CommandObject, example: str) -> bool:
    """What stands behind a command that takes on or off."""
    is_on = parse_switch(command.args or "")
    if is_on is None:
        values = {"text": shown(command.args or ""), "example": example}
        raise AppError(N_("“{text}” is neither on nor off. Example: {example}"), values)
    return is_on


@router.message(Command("quiet"))
async def quiet(
    message: Message, command: CommandObject, account: Account, preferences: PreferenceBook, clock: Clock
) -> None:
    """/quiet 22:00-07:00 or off; alone it shows what is set, with buttons."""
    if not command.args:
        await say(message, panel.card("quiet", account, clock()))
        return
    account = await preferences.quiet(account, command.args)
    await say(message, escape(words.quiet(account)))


@router.message(Command("language"))
async def language(
    message: Message, command: CommandObject, account: Account, preferences: PreferenceBook, clock: Clock
) -> None:
    """/language es; alone it offers the three."""
    if not command.args:
        await say(message, panel.card("language", account, clock()))
        return
    account = await preferences.language(account, command.args)
    with speaking(account.preferences.language):
        await say(message, escape(words.language(account)))
