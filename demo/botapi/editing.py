"""Changing messages the bot has sent."""

from demo.botapi.content import caption_of, preview_of, text_of
from demo.botapi.errors import NOT_MODIFIED, bad_request
from demo.botapi.keyboards import inline_of
from demo.botapi.media import input_media
from demo.botapi.registry import Call, method
from demo.state import Chat, JsonObject

BODY = ("text", "entities", "caption", "caption_entities", "link_preview_options", "reply_markup")
MEDIA = ("photo", "document", "audio", "voice", "video", "animation")


def _editable(call: Call) -> tuple[Chat, JsonObject]:
    chat = call.writable()
    message = call.message(chat, "message to edit not found")
    if not call.is_mine(message) or "forward_origin" in message:
        raise bad_request("message can't be edited")
    return chat, message


def _change(call: Call, chat: Chat, message: JsonObject, drop: tuple[str, ...], content: JsonObject) -> JsonObject:
    """The message with `content` in place of `drop`; refuses a change that changes nothing."""
    markup = inline_of(call.params, chat)
    gone = {*drop, "reply_markup"}
    edited = {key: value for key, value in message.items() if key not in gone} | content
    if markup:
        edited["reply_markup"] = markup
    if _seen(edited) == _seen(message):
        raise bad_request(NOT_MODIFIED)
    if content:
        edited["edit_date"] = call.state.now()
    return call.state.store(chat, edited)


def _seen(message: JsonObject) -> JsonObject:
    return {key: message.get(key) for key in (*BODY, *MEDIA)}


@method("editMessageText")
def edit_message_text(call: Call) -> JsonObject:
    """A new text, and the buttons given with it: without any, the old ones go."""
    chat, message = _editable(call)
    content = {**text_of(call.params), **preview_of(call.params)}
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _change(call, chat, message, ("text", "entities", "link_preview_options"), content)


@method("editMessageCaption")
def edit_message_caption(call: Call) -> JsonObject:
    """A new caption under a file."""
    chat, message = _editable(call)
    if not any(kind in message for kind in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _change(call, chat, message, ("caption", "caption_entities"), caption_of(call.params))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(call: Call) -> JsonObject:
    """New buttons, or none."""
    chat, message = _editable(call)
    return _change(call, chat, message, (), {})


@method("editMessageMedia")
def edit_message_media(call: Call) -> JsonObject:
    """Another file, also in place of a text."""
    chat, message = _editable(call)
    return _change(call, chat, message, (*BODY, *MEDIA), input_media(call))
