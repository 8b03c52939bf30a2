"""The bot role as a whole: updates in, answers out, whatever the update is."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.role import BotRole
from core.errors import SettingsError
from core.updates import incoming
from tests.bot.conftest import AUTHOR


def say(update_id: int, text: str) -> dict[str, Any]:
    chat = {"id": AUTHOR["id"], "type": "private", "first_name": "Ada"}
    message = {"message_id": update_id, "date": 1, "chat": chat, "from": AUTHOR, "text": text}
    return {"update_id": update_id, "message": message}


@pytest.fixture
def make_role(chat, monkeypatch):
    """A role over the chat's bot; commands are not its subject here."""
    monkeypatch.setattr("bot.role.build_dispatcher", lambda desk: chat.dispatcher)
    chat.session._getMyCommands = lambda method: []
    chat.session._getMyDescription = lambda method: {"description": ""}
    chat.session._getMyShortDescription = lambda method: {"short_description": ""}
    return lambda **more: BotRole(chat.desk, chat.bot, alone=True, **more)


async def running(role: BotRole, until: Any) -> None:
    """Run until the condition holds, then stop."""
    task = asyncio.create_task(role.run())
    async with asyncio.timeout(5):
        while not until() and not task.done():  # noqa: ASYNC110 - the conditions are lists
            await asyncio.sleep(0.01)
        role.stop()
        await task


async def test_polled_updates_are_answered(chat, make_role):
    """From getUpdates to the reply, and marked."""
    batches = [[say(1, "/help")], []]
    chat.session._getUpdates = lambda method: batches.pop(0) if batches else []
    role = make_role()
    assert await role.check() == "Telegram has not answered yet"
    await running(role, lambda: "sendMessage" in chat.calls and not role.intake.in_hand)
    assert await role.check() is None
    chat.clock.now = chat.clock.now.replace(hour=23)
    assert "has not answered for" in str(await role.check())


async def test_in_webhook_mode_telegram_is_told_where_to_call(chat, make_role):
    """With the secret that the web server asks for; updates come through the table."""
    role = make_role(webhook_secret="secret")
    async with chat.database.begin() as uow:
        await uow.updates.add([incoming(say(1, "/help"))], chat.clock())
    await running(role, lambda: {"sendMessage", "setWebhook"} <= set(chat.calls) and not role.intake.in_hand)
    (call,) = [call for call in chat.session.calls if call.__api_method__ == "setWebhook"]
    assert (call.secret_token, call.url.endswith("/api/v1/telegram/callback")) == ("secret", True)
    assert "getUpdates" not in chat.calls
    assert await role.check() is None


async def test_a_webhook_address_that_telegram_refuses_is_a_setting_to_mend(chat, make_role):
    """It would never bring an update."""
    chat.session.refuse["setWebhook"] = "Bad Request: bad webhook: HTTPS url must be provided"
    with pytest.raises(ExceptionGroup) as caught:
        await running(make_role(webhook_secret="secret"), lambda: False)
    assert caught.group_contains(SettingsError, match="PUBLIC_URL")


async def test_an_update_of_a_shape_that_nobody_knows_is_passed_over(chat, make_role):
    """One of them must not come again and again. Its content is not logged."""
    with capture_logs() as logs:
        await make_role().handle({"update_id": 1, "message": {"text": "private words"}})
    assert logs[0]["kinds"] == ["message"]
    assert "private words" not in str(logs)


async def test_a_kind_of_update_from_the_future_is_passed_over(chat, make_role):
    """A newer Bot API than our library's. A warning of the library's would print all of it."""
    await make_role().handle({"update_id": 1, "telepathy": {"text": "x"}})
    assert chat.calls == []


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (say(1, "x"), [AUTHOR["id"]]),
        ({"update_id": 1, "callback_query": {"from": AUTHOR, "id": "1"}}, [AUTHOR["id"]]),
        ({"update_id": 1, "message": {"chat": {"id": -5, "type": "group"}, "from": AUTHOR}}, []),
        ({"update_id": 1, "inline_query": {"from": AUTHOR}}, []),
    ],
)
async def test_what_is_given_up_gets_an_apology_where_somebody_waits(chat, make_role, payload, told):
    """In their language."""
    await make_role().give_up(payload)
    assert [call.chat_id for call in chat.session.calls] == told
