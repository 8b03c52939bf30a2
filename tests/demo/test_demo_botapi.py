"""The Bot API: what is stored, what is refused and in which words."""

import json
from typing import Any

import httpx
import pytest

from demo import AUTHOR_ID, DEMO_TOKEN
from tests.demo.conftest import World

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000280000001e0802000000") + b"rest"
KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go:1"}]]}


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Go", **button}]]}


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [("nonsense", 404, "Not Found"), ("42:short", 401, "Unauthorized"), (f"1:{'x' * 35}", 401, "Unauthorized")],
)
async def test_a_wrong_token_is_refused(world: World, token: str, status: int, description: str):
    answer = await world.http.get(f"/bot{token}/getMe")
    assert (answer.status_code, answer.json()["description"]) == (status, description)


async def test_unknown_method_is_not_found(world: World):
    assert await world.refused("sendPigeon", chat_id=AUTHOR_ID) == (404, "Not Found")


async def test_the_same_call_as_json_form_multipart_and_query(world: World):
    """All four bodies mean the same, and method names are matched in any case."""
    url = f"/bot{DEMO_TOKEN}/SENDmessage"
    form = {"chat_id": str(AUTHOR_ID), "text": "hi", "reply_markup": json.dumps(KEYBOARD)}
    answers = [
        await world.http.post(url, json={"chat_id": AUTHOR_ID, "text": "hi", "reply_markup": KEYBOARD}),
        await world.http.post(url, data=form),
        await world.http.post(url, files={name: (None, value) for name, value in form.items()}),
        await world.http.get(url, params=form),
    ]
    results = [answer.json()["result"] for answer in answers]
    assert [result["message_id"] for result in results] == [2, 3, 4, 5]
    assert all((one["text"], one["reply_markup"]) == ("hi", KEYBOARD) for one in results)


async def test_a_sent_message_has_the_real_shape(world: World):
    message = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="<b>Hi</b> there", parse_mode="HTML")
    assert message["from"]["is_bot"] is True
    assert message["chat"] == {
        "id": AUTHOR_ID, "type": "private", "first_name": "Author", "username": "author_demo",
    }  # fmt: skip
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 2}]


TOO_LONG = "Bad Request: message is too long"
SEND_REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"text": "x"}, "Bad Request: chat_id is empty"),
    ({"chat_id": 12345, "text": "x"}, "Bad Request: chat not found"),
    ({"chat_id": "@nobody", "text": "x"}, "Bad Request: chat not found"),
    ({"chat_id": AUTHOR_ID}, "Bad Request: message text is empty"),
    ({"chat_id": AUTHOR_ID, "text": "  \n"}, "Bad Request: text must be non-empty"),
    ({"chat_id": AUTHOR_ID, "text": "<b></b>", "parse_mode": "HTML"}, "Bad Request: text must be non-empty"),
    ({"chat_id": AUTHOR_ID, "text": "x" * 4097}, TOO_LONG),
    ({"chat_id": AUTHOR_ID, "text": "👍" * 2049}, TOO_LONG),
    ({"chat_id": AUTHOR_ID, "text": "x", "parse_mode": "BBCode"}, "Bad Request: unsupported parse_mode"),
    ({"chat_id": AUTHOR_ID, "text": "x", "reply_parameters": {"message_id": 99}},
     "Bad Request: message to be replied not found"),
    ({"chat_id": AUTHOR_ID, "text": "x", "reply_markup": keyboard(callback_data="é" * 33)},
     "Bad Request: BUTTON_DATA_INVALID"),
    ({"chat_id": AUTHOR_ID, "text": "x", "reply_markup": keyboard(copy_text={"text": "y" * 257})},
     "Bad Request: BUTTON_COPY_TEXT_INVALID"),
    ({"chat_id": AUTHOR_ID, "text": "x", "reply_markup": keyboard()},
     "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ({"chat_id": AUTHOR_ID, "text": "x", "reply_markup": keyboard(url="http://localhost:8080/")},
     "Bad Request: inline keyboard button URL 'http://localhost:8080/' is invalid: Wrong HTTP URL"),
    ({"chat_id": AUTHOR_ID, "text": "x", "reply_markup": "{"},
     "Bad Request: can't parse reply keyboard markup JSON object"),
]  # fmt: skip


@pytest.mark.parametrize(("params", "description"), SEND_REFUSALS)
async def test_what_send_message_refuses(world: World, params: dict[str, Any], description: str):
    """Nothing refused is stored, and nothing refused counts as an accepted call."""
    assert await world.refused("sendMessage", **params) == (400, description)
    assert len(world.state.chats[AUTHOR_ID].messages) == 1
    assert not world.state.calls


