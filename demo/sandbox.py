"""The sandbox gateway: every channel over HTTP, with failures by address and idempotency by key."""

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from demo.outcomes import Outcome, outcome
from demo.phones import PhoneMessage
from demo.smtp import store_mail
from demo.state import State
from demo.waiting import wait_until_gone

ANSWERED = {"sms", "whatsapp"}
CHANNELS = {"email", "sms", "whatsapp", "telegram", "push", "webhook", "in_app"}
KEPT = 20_000
BOUNCE_AFTER = 1.0
RETRY_AFTER = "2"


class Outgoing(BaseModel):
    """What a provider posts."""

    to: str = Field(min_length=1, max_length=4_000)  # a browser's push subscription is long
    text: str = Field(max_length=100_000)
    key: str = Field(default="", max_length=255)
    subject: str = ""
    html: str = ""
    sender: str = Field(default="", alias="from")
    url: str = ""


@dataclass(slots=True)
class Captured:
    """An accepted message and how often its key came again."""

    id: str
    channel: str
    to: str
    text: str
    key: str
    at: float
    bounces: bool
    repeats: int = 0
    is_read: bool = False

    @property
    def outcome(self) -> str:
        """What becomes of it."""
        return "bounced" if self.bounces else "delivered"

    def status(self, now: float) -> str:
        """sent, then delivered or bounced, as a provider's later report would say; read where its reader tells."""
        if self.is_read:
            return "read"
        return "sent" if now - self.at < BOUNCE_AFTER else self.outcome


class Gateway:
    """The messages taken so far, by id and by key."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.messages: OrderedDict[str, Captured] = OrderedDict()
        self._by_key: dict[tuple[str, str], str] = {}

    def take(self, channel: str, message: Outgoing, found: Outcome) -> Captured:
        """Stores a message once per key and shows it in the mailbox or on a phone."""
        known = self.messages.get(self._by_key.get((channel, message.key), "")) if message.key else None
        if known:
            known.repeats += 1
            return known
        captured = Captured(
            f"sbx-{secrets.token_hex(8)}", channel, message.to, message.text, message.key, self.state.clock(),
            bounces=found.kind == "bounce",
        )  # fmt: skip
        self._keep(captured)
        self._show(captured, message)
        self._tell(captured, captured.outcome, captured.at + BOUNCE_AFTER)
        return captured

    def answer(self, number: str, channel: str, text: str) -> PhoneMessage:
        """What the owner of a phone writes back; the product hears of it as of any inbound message."""
        heard = self.state.phones.last_heard(number, channel)
        reply = self.state.phones.reply(number, channel, text)
        if channel in ANSWERED:
            told = {"id": reply.id, "channel": channel, "sender": number, "text": text, "at": reply.at}
            self.state.reports.add(self.state.clock(), "inbound", {**told, "reply_to": heard.id if heard else ""})
        self.state.events.send("phones")
        return reply

    def read(self, number: str) -> int:
        """The owner of a phone looks at it; how many messages that told their sender."""
        new = self.state.phones.read(number)
        for one in new:
            if captured := self.messages.get(one.id):
                captured.is_read = True
                self._tell(captured, "read", max(self.state.clock(), captured.at + BOUNCE_AFTER))
        if new:
            self.state.events.send("phones")
        return len(new)

    def _tell(self, captured: Captured, kind: str, at: float) -> None:
        event = {"id": f"{captured.id}:{kind}", "message_id": captured.id, "type": kind, "at": at}
        self.state.reports.add(at, "events", {**event, "key": captured.key})

    def _keep(self, captured: Captured) -> None:
        self.messages[captured.id] = captured
        if captured.key:
            self._by_key[captured.channel, captured.key] = captured.id
        while len(self.messages) > KEPT:
            _, oldest = self.messages.popitem(last=False)
            self._by_key.pop((oldest.channel, oldest.key), None)

    def _show(self, captured: Captured, message: Outgoing) -> None:
        if captured.channel == "email":
            store_mail(self.state, message.sender, [message.to], as_mail(message), via="sandbox")
            return
        shown = PhoneMessage(
            captured.id, captured.channel, captured.to, "in", message.text, captured.at, message.sender,
            captured.outcome, message.subject, message.url,
        )  # fmt: skip
        self.state.phones.add(shown)
        self.state.events.send("phones")


def as_mail(message: Outgoing) -> bytes:
    """The e-mail this message would have become."""
    mail = EmailMessage()
    for name, value in (("Subject", message.subject), ("From", message.sender), ("To", message.to)):
        mail[name] = " ".join(value.split())
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="sandbox.test")
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return mail.as_bytes()


def refusal(found: Outcome) -> JSONResponse | None:
    """The answer where the address asks for a failure before anything is stored."""
    if found.kind == "refuse":
        return JSONResponse({"error": "refused"}, 422)
    if found.kind != "fail":
        return None
    headers = {"Retry-After": RETRY_AFTER} if found.status == 429 else {}
    return JSONResponse({"error": "failing as the address asks"}, found.status, headers)


def sandbox_router(gateway: Gateway) -> APIRouter:
    """Routes under /sandbox."""
    router = APIRouter(prefix="/sandbox", tags=["sandbox"])

    @router.post("/{channel}/messages")
    async def send(
        channel: str, message: Outgoing, request: Request, authorization: Annotated[str, Header()] = ""
    ) -> JSONResponse:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {gateway.state.reports.key}".encode()):
            return JSONResponse({"error": "unauthorized"}, 401)
        if channel not in CHANNELS:
            return JSONResponse({"error": "unknown channel"}, 404)
        message.key = message.key or request.headers.get("Idempotency-Key", "")
        found = outcome(message.to)
        if failed := refusal(found):
            return failed
        captured = gateway.take(channel, message, found)
        if found.kind == "timeout":
            await wait_until_gone(request, gateway.state)
        return JSONResponse({"id": captured.id}, 202)

    @router.get("/{channel}/messages/{message_id}")
    async def status(channel: str, message_id: str) -> JSONResponse:
        captured = gateway.messages.get(message_id)
        if captured is None or captured.channel != channel:
            return JSONResponse({"error": "not found"}, 404)
        return JSONResponse({"id": captured.id, "status": captured.status(gateway.state.clock())})

    @router.get("/{channel}/messages")
    async def listed(channel: str, to: str = "") -> list[dict[str, Any]]:
        now = gateway.state.clock()
        return [
            {"id": one.id, "to": one.to, "text": one.text, "key": one.key, "at": one.at, "repeats": one.repeats,
             "status": one.status(now)}
            for one in gateway.messages.values()
            if one.channel == channel and to in ("", one.to)
        ]  # fmt: skip

    return router
