"""/failed and /retry in the chat: causes, the dead letters of one, a preview, and trying again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.callbacks import RetryButton, fingerprint
from core.model import Channel, DeliveryStatus
from storage.tables import audit_log, notification_deliveries
from tests.bot.conftest import ADMIN, OTHER, ChatDriver
from tests.records import Records

S = DeliveryStatus
SMS = Channel.SMS


@pytest.fixture
async def records(chat: ChatDriver) -> Records:
    """Seven texts that Twilio was away for, one mail that came back, and one text that arrived."""
    chat.person = dict(ADMIN)
    records = Records(chat.database)
    twilio = {"error_code": "unavailable", "recipient": "+14155550123", "failed_at": chat.clock.now}
    for _ in range(7):
        await records.delivery("twilio", SMS, S.FAILED, **twilio)
    await records.delivery("mailgun", Channel.EMAIL, S.BOUNCED, error_code="mailbox_full", failed_at=chat.clock.now)
    await records.delivery("twilio", SMS, S.DELIVERED)
    return records


async def statuses(chat: ChatDriver) -> list[str]:
    async with chat.database.read() as uow:
        rows = select(notification_deliveries.c.status).order_by(notification_deliveries.c.id)
        return list(await uow.connection.scalars(rows))


async def noted(chat: ChatDriver) -> list[str]:
    async with chat.database.read() as uow:
        return list(await uow.connection.scalars(select(audit_log.c.action)))


async def test_nothing_is_dead(chat: ChatDriver) -> None:
    """Said, not shown as an empty list."""
    await chat.says("/failed", user=ADMIN)
    assert "no delivery has given up" in chat.replies[0]


async def test_causes_and_the_dead_letters_of_one(chat: ChatDriver, records: Records) -> None:
    """Opened by a press, in pages, back by another; the number is not shown whole."""
    await chat.says("/failed")
    (said,) = chat.replies
    assert "Dead letters</b> · 8" in said
    assert "<b>1.</b> SMS by twilio: the provider is not answering (unavailable)\n   7, the newest" in said
    assert "<b>2.</b> email by mailgun: the mailbox is full (mailbox_full)\n   1, the newest" in said
    shown = chat.last
    await chat.presses("1", on=shown)
    assert "SMS by twilio</b> · 7" in chat.last.text
    assert "<b>#7</b> a message · Mon, Mar 2, 09:00 · +14…23" in chat.last.text
    assert "+14155550123" not in chat.last.text
    await chat.presses("›")
    assert "<b>#2</b>" in chat.last.text
    await chat.presses("Dead letters")
    assert chat.last.text == said
    assert chat.last.message_id == shown.message_id


async def test_all_of_a_cause_are_tried_again(chat: ChatDriver, records: Records) -> None:
    """After a preview and a press; pressed again, nothing more happens."""
    late = {"error_code": "unavailable", "expires_at": chat.clock.now}
    await records.delivery("twilio", SMS, S.FAILED, **late)
    await chat.says("/failed")
    await chat.presses("1")
    await chat.presses("Retry all 8")
    assert "will be tried again: 7\n· too late to be sent: 1" in chat.last.text
    assert await statuses(chat) == ["failed"] * 7 + ["bounced", "delivered", "failed"]
    preview = chat.last
    await chat.presses("Retry 7")
    assert "Queued again: 7" in chat.last.text
    assert "too late to be sent: 1" in chat.last.text
    assert await statuses(chat) == ["pending"] * 7 + ["bounced", "delivered", "failed"]
    await chat.presses("Retry 7", on=preview)
    assert "Queued again: 0" in chat.last.text
    assert await noted(chat) == ["deliveries.retried"] * 2


async def test_a_preview_goes_back_without_doing_anything(chat: ChatDriver, records: Records) -> None:
    """To the causes."""
    await chat.says("/retry all")
    assert "will be tried again: 8" in chat.last.text
    await chat.presses("Dead letters")
    assert "Dead letters</b> · 8" in chat.last.text
    assert await noted(chat) == []


@pytest.mark.parametrize(
    ("asked", "count", "meaning"),
    [("all", 8, "all of them"), ("sms", 7, "SMS"), ("mailbox_full", 1, "mailbox_full"), ("mailgun", 1, "by mailgun"),
     ("twilio unavailable since 2h", 7, "since Mon, Mar 2, 07:00 UTC")],
)  # fmt: skip
async def test_a_filter_behind_the_command(
    chat: ChatDriver, records: Records, asked: str, count: int, meaning: str
) -> None:
    """What it means is said before anything is done; the button carries it."""
    await chat.says(f"/retry {asked}")
    assert f"will be tried again: {count}" in chat.last.text
    assert meaning in chat.last.text
    await chat.presses(f"Retry {count}")
    assert f"Queued again: {count}." in chat.last.text
    assert (await statuses(chat)).count("pending") == count


async def test_how_to_say_which(chat: ChatDriver, records: Records) -> None:
    """Alone the command shows examples; what is not understood is refused with some."""
    await chat.says("/retry")
    assert "<code>/retry twilio since 2h</code>" in chat.replies[0]
    await chat.says("/retry sendgrid")
    assert "/retry twilio since 2h" in chat.replies[0]
    assert await noted(chat) == []


async def test_one_is_tried_again(chat: ChatDriver, records: Records) -> None:
    """By its number, or from the list; asked first, and done once."""
    await chat.says("/retry 8")
    assert "Retry delivery 8?" in chat.last.text
    assert "the mailbox is full" in chat.last.text
    await chat.presses("🔁 Retry")
    assert "Delivery 8 is on its way again." in chat.last.text
    assert await noted(chat) == ["delivery.retried"]
    await chat.says("/retry #8")
    assert "nothing to send again" in chat.replies[0]
    await chat.says("/retry 99")
    assert "no delivery 99" in chat.replies[0]
    await chat.says("/failed")
    await chat.presses("1")
    await chat.presses("🔁 #7")
    assert "Retry delivery 7?" in chat.last.text


async def test_what_can_t_be_tried_again_says_why(chat: ChatDriver, records: Records) -> None:
    """And has no button for it."""
    async with chat.database.begin() as uow:
        hashed = chat.keys.address_hash("email", "reader@example.org")
        await uow.suppressions.add("email", hashed, "bounced", chat.clock.now)
    await chat.says("/retry 8")
    assert "Its address must not be used" in chat.last.text
    assert not any("Retry" in label for label in chat.last.buttons)
    await chat.presses_data("ro:go:8")
    assert "Its address must not be used" in chat.last.text
    await chat.says("/retry mailgun")
    assert "There is nothing to retry" in chat.last.text


async def test_a_cause_that_is_gone_shows_what_is_left(chat: ChatDriver, records: Records) -> None:
    """Somebody else was quicker."""
    await chat.says("/failed")
    causes = chat.last
    chat.clock.now += timedelta(seconds=1)
    await chat.says("/retry mailgun")
    await chat.presses("Retry 1")
    await chat.presses("2", on=causes)
    assert "Dead letters</b> · 7" in chat.last.text
    gone = RetryButton(action="go", code=fingerprint("nothing died of this"), until=2**31).pack()
    await chat.presses_data(gone)
    assert "nothing left to retry" in chat.last.text


async def test_others_have_no_dead_letters(chat: ChatDriver, records: Records) -> None:
    """Commands and buttons are unknown to them."""
    for command in ("/failed", "/retry all", "/retry 1"):
        await chat.says(command, user=OTHER)
        assert f"I don't know {command.split()[0]}" in chat.replies[0]
    for data in ("fa:list:1:::", "rt:ask:::::", "rt:go:::::4102444800", "ro:ask:1", "ro:go:1"):
        await chat.presses_data(data, user=OTHER)
        assert "no longer works" in chat.alerts[0]
    assert await noted(chat) == []


def test_the_longest_button_fits() -> None:
    """64 bytes are what Telegram takes."""
    print_of = fingerprint("x" * 50)
    button = RetryButton(
        action="ask", code=print_of, channel=Channel.WHATSAPP, provider=print_of, since=2**32 - 1, until=2**32 - 1
    )
    assert len(button.pack()) <= 64
