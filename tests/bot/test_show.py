"""Cards in the chat: edited where they were pressed, sent anew where that is gone; buttons are what core says."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import EditMessageText, SendMessage
from aiogram.types import CallbackQuery, Update

from bot.callbacks import AccessButton, DeliveryButton, DraftButton, ReminderButton
from bot.show import keyboard, show, source_key
from core import buttons
from core.errors import DatabaseAway
from core.model import Button, Card
from tests.bot.conftest import AUTHOR

CARD = Card("<b>new</b>", ((Button("Go", data="d:x"), Button("Open", url="https://example.org")),))


def pressed(chat: Any, message: dict[str, Any] | None) -> CallbackQuery:
    raw = {"id": "1", "from": AUTHOR, "chat_instance": "1", "data": "x"} | ({"message": message} if message else {})
    return CallbackQuery.model_validate(raw, context={"bot": chat.bot})


@pytest.fixture
def card(chat) -> dict[str, Any]:
    """A card that stands in the chat."""
    message_id = chat.session.keep_card(AUTHOR["id"], "old", None)
    return chat.session.messages[message_id].raw


async def test_the_pressed_card_is_edited(chat, card):
    """One card for one post: the chat stays short."""
    await show(pressed(chat, card), CARD)
    assert chat.calls == ["editMessageText"]
    assert (chat.last.html, chat.last.buttons) == ("<b>new</b>", {"Go": "d:x", "Open": "https://example.org"})


async def test_nothing_to_change_is_no_error(chat, card):
    """A double tap."""
    for _ in range(2):
        await show(pressed(chat, card), CARD)
    assert chat.calls == ["editMessageText"] * 2


@pytest.mark.parametrize("reason", ["Bad Request: message to edit not found", "Bad Request: message can't be edited"])
async def test_a_card_that_can_not_be_edited_is_sent_anew(chat, card, reason):
    """Deleted by the person, or too old."""
    chat.session.refuse["editMessageText"] = reason
    await show(pressed(chat, card), CARD)
    assert chat.calls == ["editMessageText", "sendMessage"]


async def test_an_inaccessible_card_is_sent_anew(chat):
    """Telegram says only where it was."""
    gone = {"message_id": 1, "date": 0, "chat": {"id": AUTHOR["id"], "type": "private"}}
    await show(pressed(chat, gone), CARD)
    assert chat.calls == ["sendMessage"]
    assert chat.last.chat_id == AUTHOR["id"]


async def test_another_refusal_is_our_fault_and_is_raised(chat, card):
    """It must be seen in the log."""
    chat.session.refuse["editMessageText"] = "Bad Request: can't parse entities"
    with pytest.raises(TelegramBadRequest):
        await show(pressed(chat, card), CARD)


def test_rows_without_buttons_are_no_keyboard():
    """Telegram refuses empty rows."""
    assert keyboard(()) is None
    assert keyboard(((),)) is None


def test_a_copy_button_carries_its_text():
    """At most 256 characters."""
    markup = keyboard(((Button("Copy", copy="the text"),),))
    assert markup.inline_keyboard[0][0].copy_text.text == "the text"


def test_the_key_of_an_update_is_the_same_when_it_is_replayed():
    """What was begun is finished, not begun again."""
    assert source_key(Update(update_id=7)) == "update:7"


@pytest.mark.parametrize(
    ("plain", "typed"),
    [
        (
            buttons.draft("write", 42, 3, "bolder"),
            DraftButton(action="write", post_id=42, version=3, argument="bolder"),
        ),
        (buttons.draft("approve", 42, 3), DraftButton(action="approve", post_id=42, version=3)),
        (buttons.delivery("retry", 9), DeliveryButton(action="retry", delivery_id=9)),
        (buttons.reminder("snooze", "20260302"), ReminderButton(action="snooze", day="20260302")),
        (buttons.access("allow", 7), AccessButton(action="allow", user_id=7)),
    ],
)
def test_what_core_puts_on_cards_is_what_the_bot_reads(plain, typed):
    """Core knows no aiogram, so the two are written twice."""
    assert typed.pack() == plain
    assert type(typed).unpack(plain) == typed


def test_the_longest_buttons_fit():
    """64 bytes is Telegram's limit."""
    largest = 2**63 - 1
    for plain in (
        buttons.draft("directions", largest, 9999, "personal"),
        buttons.delivery("retry", largest),
        buttons.reminder("snooze", "20260302"),
        buttons.access("allow", largest),
    ):
        assert len(plain.encode()) <= 64


