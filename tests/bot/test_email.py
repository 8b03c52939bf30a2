"""/email and /link in the chat."""

import re

import pytest
from sqlalchemy import select

from storage.tables import notification_deliveries, notifications, verification_codes
from tests.bot.conftest import OTHER, ChatDriver


async def code(chat: ChatDriver) -> str:
    """The code of the newest mail."""
    newest = select(verification_codes.c.id).order_by(verification_codes.c.id.desc()).limit(1)
    async with chat.database.read() as uow:
        return chat.keys.code(await uow.connection.scalar(newest) or 0)


async def mails(chat: ChatDriver) -> list[tuple[str, str]]:
    both = select(notifications.c.kind, notification_deliveries.c.recipient).join_from(
        notifications, notification_deliveries
    )
    async with chat.database.read() as uow:
        rows = await uow.connection.execute(both.where(notification_deliveries.c.delivery_type == "email"))
        return [(row[0], row[1]) for row in rows]


async def test_an_address_is_confirmed_by_the_code_from_its_mailbox(chat: ChatDriver):
    """Asked for, mailed, typed, done."""
    await chat.says("/email Ada@Example.org")
    assert "ada@example.org" in chat.replies[0]
    assert await mails(chat) == [("code", "ada@example.org")]
    await chat.says(f" {(await code(chat))[:3]} {(await code(chat))[3:]} ")
    assert "confirmed" in chat.replies[0]
    assert (await chat.account()).user.email == "ada@example.org"
    await chat.says("/email")
    assert "on, to ada@example.org" in chat.replies[0]


async def test_the_panel_leads_to_an_address_too(chat: ChatDriver):
    """Without a command."""
    await chat.says("/settings")
    await chat.presses("Email")
    await chat.presses("Give an address")
    await chat.says("not an address")
    assert "Example: me@example.org" in chat.replies[0]
    await chat.says("ada@example.org")
    await chat.says(await code(chat))
    assert (await chat.account()).user.email == "ada@example.org"


async def test_a_code_works_where_the_dialogue_is_lost(chat: ChatDriver):
    """Six digits from somebody who owes a code are that code."""
    await chat.says("/email ada@example.org")
    async with chat.database.begin() as uow:
        await uow.dialogues.remove("1001:1001")
    await chat.says(await code(chat))
    assert "confirmed" in chat.replies[0]


async def test_a_number_is_no_idea(chat: ChatDriver):
    """Six digits are a code that nobody waits for any more; others are too little for a post."""
    await chat.says("123 456")
    assert "not waiting for a code" in chat.replies[0]
    await chat.says("2026")
    assert "too short" in chat.replies[0]
    assert chat.writer.briefs == []


async def test_a_wrong_code_may_be_tried_again_until_it_is_locked(chat: ChatDriver):
    """The answer says how often, and for how long it is locked then."""
    await chat.says("/email ada@example.org")
    wrong = f"{(int(await code(chat)) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        await chat.says(wrong)
        assert f"Tries left: {left}" in chat.replies[0]
    await chat.says(wrong)
    assert "60 minutes" in chat.replies[0]
    await chat.says(wrong)
    assert "60 minutes" in chat.replies[0]
    await chat.says("/email ada@example.org")
    assert "60 minutes" in chat.replies[0]
    assert (await chat.account()).user.email is None


async def test_a_short_text_is_no_code_and_a_longer_one_is_an_idea(chat: ChatDriver):
    """An idea that comes in between is not swallowed; the code still works."""
    await chat.says("/email ada@example.org")
    await chat.says("12345")
    assert "six digits" in chat.replies[0]
    await chat.says("We cut our build from ten minutes to one.")
    assert chat.writer.briefs[0].idea == "We cut our build from ten minutes to one."
    await chat.says("1234567")
    assert "six digits" in chat.replies[0]
    await chat.says(await code(chat))
    assert "confirmed" in chat.replies[0]


async def test_the_fourth_code_in_an_hour_is_refused(chat: ChatDriver):
    """With the time to wait."""
    for number in range(3):
        await chat.says(f"/email ada{number}@example.org")
    await chat.says("/email ada3@example.org")
    assert re.search(r"3 codes an hour.*60 minutes", chat.replies[0])
    assert len(await mails(chat)) == 3


async def test_email_is_switched(chat: ChatDriver):
    """Off keeps the address."""
    await chat.says("/email ada@example.org")
    await chat.says(await code(chat))
    await chat.says("/email off")
    assert "off" in chat.replies[0]
    assert not (await chat.account()).preferences.receive_email_notifications
    await chat.says("/email on")
    assert "on, to ada@example.org" in chat.replies[0]


async def test_an_account_moves_to_another_telegram(chat: ChatDriver):
    """Posts and settings come along; the old chat begins anew."""
    await chat.says("/email ada@example.org")
    await chat.says(await code(chat))
    await chat.says("/language fr")
    before = await chat.account()
    await chat.says("/link ada@example.org", user=OTHER)
    await chat.says(await code(chat), user=OTHER)
    assert len(chat.replies) == 1
    moved = await chat.account(OTHER)
    assert (moved.user.id, moved.preferences.language) == (before.user.id, "fr")
    assert ("account_moved", "ada@example.org") in await mails(chat)
    await chat.says("/settings")
    assert (await chat.account()).user.id != before.user.id


@pytest.mark.parametrize("address", ["ada@example.org", "nobody@example.org"])
async def test_link_answers_alike_for_known_and_unknown_addresses(chat: ChatDriver, address: str):
    """Nobody learns who is here."""
    await chat.says("/email ada@example.org")
    await chat.says(await code(chat))
    await chat.says(f"/link {address}", user=OTHER)
    assert chat.replies[0].replace(address, "X").startswith("🔗 If an account of this bot has confirmed X,")
    await chat.says("000000" if await code(chat) != "000000" else "000001", user=OTHER)
    assert "Tries left: 4" in chat.replies[0]
