"""What a message says: text or caption with entities, the message it answers, its link preview."""

from typing import Any

from demo import utf16
from demo.botapi.errors import bad_request
from demo.botapi.params import Params
from demo.botapi.registry import Call
from demo.entities import detect, from_json, tidy
from demo.markup import MarkupError, formatted
from demo.state import Chat, JsonObject

TEXT_LIMIT = 4_096
CAPTION_LIMIT = 1_024
RAW_LIMIT = 1 << 15
UNQUOTED = {"reply_to_message", "by_bot"}


def text_of(params: Params) -> JsonObject:
    """`text` and `entities` of a text message, with Telegram's limits checked."""
    source = params.text("text")
    if not source:
        raise bad_request("message text is empty")
    text, entities = rich_text(params, source, "entities", params.text("parse_mode"))
    if not text:
        raise bad_request("text must be non-empty")
    if utf16.length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, **({"entities": entities} if entities else {})}


def caption_of(params: Params) -> JsonObject:
    """`caption` and `caption_entities`, or nothing."""
    text, entities = rich_text(params, params.text("caption"), "caption_entities", params.text("parse_mode"))
    if utf16.length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    found: JsonObject = {"caption": text} if text else {}
    return {**found, **({"caption_entities": entities} if entities else {})}


def rich_text(params: Params, source: str, given: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and entities from a parse mode or from entities spelled out."""
    if len(source) > RAW_LIMIT:
        raise bad_request("text is too long")
    try:
        if mode:
            if mode.lower() != "html":
                raise bad_request("unsupported parse_mode")
            return formatted(source, mode)
        text, entities = tidy(source.replace("\r", ""), from_json(params.json(given, "entities") or []))
        return text, [entity.as_json() for entity in detect(text, entities)]
    except (MarkupError, ValueError) as wrong:
        raise bad_request(f"can't parse entities: {wrong}") from wrong


def reply_of(call: Call, chat: Chat) -> JsonObject:
    """`reply_to_message`, or nothing."""
    parameters = call.params.json("reply_parameters", "reply parameters") or {}
    if not isinstance(parameters, dict):
        raise bad_request("object expected as reply parameters")
    message_id = parameters.get("message_id") or call.params.integer("reply_to_message_id")
    if not message_id:
        return {}
    replied = chat.messages.get(int(message_id)) if str(message_id).isdecimal() else None
    if replied is None:
        lenient = parameters.get("allow_sending_without_reply") or call.params.flag("allow_sending_without_reply")
        if lenient:
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": quoted(replied)}


def quoted(message: JsonObject) -> JsonObject:
    """A message as it appears inside an answer to it: with its buttons, without what it answered itself."""
    return {key: value for key, value in message.items() if key not in UNQUOTED}


def preview_of(params: Params) -> JsonObject:
    """`link_preview_options`, or nothing."""
    options = params.json("link_preview_options", "link preview options")
    if options is None and params.flag("disable_web_page_preview"):
        options = {"is_disabled": True}
    if options is not None and not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    return {"link_preview_options": options} if options else {}