@pytest.mark.parametrize("text", ["x" * 4096, "👍" * 2048, f"<b>{'x' * 4096}</b>", "&lt;" * 4096])
async def test_the_limit_counts_utf16_units_after_entities(world: World, text: str):
    assert await world.bot("sendMessage", chat_id=AUTHOR_ID, text=text, parse_mode="HTML")


async def test_lone_surrogates_are_refused(world: World):
    """JSON can spell them, text can't hold them."""
    body = b'{"chat_id": %d, "text": "\\ud83d"}' % AUTHOR_ID
    headers = {"Content-Type": "application/json"}
    answer = await world.http.post(f"/bot{DEMO_TOKEN}/sendMessage", content=body, headers=headers)
    assert answer.json()["description"] == "Bad Request: strings must be encoded in UTF-8"


@pytest.mark.parametrize(
    ("situation", "status", "description"),
    [
        ("block", 403, "Forbidden: bot was blocked by the user"),
        ("deactivate", 403, "Forbidden: user is deactivated"),
    ],
)
async def test_people_who_cannot_be_reached(world: World, situation: str, status: int, description: str):
    await world.act(situation)
    assert await world.refused("sendMessage", chat_id=AUTHOR_ID, text="x") == (status, description)


async def test_nobody_is_written_to_before_their_start(fresh: World):
    """Also commands for their chat can't be set yet."""
    assert (await fresh.refused("sendMessage", chat_id=AUTHOR_ID, text="x"))[1] == "Bad Request: chat not found"
    scope = {"type": "chat", "chat_id": AUTHOR_ID}
    commands = [{"command": "stats", "description": "Numbers"}]
    assert await fresh.refused("setMyCommands", commands=commands, scope=scope) == (400, "Bad Request: chat not found")


async def test_edits_and_what_they_refuse(world: World):
    """The same text with the same buttons is no edit; without buttons the old ones go."""
    sent = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="one", reply_markup=KEYBOARD)
    here = {"chat_id": AUTHOR_ID, "message_id": sent["message_id"]}
    edited = await world.bot("editMessageText", **here, text="two", reply_markup=KEYBOARD)
    assert (edited["text"], edited["reply_markup"]) == ("two", KEYBOARD)
    assert edited["edit_date"] >= edited["date"]
    status, words = await world.refused("editMessageText", **here, text="two", reply_markup=KEYBOARD)
    assert (status, words[:39]) == (400, "Bad Request: message is not modified: s")
    assert "reply_markup" not in await world.bot("editMessageText", **here, text="three")
    marked = await world.bot("editMessageReplyMarkup", **here, reply_markup=KEYBOARD)
    assert marked["reply_markup"] == KEYBOARD
    assert (await world.refused("editMessageReplyMarkup", **here, reply_markup=KEYBOARD))[0] == 400


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("editMessageText", {"message_id": 99, "text": "x"}, "message to edit not found"),
        ("editMessageText", {"message_id": 1, "text": "x"}, "message can't be edited"),
        ("deleteMessage", {"message_id": 99}, "message to delete not found"),
        ("pinChatMessage", {"message_id": 99}, "message to pin not found"),
        ("forwardMessage", {"from_chat_id": AUTHOR_ID, "message_id": 99}, "message to forward not found"),
        ("copyMessage", {"from_chat_id": AUTHOR_ID, "message_id": 99}, "message to copy not found"),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("sendDocument", {}, "there is no document in the request"),
        ("sendPhoto", {"photo": "AgAD-unknown"}, "wrong file identifier/HTTP URL specified"),
        ("getFile", {"file_id": "AgAD-unknown"}, "invalid file_id"),
        ("leaveChat", {}, "chat member status can't be changed in private chats"),
        ("setMyCommands", {"commands": [{"command": "Bad!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("answerCallbackQuery", {"callback_query_id": "1"},
         "query is too old and response timeout expired or query ID is invalid"),
    ],
)  # fmt: skip
async def test_refusals_of_other_methods(world: World, method: str, params: dict[str, Any], description: str):
    assert await world.refused(method, chat_id=AUTHOR_ID, **params) == (400, f"Bad Request: {description}")


async def test_deleting_ends_after_48_hours(world: World):
    sent = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="old")
    world.state.chats[AUTHOR_ID].messages[sent["message_id"]]["date"] -= 48 * 3600 + 1
    status, words = await world.refused("deleteMessage", chat_id=AUTHOR_ID, message_id=sent["message_id"])
    assert (status, words) == (400, "Bad Request: message can't be deleted for everyone")
    fresh = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="new")
    assert await world.bot("deleteMessage", chat_id=AUTHOR_ID, message_id=fresh["message_id"])
    assert fresh["message_id"] not in world.state.chats[AUTHOR_ID].messages


