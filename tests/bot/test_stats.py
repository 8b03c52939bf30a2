"""/stats: a picture and a few lines below it, which turn to another period in place."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.model import Channel, DeliveryStatus
from core.rendering.telegram_text import CAPTION_UNITS, html_units
from tests.bot.conftest import ADMIN, OTHER, ChatDriver
from tests.records import Records

S = DeliveryStatus
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def records(chat: ChatDriver) -> Records:
    """Mailgun reports what arrived, SMTP does not. Ten deliveries of today, one of six days ago."""
    records = Records(chat.database)
    await records.provider("mailgun", Channel.EMAIL, "reports_arrival")
    await records.provider("smtp", Channel.EMAIL)
    now = chat.clock.now
    cost = {"cost_per_message": Decimal("0.0125"), "currency": "USD"}
    cost |= {"created_at": now - timedelta(seconds=2), "sent_at": now}
    for status in (S.DELIVERED, S.READ, S.DELIVERED, S.BOUNCED):
        await records.delivery("mailgun", Channel.EMAIL, status, **cost)
    for status in (S.SENT, S.SENT, S.PENDING, S.FAILED):
        await records.delivery("smtp", Channel.EMAIL, status)
    await records.delivery(None, Channel.SMS, S.SUPPRESSED)
    await records.delivery("mailgun", Channel.EMAIL, S.UNKNOWN)
    await records.delivery("mailgun", Channel.EMAIL, S.READ, created_at=now - timedelta(days=6))
    return records


async def test_today_in_words_and_as_a_picture(chat: ChatDriver, records: Records) -> None:
    """Of the eleven deliveries that can be counted by hand above."""
    await chat.says("/stats", user=ADMIN)
    (said,) = chat.replies
    assert "Today (UTC)" in said
    assert "Deliveries: 10" in said
    assert "waiting 2 · failed 2, see /failed · not to be sent 1" in said
    assert "Success: 75% delivered or read, of 4 by providers that report it · by others 3" in said
    assert "half within 2 s, 95 of 100 within 2 s" in said
    assert "Costs: 0.05 USD" in said
    assert "People: 1, 1 new, 0 have blocked the bot" in said
    assert html_units(said) <= CAPTION_UNITS
    assert chat.session.pictures[0].startswith(PNG)


async def test_another_period_in_the_same_message(chat: ChatDriver, records: Records) -> None:
    """And back; the button of the period that is shown is marked."""
    await chat.says("/stats", user=ADMIN)
    shown = chat.last
    assert [*shown.buttons] == ["• Today", "7 days", "30 days"]
    await chat.presses("7 days", user=ADMIN, on=shown)
    assert (chat.last.message_id, chat.calls) == (shown.message_id, ["editMessageMedia", "answerCallbackQuery"])
    assert "Deliveries: 11" in chat.last.text
    assert [*chat.last.buttons] == ["Today", "• 7 days", "30 days"]
    assert len(chat.session.pictures) == 2
    await chat.presses("Today", user=ADMIN)
    assert "Deliveries: 10" in chat.last.text


async def test_a_press_on_a_card_that_is_gone_shows_it_anew(chat: ChatDriver) -> None:
    """Cards older than two days can't be edited."""
    await chat.presses_data("st:30d", user=ADMIN)
    assert "No deliveries in this time." in chat.last.text
    assert "sendPhoto" in chat.calls


async def test_a_period_behind_the_command(chat: ChatDriver) -> None:
    """In several words; what is no period is refused with examples."""
    await chat.says("/stats 30d", user=ADMIN)
    assert "30 days (UTC)" in chat.replies[0]
    await chat.says("/stats semaine", user=ADMIN)
    assert "7 days (UTC)" in chat.replies[0]
    await chat.says("/stats 3 years", user=ADMIN)
    assert "/stats 7d" in chat.replies[0]


async def test_others_have_no_stats(chat: ChatDriver) -> None:
    """Neither the command nor its buttons, whatever data they make up."""
    await chat.says("/stats", user=OTHER)
    assert "I don't know /stats" in chat.replies[0]
    await chat.presses_data("st:7d", user=OTHER)
    assert "no longer works" in chat.alerts[0]
    await chat.presses_data("st:century", user=ADMIN)
    assert "no longer works" in chat.alerts[0]
    assert chat.session.pictures == []
