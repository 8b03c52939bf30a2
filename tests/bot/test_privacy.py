"""/export and /forget in the chat."""

import json
from datetime import timedelta

from tests.bot.conftest import OTHER, ChatDriver


async def test_an_export_is_a_json_file(chat: ChatDriver):
    """With the user's words in it, under the day's name."""
    await chat.says("Our café cut its waste by 40 % in spring.")
    await chat.says("/export")
    sent = chat.session.calls[-1]
    assert sent.document.filename == "postrider-2026-03-02.json"
    found = json.loads(b"".join([piece async for piece in sent.document.read(chat.bot)]))
    assert found["posts"][0]["idea"] == "Our café cut its waste by 40 % in spring."
    assert found["users"][0]["telegram_id"] == 1001


async def test_forget_erases_after_a_confirmation(chat: ChatDriver):
    """Nothing before it, everything after; /start begins anew, and nobody else is touched."""
    await chat.says("An idea of Grace's about testing.", user=OTHER)
    await chat.says("An idea of Ada's about engines.")
    before = await chat.account()
    await chat.says("/forget")
    assert (await chat.account()).user.id == before.user.id
    await chat.presses("Erase everything")
    assert "Everything is erased" in chat.edits[0]
    async with chat.database.read() as uow:
        assert await uow.users.by_telegram(1001) is None
    await chat.account(OTHER)
    await chat.says("/start")
    assert (await chat.account()).user.public_id != before.user.public_id


async def test_an_old_confirmation_erases_nothing(chat: ChatDriver):
    """Ten minutes, then /forget must be sent again."""
    await chat.says("/forget")
    chat.clock.now += timedelta(minutes=11)
    await chat.presses("Erase everything")
    assert "/forget again" in chat.alerts[0]
    await chat.account()


async def test_a_forged_confirmation_erases_nothing(chat: ChatDriver):
    """Valid until the end of all calendars."""
    await chat.says("/start")
    await chat.presses_data(f"f:erase:{2**63 - 1}")
    assert "no longer works" in chat.alerts[0]
    await chat.account()


async def test_keeping_it_keeps_it(chat: ChatDriver):
    """The question goes away."""
    await chat.says("/forget")
    await chat.presses("Keep it")
    assert "Nothing was erased" in chat.edits[0]
    assert chat.last.buttons == {}
    await chat.account()


async def test_a_dialogue_is_forgotten_too(chat: ChatDriver):
    """What had been asked is not waited for any more."""
    await chat.says("/email ada@example.org")
    await chat.says("/forget")
    await chat.presses("Erase everything")
    async with chat.database.read() as uow:
        assert await uow.dialogues.get("1001:1001") == (None, {})