async def test_a_button_never_spins(chat, database):
    """Whatever a handler leaves unanswered is answered once."""
    await chat.says("/help")
    label = next(iter(chat.last.buttons))
    await chat.presses(label)
    assert chat.calls.count("answerCallbackQuery") == 1


async def test_an_unexpected_error_is_an_apology_with_a_reference(chat, monkeypatch, caplog):
    """The log has the reference, and nothing of what was said."""

    async def broken(*args: Any, **named: Any) -> None:
        raise ValueError("what the person wrote")

    monkeypatch.setattr("core.posts.drafts.Drafts.start", broken)
    await chat.says("We cut our release time from 2 weeks to 1 day")
    assert "went wrong" in chat.replies[-1]
    assert "what the person wrote" not in chat.replies[-1]


async def test_a_database_that_is_away_is_no_reason_to_apologize(chat, monkeypatch):
    """The intake tries the update again: the idea need not be sent twice."""

    async def away(*args: Any, **named: Any) -> None:
        raise DatabaseAway

    monkeypatch.setattr("core.posts.drafts.Drafts.start", away)
    with pytest.raises(DatabaseAway):
        await chat.says("We cut our release time from 2 weeks to 1 day")
    assert chat.replies == []


async def test_an_apology_that_can_not_be_sent_is_raised(chat, monkeypatch):
    """The intake tries the update again: somebody still waits for an answer."""

    async def broken(*args: Any, **named: Any) -> None:
        raise ValueError

    monkeypatch.setattr("core.posts.drafts.Drafts.start", broken)
    chat.session.refuse["sendMessage"] = ConnectionError()
    with pytest.raises(ConnectionError):
        await chat.says("We cut our release time from 2 weeks to 1 day")


async def test_somebody_who_blocks_the_bot_meanwhile_is_noted(chat):
    """Telegram says so when we answer."""
    await chat.says("/help")
    method = SendMessage(chat_id=1, text="x")
    chat.session.refuse["sendMessage"] = TelegramForbiddenError(method, "Forbidden: bot was blocked by the user")
    await chat.says("/help")
    assert (await chat.account()).user.blocked_at == chat.clock.now


async def test_a_wait_that_telegram_asks_for_is_kept(chat, monkeypatch):
    """Once or twice; then it is an error."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("bot.session.asyncio", SimpleNamespace(sleep=sleep))
    chat.session.refuse["sendMessage"] = TelegramRetryAfter(SendMessage(chat_id=1, text="x"), "flood", 3)
    await chat.says("/help")
    assert slept == [3]
    assert chat.replies[-1]


@pytest.mark.parametrize("error", [TelegramNetworkError, TelegramServerError])
async def test_an_edit_that_did_not_get_through_is_made_again(chat, monkeypatch, error):
    """Else the card would still offer what has happened."""
    monkeypatch.setattr("bot.session.PAUSE", 0)
    await chat.says("/settings")
    chat.session.refuse["editMessageText"] = error(EditMessageText(text="x"), "Bad Gateway")
    await chat.presses("Language")
    assert chat.calls.count("editMessageText") == 2
    assert "went wrong" not in "".join(chat.alerts)


@pytest.mark.parametrize("error", [TelegramNetworkError, TelegramServerError])
async def test_a_message_that_perhaps_got_through_is_not_sent_again(chat, monkeypatch, error):
    """Nobody wants it twice; what is worth it goes by the outbox."""
    monkeypatch.setattr("bot.session.PAUSE", 0)
    chat.session.refuse["sendMessage"] = error(SendMessage(chat_id=1, text="x"), "Bad Gateway")
    await chat.says("/help")
    assert chat.calls.count("sendMessage") == 2
    assert "went wrong" in chat.replies[-1]


def test_edits_are_counted_as_messages():
    """The budget is shared with the deliveries."""
    from aiogram.methods import AnswerCallbackQuery, SendChatAction

    from bot.session import is_counted

    assert is_counted(SendMessage(chat_id=1, text="x"))
    assert is_counted(EditMessageText(chat_id=1, message_id=1, text="x"))
    assert not is_counted(AnswerCallbackQuery(callback_query_id="1"))
    assert not is_counted(SendChatAction(chat_id=1, action="typing"))
