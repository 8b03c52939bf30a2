"""The sandbox gateway: every channel over HTTP, captured by the pretend mailbox and phones (design, section 7).

It behaves like a vendor of every kind: keeps one message for each key, can be asked about it, and reports by a webhook
what became of it and what phones answer. Reports are signed with the key that lets us in.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from core.errors import BadSignature, Refused, SendError
from core.model import (
    Channel,
    DeliveryEvent,
    DeliveryStatus,
    EventType,
    InboundMessage,
    Message,
    Receipt,
    Reports,
    WebhookRequest,
)
from core.ports import Clock
from core.providers.base import HttpProvider, answer_to, clean, exchange, failure, probe
from core.providers.parts import Parts
from core.providers.phones import e164
from core.settings import Settings

KNOWN_KEY = "sandbox"  # what SANDBOX_API_KEY is where nobody has set it
SIGNATURE = "x-sandbox-signature"
ARRIVED = {"delivered": DeliveryStatus.DELIVERED, "read": DeliveryStatus.READ}
EVENTS = {"delivered": EventType.DELIVERED, "read": EventType.READ, "bounced": EventType.BOUNCED}
ANSWERED = {"sms": Channel.SMS, "whatsapp": Channel.WHATSAPP}


class Sandbox(HttpProvider):
    """One channel of the gateway."""

    name = "sandbox"
    can_ask = True
    can_poll = True
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        channel: Channel,
        base_url: str,
        api_key: str,
        sender: str,
        clock: Clock,
        *,
        has_secret: bool = True,
    ) -> None:
        """`has_secret` is False where strangers can bring reports and may know the key: then none is believed."""
        super().__init__(http)
        self._has_secret = has_secret
        self.channel = channel
        self._url = f"{base_url}/sandbox/{channel}/messages"
        self._key = api_key
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._sender = sender
        self._clock = clock

    def build(self, message: Message, key: str) -> httpx.Request:
        """The message as JSON."""
        body = {
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "html": message.html or "",
            "key": key,
            "from": message.sender or self._sender,
            "url": message.url,
        }
        return self.http.build_request("POST", self._url, json=body, headers=self._headers)

    def receipt(self, response: httpx.Response) -> Receipt:
        """202 with the message's id."""
        return Receipt(str(response.json()["id"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """422: this address can't be reached."""
        return Refused("invalid_address", clean(response.text), hard=True) if response.status_code == 422 else None

    async def find(self, to: str, key: str) -> Receipt | None:
        """The message taken with our key; None where there is none."""
        request = self.http.build_request("GET", self._url, params={"to": to}, headers=self._headers)
        response = await exchange(self.http, request)
        if not response.is_success:
            raise failure(response)
        for one in response.json():
            if one.get("key") == key:
                return Receipt(str(one["id"]), ARRIVED.get(one.get("status"), DeliveryStatus.SENT))
        return None

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """What became of a message; None while it is on its way."""
        found = await answer_to(self.http, self._asking(message_id))
        status = str(found.get("status"))
        told = {"id": f"poll:{message_id}:{status}", "message_id": message_id, "type": status}
        return _event(told, self._clock())

    async def check(self) -> None:
        """A question about nothing."""
        await probe(self.http, self._asking("none"))

    async def verify(self, request: WebhookRequest) -> None:
        """HMAC-SHA256 over the raw body; raises `BadSignature`."""
        if not self._has_secret:
            raise BadSignature("SANDBOX_API_KEY is the one that everybody knows")
        made = hmac.new(self._key.encode(), request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made.encode(), request.headers.get(SIGNATURE, "").encode()):
            raise BadSignature("the signature is not the sandbox's")

    def parse(self, request: WebhookRequest) -> Reports:
        """What became of messages, and what phones answered."""
        told, now = json.loads(request.body), self._clock()
        events = (_event(one, now) for one in _objects(told, "events"))
        inbound = (_inbound(one, now) for one in _objects(told, "inbound"))
        return Reports(tuple(filter(None, events)), tuple(filter(None, inbound)))

    def _asking(self, message_id: str) -> httpx.Request:
        return self.http.build_request("GET", f"{self._url}/{message_id}", headers=self._headers)


def _objects(told: Any, name: str) -> Iterable[Mapping[str, Any]]:
    found = told.get(name, []) if isinstance(told, dict) else []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _event(told: Mapping[str, Any], now: datetime) -> DeliveryEvent | None:
    kind = EVENTS.get(str(told.get("type")))
    if kind is None or not told.get("id"):
        return None
    is_bounce = kind is EventType.BOUNCED
    return DeliveryEvent(
        Sandbox.name, str(told["id"])[:255], str(told.get("message_id", ""))[:255], kind, _time(told.get("at")) or now,
        "invalid_address" if is_bounce else None, hard=is_bounce, key=str(told.get("key", ""))[:200],
    )  # fmt: skip


def _inbound(told: Mapping[str, Any], now: datetime) -> InboundMessage | None:
    channel, sender = ANSWERED.get(str(told.get("channel"))), e164(str(told.get("sender", "")))
    if channel is None or not sender or not told.get("id"):
        return None
    return InboundMessage(
        Sandbox.name, str(told["id"])[:255], channel, sender, str(told.get("text", "")), _time(told.get("at")) or now,
        str(told.get("reply_to", "")), str(told.get("payload", "")),
    )  # fmt: skip


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def build(parts: Parts) -> Sandbox:
    """As the settings say."""
    ours = parts.settings.sandbox
    key = ours.api_key.get_secret_value()
    has_secret = key != KNOWN_KEY or parts.demo_token is not None or not _is_called_from_afar(parts.settings)
    return Sandbox(
        parts.http, parts.channel, ours.base_url, key, parts.settings.sender_email, parts.clock, has_secret=has_secret
    )  # fmt: skip


def _is_called_from_afar(settings: Settings) -> bool:
    """Whether others than this machine find our web pages."""
    host = urlsplit(settings.public_url).hostname if settings.public_url else settings.web.host
    try:
        return not ip_address(host or "").is_loopback
    except ValueError:
        return host != "localhost"
