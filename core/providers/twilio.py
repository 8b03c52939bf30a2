"""Twilio's Messages resource for SMS and WhatsApp, and its signed webhooks (docs: twilio.com/docs/messaging).

WhatsApp goes through the same resource with `whatsapp:` before both numbers. Beyond 24 hours after a person's last word
it takes approved templates only (`ContentSid`); a free text is then refused as `outside_window`, not for ever, so that
another channel can take over.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from core.errors import BadSignature, Misconfigured, Refused, SendError
from core.model import Channel, DeliveryEvent, EventType, InboundMessage, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers.base import HttpProvider, answer_to, clean, probe
from core.providers.parts import Parts, needed
from core.providers.phones import basic, callback, e164, fields_of, form_of, key_of

SIGNATURE = "x-twilio-signature"
WHATSAPP = "whatsapp:"
EMPTY_ANSWER = ("text/xml", b"<Response/>")  # "say nothing back"
EVENTS = {
    "sent": EventType.SENT,
    "delivered": EventType.DELIVERED,
    "read": EventType.READ,
    "undelivered": EventType.FAILED,
    "failed": EventType.FAILED,
}
# Error codes (twilio.com/docs/api/errors) that are about the recipient or the text: ours, and whether for good.
TROUBLES = {
    "21211": ("invalid_address", True),
    "21610": ("unsubscribed", True),
    "21614": ("landline", True),
    "21635": ("landline", True),
    "21617": ("too_big", False),
    "30003": ("absent", False),
    "30004": ("barred", False),
    "30005": ("invalid_address", True),
    "30006": ("landline", True),
    "30007": ("carrier_filtered", False),
    "63003": ("invalid_address", False),
    "63013": ("content_refused", False),
    "63016": ("outside_window", False),
    "63021": ("content_refused", False),
    "63024": ("invalid_address", False),
    "63027": ("template_not_approved", False),
    "63049": ("carrier_filtered", False),
}
OURS = {"21606": "sender_refused", "21660": "sender_refused", "30034": "sender_refused", "30002": "unauthorized"}


class Twilio(HttpProvider):
    """One channel of an account. Twilio takes no idempotency key; ours travels in the address of the reports."""

    name = "twilio"
    can_poll = True
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        channel: Channel,
        account: tuple[str, str],
        sender: str,
        base_url: str,
        clock: Clock,
        public_url: str | None = None,
    ) -> None:
        """`account` is its SID and its auth token; `sender` a number, a name or the SID of a messaging service."""
        super().__init__(http)
        self.channel = channel
        self.has_window = channel is Channel.WHATSAPP
        self._account = account
        self._sender = sender
        self._url = f"{base_url}/2010-04-01/Accounts/{account[0]}"
        self._clock = clock
        self._public_url = public_url

    def build(self, message: Message, key: str) -> httpx.Request:
        """A form: an approved template with its variables, or the text."""
        sender = "MessagingServiceSid" if self._sender.startswith("MG") else "From"
        form = {"To": self._number(message.to), sender: self._number(self._sender), **_content(message)}
        if address := callback(self._public_url, self.name, key):
            form["StatusCallback"] = address
        return self._request("POST", "/Messages.json", data=form)

    def receipt(self, response: httpx.Response) -> Receipt:
        """201 with the message's SID."""
        return Receipt(str(response.json()["sid"]))

    def refusal(self, response: httpx.Response) -> SendError | None:
        """A code that is about the recipient, the text or our sender."""
        code = _code_of(response)
        if code in TROUBLES:
            ours, hard = TROUBLES[code]
            return Refused(ours, clean(response.text), hard=hard)
        return Misconfigured(OURS[code], clean(response.text)) if code in OURS else None

    async def status(self, message_id: str, to: str) -> DeliveryEvent | None:
        """What became of a message; None while it is on its way."""
        found = await answer_to(self.http, self._request("GET", f"/Messages/{message_id}.json"))
        status = str(found.get("status"))
        details = {"ErrorCode": str(found.get("error_code") or ""), "ErrorMessage": str(found.get("error_message"))}
        at = _time(found.get("date_updated")) or self._clock()
        return _event(status, message_id, f"poll:{message_id}:{status}", at, details)

    async def check(self) -> None:
        """The account itself."""
        await probe(self.http, self._request("GET", ".json"))

    async def verify(self, request: WebhookRequest) -> None:
        """HMAC-SHA1 of the address and the sorted fields, or of an address that names the body's SHA-256; Twilio signs
        the address now with its port, now without. Raises `BadSignature`."""
        given = request.headers.get(SIGNATURE, "").encode()
        body_hash = dict(request.query).get("bodySHA256")
        if body_hash and not hmac.compare_digest(hashlib.sha256(request.body).hexdigest().encode(), body_hash.encode()):
            raise BadSignature("the body is not the one that was signed")
        fields = "" if body_hash else "".join(name + value for name, value in sorted(set(form_of(request))))
        made = [_signed(self._account[1], url + fields) for url in _with_and_without_port(request.url)]
        if not any(hmac.compare_digest(one, given) for one in made):
            raise BadSignature("the signature is not Twilio's")

    def parse(self, request: WebhookRequest) -> Reports:
        """A report about a message of ours, or what somebody wrote to us."""
        told = fields_of(request)
        message_id = told.get("MessageSid") or told.get("SmsSid") or ""
        status = told.get("MessageStatus") or told.get("SmsStatus") or ""
        if not message_id:
            return Reports(answer=EMPTY_ANSWER)
        if status in ("received", "receiving"):
            inbound = self._inbound(told, message_id)
            return Reports(inbound=(inbound,) if inbound else (), answer=EMPTY_ANSWER)
        event = _event(status, message_id, f"{message_id}:{status}", self._clock(), told, key_of(request))
        return Reports((event,) if event else (), answer=EMPTY_ANSWER)

    def _inbound(self, told: Mapping[str, str], message_id: str) -> InboundMessage | None:
        sender = e164(told.get("From", "").removeprefix(WHATSAPP))
        channel = Channel.WHATSAPP if told.get("From", "").startswith(WHATSAPP) else Channel.SMS
        if not sender:  # a short code, or a WhatsApp user without a number
            return None
        return InboundMessage(
            self.name, message_id[:255], channel, sender, told.get("Body") or told.get("ButtonText", ""),
            self._clock(), told.get("OriginalRepliedMessageSid", ""), told.get("ButtonPayload", ""),
            is_answered=channel is Channel.SMS or "OptOutType" in told,
        )  # fmt: skip

    def _request(self, method: str, path: str, **content: Any) -> httpx.Request:
        return self.http.build_request(method, self._url + path, headers=basic(self._account), **content)

    def _number(self, number: str) -> str:
        is_bare = self.channel is not Channel.WHATSAPP or number.startswith((WHATSAPP, "MG"))
        return number if is_bare else WHATSAPP + number


