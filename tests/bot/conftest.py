"""`chat`: a person in front of the real dispatcher, over a real SQLite file, with a recording Bot API."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import Response, TelegramMethod
from aiogram.types import Update

from bot import errors
from bot.desk import Desk, build_desk
from bot.dispatcher import build_dispatcher
from bot.handlers import ROUTERS, groups, unknown
from bot.session import build_bot
from bot.show import keyboard
from core.delivery.aftermath import Aftermath
from core.delivery.attempts import Sender
from core.delivery.budget import Budget
from core.delivery.engine import Engine
from core.model import Account, Channel, DeliveryStatus, Receipt
from core.model import Message as Letter
from core.posts.writing import Brief, OnRetry, Written
from core.rendering.renderer import Renderer
from core.routing.selection import Candidate
from core.routing.watch import Watch
from core.secrets import Keys
from core.settings import Settings
from storage.database import Database
from tests.conftest import SteppedClock
from tests.delivery import a_router

TOKEN = "7000000001:token-of-the-tests"
BOT = {"id": 7000000001, "is_bot": True, "first_name": "Postrider", "username": "postrider_bot"}
AUTHOR = {"id": 1001, "is_bot": False, "first_name": "Ada", "username": "ada", "language_code": "en"}
OTHER = {"id": 1002, "is_bot": False, "first_name": "Grace", "username": "grace", "language_code": "en"}
ADMIN = {"id": 9001, "is_bot": False, "first_name": "Root", "username": "root", "language_code": "en"}
Person = dict[str, Any]


class FakeWriter:
    """Writes what can be told apart; `fails` makes it raise once."""

    name = "fake"

    def __init__(self) -> None:
        self.briefs: list[Brief] = []
        self.fails: Exception | None = None
        self.heard: str | None = None  # what a voice note says; None: no transcription here

    @property
    def can_transcribe(self) -> bool:
        return self.heard is not None

    async def write(self, brief: Brief, on_retry: OnRetry | None = None) -> Written:
        self.briefs.append(brief)
        if self.fails:
            error, self.fails = self.fails, None
            raise error
        return Written(f"{brief.direction} text {len(self.briefs)} about {brief.idea}", self.name)

    async def transcribe(self, audio: bytes, filename: str, language: str) -> str:
        assert self.heard is not None
        return self.heard

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class Shown:
    """A message of the bot as it stands now. `html` is what was sent; `buttons` maps labels to data or a URL."""

    message_id: int
    chat_id: int
    html: str
    buttons: dict[str, str]
    raw: dict[str, Any]
    reply_markup: Any = None

    @property
    def text(self) -> str:
        return self.html


class RecordingSession(BaseSession):
    """A Bot API that accepts everything. `refuse[method]` raises instead, once; `files` answers downloads."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[TelegramMethod[Any]] = []
        self.messages: dict[int, Shown] = {}
        self.refuse: dict[str, Exception | str] = {}
        self.files: dict[str, bytes] = {}
        self.pictures: list[bytes] = []
        self._next_id = 100

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,
    ) -> Any:
        self.calls.append(method)
        name = method.__api_method__
        if name in self.refuse:
            reason = self.refuse.pop(name)
            raise TelegramBadRequest(method, reason) if isinstance(reason, str) else reason
        answer = getattr(self, f"_{name}", None)
        result = answer(method) if answer else self._default(method)
        return result if isinstance(result, bool) else self._typed(bot, method, result)

    def _typed(self, bot: Bot, method: TelegramMethod[Any], result: Any) -> Any:
        answer = {"ok": True, "result": result}
        return Response[method.__returning__].model_validate(answer, context={"bot": bot}).result  # type: ignore[name-defined]

    def next_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _default(self, method: TelegramMethod[Any]) -> Any:
        return self._sent(method) if method.__api_method__.startswith("send") else True

    def _sendChatAction(self, method: Any) -> bool:  # noqa: N802 - the Bot API's own name
        return True

    def _sent(self, method: Any) -> dict[str, Any]:
        text = getattr(method, "text", None) or getattr(method, "caption", None) or ""
        return self._keep(self.next_id(), method.chat_id, text, method.reply_markup)

    def _editMessageText(self, method: Any) -> dict[str, Any]:  # noqa: N802
        before = self.messages.get(method.message_id)
        if before is None:
            raise TelegramBadRequest(method, "Bad Request: message to edit not found")
        if (before.html, before.reply_markup) == (method.text, method.reply_markup):
            raise TelegramBadRequest(method, "Bad Request: message is not modified: specified new message content")
        return self._keep(method.message_id, method.chat_id, method.text, method.reply_markup)

    def _editMessageMedia(self, method: Any) -> dict[str, Any]:  # noqa: N802
        if method.message_id not in self.messages:
            raise TelegramBadRequest(method, "Bad Request: message to edit not found")
        self.pictures.append(method.media.media.data)
        return self._keep(method.message_id, method.chat_id, method.media.caption or "", method.reply_markup)

    def _sendPhoto(self, method: Any) -> dict[str, Any]:  # noqa: N802
        self.pictures.append(method.photo.data)
        return self._sent(method)

    def _editMessageReplyMarkup(self, method: Any) -> dict[str, Any]:  # noqa: N802
        return self._keep(method.message_id, method.chat_id, self.messages[method.message_id].html, method.reply_markup)

    def _deleteMessage(self, method: Any) -> bool:  # noqa: N802
        return self.messages.pop(method.message_id, None) is not None

    def _getFile(self, method: Any) -> dict[str, Any]:  # noqa: N802
        size = len(self.files.get(method.file_id, b""))
        return {"file_id": method.file_id, "file_unique_id": "u", "file_path": method.file_id, "file_size": size}

    def _getMe(self, method: Any) -> dict[str, Any]:  # noqa: N802
        return BOT

    def keep_card(self, chat_id: int, html: str, buttons: Any) -> int:
        """A card that arrived by the outbox, not by a handler."""
        return int(self._keep(self.next_id(), chat_id, html, buttons)["message_id"])

    def _keep(self, message_id: int, chat_id: int, html: str, markup: Any) -> dict[str, Any]:
        raw = {"message_id": message_id, "date": 1, "chat": {"id": chat_id, "type": "private"}, "from": BOT}
        raw["text"] = html
        rows = getattr(markup, "inline_keyboard", None) or []
        if rows:
            raw["reply_markup"] = markup.model_dump(exclude_none=True)
        buttons = {
            b.text: b.callback_data or b.url or (b.copy_text.text if b.copy_text else "") for r in rows for b in r
        }
        self.messages.pop(message_id, None)  # the newest is the last
        self.messages[message_id] = Shown(message_id, chat_id, html, buttons, raw, markup)
        return raw

    async def stream_content(self, url: str, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        yield self.files[url.rsplit("/", 1)[-1]]

    async def close(self) -> None:
        """Nothing is open."""


class Postman:
    """Providers for `deliver`: Telegram cards land in the chat, mails in `mails`. `fails[channel]` raises instead."""

    can_ask = can_poll = reports_arrival = has_window = False

    def __init__(self, session: RecordingSession) -> None:
        self.session = session
        self.mails: list[Letter] = []
        self.fails: dict[Channel, Exception] = {}

    def candidates(self, channel: Channel) -> list[Candidate]:
        return [Candidate(channel.value, 1)]

    def get(self, channel: Channel, name: str) -> "Postman":
        return self

    async def send(self, message: Letter, key: str) -> Receipt:
        if message.channel in self.fails:
            raise self.fails[message.channel]
        if message.channel is Channel.TELEGRAM:
            card = self.session.keep_card(int(message.to), message.html or message.text, keyboard(message.buttons))
            return Receipt(str(card), DeliveryStatus.DELIVERED)
        self.mails.append(message)
        return Receipt(key, DeliveryStatus.SENT)

    def reaches(self, to: str) -> bool:
        return True

    async def find(self, to: str, key: str) -> None:
        return None

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class ChatDriver:
    """What a person does, and what they see."""

    dispatcher: Dispatcher
    bot: Bot
    session: RecordingSession
    desk: Desk
    database: Database
    writer: FakeWriter
    clock: SteppedClock
    keys: Keys
    postman: Postman
    person: Person = field(default_factory=lambda: dict(AUTHOR))
    _next_update: int = 500
    _seen: int = 0

    # What a person does ---------------------------------------------------------------------------

    async def says(
        self, text: str, *, user: Person | None = None, reply_to: Shown | None = None, **fields: Any
    ) -> None:
        """A text message; commands get their entity as the app would make it."""
        content: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        if reply_to:
            content["reply_to_message"] = reply_to.raw
        await self.sends(user=user, **content, **fields)

    async def sends(self, *, user: Person | None = None, chat: dict[str, Any] | None = None, **content: Any) -> None:
        """A message of any content: photo=[...], voice={...}, location={...} ..."""
        await self.feed(message=self.message(user=user, chat=chat, **content))

    async def presses(self, label: str, *, user: Person | None = None, on: Shown | None = None) -> None:
        """The newest button whose label holds `label`, or the one of a given message."""
        for shown in [on] if on else reversed(self.session.messages.values()):
            for text, data in shown.buttons.items():
                if label in text:
                    return await self.presses_data(data, user=user, message=shown.raw)
        raise AssertionError(f"there is no button {label!r}: {[m.buttons for m in self.session.messages.values()]}")

    async def presses_data(self, data: str, *, user: Person | None = None, message: Any = None) -> None:
        """A button by its callback data, as it stands on a message or on one that is long gone."""
        person = user or self.person
        gone = {"message_id": 1, "date": 0, "chat": {"id": person["id"], "type": "private"}}
        query = {"id": str(self._next_update), "from": person, "chat_instance": "1", "data": data}
        await self.feed(callback_query=query | {"message": message or gone})

    def message(
        self, *, user: Person | None = None, chat: dict[str, Any] | None = None, **content: Any
    ) -> dict[str, Any]:
        person = user or self.person
        chat = chat or {"id": person["id"], "type": "private", "first_name": person["first_name"]}
        head = {"message_id": self.session.next_id(), "date": int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())}
        return {**head, "chat": chat, "from": person, **content}

    async def feed(self, *, update_id: int | None = None, **kind: Any) -> None:
        """Any update, as the Bot API writes it; the same `update_id` twice is a replay."""
        self._next_update += 1
        self._seen = len(self.session.calls)
        raw = {"update_id": update_id or self._next_update, **kind}
        await self.dispatcher.feed_update(self.bot, Update.model_validate(raw, context={"bot": self.bot}))

    async def deliver(self) -> int:
        """Carry out what is due in the outbox, by the real engine; how many deliveries that were."""
        book = self.desk.templates.book
        renderer = Renderer(self.keys, "https://desk.example.org", "desk@example.org", "Postrider", book)
        admins = self.desk.settings.admin_telegram_ids
        aftermath, sender = Aftermath(self.keys, admins), Sender("tests", 60)
        router = a_router(self.database, self.clock, self.keys, self.postman)
        watch = Watch(router.roster, self.keys, router.breaker, router.spending, admins)
        engine = Engine(self.database, self.postman, renderer.render, self.clock, aftermath, sender, router, watch)
        total = 0
        while True:
            async with self.database.begin() as uow:
                due = await uow.deliveries.lease_due("tests", self.clock() + timedelta(minutes=1), self.clock(), 100)
            if not due:
                return total
            await engine.run(due)
            total += len(due)

    # What a person sees ---------------------------------------------------------------------------

    def _calls(self, *names: str) -> list[Any]:
        return [call for call in self.session.calls[self._seen :] if call.__api_method__ in names]

    @property
    def replies(self) -> list[str]:
        """The texts that the last update made the bot send (not edit)."""
        sent = [c for c in self.session.calls[self._seen :] if c.__api_method__.startswith("send")]
        return [
            getattr(c, "text", None) or getattr(c, "caption", None) or "" for c in sent if hasattr(c, "reply_markup")
        ]

    @property
    def edits(self) -> list[str]:
        """The texts that the last update made the bot put in the place of others."""
        return [call.text for call in self._calls("editMessageText")]

    @property
    def alerts(self) -> list[str]:
        """What the last pressed button was answered with; an empty text only stops the spinner."""
        return [call.text or "" for call in self._calls("answerCallbackQuery")]

    @property
    def calls(self) -> list[str]:
        """The methods that the last update made the bot call."""
        return [call.__api_method__ for call in self.session.calls[self._seen :]]

    @property
    def last(self) -> Shown:
        """The message that was sent or edited last."""
        return list(self.session.messages.values())[-1]

    async def account(self, user: Person | None = None) -> Account:
        """The stored account of a person who has spoken."""
        async with self.database.read() as uow:
            account = await uow.users.by_telegram((user or self.person)["id"])
        assert account, "this person has not spoken yet"
        return account


@pytest.fixture
def writer() -> FakeWriter:
    return FakeWriter()


@pytest.fixture
def settings() -> Settings:
    """Defaults, whatever the environment says; a test module may override the fixture."""
    return Settings.model_construct(admin_telegram_ids=[ADMIN["id"]])


@pytest.fixture
def make_chat(
    database: Database, clock: SteppedClock, keys: Keys, writer: FakeWriter, settings: Settings
) -> Callable[..., ChatDriver]:
    def make() -> ChatDriver:
        for router in (errors.router, groups.router, unknown.router, *ROUTERS):
            router._parent_router = None  # a router has one dispatcher in its life; here it has one per test
        desk = build_desk(database, clock, keys, settings, writer)
        session = RecordingSession()
        bot = build_bot(TOKEN, "http://telegram.invalid", Budget(1_000_000), session)
        return ChatDriver(build_dispatcher(desk), bot, session, desk, database, writer, clock, keys, Postman(session))

    return make


@pytest.fixture
def chat(make_chat: Callable[..., ChatDriver]) -> ChatDriver:
    return make_chat()
