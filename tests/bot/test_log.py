"""/log and /inbox in the chat, and trying a dead letter again."""

from typing import Any

import pytest

from core.delivery.outbox import notify
from core.model import Channel, DeliveryStatus, Kind
from tests.bot.authoring import IDEA, now
from tests.bot.conftest import OTHER, ChatDriver
from tests.unit.outbox import queued, set_delivery


async def tell(
    chat: ChatDriver,
    key: str,
    kind: Kind,
    channel: Channel,
    content: dict[str, Any],
    post_id: int | None = None,
) -> None:
    """What the person in front of the chat was told by a channel that took it."""
    async with chat.database.begin() as uow:
        (delivery,) = await notify(
            uow,
            await chat.account(),
            kind,
            key=key,
            now=chat.clock.now,
            keys=chat.keys,
            post_id=post_id,
            content=content,
            channels=(channel,),
        )
    await set_delivery(chat.database, delivery.id, status=DeliveryStatus.DELIVERED)


async def a_dead_letter(chat: ChatDriver) -> None:
    await chat.says(IDEA)
    failed = {"status": DeliveryStatus.FAILED, "error_code": "chat_not_found", "provider_name": "telegram"}
    await set_delivery(chat.database, 1, attempts=4, retry_count=3, failed_at=chat.clock.now, **failed)


async def test_an_empty_log_and_an_empty_inbox(chat: ChatDriver) -> None:
    """Both say so."""
    await chat.says("/log")
    assert "Nothing was sent yet" in chat.replies[0]
    await chat.says("/inbox")
    assert "Nothing here" in chat.replies[0]


async def test_a_dead_letter_is_tried_again(chat: ChatDriver) -> None:
    """The log says why it failed; the button goes when it has done its work."""
    await a_dead_letter(chat)
    await chat.says("/log")
    shown = chat.last
    assert "a draft · #1 · " in shown.text
    assert "Telegram: ❌ failed: the chat can't be found" in shown.text
    await chat.presses("Retry 1", on=shown)
    assert "on its way again" in chat.alerts[0]
    assert now(chat, shown).buttons == {}
    assert len(await queued(chat.database, "pending")) == 1
    await chat.presses("Retry 1", on=shown)
    assert "on its way again" in chat.alerts[0]


async def test_retry_on_the_list_of_posts(chat: ChatDriver) -> None:
    """The other buttons stay."""
    await a_dead_letter(chat)
    await chat.says("/posts")
    shown = chat.last
    await chat.presses("Retry 1", on=shown)
    assert list(now(chat, shown).buttons) == [label for label in shown.buttons if "Retry" not in label]


async def test_what_was_not_lost_isn_t_sent_again(chat: ChatDriver) -> None:
    """Nor is somebody else's."""
    await chat.says(IDEA)
    await set_delivery(chat.database, 1, status=DeliveryStatus.DELIVERED)
    await chat.presses_data("v:retry:1")
    assert "nothing to send again" in chat.alerts[0]
    await chat.presses_data("v:retry:1", user=OTHER)
    assert "no such delivery" in chat.alerts[0]
    assert await queued(chat.database, "pending") == []


async def test_the_log_has_pages(chat: ChatDriver) -> None:
    """Of eight, the newest first."""
    await chat.says("/log")
    for number in range(9):
        await tell(chat, f"message:{number}", Kind.MESSAGE, Channel.TELEGRAM, {"subject": "", "text": str(number)})
    await chat.says("/log")
    shown = chat.last
    assert "<b>8.</b>" in shown.text
    assert "<b>9.</b>" not in shown.text
    await chat.presses("›", on=shown)
    assert "<b>9.</b>" in now(chat, shown).text


async def test_the_inbox_reads_as_it_was_written(chat: ChatDriver) -> None:
    """Escaped; and its pages turn."""
    await chat.says("/inbox")
    for number in range(9):
        await tell(
            chat, f"message:{number}", Kind.MESSAGE, Channel.IN_APP, {"subject": "Hi", "text": f"R&D <{number}>"}
        )
    await chat.says("/inbox")
    shown = chat.last
    assert "Hi R&amp;D &lt;8&gt;" in shown.text
    await chat.presses("›", on=shown)
    assert "R&amp;D &lt;0&gt;" in now(chat, shown).text


async def test_a_post_in_the_inbox_can_be_opened(chat: ChatDriver) -> None:
    """A kept text that neither chat nor mail could take."""
    await chat.says(IDEA)
    await tell(chat, "post:1:kept:1", Kind.KEPT, Channel.IN_APP, {"version": 1}, post_id=1)
    await chat.says("/inbox")
    assert "Time to post this" in chat.replies[0]
    await chat.presses("Open 1")
    assert "first text 1" in chat.replies[0]


@pytest.mark.parametrize("kind", [Kind.CODE, Kind.DRAFT])
async def test_what_can_t_be_read_is_named_at_least(chat: ChatDriver, kind: Kind) -> None:
    """A code is for the mailbox only; a post may have been erased."""
    await chat.says("/inbox")
    await tell(chat, "odd:1", kind, Channel.IN_APP, {"version": 1, "verification_id": 1, "purpose": "email"})
    await chat.says("/inbox")
    assert {Kind.CODE: "a confirmation code", Kind.DRAFT: "a draft"}[kind] in chat.replies[0]
