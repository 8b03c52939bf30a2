"""What the bot says of itself: name, descriptions, commands, menu button."""

import re
from typing import Any

from demo import utf16
from demo.botapi.errors import bad_request
from demo.botapi.registry import Call, method
from demo.state import Chat, JsonObject, Person, State

COMMANDS_LIMIT = 100
TEXTS = {"Name": ("name", 64), "Description": ("description", 512), "ShortDescription": ("short_description", 120)}
SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
}  # fmt: skip


@method("getMe")
def get_me(call: Call) -> JsonObject:
    """The bot itself."""
    rights = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    more = {"can_connect_to_business": False, "has_main_web_app": False}
    return {**call.state.bot.user(), **rights, **more}


@method("logOut")
def log_out(_call: Call) -> bool:
    """Would move the bot to another server."""
    return True


@method("close")
def close(_call: Call) -> bool:
    """Would free the bot for another server."""
    return True


def _language(call: Call) -> str:
    code = call.params.text("language_code")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


def _scope(call: Call) -> str:
    """The scope as one word, for example chat:42."""
    scope = call.params.json("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    kind = str(scope["type"])
    if not kind.startswith("chat"):
        return kind
    if "chat_id" not in scope:
        raise bad_request("can't parse BotCommandScope: Can't find field \"chat_id\"")
    chat = Call(call.state, type(call.params)({"chat_id": str(scope["chat_id"])})).chat()
    member = f":{scope.get('user_id')}" if kind == "chat_member" else ""
    return f"{kind}:{chat.id}{member}"


def _commands(call: Call) -> list[JsonObject]:
    given = call.params.json("commands", "commands")
    if not isinstance(given, list):
        raise bad_request("expected an Array of BotCommand")
    if len(given) > COMMANDS_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_command(item) for item in given]


def _command(item: Any) -> JsonObject:
    if not isinstance(item, dict):
        raise bad_request("expected an Object for BotCommand")
    command, description = str(item.get("command", "")).removeprefix("/"), str(item.get("description", ""))
    if not re.fullmatch(r"[a-z0-9_]{1,32}", command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= utf16.length(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


@method("setMyCommands")
def set_my_commands(call: Call) -> bool:
    """The list behind "/", per scope and language."""
    commands, key = _commands(call), f"{_scope(call)}|{_language(call)}"
    if commands:
        call.state.bot.commands[key] = commands
    else:
        call.state.bot.commands.pop(key, None)
    call.state.events.send("commands")
    return True


@method("getMyCommands")
def get_my_commands(call: Call) -> list[JsonObject]:
    """The list of exactly this scope and language."""
    return call.state.bot.commands.get(f"{_scope(call)}|{_language(call)}", [])


@method("deleteMyCommands")
def delete_my_commands(call: Call) -> bool:
    """Falls back to the next wider scope."""
    call.state.bot.commands.pop(f"{_scope(call)}|{_language(call)}", None)
    call.state.events.send("commands")
    return True


def commands_for(state: State, person: Person, chat: Chat) -> list[JsonObject]:
    """What this person sees behind "/" in this chat, by Telegram's order of scopes."""
    private = [f"chat:{chat.id}", "all_private_chats", "default"]
    group = [f"chat_member:{chat.id}:{person.id}", f"chat:{chat.id}", "all_group_chats", "default"]
    for scope in private if chat.type == "private" else group:
        for language in (person.language_code[:2], ""):
            if found := state.bot.commands.get(f"{scope}|{language}"):
                return found
    return []


def _register_text(suffix: str, name: str, limit: int) -> None:
    def set_text(call: Call) -> bool:
        value, language = call.params.text(name), _language(call)
        if utf16.length(value) > limit:
            raise bad_request(f"BOT_{name.upper()}_TOO_LONG")
        call.state.bot.texts.setdefault(name, {})[language] = value
        call.state.events.send("bot")
        return True

    def get_text(call: Call) -> JsonObject:
        texts, language = call.state.bot.texts.get(name, {}), _language(call)
        default = call.state.bot.first_name if name == "name" else ""
        return {name: texts.get(language) or texts.get("") or default}

    method(f"setMy{suffix}")(set_text)
    method(f"getMy{suffix}")(get_text)


for _suffix, (_name, _limit) in TEXTS.items():
    _register_text(_suffix, _name, _limit)


@method("setChatMenuButton")
def set_chat_menu_button(call: Call) -> bool:
    """The button beside the input, for one chat or all."""
    button = call.params.json("menu_button", "MenuButton") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("can't parse MenuButton: Unsupported type specified")
    call.state.bot.menu_buttons[_menu_key(call)] = button
    return True


@method("getChatMenuButton")
def get_chat_menu_button(call: Call) -> JsonObject:
    """The menu button of a chat, else the one for all."""
    buttons = call.state.bot.menu_buttons
    return buttons.get(_menu_key(call)) or buttons.get("") or {"type": "commands"}


def _menu_key(call: Call) -> str:
    return str(call.chat().id) if call.params.text("chat_id") else ""
