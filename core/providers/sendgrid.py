"""SendGrid's mail API v3 and its signed event webhook (docs: twilio.com/docs/sendgrid)."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

import httpx

from core.errors import BadSignature, Refused, SendError, Unavailable
from core.model import Channel, DeliveryEvent, EventType, Message, Receipt, Reports, WebhookRequest
from core.ports import Clock
from core.providers import mailreports
from core.providers.base import HttpProvider, clean, probe
from core.providers.mime import KEY, headers_of, one_line
from core.providers.parts import Parts, needed

EVENTS = {
    "processed": EventType.SENT,
    "delivered": EventType.DELIVERED,
    "deferred": EventType.DEFERRED,
    "bounce": EventType.BOUNCED,
    "dropped": EventType.FAILED,
    "open": EventType.OPENED,
    "spamreport": EventType.COMPLAINED,
    "unsubscribe": EventType.UNSUBSCRIBED,
    "group_unsubscribe": EventType.UNSUBSCRIBED,
}
DROPPED = {  # reasons for not even trying (Event Webhook reference), in lower case; any other is our fault
    "bounced address": "suppressed",
    "spam reporting address": "suppressed",
    "unsubscribed address": "unsubscribed",
    "invalid": "invalid_address",
    "spam content": "content_refused",
}
SIGNATURE, TIMESTAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
TO = re.compile(r"personalizations\.\d+\.to\b")  # the field of an error about the recipient
ID_SUFFIXES = (".filter", ".recv")  # sg_message_id is X-Message-Id and one of these


class SendGrid(HttpProvider):
    """SendGrid takes no idempotency key and can't be asked about one; ours travels among the custom arguments and comes
    back with every event."""

    name, channel = "sendgrid", Channel.EMAIL
    reports_arrival = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        api_key: str,
        base_url: str,
        sender: str,
        public_key: str | None = None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(http)
        self._url = f"{base_url}/v3"
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._sender = sender
        self._public_key = public_key
        self._clock = clock

    def build(self, message: Message, key: str) -> httpx.Request:
        """The body is made by SendGrid's own library."""
        body = _body(message, key, message.sender or self._sender)
        return self.http.build_request("POST", f"{self._url}/mail/send", json=body, headers=self._headers)

    def receipt(self, response: httpx.Response) -> Receipt:
        """202 with an empty body; the id is a header."""
        return Receipt(response.headers["x-message-id"])

    def refusal(self, response: httpx.Response) -> SendError | None:
        """An address that is none is a 400 that names it; 429 names the moment (epoch seconds) to go on from."""
        if response.status_code == 400 and _names_the_recipient(response):
            return Refused("invalid_address", clean(response.text), hard=True)
        reset = response.headers.get("x-ratelimit-reset", "")
        if response.status_code != 429 or not reset.isdecimal():
            return None
        wait = max(0.0, float(reset) - self._clock().timestamp())
        return Unavailable("rate_limited", f"429 {clean(response.text)}", retry_after=wait)

    async def check(self) -> None:
        """What the key may do: any key may ask that."""
        await probe(self.http, self.http.build_request("GET", f"{self._url}/scopes", headers=self._headers))

    async def verify(self, request: WebhookRequest) -> None:
        """ECDSA over timestamp and raw body, the trailing CRLF included; raises `BadSignature`."""
        from sendgrid.helpers.eventwebhook import EventWebhook

        if not self._public_key:
            raise BadSignature("SENDGRID_WEBHOOK_PUBLIC_KEY is not set")
        try:
            good = EventWebhook(self._public_key).verify_signature(
                request.body.decode(), request.headers.get(SIGNATURE, ""), request.headers.get(TIMESTAMP, "")
            )
        except ValueError as error:  # not base64, not UTF-8, or a public key that is none
            raise BadSignature(type(error).__name__) from error
        if not good:
            raise BadSignature("the signature is not SendGrid's")

    def parse(self, request: WebhookRequest) -> Reports:
        """The events we know, of an array of them."""
        found = json.loads(request.body)
        items, now = found if isinstance(found, list) else [], self._clock()
        return Reports(tuple(event for one in items if isinstance(one, dict) and (event := _event(one, now))))


def _body(message: Message, key: str, sender: str) -> dict[str, Any]:
    from sendgrid.helpers.mail import ClickTracking, CustomArg, Email, Header, Mail, OpenTracking, TrackingSettings

    name, address = parseaddr(sender)
    mail = Mail(
        from_email=Email(address, name or None),
        to_emails=message.to,
        subject=one_line(message.subject) or " ",
        plain_text_content=message.text,
        html_content=message.html,
    )
    mail.add_custom_arg(CustomArg(KEY, key))
    for header, value in headers_of(message).items():
        mail.add_header(Header(header, value))
    tracking = TrackingSettings()  # links and pictures of ours stay as they are: the text is made to be pasted
    tracking.click_tracking = ClickTracking(False, False)
    tracking.open_tracking = OpenTracking(False)
    mail.tracking_settings = tracking
    body: dict[str, Any] = mail.get()
    return body


def _names_the_recipient(response: httpx.Response) -> bool:
    """Not every error at that field is about the address: a wrong type there would be ours."""
    try:
        errors = response.json()["errors"]
        return any(TO.match(str(one["field"])) and "valid address" in str(one["message"]) for one in errors)
    except (ValueError, LookupError, TypeError):
        return False


def _event(one: Mapping[str, Any], now: datetime) -> DeliveryEvent | None:
    kind = EVENTS.get(str(one.get("event")))
    if kind is None or not one.get("sg_event_id"):
        return None
    code, hard = _trouble(kind, one)
    return DeliveryEvent(
        provider=SendGrid.name,
        event_id=str(one["sg_event_id"])[:255],
        provider_message_id=_message_id(str(one.get("sg_message_id", "")))[:255],
        type=kind,
        at=mailreports.of_epoch(one.get("timestamp"), now),
        code=code,
        detail=clean(str(one.get("reason") or one.get("response") or "")),
        hard=hard,
        key=str(one.get(KEY, ""))[:200],
    )


def _trouble(kind: EventType, one: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Our code, and whether the address is lost for good. `blocked` is a bounce for now: reputation, content; so is
    what the mail server's own status says is passing, such as a full mailbox."""
    if kind is EventType.FAILED:
        return DROPPED.get(str(one.get("reason")).lower(), "rejected"), False
    if kind is EventType.BOUNCED:
        words = f"{one.get('reason') or ''} {one.get('status') or ''}"
        return mailreports.refused(words, hard=one.get("type") != "blocked")
    return None, False


def _message_id(value: str) -> str:
    for suffix in ID_SUFFIXES:
        value = value.split(suffix, 1)[0]
    return value


def build(parts: Parts) -> SendGrid:
    """As the settings say."""
    ours = parts.settings.sendgrid
    key = needed("SENDGRID_API_KEY", ours.api_key, "sendgrid")
    return SendGrid(parts.http, key, ours.base_url, parts.settings.sender_email, ours.webhook_public_key, parts.clock)
