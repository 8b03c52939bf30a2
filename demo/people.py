"""What people do in Telegram: write, press, send files, edit, block. Each action becomes the update a bot would get."""

import secrets
from collections.abc import Sequence
from typing import Any

from demo import utf16
from demo.botapi.chats import member_json
from demo.botapi.content import TEXT_LIMIT, quoted
from demo.botapi.messages import content_of, origin_of
from demo.markup import formatted
from demo.state import Chat, JsonObject, Person, Query, State

AUTHOR_ID = 500_100_001
ADMIN_ID = 500_100_002
OLD_SECONDS = 48 * 3600
PRESENT = {"member", "administrator"}


class NotAllowedError(Exception):
    """The person can't do this; says why."""


def welcome_people(state: State) -> None:
    """The two who are always there: an author and an admin."""
    state.add_person(Person(AUTHOR_ID, "Author", username="author_demo", role="you", phone="+14155550123"))
    state.add_person(Person(ADMIN_ID, "Admin", username="admin_demo", phone="+14155550124"))


def add_person(state: State, first_name: str, language_code: str, last_name: str = "") -> Person:
    """Somebody new, who has not opened the bot yet."""
    new_id = max(state.people, default=AUTHOR_ID - 1) + 1
    username = "".join(letter for letter in first_name.lower() if letter.isascii() and letter.isalnum())[:20]
    person = Person(
        new_id, first_name, last_name, f"{username or 'person'}_{new_id % 1000}", language_code,
        phone=f"+1415555{new_id % 10_000:04d}",
    )  # fmt: skip
    state.add_person(person)
    return person


def person_of(state: State, person_id: int) -> Person:
    """The person with this id; raises NotAllowedError."""
    if person_id not in state.people:
        raise NotAllowedError("nobody has this id")
    return state.people[person_id]


def chat_of(state: State, person: Person, chat_id: int | None) -> Chat:
    """The person's own chat with the bot, or a group or channel they belong to."""
    chat = state.chats.get(person.id if chat_id is None else chat_id)
    if chat is None or person.id not in chat.members:
        raise NotAllowedError("this person is not in that chat")
    return chat


def write(state: State, person: Person, chat: Chat, text: str, reply_to: int | None = None) -> JsonObject:
    """A text; one over the limit is sent in parts, as clients do. Returns the first message."""
    if not text.strip():
        raise NotAllowedError("a message needs a text")
    sent = []
    for part in utf16.split(text, TEXT_LIMIT):
        plain, entities = formatted(part, "")
        content: JsonObject = {"text": plain, **({"entities": entities} if entities else {})}
        sent.append(say(state, person, chat, content, reply_to))
    return sent[0]


def say(state: State, person: Person, chat: Chat, content: JsonObject, reply_to: int | None = None) -> JsonObject:
    """Any message of a person, delivered to the bot where it may see it."""
    if chat.type == "private" and chat.bot_status == "kicked":
        raise NotAllowedError("unblock the bot first")
    if chat.type == "private":
        chat.bot_status = "member"
    if reply_to is not None:
        if reply_to not in chat.messages:
            raise NotAllowedError("the message to reply to is gone")
        content = {"reply_to_message": quoted(chat.messages[reply_to]), **content}
    message = state.new_message(chat, person.user(), **content)
    _put_keyboard_away(state, chat)
    if bot_sees(state, chat, message):
        state.updates.push("channel_post" if chat.type == "channel" else "message", message)
    return message


def _put_keyboard_away(state: State, chat: Chat) -> None:
    keyboard = chat.keyboard or {}
    if keyboard.get("one_time_keyboard") or keyboard.get("force_reply"):
        chat.keyboard = None
        state.events.send("keyboard", chat_id=chat.id, keyboard=None)


def bot_sees(state: State, chat: Chat, message: JsonObject) -> bool:
    """Privacy mode: in a group a bot gets commands and answers to itself (core.telegram.org/bots/features)."""
    if chat.bot_status not in PRESENT:
        return False
    if chat.type in {"private", "channel"} or chat.bot_status == "administrator" or not chat.privacy:
        return True
    if message.get("reply_to_message", {}).get("from", {}).get("id") == state.bot.id:
        return True
    return _is_command_for(message, state.bot.username)


