"""Who may come in, as newcomers and admins see it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core import buttons
from core.model import Access, Kind
from core.settings import Settings
from storage.tables import notification_deliveries, notifications
from tests.bot.conftest import ADMIN, AUTHOR, OTHER, ChatDriver


@pytest.fixture
def settings() -> Settings:
    return Settings.model_construct(admin_telegram_ids=[ADMIN["id"]], access="approve")


async def told(chat: ChatDriver, kind: Kind) -> list[str]:
    """The chats that were told."""
    both = select(notification_deliveries.c.recipient).join_from(notifications, notification_deliveries)
    async with chat.database.read() as uow:
        rows = await uow.connection.execute(both.where(notifications.c.kind == kind))
        return [row[0] for row in rows]


async def test_a_newcomer_waits_until_an_admin_presses_allow(chat: ChatDriver):
    """Asked once, told once; then everything works."""
    await chat.says("/start", user=ADMIN)
    for _message in range(2):
        await chat.says("/start")
        assert "admin has to let you in" in chat.replies[0]
    assert await told(chat, Kind.ACCESS_REQUEST) == ["9001"]
    user_id = (await chat.account()).user.id
    await chat.presses_data(buttons.access("allow", user_id), user=ADMIN)
    assert "Ada may use this bot" in chat.last.text
    assert await told(chat, Kind.ACCESS_DECIDED) == ["1001"]
    await chat.says("/start")
    assert "Hello Ada" in chat.replies[0]


async def test_a_second_press_shows_what_was_decided(chat: ChatDriver):
    """Allow after Deny does not let anybody in."""
    await chat.says("/start")
    user_id = (await chat.account()).user.id
    await chat.presses_data(buttons.access("deny", user_id), user=ADMIN)
    await chat.presses_data(buttons.access("allow", user_id), user=ADMIN)
    assert "may not use this bot" in chat.last.text
    assert "decided before" in chat.last.text
    assert "add 1001 to ACCESS_LIST" in chat.last.text
    assert (await chat.account()).user.access is Access.DENIED
    await chat.says("/start")
    assert "private" in chat.replies[0]
    assert "your id: 1001" in chat.replies[0]
    await chat.says("/start")
    assert chat.replies == []


async def test_nobody_else_decides(chat: ChatDriver):
    """Neither the newcomer nor an author who was let in."""
    await chat.says("/start")
    await chat.says("/start", user=OTHER)
    grace, ada = (await chat.account(OTHER)).user.id, (await chat.account()).user.id
    await chat.presses_data(buttons.access("allow", grace), user=ADMIN)
    for person, user_id in ((AUTHOR, ada), (OTHER, ada)):
        await chat.presses_data(buttons.access("allow", user_id), user=person)
        assert (await chat.account()).user.access is Access.REQUESTED


async def test_a_name_cant_dress_up_the_card(make_chat: Callable[..., ChatDriver]):
    """It is shown as it is."""
    chat = make_chat()
    eve = OTHER | {"first_name": "<a href='x'>Eve</a>"}
    await chat.says("/start", user=eve)
    await chat.presses_data(buttons.access("allow", (await chat.account(OTHER)).user.id), user=ADMIN)
    assert "&lt;a href" in chat.last.text
