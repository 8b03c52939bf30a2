"""Looking in: the page's snapshot and events, and what tests ask for (calls, messages, mails, phones, faults)."""

import re
from dataclasses import asdict
from typing import Any

import httpx
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from demo.botapi.profile import commands_for
from demo.faults import Fault
from demo.mailbox import Mail, shown_html, unsubscribe_options
from demo.people import NotAllowedError
from demo.sandbox import Gateway
from demo.state import Chat, JsonObject, State

HISTORY_SHOWN = 200
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; font-src data:; base-uri 'self'; frame-ancestors 'self'"
)
PLAYABLE = re.compile(r"(?:image/(?:png|jpeg|gif|webp)|audio/[\w.+-]+|video/[\w.+-]+)")


class Reply(BaseModel):
    """What a phone's owner answers."""

    text: str = Field(min_length=1, max_length=2_000)
    channel: str = "sms"


def inspect_router(state: State, gateway: Gateway) -> APIRouter:
    """Routes under /demo."""
    router = APIRouter(prefix="/demo", tags=["inspect"])
    _watching(router, state)
    _testing(router, state)
    _mails(router, state)
    _phones(router, state, gateway)
    return router


def _watching(router: APIRouter, state: State) -> None:
    @router.get("/api/snapshot")
    async def snapshot() -> JsonObject:
        people = [
            {**person.user(), "role": person.role, "phone": person.phone, "deactivated": person.deactivated,
             "commands": commands_for(state, person, state.chats[person.id])}
            for person in state.people.values()
        ]  # fmt: skip
        return {
            "number": state.events.changes,
            "bot": bot_shown(state),
            "people": people,
            "chats": [chat_shown(state, chat) for chat in state.chats.values()],
            "mails": [mail.summary() for mail in state.mailbox.mails.values()],
            "phones": state.phones.listed(),
        }

    @router.get("/api/events")
    async def events() -> StreamingResponse:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(state.events.stream(), media_type="text/event-stream", headers=headers)

    @router.get("/files/{file_id}")
    async def file(file_id: str, download: bool = False) -> Response:
        stored = state.files.by_id.get(file_id)
        if stored is None:
            return JSONResponse({"detail": "no such file"}, 404)
        return safe_file(stored.content, stored.mime_type, download=download)


def bot_shown(state: State) -> JsonObject:
    """The bot as its profile shows it."""
    texts = {name: by_language for name, by_language in state.bot.texts.items() if by_language}
    return {**state.bot.user(), "connected": state.bot.seen, "texts": texts}


def chat_shown(state: State, chat: Chat) -> JsonObject:
    """A chat with its latest messages."""
    messages = list(chat.messages.values())[-HISTORY_SHOWN:]
    about = {"bot_status": chat.bot_status, "members": chat.members, "pinned": chat.pinned, "keyboard": chat.keyboard}
    return {**state.chat_json(chat), **about, "messages": messages}


def safe_file(content: bytes, mime_type: str, *, download: bool = False) -> Response:
    """Only pictures and sound are shown in place; anything else, and above all HTML, is a download."""
    playable = PLAYABLE.fullmatch(mime_type) and not download
    headers = {
        "Content-Disposition": "inline" if playable else "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type=mime_type if playable else "application/octet-stream", headers=headers)


def _testing(router: APIRouter, state: State) -> None:
    @router.get("/api/calls")
    async def calls(method: str = "", chat_id: int | None = None) -> list[JsonObject]:
        return [
            call
            for call in state.calls
            if method.lower() in ("", call["method"].lower()) and chat_id in (None, call["chat_id"])
        ]

    @router.get("/api/messages")
    async def messages(chat_id: int) -> list[JsonObject]:
        if chat_id not in state.chats:
            raise NotAllowedError("no such chat")
        return list(state.chats[chat_id].messages.values())

    @router.get("/api/faults")
    async def faults() -> list[JsonObject]:
        return state.faults.listed()

    @router.post("/api/faults")
    async def add_fault(given: dict[str, Any]) -> JsonObject:
        try:
            fault = Fault(**given)
        except (TypeError, ValueError) as wrong:
            raise NotAllowedError(f"not a fault: {wrong}") from wrong
        state.faults.add(fault)
        return asdict(fault)

    @router.delete("/api/faults")
    async def clear_faults() -> JsonObject:
        state.faults.clear()
        return {"cleared": True}


def _mails(router: APIRouter, state: State) -> None:
    def mail_of(mail_id: int) -> Mail:
        if mail_id not in state.mailbox.mails:
            raise NotAllowedError("no such mail")
        return state.mailbox.mails[mail_id]

    @router.get("/api/mails")
    async def mails(to: str = "") -> list[JsonObject]:
        return [mail.details() for mail in state.mailbox.to(to)]

    @router.delete("/api/mails")
    async def clear() -> JsonObject:
        state.mailbox.clear()
        state.events.send("reload")
        return {"cleared": True}

    @router.get("/api/bounces")
    async def bounces() -> list[JsonObject]:
        return [mail.summary() for mail in state.mailbox.to() if mail.status == "bounced"]

    @router.get("/api/mails/{mail_id}")
    async def mail(mail_id: int) -> JsonObject:
        return mail_of(mail_id).details()

    @router.get("/mail/{mail_id}/html")
    async def html(mail_id: int, scheme: str = "light") -> Response:
        page = shown_html(mail_of(mail_id), scheme)
        headers = {"Content-Security-Policy": MAIL_POLICY, "Referrer-Policy": "no-referrer"}
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)

    @router.get("/mail/{mail_id}/parts/{index}")
    async def part(mail_id: int, index: int) -> Response:
        parts = mail_of(mail_id).parts
        if not 0 <= index < len(parts):
            raise NotAllowedError("no such attachment")
        return safe_file(parts[index].content, parts[index].mime_type)

    @router.post("/api/mails/{mail_id}/unsubscribe")
    async def unsubscribe(mail_id: int) -> JsonObject:
        return await press_unsubscribe(mail_of(mail_id))


async def press_unsubscribe(mail: Mail) -> JsonObject:
    """What a mail program does: one POST (RFC 8058), else the page or address for the person to use."""
    options = unsubscribe_options(mail)
    if not options["one_click"]:
        return {"done": False, **options}
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            answer = await http.post(options["url"], data={"List-Unsubscribe": "One-Click"})
    except httpx.HTTPError as wrong:
        return {"done": False, "error": type(wrong).__name__, **options}
    return {"done": answer.is_success, "status": answer.status_code, **options}


def _phones(router: APIRouter, state: State, gateway: Gateway) -> None:
    @router.get("/api/phones")
    async def phones() -> list[JsonObject]:
        return state.phones.listed()

    @router.get("/api/phones/{number}/replies")
    async def replies(number: str) -> list[JsonObject]:
        return state.phones.replies(number)

    @router.post("/api/phones/{number}/replies")
    async def reply(number: str, given: Reply) -> JsonObject:
        if number not in state.phones.by_number:
            raise NotAllowedError("no such phone")
        return asdict(gateway.answer(number, given.channel, given.text))

    @router.post("/api/phones/{number}/read")
    async def read(number: str) -> JsonObject:
        return {"read": gateway.read(number)}
