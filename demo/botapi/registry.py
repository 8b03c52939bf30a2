"""The table of methods, and what each of them gets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.botapi.errors import bad_request, forbidden
from demo.botapi.params import Params
from demo.state import Chat, JsonObject, State

Method = Callable[["Call"], Any]
METHODS: dict[str, tuple[str, Method]] = {}


@dataclass(slots=True)
class Call:
    """One call of the bot."""

    state: State
    params: Params

    def chat(self, name: str = "chat_id") -> Chat:
        """The chat the bot knows by this parameter; writing to it is another question, see `writable`."""
        wanted = self.params.text(name).strip()
        if not wanted:
            raise bad_request(f"{name} is empty")
        chat = self.state.chats.get(int(wanted)) if _is_number(wanted) else None
        if chat is None or (chat.type == "private" and chat.bot_status == "left"):
            raise self._unknown(chat)
        return chat

    def _unknown(self, chat: Chat | None) -> Exception:
        groups = (group for group in self.state.chats.values() if group.type != "private")
        if chat and any(chat.id in group.members for group in groups if group.bot_status in PRESENT):
            return forbidden("bot can't initiate conversation with a user")
        return bad_request("chat not found")

    def writable(self) -> Chat:
        """The chat, where the bot may write to it."""
        chat = self.chat()
        if chat.type == "private":
            if self.state.people[chat.id].deactivated:
                raise forbidden("user is deactivated")
            if chat.bot_status == "kicked":
                raise forbidden("bot was blocked by the user")
        elif chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {_chat_words(chat)}")
        elif chat.bot_status not in PRESENT:
            raise forbidden(f"bot is not a member of the {_chat_words(chat)}")
        elif chat.type == "channel" and chat.bot_status != "administrator":
            raise bad_request("need administrator rights in the channel chat")
        return chat

    def message(self, chat: Chat, refusal: str, name: str = "message_id") -> JsonObject:
        """A message of the chat; `refusal` says what is not found."""
        found = chat.messages.get(self.params.integer(name))
        if found is None:
            raise bad_request(refusal)
        return found

    def is_mine(self, message: JsonObject) -> bool:
        """Whether the bot sent it; in a channel, posts signed by nobody count as the bot's when it made them."""
        return bool(message.get("from", {}).get("id") == self.state.bot.id or message.get("by_bot"))


PRESENT = {"member", "administrator"}


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdecimal() and text.isascii()


def _chat_words(chat: Chat) -> str:
    return f"{chat.type} chat"


def method(name: str) -> Callable[[Method], Method]:
    """Registers a function as a Bot API method; names are matched in any case."""

    def register(function: Method) -> Method:
        METHODS[name.lower()] = (name, function)
        return function

    return register