def _is_command_for(message: JsonObject, username: str) -> bool:
    entities = message.get("entities") or []
    if not entities or entities[0]["type"] != "bot_command" or entities[0]["offset"] != 0:
        return False
    command = message["text"][: entities[0]["length"]]
    return "@" not in command or command.lower().endswith(f"@{username.lower()}")


def edit(state: State, person: Person, chat: Chat, message_id: int, text: str) -> JsonObject:
    """A person corrects a text of their own."""
    message = chat.messages.get(message_id)
    if message is None or message.get("from", {}).get("id") != person.id or "text" not in message:
        raise NotAllowedError("only your own texts can be edited")
    plain, entities = formatted(text, "")
    if not plain or utf16.length(plain) > TEXT_LIMIT:
        raise NotAllowedError("the text is empty or too long")
    kept = {key: value for key, value in message.items() if key not in {"text", "entities"}}
    edited = {**kept, "text": plain, **({"entities": entities} if entities else {}), "edit_date": state.now()}
    state.store(chat, edited)
    if bot_sees(state, chat, edited):
        state.updates.push("edited_channel_post" if chat.type == "channel" else "edited_message", edited)
    return edited


def press(state: State, person: Person, chat: Chat, message_id: int, data: str) -> Query:
    """Presses a button. The data is free: a stale keyboard or a forged client may send what is no longer shown."""
    if not 0 < message_id <= chat.last_message_id:
        raise NotAllowedError("there never was such a message")
    if chat.bot_status not in PRESENT:
        raise NotAllowedError("the bot is not in this chat")
    message = chat.messages.get(message_id)
    shown = {key: value for key, value in message.items() if key != "by_bot"} if message else None
    if shown is None or state.now() - shown["date"] > OLD_SECONDS:
        shown = {"chat": state.chat_json(chat), "message_id": message_id, "date": 0}
    query = Query(str(secrets.randbelow(2**62) + 2**61), chat.id, person.id, message_id, state.clock())
    state.add_query(query)
    head = {"id": query.id, "from": person.user(), "message": shown, "chat_instance": chat.instance}
    state.updates.push("callback_query", {**head, "data": data})
    return query


def button_data(chat: Chat, message_id: int, row: int, column: int) -> str:
    """The callback data of a shown button."""
    markup = chat.messages.get(message_id, {}).get("reply_markup", {})
    try:
        return str(markup["inline_keyboard"][row][column]["callback_data"])
    except (KeyError, IndexError):
        raise NotAllowedError("no such button, or not one that calls back") from None


def forward(state: State, person: Person, source: Chat, message_id: int, target: Chat) -> JsonObject:
    """Forwards a message; its buttons stay behind, as in Telegram."""
    message = source.messages.get(message_id)
    if message is None:
        raise NotAllowedError("the message to forward is gone")
    return say(state, person, target, {**content_of(message), "forward_origin": origin_of(message)})


def set_bot_status(state: State, person: Person, chat: Chat, status: str) -> None:
    """The person blocks, adds, promotes or removes the bot."""
    before, chat.bot_status = chat.bot_status, status
    if before == status:
        return
    bot = state.bot.user()
    change: dict[str, Any] = {"chat": state.chat_json(chat), "from": person.user(), "date": state.now()}
    change |= {"old_chat_member": member_json(bot, before), "new_chat_member": member_json(bot, status)}
    state.updates.push("my_chat_member", change)
    state.events.send("chats")


def create_chat(
    state: State, creator: Person, kind: str, title: str, members: Sequence[int] = (), *, privacy: bool = True
) -> Chat:
    """A group, supergroup or channel with the bot in it; in a channel it is an administrator."""
    offset = 1_000_000_000_000 if kind != "group" else 0
    chat_id = -(offset + 1_000_000 + secrets.randbelow(900_000_000))
    everybody = [creator.id, *(member for member in members if member in state.people and member != creator.id)]
    chat = Chat(chat_id, kind, title, everybody, privacy=privacy)
    state.chats[chat.id] = chat
    set_bot_status(state, creator, chat, "administrator" if kind == "channel" else "member")
    if kind != "channel":
        joined = state.new_message(chat, creator.user(), new_chat_members=[state.bot.user()])
        state.updates.push("message", joined)
    return chat