async def upload(world: World, method: str, field: str, content: bytes, **data: Any) -> httpx.Response:
    files = {field: ("../notes.png", content, "application/octet-stream")}
    url = f"/bot{DEMO_TOKEN}/{method}"
    return await world.http.post(url, data={"chat_id": str(AUTHOR_ID), **data}, files=files)


async def test_files_are_stored_described_and_downloaded(world: World):
    """Their names lose any path, their type is guessed, and the same id can be sent again."""
    answer = await upload(world, "sendDocument", "export", b"hello", document="attach://export", caption="<i>yours</i>",
                          parse_mode="HTML")  # fmt: skip
    message = answer.json()["result"]
    document = message["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == ("notes.png", "image/png", 5)
    assert message["caption_entities"][0]["type"] == "italic"
    found = await world.bot("getFile", file_id=document["file_id"])
    body = await world.http.get(f"/file/bot{DEMO_TOKEN}/{found['file_path']}")
    assert body.content == b"hello"
    again = await world.bot("sendDocument", chat_id=AUTHOR_ID, document=document["file_id"])
    assert again["document"]["file_id"] == document["file_id"]


async def test_photos_are_measured_and_must_be_pictures(world: World):
    answer = await upload(world, "sendPhoto", "photo", PNG)
    photo = answer.json()["result"]["photo"][0]
    assert (photo["width"], photo["height"]) == (40, 30)
    refused = await upload(world, "sendPhoto", "photo", b"no picture")
    assert refused.json()["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    long = await upload(world, "sendPhoto", "photo", PNG, caption="x" * 1025)
    assert long.json()["description"] == "Bad Request: message caption is too long"


async def test_a_text_can_become_a_picture(world: World):
    sent = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="drawing…")
    media = json.dumps({"type": "photo", "media": "attach://chart", "caption": "done"})
    answer = await upload(world, "editMessageMedia", "chart", PNG, message_id=str(sent["message_id"]), media=media)
    edited = answer.json()["result"]
    assert ("text" in edited, edited["caption"], edited["photo"][0]["width"]) == (False, "done", 40)


async def test_commands_by_scope_and_language(world: World):
    """The narrowest scope wins, and within it the person's language."""

    async def put(description: str, **where: Any) -> None:
        await world.bot("setMyCommands", commands=[{"command": "help", "description": description}], **where)

    async def seen() -> str:
        listed = await world.http.get(f"/demo/api/users/{AUTHOR_ID}/commands")
        return str(listed.json()[0]["description"])

    await put("anybody")
    assert await seen() == "anybody"
    await put("English", language_code="en")
    await put("Français", language_code="fr")
    assert await seen() == "English"
    await put("one alone", scope={"type": "chat", "chat_id": AUTHOR_ID})
    assert await seen() == "one alone"
    await world.bot("deleteMyCommands", scope={"type": "chat", "chat_id": AUTHOR_ID})
    assert await seen() == "English"
    assert (await world.bot("getMyCommands", language_code="fr"))[0]["description"] == "Français"


async def test_forwards_name_their_origin_and_copies_do_not(world: World):
    sent = await world.bot("sendMessage", chat_id=AUTHOR_ID, text="hi", reply_markup=KEYBOARD)
    there = {"chat_id": AUTHOR_ID, "from_chat_id": AUTHOR_ID, "message_id": sent["message_id"]}
    forwarded = await world.bot("forwardMessage", **there)
    assert forwarded["forward_origin"]["sender_user"]["is_bot"] is True
    assert "reply_markup" not in forwarded
    copied = await world.bot("copyMessage", **there)
    assert list(copied) == ["message_id"]
    assert "forward_origin" not in world.state.chats[AUTHOR_ID].messages[copied["message_id"]]


async def test_accepted_calls_are_counted(world: World):
    await world.bot("sendMessage", chat_id=AUTHOR_ID, text="one")
    await world.refused("sendMessage", chat_id=AUTHOR_ID, text="")
    listed = await world.http.get("/demo/api/calls", params={"method": "sendMessage", "chat_id": AUTHOR_ID})
    assert [(call["method"], call["text"], call["message_id"]) for call in listed.json()] == [("sendMessage", "one", 2)]
