"""Sending, copying, forwarding, deleting and pinning messages, and answering pressed buttons."""

from demo import utf16
from demo.botapi.content import preview_of, reply_of, text_of
from demo.botapi.errors import QUERY_TOO_OLD, bad_request
from demo.botapi.keyboards import attach, markup_of
from demo.botapi.registry import Call, method
from demo.state import Chat, JsonObject

DELETABLE_SECONDS = 48 * 3600
QUERY_SECONDS = 60
ALERT_LIMIT = 200
CHAT_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note", "cancel",
}  # fmt: skip
SERVICE = {"message_id", "from", "sender_chat", "chat", "date", "edit_date", "reply_to_message", "by_bot", "pinned"}


def post(call: Call, chat: Chat, content: JsonObject) -> JsonObject:
    """Stores a message of the bot with everything that any kind of message can carry."""
    markup = markup_of(call.params, chat)
    extra = {**reply_of(call, chat), **content, **attach(chat, markup)}
    if call.params.flag("protect_content"):
        extra["has_protected_content"] = True
    if chat.type == "channel":
        extra["by_bot"] = True
    message = call.state.new_message(chat, call.state.bot.user(), **extra)
    if markup and "inline_keyboard" not in markup:
        if chat.keyboard:
            chat.keyboard = {**chat.keyboard, "message_id": message["message_id"]}
        call.state.events.send("keyboard", chat_id=chat.id, keyboard=chat.keyboard)
    return message


@method("sendMessage")
def send_message(call: Call) -> JsonObject:
    """A text message."""
    chat = call.writable()
    return post(call, chat, {**text_of(call.params), **preview_of(call.params)})


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    """ "typing…" for five seconds."""
    chat = call.writable()
    action = call.params.text("action")
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    call.state.events.send("action", chat_id=chat.id, action=action)
    return True


@method("forwardMessage")
def forward_message(call: Call) -> JsonObject:
    """A message as it is, with where it came from."""
    chat = call.writable()
    source = _source(call, "message to forward not found")
    return post(call, chat, {**content_of(source), "forward_origin": origin_of(source)})


@method("copyMessage")
def copy_message(call: Call) -> JsonObject:
    """The content of a message as a new one; only its id is told."""
    chat = call.writable()
    source = _source(call, "message to copy not found")
    return {"message_id": post(call, chat, content_of(source))["message_id"]}


def _source(call: Call, refusal: str) -> JsonObject:
    return call.message(call.chat("from_chat_id"), refusal)


def content_of(message: JsonObject) -> JsonObject:
    """What a message says, without who, where, when and its buttons."""
    return {key: value for key, value in message.items() if key not in SERVICE | {"reply_markup"}}


def origin_of(message: JsonObject) -> JsonObject:
    """A MessageOrigin."""
    if "forward_origin" in message:
        return dict(message["forward_origin"])
    if "from" in message:
        return {"type": "user", "date": message["date"], "sender_user": message["from"]}
    return {
        "type": "channel", "date": message["date"], "chat": message["chat"], "message_id": message["message_id"]
    }  # fmt: skip


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    """Takes a message away, within 48 hours of its sending."""
    chat = call.writable()
    message = call.message(chat, "message to delete not found")
    if not _deletable(call, chat, message):
        raise bad_request("message can't be deleted for everyone")
    call.state.remove(chat, message["message_id"])
    return True


@method("deleteMessages")
def delete_messages(call: Call) -> bool:
    """Takes up to 100 messages away; those that can't be deleted are passed over."""
    chat = call.writable()
    ids = call.params.json("message_ids", "message identifiers")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified")
    for message in [chat.messages[one] for one in ids if one in chat.messages]:
        if _deletable(call, chat, message):
            call.state.remove(chat, message["message_id"])
    return True


def _deletable(call: Call, chat: Chat, message: JsonObject) -> bool:
    fresh = call.state.now() - message["date"] <= DELETABLE_SECONDS
    allowed = chat.type == "private" or chat.bot_status == "administrator" or call.is_mine(message)
    return fresh and allowed


@method("pinChatMessage")
def pin_chat_message(call: Call) -> bool:
    """Pins a message at the top of the chat."""
    chat = call.writable()
    message = call.message(chat, "message to pin not found")
    if chat.type != "private" and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    if message["message_id"] not in chat.pinned:
        chat.pinned.append(message["message_id"])
    call.state.events.send("pinned", chat_id=chat.id, pinned=chat.pinned)
    return True


@method("unpinChatMessage")
def unpin_chat_message(call: Call) -> bool:
    """Unpins a message, or the one pinned last."""
    chat = call.writable()
    wanted = call.params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    call.state.events.send("pinned", chat_id=chat.id, pinned=chat.pinned)
    return True


@method("answerCallbackQuery")
def answer_callback_query(call: Call) -> bool:
    """Ends the button's spinner, with a toast or an alert."""
    query = call.state.queries.get(call.params.text("callback_query_id"))
    if query is None or call.state.clock() - query.at > QUERY_SECONDS:
        raise bad_request(QUERY_TOO_OLD)
    text = call.params.text("text")
    if utf16.length(text) > ALERT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"text": text, "show_alert": call.params.flag("show_alert"), "url": call.params.text("url")}
    call.state.events.send("answer", query_id=query.id, person_id=query.person_id, **query.answer)
    return True
