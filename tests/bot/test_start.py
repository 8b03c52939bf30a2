"""The welcome, the help, and leaving dialogues."""

import pytest

from tests.bot.conftest import ADMIN, OTHER, ChatDriver

SPANISH = {"id": 2001, "is_bot": False, "first_name": "Inés", "language_code": "es"}


async def test_start_welcomes_and_asks_where_they_are(chat: ChatDriver):
    """What to do first stands before everything else."""
    await chat.says("/start")
    welcome, question = chat.replies
    assert "Hello Ada" in welcome
    assert "send me an idea" in welcome
    assert "Where are you" in question
    assert "London" in "".join(chat.last.buttons)


@pytest.mark.parametrize("text", ["/start", "/start i_abc-DEF_123", "/start <b>"])
async def test_start_takes_whatever_stands_behind_it(chat: ChatDriver, text: str):
    """A deep link of another day still opens the desk."""
    await chat.says(text)
    assert "Hello Ada" in chat.replies[0]


async def test_a_name_is_shown_as_it_is(chat: ChatDriver):
    """Whoever is called <b> is greeted so."""
    await chat.says("/start", user=OTHER | {"first_name": "<b>Grace & Co"})
    assert "&lt;b&gt;Grace &amp; Co" in chat.replies[0]


async def test_the_guesses_follow_the_language(chat: ChatDriver):
    """A Spanish app is likelier in Madrid than in London."""
    await chat.says("/start", user=SPANISH)
    assert "Madrid" in "".join(chat.last.buttons)


async def test_start_does_not_ask_twice(chat: ChatDriver):
    """Who has said where they are is only welcomed."""
    await chat.says("/start")
    await chat.presses("London")
    await chat.says("/start")
    (welcome,) = chat.replies
    assert "Hello Ada" in welcome


@pytest.mark.parametrize(("person", "sees_admin"), [(OTHER, False), (ADMIN, True)])
async def test_help_has_topics_for_those_they_concern(chat: ChatDriver, person: dict[str, object], sees_admin: bool):
    """Admins see theirs; nobody else does, not even with a forged press."""
    await chat.says("/help", user=person)
    assert any("Writing" in label for label in chat.last.buttons)
    assert any("Admins" in label for label in chat.last.buttons) is sees_admin
    await chat.presses("Reminders", user=person)
    assert "/remind 09:00 mon-fri" in chat.edits[0]
    await chat.presses_data("h:admin", user=person, message=chat.last.raw)
    assert ("/why" in chat.edits[0]) is sees_admin


async def test_every_topic_can_be_read(chat: ChatDriver):
    """Each button leads to a text that names a command."""
    await chat.says("/help", user=ADMIN)
    for label in list(chat.last.buttons):
        await chat.presses(label, user=ADMIN)
        assert "/" in chat.edits[0]


async def test_help_tells_everybody_their_own_id(chat: ChatDriver):
    """Whoever runs the bot needs it for ADMIN_TELEGRAM_IDS and ACCESS_LIST."""
    await chat.says("/help", user=OTHER)
    await chat.presses("Privacy", user=OTHER)
    assert f"id is {OTHER['id']}" in chat.edits[0]


async def test_cancel_says_what_it_has_left(chat: ChatDriver):
    """And where there is nothing to leave, that."""
    await chat.says("/start")
    await chat.says("/cancel")
    assert "timezone" in chat.replies[0]
    await chat.says("/cancel")
    assert "nothing to cancel" in chat.replies[0]


async def test_every_dialogue_has_a_name(chat: ChatDriver):
    """A new group of states must be told to /cancel."""
    from importlib import import_module
    from pkgutil import iter_modules

    from aiogram.fsm.state import StatesGroup

    import bot.handlers
    from bot.views.start import DIALOGUES

    for module in iter_modules(bot.handlers.__path__, "bot.handlers."):
        import_module(module.name)
    groups = {group.__name__ for group in StatesGroup.__subclasses__() if group.__module__.startswith("bot.")}
    assert groups == DIALOGUES.keys()


async def test_cancel_makes_a_code_void(chat: ChatDriver):
    """Six digits are an idea again."""
    await chat.says("/email ada@example.org")
    await chat.says("/cancel")
    assert "address" in chat.replies[0]
    account = await chat.account()
    assert not await chat.desk.verification.is_waiting(account)
