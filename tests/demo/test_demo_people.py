"""What people do, and the update the bot gets of it."""

import pytest

from demo import ADMIN_ID, AUTHOR_ID
from tests.demo.conftest import World

KEYBOARD = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}, {"text": "B", "callback_data": "b"}]]}


async def one_update(world: World) -> dict[str, object]:
    """The only update there is."""
    (update,) = await world.updates()
    return update


async def test_starting_by_a_deep_link(fresh: World):
    await fresh.act("start", payload="abc-_1")
    update = await one_update(fresh)
    message = update["message"]
    assert message["text"] == "/start abc-_1"  # type: ignore[index]
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]  # type: ignore[index]
    assert message["from"]["language_code"] == "en"  # type: ignore[index]


async def test_a_pressed_button_is_a_callback_query_until_it_is_answered(world: World):
    card = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="card", reply_markup=KEYBOARD)
    pressed = await world.act("press", message_id=card["message_id"], row=0, col=1)
    query = (await world.updates())[0]["callback_query"]
    assert (query["id"], query["data"], query["from"]["id"]) == (pressed["query_id"], "b", AUTHOR_ID)
    assert query["message"]["reply_markup"] == KEYBOARD
    state = (await world.http.get(f"/demo/api/queries/{query['id']}")).json()
    assert state == {"answered": False}
    await world.bot("answerCallbackQuery", callback_query_id=query["id"], text="Approved", show_alert=True)
    state = (await world.http.get(f"/demo/api/queries/{query['id']}")).json()
    assert (state["answered"], state["text"], state["show_alert"]) == (True, "Approved", True)


async def test_an_old_query_cannot_be_answered(world: World):
    card = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="card", reply_markup=KEYBOARD)
    pressed = await world.act("press", message_id=card["message_id"], data="a")
    world.state.queries[pressed["query_id"]].at -= 61
    status, words = await world.refused("answerCallbackQuery", callback_query_id=pressed["query_id"])
    assert (status, words[:32]) == (400, "Bad Request: query is too old an")


@pytest.mark.parametrize("fate", ["old", "deleted"])
async def test_buttons_of_old_and_deleted_cards_come_with_an_inaccessible_message(world: World, fate: str):
    card = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="card", reply_markup=KEYBOARD)
    where = f"/demo/api/chats/{AUTHOR_ID}/messages/{card['message_id']}"
    if fate == "old":
        await world.http.post(f"{where}/age", json={"seconds": 49 * 3600})
    else:
        await world.http.delete(where)
    await world.act("press", message_id=card["message_id"], data="a")
    message = (await world.updates())[0]["callback_query"]["message"]
    assert (message["date"], message["message_id"], "text" in message) == (0, card["message_id"], False)


async def test_blocking_and_unblocking_change_the_bots_membership(world: World):
    await world.act("block")
    await world.act("unblock")
    changes = [update["my_chat_member"] for update in await world.updates()]
    moves = [(one["old_chat_member"]["status"], one["new_chat_member"]["status"]) for one in changes]
    assert moves == [("member", "kicked"), ("kicked", "member")]


async def test_edits_replies_places_and_contacts(world: World):
    said = await world.act("messages", text="first")
    await world.act("edit", message_id=said["message_id"], text="second")
    await world.act("messages", text="more", reply_to=said["message_id"])
    await world.act("location", latitude=48.85, longitude=2.35)
    await world.act("contact")
    new, edited, reply, place, contact = await world.updates()
    assert edited["edited_message"]["text"] == "second"
    assert edited["edited_message"]["message_id"] == new["message"]["message_id"]
    assert reply["message"]["reply_to_message"]["text"] == "second"
    assert place["message"]["location"] == {"latitude": 48.85, "longitude": 2.35}
    assert contact["message"]["contact"]["user_id"] == AUTHOR_ID


async def test_a_reply_carries_the_buttons_of_what_it_answers(world: World):
    """As in Telegram; only what the quoted message answered itself is left out."""
    first = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="card", reply_markup=KEYBOARD)
    second = await world.act("messages", text="one", reply_to=first["message_id"])
    await world.act("messages", text="two", reply_to=second["message_id"])
    one, two = (update["message"] for update in await world.updates())
    assert one["reply_to_message"]["reply_markup"] == KEYBOARD
    assert "reply_to_message" not in two["reply_to_message"]


