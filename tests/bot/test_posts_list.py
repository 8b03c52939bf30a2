"""/posts in the chat: pages, states, words, and how each post was delivered."""

from datetime import timedelta

import pytest

from bot.callbacks import PostsButton
from core.model import DeliveryStatus
from tests.bot.authoring import IDEA, a_card, now, post
from tests.bot.conftest import OTHER, ChatDriver
from tests.unit.outbox import set_delivery


async def test_an_empty_shelf_says_what_to_do(chat: ChatDriver) -> None:
    """The first thing a newcomer may try."""
    await chat.says("/posts")
    assert "Send me an idea" in chat.replies[0]


async def test_pages_of_five(chat: ChatDriver) -> None:
    """Numbered through, the newest first."""
    for number in range(1, 8):
        await chat.says(f"Idea number {number} for a post")
    await chat.says("/posts")
    shown = chat.last
    assert [label for label in shown.buttons if label.isdigit()] == ["1", "2", "3", "4", "5"]
    assert "number 7" in shown.text
    assert "number 2" not in shown.text
    await chat.presses("›", on=shown)
    assert [label for label in now(chat, shown).buttons if label.isdigit()] == ["6", "7"]
    assert "number 1" in now(chat, shown).text
    await chat.presses("‹", on=now(chat, shown))
    assert now(chat, shown).text == shown.text


async def test_a_post_is_opened_by_its_number(chat: ChatDriver) -> None:
    """Its card comes as a message of its own, and works like any other."""
    await chat.says(IDEA)
    await chat.says("/posts")
    await chat.presses("1", on=chat.last)
    await chat.presses("Approve", on=chat.last)
    assert (await post(chat)).post.approved_version == 1


async def test_shelves_by_state(chat: ChatDriver) -> None:
    """Deleted posts are on their own shelf only, and come back from there."""
    card = await a_card(chat)
    await chat.presses("Delete", on=card)
    await chat.says("/posts")
    shown = chat.last
    assert "Nothing here yet" in shown.text
    await chat.presses("Deleted", on=shown)
    assert "• 🗑️ Deleted" in now(chat, shown).buttons
    await chat.presses("1", on=now(chat, shown))
    await chat.presses("Undo", on=chat.last)
    await chat.presses("Drafts", on=now(chat, shown))
    assert "We cut our release" in now(chat, shown).text


async def test_search_by_word(chat: ChatDriver) -> None:
    """The word stays when another shelf is chosen."""
    await chat.says("A launch is a promise")
    await chat.says("Hiring is slow for a reason")
    await chat.says("/posts LAUNCH")
    shown = chat.last
    assert "“LAUNCH”" in shown.text
    assert "Hiring" not in shown.text
    await chat.presses("Drafts", on=shown)
    assert "a promise" in now(chat, shown).text
    assert "Hiring" not in now(chat, shown).text
    await chat.says("/posts nothing like it")
    assert "No post has that" in chat.replies[0]


async def test_a_word_too_long_gets_an_example(chat: ChatDriver) -> None:
    """It has to fit a button."""
    await chat.says("/posts " + "long " * 20)
    assert "Example: /posts launch" in chat.replies[0]


def test_the_longest_word_fits_every_button() -> None:
    """Telegram takes 64 bytes."""
    data = PostsButton(action="list", number=999, shelf="approved", word="é" * 20).pack()
    assert len(data.encode()) <= 64


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": DeliveryStatus.DELIVERED}, "Telegram: ✅ delivered"),
        ({"hold_reason": "quiet_hours"}, "Telegram: 🕓 waiting: your quiet hours · until Mon, Mar 2, 11:00"),
        ({"status": DeliveryStatus.FAILED, "error_code": "blocked"}, "Telegram: ❌ failed: you have blocked the bot"),
    ],
)
async def test_how_a_post_was_delivered(chat: ChatDriver, values: dict[str, object], words: str) -> None:
    """And why it waits or failed."""
    await chat.says(IDEA)
    await set_delivery(chat.database, 1, scheduled_at=chat.clock.now + timedelta(hours=2), **values)
    await chat.says("/posts")
    assert words in chat.last.text
    assert ("🔁 Retry 1: Telegram" in chat.last.buttons) == (values.get("status") is DeliveryStatus.FAILED)


async def test_nobody_sees_or_opens_another_s_posts(chat: ChatDriver) -> None:
    """Not by a forged button either."""
    await chat.says(IDEA)
    await chat.says("/posts", user=OTHER)
    assert IDEA not in chat.replies[0]
    await chat.presses_data("p|open|1|all|", user=OTHER)
    assert "can't find that post" in chat.alerts[0]


async def test_a_list_of_a_shelf_that_never_was(chat: ChatDriver) -> None:
    """A forged button is answered and changes nothing."""
    await chat.presses_data("p|list|1|attic|")
    assert chat.alerts[0]


async def test_a_forged_word_that_fits_no_button_is_refused(chat: ChatDriver) -> None:
    """Instead of breaking the buttons that would carry it on."""
    await chat.presses_data("p|list|1|all|" + "x" * 50)
    assert "Example: /posts launch" in chat.alerts[0]
