"""The menu: per language, the admins' own for them alone, and never in the way of the start."""

import asyncio

import pytest
from aiogram.methods import SetMyCommands, SetMyDescription, SetMyShortDescription

from bot import commands
from bot.commands import COMMANDS, nearest_command, register, register_admin
from bot.handlers import ROUTERS
from core.i18n import gettext as _
from core.i18n import speaking
from core.model import LANGUAGES


@pytest.fixture(autouse=True)
def nothing_is_set_yet(chat):
    """Telegram's answers to what is asked before something is set."""
    chat.session._getMyCommands = lambda method: []
    chat.session._getMyDescription = lambda method: {"description": ""}
    chat.session._getMyShortDescription = lambda method: {"short_description": ""}


def calls(chat, kind):
    return [call for call in chat.session.calls if isinstance(call, kind)]


async def test_every_language_gets_its_menu(chat):
    """And English is what every other language sees."""
    await register(chat.bot, [])
    assert [call.language_code for call in calls(chat, SetMyCommands)] == [None, *LANGUAGES]
    assert [call.language_code for call in calls(chat, SetMyDescription)] == [None, *LANGUAGES]
    assert [call.language_code for call in calls(chat, SetMyShortDescription)] == [None, *LANGUAGES]
    for call in calls(chat, SetMyCommands):
        assert call.scope.type == "all_private_chats"
        assert "stats" not in [command.command for command in call.commands]


async def test_admins_see_their_own_commands_too(chat):
    """In their chat only."""
    await register(chat.bot, [42])
    (*_others, last) = calls(chat, SetMyCommands)
    assert (last.scope.type, last.scope.chat_id) == ("chat", 42)
    assert {"stats", "why", "new"} <= {command.command for command in last.commands}


async def test_an_admin_who_has_not_started_the_bot_is_no_error(chat):
    """Telegram refuses it until then; their /start calls again."""
    chat.session.refuse["setMyCommands"] = "Bad Request: chat not found"
    await register_admin(chat.bot, 42)
    assert len(calls(chat, SetMyCommands)) == 1


async def test_what_is_set_already_is_not_set_again(chat):
    """Telegram allows few changes of these a day."""
    chat.session._getMyShortDescription = lambda method: {"short_description": commands.SHORT}
    with speaking("en"):
        await register(chat.bot, [])
    assert {call.language_code for call in calls(chat, SetMyShortDescription)} <= {"es", "fr"}


async def test_an_outage_is_waited_out(chat, monkeypatch):
    """The menu is not worth a failed start."""
    monkeypatch.setattr(commands, "FIRST_PAUSE", 0.01)
    chat.session.refuse["getMyShortDescription"] = ConnectionError()
    async with asyncio.timeout(5):
        await register(chat.bot, [])
    assert len(calls(chat, SetMyShortDescription)) == 1 + len(LANGUAGES)


def test_every_listed_command_is_handled_and_the_other_way_round():
    """A command in the menu that nothing answers would be a lie; one that is missing there would never be found."""
    handled = set()
    for router in ROUTERS:
        for handler in router.message.handlers:
            for found in handler.filters or []:
                handled |= {str(name) for name in getattr(found.callback, "commands", ())}
    assert handled == {command.name for command in COMMANDS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_telegrams_limits_are_kept_in_every_language(language):
    """256 characters of a command's description, 120 and 512 of the bot's."""
    with speaking(language):
        assert all(1 <= len(_(command.description)) <= 256 for command in COMMANDS)
        assert len(_(commands.SHORT)) <= 120
        assert len(_(commands.LONG)) <= 512


@pytest.mark.parametrize(
    ("typed", "is_admin", "meant"),
    [("setings", False, "settings"), ("POSTS", False, "posts"), ("xyzzy", False, None), ("stat", True, "stats"),
     ("stats", False, "start")],
)  # fmt: skip
def test_a_mistyped_command_is_guessed(typed, is_admin, meant):
    """Admins' commands are nobody else's business."""
    assert nearest_command(typed, is_admin=is_admin) == meant
