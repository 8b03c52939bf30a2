"""What the pretend Telegram knows: the bot, people, chats, messages, files and the log of accepted calls.

Everything is bounded, so that a demo left running for weeks doesn't grow.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo.events import Broadcast
from demo.faults import Faults
from demo.files import FileStore
from demo.mailbox import Mailbox
from demo.phones import Phones
from demo.reports import Reports
from demo.updates import Updates

JsonObject = dict[str, Any]
MESSAGES_PER_CHAT = 3_000
CALLS_KEPT = 50_000
QUERIES_KEPT = 5_000


@dataclass(slots=True)
class Person:
    """A Telegram user the page can be."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    role: str = ""
    phone: str = ""
    deactivated: bool = False

    def user(self) -> JsonObject:
        """The User object of the Bot API."""
        found: JsonObject = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            found["last_name"] = self.last_name
        if self.username:
            found["username"] = self.username
        return {**found, "language_code": self.language_code}


@dataclass(slots=True)
class Chat:
    """A private chat with the bot, a group or a channel.

    `bot_status` is the bot's: member, administrator, left (a private chat: never started) or kicked (blocked).
    `privacy` is the group privacy mode of the bot. `keyboard` is the reply keyboard shown under the chat.
    """

    id: int
    type: str
    title: str = ""
    members: list[int] = field(default_factory=list)
    bot_status: str = "left"
    privacy: bool = True
    last_message_id: int = 0
    messages: dict[int, JsonObject] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    keyboard: JsonObject | None = None
    instance: str = field(default_factory=lambda: str(secrets.randbelow(2**63)))


@dataclass(slots=True)
class Bot:
    """The one bot; the first well-formed token that calls owns it unless one was given."""

    id: int = 7_000_000_001
    token: str = ""
    first_name: str = "Postrider"
    username: str = "postrider_demo_bot"
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    commands: dict[str, list[JsonObject]] = field(default_factory=dict)
    menu_buttons: dict[str, JsonObject] = field(default_factory=dict)
    seen: bool = False

    def user(self) -> JsonObject:
        """The bot as the sender of a message."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}


@dataclass(slots=True)
class Query:
    """A pressed button; `answer` is None while the client shows its spinner."""

    id: str
    chat_id: int
    person_id: int
    message_id: int
    at: float
    answer: JsonObject | None = None


@dataclass(slots=True)
class State:
    """The whole pretend world."""

    bot: Bot = field(default_factory=Bot)
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    updates: Updates = field(default_factory=Updates)
    files: FileStore = field(default_factory=FileStore)
    faults: Faults = field(default_factory=Faults)
    mailbox: Mailbox = field(default_factory=Mailbox)
    phones: Phones = field(default_factory=Phones)
    reports: Reports = field(default_factory=Reports)
    events: Broadcast = field(default_factory=Broadcast)
    calls: deque[JsonObject] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    queries: dict[str, Query] = field(default_factory=dict)
    private_message_id: int = 0
    clock: Callable[[], float] = time.time

    def now(self) -> int:
        """Unix time in whole seconds."""
        return int(self.clock())

    def add_person(self, person: Person) -> None:
        """Adds a person, with a private chat that is not started."""
        self.people[person.id] = person
        self.chats[person.id] = Chat(person.id, "private", members=[person.id])
        self.events.send("people")

    def chat_json(self, chat: Chat) -> JsonObject:
        """The Chat object of the Bot API."""
        found: JsonObject = {"id": chat.id, "type": chat.type}
        if chat.type != "private":
            return {**found, "title": chat.title}
        person = self.people[chat.id].user()
        return {**found, **{key: person[key] for key in ("first_name", "last_name", "username") if key in person}}

    def next_message_id(self, chat: Chat) -> int:
        """Ids count over all private chats and basic groups of the bot; supergroups and channels have their own."""
        if chat.type in {"private", "group"}:
            self.private_message_id += 1
            chat.last_message_id = self.private_message_id
        else:
            chat.last_message_id += 1
        return chat.last_message_id

    def store(self, chat: Chat, message: JsonObject) -> JsonObject:
        """Keeps a new or changed message and tells the page."""
        chat.messages[message["message_id"]] = message
        while len(chat.messages) > MESSAGES_PER_CHAT:
            del chat.messages[next(iter(chat.messages))]
        self.events.send("message", chat_id=chat.id, message=message)
        return message

    def remove(self, chat: Chat, message_id: int) -> None:
        """Takes a message away for everybody."""
        chat.messages.pop(message_id, None)
        if message_id in chat.pinned:
            chat.pinned.remove(message_id)
        self.events.send("deleted", chat_id=chat.id, message_id=message_id)

    def new_message(self, chat: Chat, sender: JsonObject, **content: Any) -> JsonObject:
        """A message with id, date, sender and chat, stored; in a channel the channel itself is the sender."""
        author = {"sender_chat": self.chat_json(chat)} if chat.type == "channel" else {"from": sender}
        head = {"message_id": self.next_message_id(chat), **author, "chat": self.chat_json(chat), "date": self.now()}
        return self.store(chat, {**head, **content})

    def add_query(self, query: Query) -> None:
        """Keeps a pressed button until it is answered."""
        self.queries[query.id] = query
        while len(self.queries) > QUERIES_KEPT:
            del self.queries[next(iter(self.queries))]

    def log_call(self, method: str, chat_id: int | None, message_id: int | None, text: str | None) -> None:
        """Records an accepted call; tests count here what really arrived."""
        entry = {"method": method, "chat_id": chat_id, "text": text, "message_id": message_id, "at": self.clock()}
        self.calls.append(entry)