@pytest.mark.parametrize(
    ("kind", "name", "content", "type_"),
    [
        ("voice", "v.ogg", b"OggS", "audio/ogg"),
        ("document", "t.txt", b"text", "text/plain"),
        ("audio", "a.mp3", b"x", "audio/mpeg"),
    ],
)
async def test_files_of_people_reach_the_bot(world: World, kind: str, name: str, content: bytes, type_: str):
    path = f"/demo/api/users/{AUTHOR_ID}/{kind}"
    sent = await world.http.post(path, files={"file": (name, content, type_)}, data={"caption": "look"})
    assert sent.status_code == 200
    message = (await world.updates())[0]["message"]
    assert (message[kind]["mime_type"], message[kind]["file_size"], message["caption"]) == (type_, len(content), "look")
    assert (await world.bot("getFile", file_id=message[kind]["file_id"]))["file_size"] == len(content)


async def test_a_text_over_the_limit_comes_in_parts(world: World):
    await world.act("messages", text="x" * 5000)
    assert [len(update["message"]["text"]) for update in await world.updates()] == [4096, 904]


async def test_a_group_has_its_own_ids_privacy_and_pressing_by_others(world: World):
    """In privacy mode the bot hears commands and answers to itself, nothing else."""
    group = await world.act("chats", title="Team", members=[ADMIN_ID])
    joined = await world.updates()
    assert [sorted(set(update) - {"update_id"}) for update in joined] == [["my_chat_member"], ["message"]]
    card = await world.bot("sendMessage", chat_id=group["id"], text="card", reply_markup=KEYBOARD)
    assert card["message_id"] == 2
    for text in ("just talking", "/help@postrider_demo_bot", "/help@other_bot", "/help"):
        await world.act("messages", text=text, chat_id=group["id"])
    await world.act("messages", text="answer", chat_id=group["id"], reply_to=card["message_id"])
    heard = [update["message"]["text"] for update in await world.updates()]
    assert heard == ["/help@postrider_demo_bot", "/help", "answer"]
    await world.act("press", person=ADMIN_ID, chat_id=group["id"], message_id=card["message_id"], data="a")
    assert (await world.updates())[0]["callback_query"]["from"]["id"] == ADMIN_ID


@pytest.mark.parametrize(
    ("status", "words"),
    [("kicked", "bot was kicked from the supergroup chat"), ("left", "bot is not a member of the supergroup chat")],
)
async def test_a_group_without_the_bot(world: World, status: str, words: str):
    group = await world.act("chats", title="Team")
    await world.http.post(f"/demo/api/chats/{group['id']}/bot", json={"by": AUTHOR_ID, "status": status})
    assert await world.refused("sendMessage", chat_id=group["id"], text="x") == (403, f"Forbidden: {words}")


async def test_a_channel_posts_as_itself(world: World):
    channel = await world.act("chats", title="News", type="channel")
    await world.updates()
    await world.act("messages", text="hello", chat_id=channel["id"])
    post = (await world.updates())[0]["channel_post"]
    assert (post["sender_chat"]["title"], "from" in post) == ("News", False)
    mine = await world.bot("sendMessage", chat_id=channel["id"], text="from the bot")
    assert "by_bot" not in mine
    assert await world.bot("editMessageText", chat_id=channel["id"], message_id=mine["message_id"], text="changed")
    status, words = await world.refused(
        "editMessageText", chat_id=channel["id"], message_id=post["message_id"], text="x"
    )
    assert (status, words) == (400, "Bad Request: message can't be edited")


async def test_a_forwarded_card_loses_its_buttons(world: World):
    group = await world.act("chats", title="Team", privacy=False)
    card = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="card", reply_markup=KEYBOARD)
    await world.updates()
    await world.act("forward", message_id=card["message_id"], to_chat=group["id"])
    message = (await world.updates())[0]["message"]
    assert (message["text"], message["forward_origin"]["sender_user"]["is_bot"]) == ("card", True)
    assert "reply_markup" not in message


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"users/{AUTHOR_ID}/press", {"message_id": 77, "data": "x"}, 409),
        (f"users/{AUTHOR_ID}/messages", {"text": " "}, 409),
        (f"users/{AUTHOR_ID}/messages", {"text": "x", "chat_id": ADMIN_ID}, 409),
        (f"users/{AUTHOR_ID}/edit", {"message_id": 77, "text": "x"}, 409),
        ("users/1/messages", {"text": "x"}, 404),
        (f"users/{AUTHOR_ID}/start", {"payload": "x" * 65}, 422),
    ],
)
async def test_what_people_cannot_do(world: World, path: str, body: dict[str, object], status: int):
    """The reason is said, and no update is made."""
    answer = await world.http.post(f"/demo/api/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert await world.updates() == []
