"""reply_markup: inline keyboards, reply keyboards, force reply; as strict as Telegram."""

from typing import Any

from demo import utf16
from demo.botapi.errors import bad_request
from demo.botapi.params import Params
from demo.markup import checked_link
from demo.state import Chat, JsonObject

CALLBACK_BYTES = 64
COPY_LIMIT = 256
BUTTONS_LIMIT = 100
STYLES = {"danger", "success", "primary"}
ACTIONS = (
    "url", "callback_data", "copy_text", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "web_app", "login_url", "pay", "callback_game", "disabled",
)  # fmt: skip
REQUESTS = ("request_location", "request_contact", "request_poll", "request_users", "request_chat", "web_app")


def markup_of(params: Params, chat: Chat) -> JsonObject | None:
    """The checked markup, or None where none was given."""
    markup = params.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup)
    if "keyboard" in markup:
        return _reply_keyboard(markup, chat)
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True or not markup:
        return markup or None
    raise bad_request("reply markup must have one of inline_keyboard, keyboard, remove_keyboard or force_reply")


def inline_of(params: Params, chat: Chat) -> JsonObject | None:
    """The markup of an edited message: only inline keyboards are allowed there."""
    markup = markup_of(params, chat)
    if markup and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup if markup and markup["inline_keyboard"] else None


def attach(chat: Chat, markup: JsonObject | None) -> JsonObject:
    """What of the markup belongs to the message; a reply keyboard belongs to the chat."""
    if not markup:
        return {}
    if "inline_keyboard" in markup:
        return {"reply_markup": markup} if markup["inline_keyboard"] else {}
    chat.keyboard = None if markup.get("remove_keyboard") else markup
    return {}


def _rows(markup: JsonObject, name: str) -> list[list[Any]]:
    rows = markup[name]
    owner = "InlineKeyboardMarkup" if name == "inline_keyboard" else "ReplyKeyboardMarkup"
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" of the {owner} must be an Array of Arrays')
    if sum(len(row) for row in rows) > BUTTONS_LIMIT:
        raise bad_request("reply markup is too long")
    return [row for row in rows if row]


def _inline(markup: JsonObject) -> JsonObject:
    return {"inline_keyboard": [[_inline_button(button) for button in row] for row in _rows(markup, "inline_keyboard")]}


def _inline_button(button: Any) -> JsonObject:
    what = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(f"{what}InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request(f'{what}Can\'t find field "text"')
    if not text.strip():
        raise bad_request("inline keyboard button text can't be empty")
    action = next((name for name in ACTIONS if button.get(name) is not None), None)
    if action is None:
        raise bad_request(f"{what}Text buttons are unallowed in the inline keyboard")
    if button.get("style") and button["style"] not in STYLES:
        raise bad_request("invalid button style specified")
    kept = {"text": text, action: _checked(action, button[action])}
    return {**kept, **({"style": button["style"]} if button.get("style") else {})}


def _checked(action: str, value: Any) -> Any:
    if action == "callback_data" and not 0 < len(str(value).encode()) <= CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and (link := checked_link(str(value))) is None:
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 0 < utf16.length(text) <= COPY_LIMIT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return link if action == "url" else value


def _reply_keyboard(markup: JsonObject, chat: Chat) -> JsonObject:
    rows = [[_button(button, chat) for button in row] for row in _rows(markup, "keyboard")]
    if not rows:
        raise bad_request("reply keyboard must be non-empty")
    return {**markup, "keyboard": rows}


def _button(button: Any, chat: Chat) -> JsonObject:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("keyboard button text can't be empty")
    request = next((name for name in REQUESTS if button.get(name)), None)
    if request in {"request_location", "request_contact"} and chat.type != "private":
        kind = "location" if request == "request_location" else "phone number"
        raise bad_request(f"{kind} can be requested in private chats only")
    return dict(button)
