"""/remind and the buttons of a reminder."""

from datetime import date

import pytest
from sqlalchemy import select

from core import buttons
from storage.tables import notification_deliveries
from tests.bot.conftest import ChatDriver, Shown


async def scheduled(chat: ChatDriver) -> list[str]:
    """The times (UTC) at which reminders are to come again."""
    rows = select(notification_deliveries.c.scheduled_at, notification_deliveries.c.status)
    async with chat.database.read() as uow:
        return [f"{row[0]:%H:%M} {row[1]}" for row in await uow.connection.execute(rows)]


async def reminder(chat: ChatDriver) -> Shown:
    """A reminder's card as it stands in the chat."""
    await chat.says("/remind 09:00 daily")
    message_id = chat.session.keep_card(1001, "⏰ Time for a post", None)
    return chat.session.messages[message_id]


async def test_a_reminder_is_set_by_a_command(chat: ChatDriver):
    """The answer names the next one, so that a mistake is seen."""
    await chat.says("/timezone Europe/Paris")
    await chat.says("/remind 9:30 mon-fri telegram")
    assert "09:30, Mon–Fri, by Telegram" in chat.replies[0]
    assert "Tue" in chat.replies[0]  # it is 10:00 in Paris on Monday
    await chat.says("/remind")
    assert any("15 min" in label for label in chat.last.buttons)


async def test_draft_now_asks_for_the_idea(chat: ChatDriver):
    """And the next text is one, however short."""
    card = await reminder(chat)
    await chat.presses_data(buttons.reminder("draft", "20260302"), message=card.raw)
    assert "What is it about?" in chat.replies[0]
    await chat.says("Remote work")
    assert chat.writer.briefs[0].idea == "Remote work"


async def test_snooze_comes_again_in_an_hour_once(chat: ChatDriver):
    """A double tap is one snooze."""
    card = await reminder(chat)
    for _tap in range(2):
        await chat.presses_data(buttons.reminder("snooze", "20260302"), message=card.raw)
    assert "again at" in chat.last.text
    assert chat.last.buttons == {}
    assert await scheduled(chat) == ["10:00 pending"]


async def test_skip_calls_the_day_off(chat: ChatDriver):
    """Also what was snoozed; the card names the next reminder."""
    card = await reminder(chat)
    await chat.presses_data(buttons.reminder("snooze", "20260302"), message=card.raw)
    await chat.presses_data(buttons.reminder("skip", "20260302"), message=card.raw)
    assert "Skipped for today. Next: Tue" in chat.edits[0]
    assert await scheduled(chat) == ["10:00 cancelled"]


@pytest.mark.parametrize("day", ["20260101", "20991231"])
async def test_an_old_reminder_cant_be_snoozed(chat: ChatDriver, day: str):
    """The alert says how to change the daily one."""
    await chat.presses_data(buttons.reminder("snooze", day))
    assert "another day" in chat.alerts[0]


@pytest.mark.parametrize("data", ["r:snooze:yesterday", "r:skip:", "r:snooze:20261399"])
async def test_a_forged_day_is_answered(chat: ChatDriver, data: str):
    """And nothing is queued."""
    await chat.presses_data(data)
    assert "no longer works" in chat.alerts[0]
    assert await scheduled(chat) == []


def test_a_buttons_day_is_a_date():
    """As core writes it on the card."""
    from bot.callbacks import ReminderButton
    from bot.handlers.reminders import day_of

    assert day_of(ReminderButton.unpack(buttons.reminder("skip", f"{date(2026, 3, 2):%Y%m%d}"))) == date(2026, 3, 2)
