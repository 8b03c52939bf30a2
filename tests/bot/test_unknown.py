"""Every kind of update has its answer or its defined silence, and none ends in a stack trace or a wrong state."""

from typing import Any

import pytest
from aiogram.enums import ContentType
from aiogram.types import ChatMemberAdministrator, Message

from bot.polling import ALLOWED
from bot.views.common import ANSWERS, HANDLED
from core import buttons
from core.model import PostState
from tests.bot.conftest import ADMIN, AUTHOR, BOT, OTHER

GROUP = {"id": -100500, "type": "supergroup", "title": "Friends"}
CHANNEL = {"id": -100600, "type": "channel", "title": "News"}
RIGHTS = [name for name in ChatMemberAdministrator.model_fields if name.startswith(("can_", "is_"))]
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}
FILE = {"file_id": "f", "file_unique_id": "u"}
SIZED = {**FILE, "width": 1, "height": 1, "duration": 1}
PLACE = {"latitude": 48.8, "longitude": 2.3}
POLL = {
    "id": "p", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
    "type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False,
}  # fmt: skip

MESSAGES: dict[str, tuple[dict[str, Any], str | None]] = {
    # name: what the message holds, words of the answer (None: silence, since nobody waits for one)
    "photo": ({"photo": [PHOTO]}, "fine picture"),
    "photo with words": ({"photo": [PHOTO], "caption": "We shipped"}, "message of its own"),
    "video": ({"video": SIZED}, "can't watch videos"),
    "round video": ({"video_note": {**FILE, "length": 1, "duration": 1}}, "voice message"),
    "gif": ({"animation": SIZED, "document": FILE}, "only read text"),
    "sticker": (
        {"sticker": {**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}},
        "only read text",
    ),
    "music": ({"audio": {**FILE, "duration": 1}}, "voice message"),
    "file": ({"document": FILE}, "/voice"),
    "contact": ({"contact": {"phone_number": "+1", "first_name": "Bob"}}, "/phone"),
    "place": ({"venue": {"location": PLACE, "title": "x", "address": "y"}}, "/timezone"),
    "poll": ({"poll": POLL}, "don't vote"),
    "dice": ({"dice": {"emoji": "🎲", "value": 6}}, "rolled"),
    "unknown command": ({"text": "/frobnicate"}, "/help"),
    "mistyped command": ({"text": "/setings"}, "/settings"),
    "command of admins": ({"text": "/stats"}, "I don't know /stats"),
    "html in a command": ({"text": "/<b>bold"}, "/&lt;b&gt;bold"),
    "pinned": ({"pinned_message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}, None),
    "timer": ({"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}, None),
    "background": ({"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "x"}}}, None),
}


@pytest.mark.parametrize(("content", "words"), MESSAGES.values(), ids=MESSAGES)
async def test_a_message_that_is_no_idea(chat, content, words):
    """One answer that says what to do, or a defined silence."""
    await chat.sends(**content)
    assert len(chat.replies) == (words is not None)
    assert (words or "") in "".join(chat.replies)
    await no_wrong_state(chat)


async def edited(chat: Any) -> None:
    await chat.feed(edited_message=chat.message(text="a better idea", edit_date=2))


async def live_location(chat: Any) -> None:
    await chat.feed(edited_message=chat.message(location=PLACE, edit_date=2))


async def inline(chat: Any) -> None:
    await chat.feed(inline_query={"id": "1", "from": AUTHOR, "query": "x", "offset": ""})


def membership(chat_json: dict[str, Any], status: str) -> Any:
    new = {"user": BOT, "status": status, "until_date": 0, **dict.fromkeys(RIGHTS, False)}
    old = {"user": BOT, "status": "left"}
    change = {"chat": chat_json, "from": AUTHOR, "date": 1, "old_chat_member": old, "new_chat_member": new}
    return lambda chat: chat.feed(my_chat_member=change)


def in_group(**content: Any) -> Any:
    return lambda chat: chat.sends(chat=GROUP, **content)


def in_channel(kind: str) -> Any:
    post = {"message_id": 5, "date": 1, "chat": CHANNEL, "sender_chat": CHANNEL, "text": "news"}
    return lambda chat: chat.feed(**{kind: post})


def press(data: str, message: Any = None, user: Any = None) -> Any:
    return lambda chat: chat.presses_data(data, message=message, user=user)


IN_GROUP = {"message_id": 5, "date": 1, "chat": GROUP, "from": BOT, "text": "card"}
INLINE = {"id": "9", "from": AUTHOR, "chat_instance": "1", "data": "d:approve:1:1:", "inline_message_id": "x"}
UPDATES: dict[str, tuple[Any, list[str], str]] = {
    # name: the update, the calls that answer it, words in them
    "edited idea": (edited, ["sendMessage"], "reply to its card"),
    "live location": (live_location, [], ""),
    "added to a group": (membership(GROUP, "member"), ["sendMessage", "leaveChat"], "private chats only"),
    "added to a channel": (membership(CHANNEL, "administrator"), ["leaveChat"], ""),
    "removed from a group": (membership(GROUP, "kicked"), [], ""),
    "talk in a group": (in_group(text="hello all"), ["leaveChat"], ""),
    "command in a group": (in_group(text="/start"), ["sendMessage", "leaveChat"], "private chats only"),
    "channel post": (in_channel("channel_post"), ["leaveChat"], ""),
    "edited channel post": (in_channel("edited_channel_post"), [], ""),
    "inline query": (inline, ["answerInlineQuery"], ""),
    "garbage button": (press("garbage"), ["answerCallbackQuery"], "no longer works"),
    "binary garbage": (press("d:approve:\x00:x:"), ["answerCallbackQuery"], "no longer works"),
    "number too large": (press(f"d:approve:{2**70}:1:"), ["answerCallbackQuery"], "no longer works"),
    "button in a group": (press(buttons.draft("approve", 1, 1), IN_GROUP), ["answerCallbackQuery"], "private chats"),
    "button of an inline message": (
        lambda chat: chat.feed(callback_query=INLINE), ["answerCallbackQuery"], "no longer works",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("act", "calls", "words"), UPDATES.values(), ids=UPDATES)
async def test_an_update_of_another_kind(chat, act, calls, words):
    """Answered where somebody waits for an answer, and nowhere else."""
    await act(chat)
    assert chat.calls == calls
    assert words in "".join(chat.replies + chat.alerts)
    await no_wrong_state(chat)


async def no_wrong_state(chat: Any) -> None:
    """Nothing was drafted, queued or begun."""
    async with chat.database.read() as uow:
        assert (await uow.operations.counts(chat.clock.now.replace(year=2000)))["ideas"] == 0
        assert await uow.delivery_log.counts() == {}
        assert await uow.dialogues.get(f"{AUTHOR['id']}:{AUTHOR['id']}") == (None, {})


def test_every_kind_of_update_that_we_ask_for_is_in_the_tables():
    """A kind that Telegram sends and nobody answers would be silence."""
    assert set(ALLOWED) == {
        "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "inline_query",
        "my_chat_member",
    }  # fmt: skip


def test_every_content_that_a_person_can_send_has_an_answer():
    """aiogram knows a new kind of content: decide whether it is a person's, or a service message."""
    service = {
        "invoice", "successful_payment", "refunded_payment", "web_app_data", "passport_data", "users_shared",
        "user_shared", "chat_shared", "proximity_alert_triggered",
    }  # fmt: skip
    sendable = {"text", "any", "unknown", "animation", "audio", "document", "live_photo", "paid_media", "photo"}
    sendable |= {"sticker", "story", "video", "video_note", "voice", "checklist", "contact", "dice", "game", "poll"}
    sendable |= {"venue", "location", "rich_message"}
    assert {kind.value for kind in ANSWERS | dict.fromkeys(HANDLED)} == sendable
    assert not service & sendable
    assert sendable <= {kind.value for kind in ContentType}


async def test_an_album_is_answered_once(chat):
    """It comes as one message for each picture."""
    await chat.sends(photo=[PHOTO], media_group_id="album-1")
    assert len(chat.replies) == 1
    await chat.sends(photo=[PHOTO], media_group_id="album-1")
    assert chat.replies == []


async def test_answers_come_in_the_language_of_the_telegram_app(chat):
    """Also where there is no account to ask."""
    await chat.feed(my_chat_member=None, edited_message=chat.message(user={**OTHER, "language_code": "fr"}, text="x"))
    assert (await chat.account(OTHER)).preferences.language == "fr"


async def test_blocking_and_coming_back_are_noted(chat):
    """Deliveries stop, and go on."""
    await chat.says("/help")
    private = {"id": AUTHOR["id"], "type": "private"}
    await membership(private, "kicked")(chat)
    assert (await chat.account()).user.blocked_at == chat.clock.now
    await membership(private, "member")(chat)
    assert (await chat.account()).user.blocked_at is None


async def test_a_card_pressed_by_somebody_else_is_not_theirs(chat):
    """As if there were no such post."""
    await chat.says("We cut our release time from 2 weeks to 1 day by deleting half of our tests")
    author = await chat.account()
    async with chat.database.read() as uow:
        (view,) = await uow.shelf.page(author.user.id, list(PostState), "", offset=0, limit=5)
    await chat.presses_data(buttons.draft("approve", view.post.id, 1), user=OTHER)
    assert chat.alerts[0]
    async with chat.database.read() as uow:
        assert (await uow.posts.view(author.user.id, view.post.id)).post.state == "draft"


async def test_admins_read_the_counts(chat):
    """Counts only: no names in them."""
    await chat.says("/stats", user=ADMIN)
    assert "People: 1" in chat.replies[-1]


async def test_an_admin_gets_a_menu_of_their_own(chat):
    """Telegram takes it only after their first /start."""
    await chat.says("/start", user=ADMIN)
    assert "setMyCommands" in chat.calls
    assert any("sendMessage" in call for call in chat.calls)


def test_messages_of_the_table_are_what_telegram_sends():
    """The table's own contents parse."""
    for content, _ in MESSAGES.values():
        Message.model_validate({"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, **content})
