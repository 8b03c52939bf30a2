"""Plivo's Message resource and its signed callbacks (docs: plivo.com/docs/messaging)."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import httpx

from core.errors import BadSignature, Refused, SendError
from core.model import Channel, DeliveryEvent, EventType, InboundMessage, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers.base import HttpProvider, answer_to, clean, probe
from core.providers.parts import Parts, needed
from core.providers.phones import basic, callback, digits, e164, fields_of, form_of, key_of

NONCE = "x-plivo-signature-v3-nonce"
SIGNATURES = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3")  # by the (sub)account's token, by the main account's
EMPTY_ANSWER = ("application/xml", b"<Response/>")  # "say nothing back"
# Source: plivo.com/docs/messaging/concepts/destination-number-validation
WRONG_NUMBER = re.compile(r"(?P<number>\d+)'? is not a valid phone number")
EVENTS = {
    "sent": EventType.SENT,
    "delivered": EventType.DELIVERED,
    "read": EventType.READ,
    "undelivered": EventType.FAILED,
    "failed": EventType.FAILED,
    "rejected": EventType.FAILED,
}
# Error codes (plivo.com/docs/messaging/troubleshooting/error-codes): ours, and whether for good.
TROUBLES = {
    "10": ("content_refused", False),
    "30": ("carrier_filtered", False),
    "40": ("sender_refused", False),
    "50": ("invalid_address", True),
    "70": ("invalid_address", True),
    "80": ("absent", False),
    "100": ("barred", False),
    "110": ("too_big", False),
    "200": ("unsubscribed", True),
}


class Plivo(HttpProvider):
    """SMS. Plivo takes no idempotency key; ours travels in the address of the reports."""

    name, channel = "plivo", Channel.SMS
    can_poll = True
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        account: tuple[str, str],
        sender: str,
        base_url: str,
        clock: Clock,
        public_url: str | None = None,
    ) -> None:
        """`account` is its auth id and its auth token; `sender` a number or a name."""
        super().__init__(http)
        self._account = account
        self._sender = digits(sender)
        self._url = f"{base_url}/v1/Account/{account[0]}"
        self._clock = clock
        self._public_url = public_url

    def build(self, message: Message, key: str) -> httpx.Request:
        """JSON, numbers without a plus."""
        content = {"src": self._sender, "dst": digits(message.to), "text": message.text}
        if address := callback(self._public_url, self.name, key):
            content |= {"url": address, "method": "POST"}
        return self._request("POST", "/Message/", json=content)

    def receipt(self, response: httpx.Response) -> Receipt:
        """202 with a list of ids, one for each recipient."""
        ids = response.json()["message_uuid"]
        return Receipt(str(ids if isinstance(ids, str) else ids[0]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """A 400 says in words which number is none, with and without quotes; ours would be our fault."""
        blamed = WRONG_NUMBER.search(response.text)
        if response.status_code == 400 and blamed and blamed["number"] == digits(_recipient(response)):
            return Refused("invalid_address", clean(response.text), hard=True)
        return None

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """What became of a message; None while it is on its way."""
        found = await answer_to(self.http, self._request("GET", f"/Message/{message_id}/"))
        status = str(found.get("message_state"))
        code = str(found.get("error_code") or "")
        words = str(found.get("error_message") or "")
        return _event(status, message_id, f"poll:{message_id}:{status}", self._clock(), code, words)

    async def check(self) -> None:
        """The account itself."""
        await probe(self.http, self._request("GET", "/"))

    async def verify(self, request: WebhookRequest) -> None:
        """HMAC-SHA256 of the address, the sorted fields and a nonce; there may be several signatures between commas.
        Raises `BadSignature`."""
        nonce = request.headers.get(NONCE, "")
        given = ",".join(request.headers.get(name, "") for name in SIGNATURES).encode().split(b",")
        text = f"{_signed_text(request)}.{nonce}"
        made = base64.b64encode(hmac.new(self._account[1].encode(), text.encode(), hashlib.sha256).digest())
        if not nonce or not any(hmac.compare_digest(made, one.strip()) for one in given):
            raise BadSignature("the signature is not Plivo's")

    def parse(self, request: WebhookRequest) -> Reports:
        """A report about a message of ours, or what somebody wrote to us."""
        told = fields_of(request)
        message_id = told.get("MessageUUID", "")
        status = told.get("Status", "")
        if message_id and not status and ("Text" in told or "Body" in told):
            inbound = self._inbound(told, message_id)
            return Reports(inbound=(inbound,) if inbound else (), answer=EMPTY_ANSWER)
        code, event_id = told.get("ErrorCode", ""), f"{message_id}:{status}"
        event = _event(status, message_id, event_id, self._clock(), code, key=key_of(request))
        return Reports((event,) if event else ())

    def _inbound(self, told: Mapping[str, str], message_id: str) -> InboundMessage | None:
        sender = e164(told.get("From", ""))
        if not sender:
            return None
        channel = Channel.WHATSAPP if told.get("Type") == "whatsapp" else Channel.SMS
        text = told.get("Text") or told.get("Body", "")
        is_answered = bool(told.get("MessageIntent"))  # a keyword that Plivo knows
        return InboundMessage(
            self.name, message_id[:255], channel, sender, text, self._clock(), is_answered=is_answered
        )

    def _request(self, method: str, path: str, **content: Any) -> httpx.Request:
        return self.http.build_request(method, self._url + path, headers=basic(self._account), **content)


def _recipient(response: httpx.Response) -> str:
    return str(json.loads(response.request.content)["dst"])


def _signed_text(request: WebhookRequest) -> str:
    """Plivo's version 3: for a GET the address with its query sorted; for a POST that, and the sorted fields after a
    point."""
    base = request.url.partition("?")[0]
    query = "&".join(f"{name}={value}" for name, value in sorted(request.query))
    form = _joined(form_of(request)) if request.method == "POST" else ""
    if not form:
        return f"{base}?{query}" if query else base
    return f"{base}?{query}.{form}" if query else f"{base}?{form}"


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(name + value for name, value in sorted(pairs))


def _event(
    status: str, message_id: str, event_id: str, at: datetime, code: str, words: str = "", key: str = ""
) -> DeliveryEvent | None:
    kind = EVENTS.get(status)
    if kind is None or not message_id:
        return None
    ours, hard = TROUBLES.get(code.lstrip("0"), (None, False)) if kind is EventType.FAILED else (None, False)
    detail = clean(f"{code} {words}") if kind is EventType.FAILED else ""
    return DeliveryEvent(Plivo.name, event_id[:255], message_id[:255], kind, at, ours, detail, hard=hard, key=key)


def build(parts: Parts) -> Plivo:
    """As the settings say."""
    ours = parts.settings.plivo
    account = (needed("PLIVO_AUTH_ID", ours.auth_id, "plivo"), needed("PLIVO_AUTH_TOKEN", ours.auth_token, "plivo"))
    sender = needed("PLIVO_FROM", ours.from_, "plivo")
    return Plivo(parts.http, account, sender, ours.base_url, parts.clock, parts.settings.public_url)