def _content(message: Message) -> dict[str, str]:
    if not message.template_id:
        return {"Body": message.text}
    variables = json.dumps(dict(message.template_variables), ensure_ascii=False)
    return {"ContentSid": message.template_id} | ({"ContentVariables": variables} if message.template_variables else {})


def _code_of(response: httpx.Response) -> str:
    try:
        return str(response.json()["code"])
    except (ValueError, LookupError, TypeError):
        return ""


def _event(
    status: str, message_id: str, event_id: str, at: datetime, told: Mapping[str, str], key: str = ""
) -> DeliveryEvent | None:
    kind = EVENTS.get(status)
    if kind is None:
        return None
    code = told.get("ErrorCode", "")
    ours, hard = TROUBLES.get(code, (OURS.get(code), False)) if kind is EventType.FAILED else (None, False)
    words = f"{code} {told.get('ErrorMessage') or told.get('ChannelStatusMessage') or ''}" if code else ""
    return DeliveryEvent(
        Twilio.name, event_id[:255], message_id[:255], kind, at, ours, clean(words), hard=hard, key=key
    )


def _signed(token: str, text: str) -> bytes:
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest())


def _with_and_without_port(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise BadSignature("an address without a readable port") from error
    bare = parts.netloc.removesuffix(f":{port}")
    standard = port or (443 if parts.scheme == "https" else 80)
    for place in (bare, f"{bare}:{standard}"):
        yield url.replace(parts.netloc, place, 1)


def _time(value: Any) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def build(parts: Parts) -> Twilio:
    """As the settings say; the sender is the channel's."""
    ours = parts.settings.twilio
    is_whatsapp = parts.channel is Channel.WHATSAPP
    variable, sender = ("TWILIO_WHATSAPP_FROM", ours.whatsapp_from) if is_whatsapp else ("TWILIO_FROM", ours.from_)
    account = (
        needed("TWILIO_ACCOUNT_SID", ours.account_sid, "twilio"),
        needed("TWILIO_AUTH_TOKEN", ours.auth_token, "twilio"),
    )
    return Twilio(
        parts.http, parts.channel, account, needed(variable, sender, "twilio"), ours.base_url, parts.clock,
        parts.settings.public_url,
    )  # fmt: skip
